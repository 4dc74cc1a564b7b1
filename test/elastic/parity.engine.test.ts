/** The pipeline on a real node reads what the engine reads: every recorded line, every sample, and lines made from samples. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { endpointTexts } from '../support/endpoint-texts.js';
import { builtInEngine } from '../support/parse-text.js';
import { differences, engineEvents, NOW } from './support/compare.js';
import { type Document, install, Node } from './support/node.js';

const PROGRAMS = [
  {
    name: 'strongswan.charon',
    folder: 'strongswan',
    pipeline: 'ikeaudit-charon',
    head: 'Nov 24 06:00:00 gw charon[1]: 07[IKE] ',
  },
  {
    name: 'libreswan.pluto',
    folder: 'libreswan',
    pipeline: 'ikeaudit-pluto',
    head: 'Nov 24 06:00:00 gw pluto[1]: "rw"[2] 198.51.100.66 #7: ',
  },
];
const samples = fileURLToPath(new URL('../../samples/', import.meta.url));
const [charon] = PROGRAMS as [(typeof PROGRAMS)[number]];
/** Gateways only where the other end is another program. */
const logsOf = (folder: string) =>
  readdirSync(samples + folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (path) => /\.(log|jsonl)$/.test(path) && !path.endsWith('radius.log') && (folder === 'strongswan' || /gateway/.test(path)),
    )
    .sort();
const entriesOf = (name: string) => builtInEngine().pack.parsers.find((parser) => parser.name === name)!.entries;

let node: Node;
beforeAll(async () => {
  node = new Node();
  await install(node);
});

/** @returns the lines that are read differently, each with what differs */
async function compareLines(lines: string[], { pipeline }: (typeof PROGRAMS)[number], parser?: string): Promise<string[]> {
  const events = await engineEvents(lines, { parser });
  const documents = await node.simulate(
    pipeline,
    lines.map((message) => ({ message, '@timestamp': NOW })),
  );
  return lines.flatMap((line, index) => {
    const document = documents[index] as Document;
    const wrong = differences(events[index]!, document);
    if ((document.event as Document).original !== line) wrong.push('event.original is not the line');
    return wrong.length ? [`${line}\n  ${wrong.join('\n  ')}`] : [];
  });
}

describe.each(PROGRAMS)('the pipeline $pipeline reads like the engine', (program) => {
  const { name, folder, head } = program;
  const entries = entriesOf(name);

  it.each(logsOf(folder))(`samples/${folder}/%s`, async (path) => {
    const lines = readFileSync(`${samples}${folder}/${path}`, 'utf8')
      .split('\n')
      // what an identity forged is read by the pipeline of its data stream, and by the engine as what it pretends to be
      .filter((line) => line !== '' && !(folder === 'libreswan' && line.includes(' charon[1]: ')));
    // what does not say which program wrote it is the program's by its data stream
    const unnamed = path.endsWith('.file.log') || path.endsWith('charon-json.log');
    expect(await compareLines(lines, program, unnamed ? name : undefined)).toEqual([]);
  });

  it('the sample of every line', async () => {
    expect(
      await compareLines(
        entries.map(({ sample }) => head + sample),
        program,
      ),
    ).toEqual([]);
  });

  it('lines that are nearly samples', async () => {
    const hostile = [
      '',
      ' ',
      "', but MAC mismatched",
      ']...192.0.2.99[x]',
      'é',
      '\u{1f511}',
      '\u0001',
      '\u007f',
      '"',
      '\\',
      '\t',
      'N(AUTH_FAILED)',
      ' ]',
      '(',
      '::',
      '-1',
    ];
    const sample = fc.constantFrom(...entries.map(({ sample }) => sample));
    const line = fc
      .tuple(sample, sample, fc.nat(200), fc.nat(200), fc.constantFrom(...hostile))
      .map(([a, b, from, to, inserted]) =>
        (a.slice(0, from) + inserted + (to % 3 === 0 ? b.slice(to) : a.slice(from + (to % 3)))).replace(/[\r\n]/g, ''),
      );
    const lines = fc.sample(line, { numRuns: 20_000, seed: 1 }).map((text) => head + text);
    expect(await compareLines(lines, program)).toEqual([]);
  });
});

describe('the pipeline reads like the engine', () => {
  it.each([
    'packet from 198.51.100.66:500: too small packet (2)',
    'packet from [2001:db8:100::66]:UDP/4500: too small packet (2)',
    'packet from 2001:db8:100::66:4500: too small packet (2)',
    '"rw"[3] 2001:db8:100::66: deleting connection',
    '#3: ESP traffic information: in=84B out=12KB',
    '#3: ESP traffic information: in=84B out=12XB',
    '#3: processing ISAKMP_v2_IKE_AUTH request: SK{IDi,N(INITIAL_CONTACT)}',
  ])('%s', async (line) => {
    expect(await compareLines([`Nov 24 06:00:00 gw pluto[1]: ${line}`], PROGRAMS[1]!)).toEqual([]);
  });

  it('addresses and ports of every shape, and of none', async () => {
    const lines = endpointTexts(10_000).map(
      (endpoint) => `Nov 24 06:00:00 gw pluto[1]: packet from ${endpoint}: too small packet (2)`,
    );
    expect(await compareLines(lines, PROGRAMS[1]!)).toEqual([]);
  });

  it('lines in every envelope', async () => {
    const message = '07[ENC] <gw|3> parsed INFORMATIONAL request 4 [ N(AUTH_FAILED) ]';
    const lines = [
      `<30>Nov 24 06:00:00 gw charon[1]: ${message}`,
      `Nov  4 06:00:00.5 gw charon: ${message}`,
      `2026-11-24T06:00:00.123456+01:00 gw charon[00012]: ${message}`,
      `<30>1 2026-11-24T06:00:00Z gw charon 7 - - ${message}`,
      `<30>1 2026-11-24T06:00:00Z gw charon - ID [a b="c"] ${message}`,
      `I/charon(5): ${message}`,
      `Nov 24 06:00:00 charon[5]: ${message}`,
      `Nov 24 06:00:00 gw charon[1]: message repeated 3 times: [ ${message}]`,
      `Nov 24 06:00:00 gw charon[1]: message repeated 99999999999999999999 times: [ ${message}]`,
      'Nov 24 06:00:00 gw charon[1]: message repeated 3 times: [ nothing that is known]',
      'Nov 24 06:00:00 gw charon[1]: message repeated 3 times: [ ]',
      'Nov 24 06:00:00 gw charon[1]:    ',
      'Nov 24 06:00:00 gw sshd[1]: Accepted password for charon',
      `{"MESSAGE":"${message}","__REALTIME_TIMESTAMP":"1795501754590323","_HOSTNAME":"gw","SYSLOG_IDENTIFIER":"charon-systemd","_PID":"12","THREAD":"9"}`,
      '{"MESSAGE":[112,101,101,114,32,115,117,112,112,111,114,116,115,32,77,79,66,73,75,69],"__REALTIME_TIMESTAMP":"1","SYSLOG_IDENTIFIER":"charon"}',
      '{"time":"2026-11-24T06:24:30+0000.160449","thread":3,"group":"IKE","msg":"a\\nb"}',
    ];
    expect(await compareLines(lines, charon)).toEqual([]);
  });
});
