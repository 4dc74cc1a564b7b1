/** Splunk's fields against the engine's for the sample of every line of every parser. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseText } from '../support/parse-text.js';
import { sampleHead } from '../support/sample-head.js';
import { files, pack, transforms } from './support/built.js';
import { differences } from './support/differences.js';
import { Pcre } from './support/pcre.js';
import { SearchTime } from './emulator/search-time.js';

let pcre: Pcre;
beforeAll(async () => {
  pcre = await Pcre.create();
});
afterAll(() => pcre.destroy());

describe('the fields that the engine reads', () => {
  it.each(pack.parsers.filter(({ programs }) => programs.length > 0).map(({ name }) => name))(
    'come from every sample of %s',
    { timeout: 120_000 },
    async (name) => {
      const parser = pack.parsers.find((one) => one.name === name)!;
      const lines = parser.entries.map(({ sample }) => sampleHead(parser) + sample);
      const { events } = await parseText(lines.join('\n'), { stitch: false, include: ['ignored', 'other'] });
      const splunk = new SearchTime(files, pcre, parser.sourcetype, '(?ms)');
      const wrong = lines.flatMap((line, index) =>
        differences(events[index]!, splunk.run(line)).map((what) => `${line}\n    ${what}`),
      );
      expect(wrong).toEqual([]);
      expect(pcre.errors).toEqual([]);
    },
  );

  it.each([
    ['cisco.asa', 'cisco/asa/forms'],
    ['cisco.asa', 'cisco/asa/other'],
    ['cisco.asa', 'cisco/asa/attempts'],
    ['cisco.ios', 'cisco/ios/forms'],
    ['cisco.ios', 'cisco/ios/other'],
    ['cisco.ios', 'cisco/ios/sessions'],
    ['cisco.ios', 'cisco/ios/lines'],
    ['strongswan.charon', 'freebsd/charon/forms'],
  ])('of %s come from samples/%s.log', async (parser, log) => {
    const { sourcetype, dataset } = pack.parsers.find(({ name }) => name === parser)!;
    const lines = readFileSync(new URL(`../../samples/${log}.log`, import.meta.url), 'utf8')
      .trimEnd()
      .replace(/\n[ \t]+/g, ' ') // as SEDCMD does
      .split(/\n+/);
    const { events } = await parseText(lines.join('\n'), { stitch: false, include: ['ignored', 'other'] });
    const splunk = new SearchTime(files, pcre, sourcetype, '(?ms)');
    const route = transforms.get(`ikeaudit_${dataset}_route`)!.get('REGEX')!;
    for (const [index, line] of lines.entries()) {
      const event = events[index]!;
      const isOther = event.msg_type === 'other';
      expect([line, pcre.match(route, line) !== undefined]).toEqual([line, !isOther]);
      const fields = splunk.run(line);
      expect([line, isOther ? fields.message : differences(event, fields)]).toEqual([line, isOther ? undefined : []]);
    }
  });
});
