/** What AppInspect does not see in the app: searches that do not parse, names that nothing defines, JSON that is none, text that becomes language. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dashboards } from '../../generator/targets/splunk/emit-dashboards.js';
import { emitSplunk } from '../../generator/targets/splunk/emit.js';
import { packageApps } from '../../generator/targets/splunk/package-apps.js';
import { expandMacros } from './emulator/expand-macros.js';
import { fieldsOfSearch, parseSearch } from './emulator/match-search.js';
import { fieldsOf, parseAssignments, parseEval } from './emulator/parse-eval.js';
import { parsePipeline, splitStatistics, takeOptions } from './emulator/parse-spl.js';
import { Splunk } from './emulator/splunk.js';
import { files, pack, props, transforms } from './support/built.js';
import { detectionOf, eventsAt } from './support/form-detections.js';
import { Pcre } from './support/pcre.js';
import { readConf } from './support/read-conf.js';
import { hold, lastTime, splunkFindings } from './support/splunk-findings.js';

const conf = (app: string, name: string) => readConf(files.get(`${app}/default/${name}.conf`)!);
const searches = conf('ikeaudit', 'savedsearches');
const macros = new Map([...conf('TA-ikeaudit', 'macros'), ...conf('ikeaudit', 'macros')]);
const views = dashboards(pack);
const panels = views.flatMap(({ id, rows }) =>
  rows.flat().map(({ title, search }) => [`${id}: ${title}`, search.replaceAll('$gateway|s$', '"*"')] as const),
);
const texts: (readonly [name: string, search: string])[] = [
  ...[...searches].map(([name, settings]) => [name, settings.get('search')!] as const),
  ...panels,
];

/** Fields that Splunk itself gives, and those that our searches and macros make. */
const INTERNAL = [
  '_time',
  '_raw',
  'host',
  'sourcetype',
  'index',
  'source',
  'info_sid',
  'info_max_time',
  'learnt',
  'group',
  'value',
  'least',
  'greatest',
];
const known = new Set([
  ...INTERNAL,
  ...[...pack.fields.values()].flatMap(({ name, cim }) => [name, cim]),
  ...[...props.values()].flatMap((settings) => [...settings.keys()].flatMap((key) => /^EVAL-(.*)$/.exec(key)?.[1] ?? [])),
  ...pack.events.keys(),
  'outcome',
  'ike_noise',
  'detection',
  'finding_group',
]);

describe.each(texts)('%s', (_, search) => {
  it('reads fields that something gives', () => {
    const made = new Set<string>();
    const missing: string[] = [];
    const read = (names: string[]) =>
      missing.push(
        ...names.filter((name) => name !== '' && !known.has(name) && !made.has(name) && !/^ikeaudit_[a-z]+$/.test(name)),
      );
    for (const { name, rest } of parsePipeline(expandMacros(search, macros))) {
      if (name === 'search') read(fieldsOfSearch(parseSearch(rest)));
      if (name === 'where') read(fieldsOf(parseEval(rest)));
      if (name === 'eval')
        for (const { field, value } of parseAssignments(rest)) {
          read(fieldsOf(value));
          made.add(field);
        }
      if (/^(stats|eventstats|streamstats|timechart)$/.test(name)) {
        const { rest: left } = takeOptions(rest, ['current', 'window', 'global', 'reset_after', 'span']);
        const { functions, by } = splitStatistics(left);
        read(by);
        for (const text of functions) {
          const [, inner, as] = /^\w+(?:\((?:eval\()?(.*?)\)*\))?(?:\s+AS\s+(\w+))?$/i.exec(text)!;
          if (inner && /^\w+$/.test(inner)) read([inner]);
          made.add(as ?? text);
        }
      }
      if (name === 'lookup') for (const [, field] of rest.matchAll(/ AS (\w+)/g)) made.add(field!);
      if (name === 'rename') for (const [, field] of rest.matchAll(/ AS (\w+)/g)) made.add(field!);
    }
    // what the forms hand on has names of its own, which the emulator's runs prove
    expect([...new Set(missing)].filter((name) => !name.startsWith('ikeaudit_'))).toEqual([]);
  });
});

describe('macros', () => {
  it('are all used, with the arguments that they have', () => {
    const uses = new Set<string>();
    for (const [, search] of texts) expandMacros(search, macros, uses);
    const unused = [...macros.keys()].filter((name) => !uses.has(name));
    expect(unused).toEqual([]);
  });
});

