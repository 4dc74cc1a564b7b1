/** The rsyslog recipes on real rsyslogds: a gateway's and a collector's, between them TCP on loopback. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Event, parseText } from '../support/parse-text.js';
import { needs } from './needs.js';
import { recipe } from './recipe.js';

const RSYSLOGD = needs('rsyslogd', 'rsyslog');
needs('logger', 'bsdutils');

let folder: string;
let udp: number;
const running: ChildProcess[] = [];
/** neither UTC nor the zone of anybody who runs this: a time that loses its zone on the way shows */
const ZONES = { gateway: 'Asia/Kolkata', collector: 'Asia/Kathmandu' };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ikeaudit-rsyslog-'));
  const tcp = await freePort();
  udp = await freePort();
  start(
    'collector',
    recipe('rsyslog-collector.conf', { '/var/log/ike': join(folder, 'ike'), '6514': String(tcp), '514"': `${udp}"` }),
  );
  await listening(tcp);
  start(
    'gateway',
    `module(load="imuxsock" SysSock.Use="off")\ninput(type="imuxsock" Socket="${join(folder, 'log')}")\n${recipe('rsyslog-gateway.conf', { 'collector.example.com': '127.0.0.1', '6514': String(tcp) })}`,
  );
  await until(() => existsSync(join(folder, 'log')), 'the socket of the gateway');
});

afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function start(name: 'gateway' | 'collector', configuration: string): void {
  const work = join(folder, name);
  mkdirSync(work);
  const file = join(work, 'rsyslog.conf');
  writeFileSync(file, `global(workDirectory="${work}" localHostname="${name}")\n${configuration}`);
  const checked = spawnSync(RSYSLOGD, ['-N1', '-f', file], { encoding: 'utf8' });
  expect(checked.stderr).not.toMatch(/error|warning|could not/i);
  const child = spawn(RSYSLOGD, ['-n', '-f', file, '-i', join(work, 'pid')], {
    stdio: 'ignore',
    env: { ...process.env, TZ: ZONES[name] },
  });
  running.push(child);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(port: number): Promise<void> {
  const table = () => readFileSync('/proc/net/tcp', 'utf8').includes(`:${port.toString(16).toUpperCase().padStart(4, '0')} `);
  await until(table, 'the port of the collector');
}

async function until(done: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    if (done()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not come`);
}

/** @returns the events of what the collector wrote of a program, when it has as many lines */
async function collected(program: string, lines: number): Promise<Event[]> {
  const where = join(folder, 'ike', program);
  const text = () =>
    (existsSync(where) ? readdirSync(where).map((name) => readFileSync(join(where, name), 'utf8')) : []).join('');
  await until(() => text().split('\n').length > lines, `${lines} lines of ${program}`);
  return (await parseText(text(), { now: new Date().toISOString() })).events;
}

const log = (message: string) =>
  expect(spawnSync('logger', ['-u', join(folder, 'log'), '-t', 'charon', '--id=809', message]).status).toBe(0);

test('an exchange comes from the gateway with its own times to the millisecond, whatever the zones, and is still joined', async () => {
  const before = Date.now();
  const lines = [
    '11[NET] received packet: from 198.51.100.66[4500] to 203.0.113.10[4500] (336 bytes)',
    "11[IKE] tried 1 shared key for 'gw.example.com' - 'site9.example.net\n', but MAC mismatched",
    '11[ENC] generating IKE_AUTH response 1 [ N(AUTH_FAILED) ]',
    '11[NET] sending packet: from 203.0.113.10[4500] to 198.51.100.66[4500] (80 bytes)',
  ];
  for (const line of lines) log(line);
  const events = await collected('charon', lines.length);
  expect(events.map(({ msg_type }) => msg_type)).toEqual([
    'packet_received',
    'auth_failure_reason',
    'auth_failed',
    'packet_sent',
  ]);
  expect(events[2]).toMatchObject({ host: 'gateway', program: 'charon', pid: 809, peer_ip: '198.51.100.66' });
  const times = events.map(({ timestamp }) => Date.parse(timestamp as string));
  expect(Math.min(...times)).toBeGreaterThanOrEqual(before - 1);
  expect(Math.max(...times)).toBeLessThanOrEqual(Date.now() + 1);
  expect(times.some((time) => time % 1000 !== 0)).toBe(true);
});

test('other programs of the gateway stay there', async () => {
  expect(spawnSync('logger', ['-u', join(folder, 'log'), '-t', 'cron', 'nothing of IKE']).status).toBe(0);
  log('11[IKE] IKE_SA deleted');
  await collected('charon', 5);
  expect(readdirSync(join(folder, 'ike'))).toEqual(['charon']);
});

test("a device's RFC 5424 keeps its zone and milliseconds; its RFC 3164 is taken for the collector's zone", async () => {
  const socket = createSocket('udp4');
  const text = 'KMD_DPD_PEER_DOWN: DPD detected peer 198.51.100.66 is dead';
  for (const record of [
    `<30>1 2026-07-04T10:21:11.590+10:00 srx1 kmd 9812 - - ${text}`,
    `<30>Jul  4 10:21:11 srx1 kmd[9812]: ${text}`,
  ])
    await new Promise((resolve) => socket.send(record, udp, '127.0.0.1', resolve));
  socket.close();
  const events = await collected('kmd', 2);
  expect(events.map(({ msg_type, peer_ip }) => [msg_type, peer_ip])).toEqual(Array(2).fill(['peer_dead', '198.51.100.66']));
  // Nepal is 5 h 45 min ahead of UTC, all the year
  expect(events.map(({ timestamp }) => (timestamp as string).slice(5))).toEqual(['07-04T00:21:11.590Z', '07-04T04:36:11.000Z']);
});
