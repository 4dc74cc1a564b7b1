/** The compiler's own checks of the add-on and the app: all is well with what we ship, and each check can fail. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLimits } from '../../generator/targets/splunk/check-limits.js';
import { checkOutput } from '../../generator/targets/splunk/check-output.js';
import { checkSplunk } from '../../generator/targets/splunk/check.js';
import type { Stanza } from '../../generator/targets/splunk/conf-file.js';
import { addOn, type App, detectionsApp } from '../../generator/targets/splunk/emit.js';
import { charon, pack } from './support/built.js';
import { Pcre } from './support/pcre.js';

let pcre: Pcre;
beforeAll(async () => {
  pcre = await Pcre.create();
});
afterAll(() => pcre.destroy());

const whole = addOn(pack);
const app = detectionsApp(pack);

it('finds nothing in the add-on, nor in the app', () => {
  expect(checkOutput(whole, pcre)).toEqual([]);
  expect(checkOutput(app, pcre, whole.confs.macros)).toEqual([]);
});

const stanza = (name: string, settings: Stanza['settings']): Stanza => ({ name, settings });
const props = (...settings: Stanza['settings']): App => ({ confs: { props: [stanza('a:b', settings)] }, lookups: [] });
const transform = (regex: string, format: string): App => ({
  confs: {
    props: [
      stanza('a:b', [
        ['EXTRACT-1', '\\A(?<message>[^\\n]+)'],
        ['REPORT-1', 't'],
      ]),
    ],
    transforms: [
      stanza('t', [
        ['SOURCE_KEY', 'message'],
        ['REGEX', regex],
        ['FORMAT', format],
      ]),
    ],
  },
  lookups: [],
});
const lookup = (setting: string, columns: string[], row: string[]): App => ({
  confs: {
    props: [
      stanza('a:b', [
        ['LOOKUP-1', setting],
        ['LOOKUP-2', 'l key AS given OUTPUT value AS other'],
      ]),
    ],
    transforms: [stanza('l', [['filename', 'l.csv']])],
  },
  lookups: [{ name: 'l', columns, rows: [row] }],
});
const search = (name: string, ...settings: Stanza['settings']): App => ({
  confs: { savedsearches: [stanza(name, settings)] },
  lookups: [],
});
const KEYS = ['key', 'value'];

describe('each check finds what it is for:', () => {
  it.each<[string, App, string]>([
    ['a regex that does not compile', props(['EXTRACT-1', '\\A(']), 'EXTRACT-1 is no regex of PCRE2'],
    ['a dot', props(['EXTRACT-1', '\\A.']), 'has a dot'],
    ['nothing in a group of 32 characters', props(['EXTRACT-1', `\\A(?<${'a'.repeat(32)}>x)`]), ''],
    ['a source by chance', props(['EXTRACT-1', '\\Aa in b in message']), 'ends as "in field"'],
    ['a transform', props(['REPORT-1', 'nothing']), 'names the transform [nothing], which is not there'],
    [
      'a transform twice',
      {
        ...transform('\\A(a)', 'x::$1'),
        confs: {
          ...transform('\\A(a)', 'x::$1').confs,
          props: [
            stanza('a:b', [
              ['EXTRACT-1', '\\A(?<message>a)'],
              ['REPORT-1', 't, t'],
            ]),
          ],
        },
      },
      'runs already',
    ],
    [
      'a source that nothing gives',
      {
        ...transform('\\A(a)', 'x::$1'),
        confs: { ...transform('\\A(a)', 'x::$1').confs, props: [stanza('a:b', [['REPORT-1', 't']])] },
      },
      'on the field "message", which nothing gives before',
    ],
    ['a group that is missing', transform('\\A(a)', 'x::$2'), 'FORMAT has $2, and the regex has 1 groups'],
    ['no group', transform('\\Aa', 'x::y'), 'FORMAT has no group in its regex'],
    ['a field twice', transform('\\A(a)', 'x::$1 x::y'), 'FORMAT gives the field "x" twice'],
    ['a value with a colon', transform('\\A(a)', 'x::a:b'), 'FORMAT has "x::a:b", which needs quotes'],
    [
      'a table',
      { confs: { transforms: [stanza('l', [['filename', 'l.csv']])] }, lookups: [] },
      'names the table "l.csv", which is not there',
    ],
    ['an empty cell', lookup('l key OUTPUT value', KEYS, ['a', '']), 'has an empty cell'],
    ['a look-up', lookup('m key OUTPUT value', KEYS, ['a', 'b']), 'names the look-up [m], which is not there'],
    ['a column', lookup('l key OUTPUT number', KEYS, ['a', 'b']), 'names the column "number"'],
    [
      'a chain of look-ups',
      lookup('l key OUTPUT value AS given', KEYS, ['a', 'b']),
      'LOOKUP-2 reads the field "given", which another look-up gives',
    ],
    [
      'an EVAL of an EVAL',
      props(['EVAL-a', 'lower(x)'], ['EVAL-b', 'if(a=="c", "d", null())']),
      'EVAL-b reads the field "a", which another EVAL gives',
    ],
    ['a macro', search('IKE', ['search', '`ikeaudit_index` "`text`"']), 'uses the macro `ikeaudit_index`, which is not there'],
    [
      'a macro with other arguments',
      {
        confs: { macros: [stanza('m(1)', [['definition', 'x']])], savedsearches: [stanza('IKE', [['search', '`m(a, b)`']])] },
        lookups: [],
      },
      '`m(2)`',
    ],
    [
      'a tag of nothing',
      { confs: { tags: [stanza('eventtype=x', [['vpn', 'enabled']])], eventtypes: [] }, lookups: [] },
      'stands for an event type that is not there',
    ],
    ['a long name', search('x'.repeat(100)), 'has a name of 100 characters'],
    ['an odd name', search('IKE: [x]'), 'has a name with characters'],
    ['annotations that are no JSON', search('IKE', ['action.correlationsearch.annotations', '{']), 'annotations is no JSON'],
    ['risks that are no JSON', search('IKE', ['action.risk.param._risk', '[,]']), '_risk is no JSON'],
    [
      'a technique',
      search('IKE', ['action.correlationsearch.annotations', '{"mitre_attack":["X1"]}']),
      '"X1", which is no technique',
    ],
  ])('%s', (_, broken, message) => {
    const told = checkOutput(broken, pcre).map((fault) => fault.message);
    if (message === '') expect(told).toEqual([]);
    else expect(told.join('\n')).toContain(message);
  });

  it('a regex that hostile lines take too far', () => {
    const none = { ...charon, entries: [] };
    const chain = (regex: string): App => ({
      confs: { props: [stanza(charon.sourcetype, [['EXTRACT-1', `${regex} in message`]])] },
      lookups: [],
    });
    expect(checkLimits(chain("\\A(?:'+)+x"), pack, none, pcre)[0]?.error).toMatch(/LIMIT/);
    expect(checkLimits(chain("\\A'++x"), pack, none, pcre)).toEqual([]);
  });
});

describe('what is wrong', () => {
  it('is told at the line from which it came', async () => {
    const [first] = charon.entries;
    const entry = { ...first!, set: { ...first!.set, reason: 'a b' } };
    const [check] = checkSplunk({ ...pack, parsers: [{ ...charon, entries: [{ ...entry, event: 'x:y' }] }] });
    const found = await check!.run(false);
    expect(found.map(({ code, place }) => ({ code, place }))).toContainEqual({ code: 'splunk-output', place: first!.place.line });
  });
  it('of a title is told at its detection', async () => {
    const [detection] = pack.detections;
    const named = { ...detection!, title: 'x'.repeat(99) };
    const found = await checkSplunk({ ...pack, detections: [named] })
      .at(-1)!
      .run(false);
    expect(found.map(({ place, message }) => ({ place, message }))).toEqual([
      { place: named.place.id, message: expect.stringContaining('give the detection a shorter title') },
    ]);
  });
});
