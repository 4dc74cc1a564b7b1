import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outputFormat } from '../../generator/engine/formats.js';
import { RecordParser } from '../../generator/engine/parse-records.js';
import { Renderer } from '../../generator/engine/render.js';
import { InputError, openSource } from '../../generator/engine/source.js';
import { builtInEngine, charonLog, parseText } from '../support/parse-text.js';

const INIT = '05[IKE] 198.51.100.66 is initiating an IKE_SA';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ikeaudit-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Parses a file as the command does. @returns the events, the counts, and the message where the input broke off */
async function parseFile(content: Buffer | string) {
  const file = join(folder, 'input.log');
  writeFileSync(file, content);
  const engine = builtInEngine();
  let output = '';
  const renderer = new Renderer(engine, outputFormat(engine.pack, 'neutral'), async (piece) => {
    output += piece.toString('utf8');
  });
  const parser = new RecordParser(engine, renderer, {
    clock: { now: Date.parse('2026-12-01T00:00:00Z'), zone: 'UTC' },
    stitch: true,
    include: new Set(),
    forced: undefined,
  });
  let broken = '';
  const source = await openSource(file);
  try {
    await parser.parse(source);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    broken = error.message;
  } finally {
    await source.close();
  }
  await parser.finish();
  return {
    events: output
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
    counts: parser.counts,
    broken,
  };
}

describe('input that is no ordinary log', () => {
  test('an empty file has no records', async () => {
    expect((await parseFile('')).counts).toEqual({ read: 0, events: 0, ignored: 0, unparsed: 0, other: 0 });
  });

  test('a binary file is read through, and what it holds is counted', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919 + (i >> 8)) & 255));
    const { counts } = await parseFile(bytes);
    expect(counts.read).toBeGreaterThan(0);
    expect(counts.events).toBe(0);
    expect(counts.other + counts.unparsed).toBe(counts.read);
  });

  test('a line of 1 MB is one record, and the lines beside it are read', async () => {
    const { events, counts } = await parseFile(
      `${charonLog(INIT)}\n${charonLog(`05[IKE] ${'x'.repeat(1 << 20)}`)}\n${charonLog(INIT.replace('05', '06'))}`,
    );
    expect(counts).toMatchObject({ read: 3, events: 2, unparsed: 1 });
    expect(events[1].message).toHaveLength(1 << 20);
  });

  test('lines longer than a chunk and cut anywhere are put together', async () => {
    const long = charonLog(`05[CFG] looking for peer configs matching 203.0.113.10[gw]...198.51.100.66[${'é'.repeat(800_000)}]`);
    const { events } = await parseFile(`${long}\n${long.replace('05[', '06[')}\n`);
    expect(events.map((event) => event.peer_id.length)).toEqual([800_000, 800_000]);
  });

  test('bytes that are no UTF-8 become U+FFFD', async () => {
    const line = Buffer.concat([
      Buffer.from(charonLog("05[IKE] authentication of 'a")),
      Buffer.from([0xff, 0xc3]),
      Buffer.from("b' with pre-shared key successful"),
    ]);
    const { events } = await parseFile(line);
    expect(events[0].peer_id).toBe('a\ufffd\ufffdb');
  });

  test('control bytes and quotes are escaped', async () => {
    const { events } = await parseText(
      charonLog("05[IKE] authentication of 'a\"\\\u0001\u001b[31m\u007f' with pre-shared key successful"),
    );
    expect(events[0]!.peer_id).toBe('a"\\\u0001\u001b[31m\u007f');
  });

  test('gzip is read as it is', async () => {
    expect((await parseFile(gzipSync(charonLog(INIT, INIT.replace('05', '06'))))).counts.events).toBe(2);
  });

  test('a truncated gzip says so, and what came before it counts', async () => {
    const lines = Array.from({ length: 3000 }, (_, i) =>
      charonLog(`05[NET] received packet: from 198.51.100.66[${i}] to 203.0.113.10[500] (${i * 7} bytes)`),
    );
    const packed = gzipSync(lines.join('\n'));
    const { counts, broken } = await parseFile(packed.subarray(0, packed.length >> 1));
    expect(broken).toMatch(/input\.log: ends in the middle of its gzip data/);
    expect(counts.events).toBeGreaterThan(100);
    expect(counts.events).toBeLessThan(3000);
  });

  test('lines that end in CR LF are the same lines', async () => {
    const { events } = await parseFile(`${charonLog(INIT)}\r\n${charonLog(INIT.replace('05', '06'))}\r\n`);
    expect(events.map((event) => event.msg_type)).toEqual(['ike_init_received', 'ike_init_received']);
  });

  test('a missing file is named', async () => {
    await expect(openSource(join(folder, 'nothing.log'))).rejects.toThrow('nothing.log: no such file.');
    await expect(openSource(folder)).rejects.toThrow('is a folder');
  });
});