describe.each([...searches])('[%s]', (name, settings) => {
  const rule = name.endsWith(' - Rule');

  it('has a name that Enterprise Security takes', () => {
    expect(name.length).toBeLessThanOrEqual(99);
    expect(name).toMatch(/^[\w .,()'-]+$/);
  });
  it('is disabled, and scheduled off the round minutes', () => {
    expect(settings.get('disabled')).toBe('1');
    const minutes = settings.get('cron_schedule')!.split(' ')[0]!.split(',').map(Number);
    if (rule) expect(minutes.filter((minute) => minute % 5 === 0 && minutes.length < 12)).toEqual([]);
    expect(minutes.every((minute) => minute >= 0 && minute < 60)).toBe(true);
  });
  it('looks back over its window, the silence before it and the time since the last run', () => {
    const at = (key: string) => Number(/^-(\d+)m@m$/.exec(settings.get(`dispatch.${key}_time`)!)?.[1]);
    if (rule) expect(at('earliest')).toBeGreaterThan(at('latest'));
  });
  it.runIf(rule)('has annotations, risk, entities, steps and drilldowns that are JSON', () => {
    const json = (key: string) => JSON.parse(settings.get(key)!) as never;
    const annotations = json('action.correlationsearch.annotations') as { mitre_attack: string[] };
    expect(annotations.mitre_attack.every((id) => /^T\d{4}(\.\d{3})?$/.test(id))).toBe(true);
    const risks = json('action.risk.param._risk') as Record<string, unknown>[];
    for (const risk of risks) {
      expect(Object.keys(risk).sort().join()).toMatch(
        /^(risk_object_field,risk_object_type,risk_score|threat_object_field,threat_object_type)$/,
      );
    }
    expect(risks.some((risk) => 'risk_object_field' in risk)).toBe(true);
    expect((json('action.notable.param.next_steps') as { version: number }).version).toBe(1);
    for (const { search } of json('action.notable.param.drilldown_searches') as { search: string }[])
      if (!search.startsWith('| from datamodel')) parsePipeline(expandMacros(search, macros));
    json('action.notable.param._entities');
    json('action.correlationsearch.metadata');
  });
  it.runIf(rule)('names fields of its results only', () => {
    const fields = new Set([
      'finding_group',
      'finding_count',
      'first_seen',
      'last_seen',
      'pivot_earliest',
      'pivot_latest',
      'src',
      'dvc',
      'user',
    ]);
    const tokens = [...settings]
      .filter(([key]) => key.startsWith('action.'))
      .flatMap(([, value]) => [...value.matchAll(/\$(\w+)\$/g)]);
    expect(tokens.map(([, field]) => field!).filter((field) => !fields.has(field))).toEqual([]);
  });
});

describe('search-time settings', () => {
  it.each([...props].filter(([, settings]) => [...settings.keys()].some((key) => key.startsWith('EVAL-'))))(
    '[%s]: no EVAL reads what another EVAL gives, and no look-up what another look-up gives',
    (_, settings) => {
      const evals = [...settings]
        .filter(([key]) => key.startsWith('EVAL-'))
        .map(([key, value]) => [key.slice(5), value] as const);
      const given = new Map(evals);
      // a field that an EVAL only changes in place is read as it was extracted, on purpose: its own name stands in its expression
      const wrong = evals.flatMap(([field, value]) =>
        fieldsOf(parseEval(value)).filter(
          (name) => name !== field && given.has(name) && !fieldsOf(parseEval(given.get(name)!)).includes(name),
        ),
      );
      expect(wrong).toEqual([]);
      const lookups = [...settings].filter(([key]) => key.startsWith('LOOKUP-')).map(([, value]) => value);
      const outputs = lookups.flatMap((value) => value.split(/ OUTPUT(?:NEW)? /)[1]!.split(' '));
      const inputs = lookups.map((value) => / AS (\w+) OUTPUT/.exec(value)?.[1] ?? value.split(' ')[1]!);
      expect(inputs.filter((input) => outputs.includes(input))).toEqual([]);
    },
  );
  it('names look-ups that have a stanza and a file', () => {
    for (const settings of props.values())
      for (const [key, value] of settings)
        if (key.startsWith('LOOKUP-')) {
          const file = transforms.get(value.split(' ')[0]!)!.get('filename');
          expect(files.has(`TA-ikeaudit/lookups/${file}`), key).toBe(true);
        }
  });
  it('asks in event types for fields that exist', () => {
    for (const settings of conf('TA-ikeaudit', 'eventtypes').values())
      expect(fieldsOfSearch(parseSearch(settings.get('search')!)).filter((field) => !known.has(field))).toEqual([]);
  });
});

describe('the emulator', () => {
  let pcre: Pcre;
  beforeAll(async () => {
    pcre = await Pcre.create();
  });
  afterAll(() => pcre.destroy());

  it('runs every search and every panel', () => {
    const splunk = new Splunk(files, pcre);
    hold(
      splunk,
      pack,
      eventsAt(
        [0, { msg_type: 'auth_failed', peer_ip: '192.0.2.1', reason: 'mac-mismatch' }],
        [5, { msg_type: 'ike_established', peer_ip: '192.0.2.1', encryption: 'AES_CBC_256', dh_group: 14, lifetime: 30 }],
      ),
    );
    for (const [name, search] of texts) expect(() => splunk.search(search, { now: 1_800_000_000 }), name).not.toThrow();
  });

  it.each([
    ['a command', '| makeresults', 'unknown command "makeresults"'],
    ['a function', 'msg_type=* | eval x=sha256(msg_type)', 'unknown function sha256()'],
    ['a macro', '`ikeaudit_nothing`', 'no macro [ikeaudit_nothing]'],
    ['an operator that is missing', 'msg_type=* | where msg_type "x"', 'expected the end'],
    ['a look-up', 'msg_type=* | lookup nothing a OUTPUT b', 'no lookup [nothing]'],
    ['a column', 'msg_type=* | lookup ikeaudit_strengths nothing OUTPUT bits', 'has no column nothing'],
    ['a bare word', 'failed', 'a bare word "failed"'],
  ])('does not understand %s in silence', (_, search, message) => {
    expect(() => new Splunk(files, pcre).search(search)).toThrow(message);
  });

  it('keeps hostile values of content what they are: text', () => {
    const nasty = 'a" | delete `x` $y$ \\ [z] (?i)*';
    const detection = {
      ...detectionOf(
        'nasty',
        `
select: { failed: [{ msg_type: auth_failed, reason: X }, { msg_type: auth_failed, reason|contains: X, peer_id|startswith: X, connection|endswith: X }] }
detect: { event: { of: failed, by: gateway, quiet: 60s } }`,
      ),
    };
    for (const comparisons of detection.selections.failed!.any)
      for (const comparison of comparisons) if (comparison.field !== 'msg_type') comparison.values = [nasty];
    const own = { ...pack, detections: [{ ...detection, title: 'A "title"', description: nasty, playbook: 'none' }] };
    const splunk = new Splunk(emitSplunk(own), pcre);
    const say = (text: string) =>
      eventsAt([0, { msg_type: 'auth_failed', reason: text, peer_id: `${text}b`, connection: `b${text}` }]);
    for (const [text, count] of [
      [nasty, 1],
      [nasty.toUpperCase(), 1],
      [nasty.slice(1), 0],
      ['a" | delete', 0],
    ] as const) {
      hold(splunk, own, say(text));
      expect(splunkFindings(splunk, own, own.detections[0]!, lastTime(say(text))), text).toHaveLength(count);
    }
    const [notable] = [...readConf(emitSplunk(own).get('ikeaudit/default/savedsearches.conf')!).values()];
    expect(notable!.get('action.notable.param.rule_description')).not.toContain('$y$');
  });

  it('reports in a scheduled run what opened since the last one, and by hand all', () => {
    const [detection] = pack.detections.filter(({ name }) => name === 'authentication/auth-failures-from-one-peer');
    const splunk = new Splunk(files, pcre);
    const events = eventsAt(
      ...Array.from(
        { length: 12 },
        (_, i) => [i * 10, { msg_type: 'auth_failed', peer_ip: '192.0.2.1' }] as [number, Record<string, string>],
      ),
    );
    hold(splunk, pack, events);
    const [, settings] = [...searches].find(([, one]) => one.get('search')!.includes(`"${detection!.name}"`))!;
    const opened = events[9]!.time / 1000;
    const run = (latest: number, sid: string) =>
      splunk.search(settings.get('search')!, { latest, now: latest + 300, sid }).length;
    expect(run(opened + 60, 'scheduler__nobody__ikeaudit__RMD5_at_1_2')).toBe(1);
    expect(run(opened + 400, 'scheduler__nobody__ikeaudit__RMD5_at_1_2')).toBe(0);
    expect(run(opened + 400, '1764000000.1')).toBe(1);
    expect(run(opened - 1, '1764000000.1')).toBe(0);
  });
});

describe('packages', () => {
  it('are the same bytes each time', () => {
    const [first, second] = [packageApps(files), packageApps(emitSplunk(pack))];
    for (const name of ['TA-ikeaudit.spl', 'ikeaudit.spl']) expect(first.get(name)).toEqual(second.get(name));
  });
});

describe('dashboards', () => {
  const nav = files.get('ikeaudit/default/data/ui/nav/default.xml')!;
  it('are all in the menu, and the menu has no other', () => {
    const named = [...nav.matchAll(/<view name="(ikeaudit_\w+)"/g)].map(([, name]) => name);
    expect(named).toEqual(views.map(({ id }) => id));
    for (const id of named) expect(files.has(`ikeaudit/default/data/ui/views/${id}.xml`)).toBe(true);
  });
  it.each(views.map(({ id }) => id))('%s is XML with every element closed', (id) => {
    const open: string[] = [];
    for (const [, close, name, self] of files
      .get(`ikeaudit/default/data/ui/views/${id}.xml`)!
      .matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/gi)) {
      if (close) expect(open.pop()).toBe(name);
      else if (!self) open.push(name!);
    }
    expect(open).toEqual([]);
  });
});
