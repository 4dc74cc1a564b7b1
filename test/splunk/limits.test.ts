/** Hostile lines stay inside of PCRE2's limits as Splunk sets them: a regex that exceeds them counts as one that does not match, in silence. */
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
  splunk = new SearchTime(files, pcre, charon.sourcetype, '(?ms)');
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