describe('envelopes', () => {
  const MESSAGE = '05[IKE] 198.51.100.66 is initiating an IKE_SA';
  test.each([
    ['RFC 3164', `Nov 24 06:00:00 gw charon[1]: ${MESSAGE}`, { host: 'gw', pid: 1, timestamp: '2026-11-24T06:00:00.000Z' }],
    ['RFC 3164 without a process id', `Nov 24 06:00:00 gw charon: ${MESSAGE}`, { host: 'gw', program: 'charon' }],
    ['RFC 3164 with priority', `<30>Nov 24 06:00:00 gw charon[1]: ${MESSAGE}`, { host: 'gw', pid: 1 }],
    ['ISO time', `2026-11-24T06:00:00.123456+01:00 gw charon[1]: ${MESSAGE}`, { timestamp: '2026-11-24T05:00:00.123Z' }],
    [
      'RFC 5424',
      `<30>1 2026-11-24T06:00:00.5Z gw charon 1 - - ${MESSAGE}`,
      { host: 'gw', pid: 1, timestamp: '2026-11-24T06:00:00.500Z' },
    ],
    [
      'RFC 5424 with structured data',
      `<30>1 2026-11-24T06:00:00Z gw charon 1 - [meta sequenceId="7"] ${MESSAGE}`,
      { host: 'gw' },
    ],
    ["charon's own file", `Nov 24 06:00:00.831 ${MESSAGE}`, { program: 'charon', timestamp: '2026-11-24T06:00:00.831Z' }],
    ["charon's own file with levels", `Nov 24 06:00:00 ${MESSAGE.replace('IKE]', 'IKE0]')}`, { log_level: 0, subsystem: 'IKE' }],
    ['console', MESSAGE, { thread: 5, subsystem: 'IKE' }],
    ['logcat', `I/charon: ${MESSAGE}`, { program: 'charon' }],
    ["OpenWrt's logread", `Tue Nov 24 06:00:00 2026 daemon.info ipsec: ${MESSAGE}`, { program: 'ipsec', thread: 5 }],
    ["OpenWrt's logread without a name", `Tue Nov 24 06:00:00 2026 daemon.info : ${MESSAGE}`, { program: 'charon', thread: 5 }],
    [
      "a node's file of a container",
      `2026-11-24T06:00:00.123456789Z stdout F ${MESSAGE}`,
      { timestamp: '2026-11-24T06:00:00.123Z' },
    ],
    ['the journal with its full time', `Tue 2026-11-24 06:00:00 UTC gw charon[1]: ${MESSAGE}`, { host: 'gw', pid: 1 }],
    ["charon's own file with a year", `Tue Nov 24 06:00:00 2026 ${MESSAGE}`, { timestamp: '2026-11-24T06:00:00.000Z' }],
    ['what swanctl shows', MESSAGE.slice(2), { subsystem: 'IKE' }],
    [
      'connection and number',
      `Nov 24 06:00:00 gw charon[1]: ${MESSAGE.replace('] ', '] <site|4> ')}`,
      { connection: 'site', ike_sa: 4 },
    ],
    ['number alone', `Nov 24 06:00:00 gw charon[1]: ${MESSAGE.replace('] ', '] <4> ')}`, { ike_sa: 4 }],
    [
      'the JSON log',
      '{"time":"2026-11-24T06:27:25+0000.045181","thread":5,"group":"IKE","level":1,"msg":"198.51.100.66 is initiating an IKE_SA"}',
      { thread: 5, timestamp: '2026-11-24T06:27:25.045Z' },
    ],
    [
      'the journal',
      '{"MESSAGE":"198.51.100.66 is initiating an IKE_SA","__REALTIME_TIMESTAMP":"1795501754590323","SYSLOG_IDENTIFIER":"charon-systemd","_HOSTNAME":"gw","_PID":"9","THREAD":"5","GROUP":"IKE"}',
      { host: 'gw', pid: 9, thread: 5, subsystem: 'IKE' },
    ],
  ])('%s', async (_, line, expected) => {
    const { events } = await parseText(line);
    expect(events).toEqual([expect.objectContaining({ msg_type: 'ike_init_received', peer_ip: '198.51.100.66', ...expected })]);
  });

  test('a repeated line counts as often as it says', async () => {
    const { events, counts } = await parseText(
      'Nov 24 06:00:00 gw charon[1]: message repeated 3 times: [ 05[NET] sending packet: from 203.0.113.10[500] to 198.51.100.66[500] (80 bytes)]',
    );
    expect(counts.events).toBe(1);
    expect(events[0]).toMatchObject({ msg_type: 'packet_sent', repeat: 3, peer_ip: '198.51.100.66' });
  });

  test('another program is no business of ours, and is counted', async () => {
    const { events, counts } = await parseText('Nov 24 06:00:00 gw sshd[1]: 198.51.100.66 is initiating an IKE_SA');
    expect(events).toEqual([]);
    expect(counts).toMatchObject({ read: 1, other: 1 });
  });

  test('bare text is read where the parser is named', async () => {
    const text = 'sending packet: from 203.0.113.10[500] to 198.51.100.66[500] (49 bytes)';
    expect((await parseText(text)).counts.other).toBe(1);
    expect((await parseText(text, { parser: 'strongswan.charon' })).events).toEqual([
      expect.objectContaining({ msg_type: 'packet_sent' }),
    ]);
  });

  test('a record that no line matches is kept whole', async () => {
    const { events, counts } = await parseText(charonLog('05[IKE] something that charon never says'));
    expect(counts.unparsed).toBe(1);
    expect(events).toEqual([expect.objectContaining({ msg_type: 'unparsed', message: 'something that charon never says' })]);
  });
});
