/** The pipeline on a real node reads what the engine reads: every recorded line, every sample, and lines made from samples. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtInEngine } from '../support/parse-text.js';
import { differences, engineEvents, NOW } from './support/compare.js';
import { type Document, install, Node } from './support/node.js';

const samples = fileURLToPath(new URL('../../samples/strongswan/', import.meta.url));
const logs = readdirSync(samples, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(log|jsonl)$/.test(path) && !path.endsWith('radius.log'))
  .sort();
const entries = builtInEngine().pack.parsers.find(({ name }) => name === 'strongswan.charon')!.entries;
const HEAD = 'Nov 24 06:00:00 gw charon[1]: 07[IKE] ';

let node: Node;
beforeAll(async () => {
  node = new Node();
  await install(node);
});

/** @returns the lines that are read differently, each with what differs */
async function compareLines(lines: string[], parser?: string): Promise<string[]> {
  const events = await engineEvents(lines, { parser });
  const documents = await node.simulate(
    'ikeaudit-charon',
    lines.map((message) => ({ message, '@timestamp': NOW })),
  );
  return lines.flatMap((line, index) => {
    const document = documents[index] as Document;
    const wrong = differences(events[index]!, document);
    if ((document.event as Document).original !== line) wrong.push('event.original is not the line');
    return wrong.length ? [`${line}\n  ${wrong.join('\n  ')}`] : [];
  });
}

describe('the pipeline reads like the engine', () => {
  it.each(logs)('samples/strongswan/%s', async (path) => {
    const lines = readFileSync(samples + path, 'utf8')
      .split('\n')
      .filter(Boolean);
    // what does not say which program wrote it is charon's by its data stream
    const unnamed = path.endsWith('.file.log') || path.endsWith('charon-json.log');
    expect(await compareLines(lines, unnamed ? 'strongswan.charon' : undefined)).toEqual([]);
  });

  it('the sample of every line', async () => {
    expect(await compareLines(entries.map(({ sample }) => HEAD + sample))).toEqual([]);
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
    const lines = fc.sample(line, { numRuns: 20_000, seed: 1 }).map((text) => HEAD + text);
    expect(await compareLines(lines)).toEqual([]);
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
    expect(await compareLines(lines)).toEqual([]);
  });
});
