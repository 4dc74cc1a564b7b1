/** Splunk's fields against the engine's for the sample of every line of every parser. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecordFinder } from '../../generator/engine/find-record.js';
import { builtInEngine, parseText } from '../support/parse-text.js';
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

/** What the add-on does not read of structured records yet, by record and field. */
const UNREAD: Record<string, RegExp> = {
  // JSON inside of JSON, which Splunk's inputs unpack
  'aws.vpn': /^\{"logStream"/,
  // structured data: the add-on reads the text behind it only
  'juniper.srx': /\[junos@/,
  'microsoft.ikeext': /\n {4}thread: /,
  // algorithms and their numbers by Suricata's words; `event_type` is a key of its own
  'suricata.ike': /\n {4}(event_type|encryption|integrity|prf|dh_group|error_code): /,
  // of several notifies in one text
  'zeek.ipsec': /\n {4}error_code: /,
};

const structured = pack.parsers.filter(({ records }) => records.codes.length + records.samples.length > 0);

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

  it.each(structured.map(({ name }) => name))('come from every structured sample of %s', { timeout: 120_000 }, async (name) => {
    const { sourcetype, sourcetypes, records } = structured.find((one) => one.name === name)!;
    const samples = [...records.codes.map(({ sample }) => sample), ...records.samples.map(({ text }) => text)];
    const finder = new RecordFinder(builtInEngine(), { now: 0, zone: 'UTC' });
    const splunk = [sourcetype, ...Object.keys(sourcetypes)].map((each) => new SearchTime(files, pcre, each, '(?ms)'));
    const wrong: string[] = [];
    for (const sample of samples) {
      const { events } = await parseText(sample, { stitch: false, include: ['ignored', 'other'] });
      const envelope = finder.find(sample)!.form.envelope.name;
      const reading = splunk.filter(({ sourcetype: each }) => each === sourcetype || sourcetypes[each] === envelope);
      for (const one of reading) wrong.push(...differences(events[0]!, one.run(sample)).map((what) => `${sample}\n    ${what}`));
    }
    expect(wrong.filter((difference) => !UNREAD[name]?.test(difference))).toEqual([]);
    if (UNREAD[name]) expect(wrong).not.toEqual([]);
    expect(pcre.errors).toEqual([]);
  });

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
