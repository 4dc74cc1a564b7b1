/** Hostile lines stay inside of PCRE2's limits as Splunk sets them: a regex that exceeds them counts as one that does not match, in silence. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderedLines } from '../../generator/targets/splunk/line-tokens.js';
import { charon, files, pack } from './support/built.js';
import { HOSTILE_MESSAGES, nearMiss } from '../../generator/targets/splunk/hostile-lines.js';
import { Pcre } from './support/pcre.js';
import { SearchTime } from './emulator/search-time.js';

const HEAD = 'Nov 24 06:00:00 gw charon[1]: 05[IKE] ';

let pcre: Pcre;
let splunk: SearchTime;

beforeAll(async () => {
  pcre = await Pcre.create();
  // charon stays within the default limit, which the add-on raises for others
  const props = 'TA-ikeaudit/default/props.conf';
  const unraised = new Map(files).set(props, files.get(props)!.replace(/^MATCH_LIMIT = .*\n/gm, ''));
  splunk = new SearchTime(unraised, pcre, charon.sourcetype, '(?ms)');
});
afterAll(() => pcre.destroy());

it('PCRE2 says so when a limit is exceeded', () => {
  expect(pcre.match('\\A(a+)+\\z', `${'a'.repeat(39)}b`)).toBeUndefined();
  expect(pcre.errors.splice(0)).toHaveLength(1);
});

describe('a line of 10,000 bytes', () => {
  it.each(HOSTILE_MESSAGES.map((text) => [text.slice(0, 12), text]))('of %s…', (_, text) => {
    splunk.run(HEAD + text);
    expect(pcre.errors).toEqual([]);
  });

  it('that almost matches, for every line with text in it', { timeout: 60_000 }, () => {
    const seen = new Set<string>();
    for (const line of orderedLines(pack, charon)) {
      const text = nearMiss(line.variant);
      if (text === undefined || (!process.env.EVERY_LINE && seen.has(line.entry.event ?? ''))) continue;
      seen.add(line.entry.event ?? '');
      splunk.run(HEAD + text);
    }
    expect(pcre.errors).toEqual([]);
  });
});

describe('the 64 KB that a compiled regex may have where PCRE2 is built as usual', () => {
  /** GNU grep has the system's PCRE2, which is built so; the one that runs here is not. */
  const complaint = (regex: string) => {
    const { status, stderr, error } = spawnSync('grep', ['-P', '-c', '-e', regex, '/dev/null'], { encoding: 'utf8' });
    if (error || /support for the -P option/.test(stderr)) throw new Error('GNU grep with -P is missing (Debian: grep)');
    return status === 1 ? '' : stderr.trim();
  };

  it('are enough for all', { timeout: 60_000 }, () => {
    const confs = ['props', 'transforms'].map((name) => files.get(`TA-ikeaudit/default/${name}.conf`) as string);
    const all = confs.join('\n').matchAll(/^(?:EXTRACT-\S+|REGEX) = (.*?)(?: in \w+)?$/gm);
    // what is short is small
    const long = [...all].map(([, regex]) => regex!).filter(({ length }) => length > 4000);
    expect(long.length).toBeGreaterThan(20);
    expect(long.map(complaint).filter(Boolean)).toEqual([]);
  });

  it('are too few for some', () => {
    expect(complaint(`(?:${'[0-9A-Fa-f]{1,4}:'.repeat(300)}){7}`)).toContain('too large');
  });
});
