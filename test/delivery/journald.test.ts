/** The journald recipe, on a journal that systemd-journal-remote makes from a recorded export. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseText } from '../support/parse-text.js';
import { needs } from './needs.js';
import { recipe } from './recipe.js';

const REMOTE = needs('systemd-journal-remote', 'systemd-journal-remote');
needs('journalctl', 'systemd');

const RECORDED = 'samples/strongswan/psk-brute.journal/gateway.journal.jsonl';
type Record_ = Record<string, string | number[] | null>;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ikeaudit-journal-'));
  writeFileSync(join(folder, 'export'), exported(readFileSync(RECORDED, 'utf8')));
  const made = spawnSync(REMOTE, ['-o', join(folder, 'test.journal'), join(folder, 'export')], { encoding: 'utf8' });
  expect([made.status, made.stderr]).toEqual([0, expect.stringContaining('Finishing')]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The journal's export format: a field a line, an empty line behind each record; what holds a newline or is no text has its length in front. */
function exported(jsonl: string): Buffer {
  const records = jsonl
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record_);
  return Buffer.concat(
    records.flatMap((record) => [
      ...Object.entries(record).flatMap(([name, value]) => (value === null ? [] : [field(name, value)])),
      Buffer.from('\n'),
    ]),
  );
}

function field(name: string, value: string | number[]): Buffer {
  const bytes = Buffer.from(value as string);
  if (typeof value === 'string' && !value.includes('\n')) return Buffer.from(`${name}=${value}\n`);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n')]);
}

/** Runs what the unit's ExecStart runs, on our journal and to its end instead of following the machine's. @returns the events that it wrote */
function runUnit(): Record<string, unknown>[] {
  const unit = recipe('ikeaudit-journal.service', {
    'journalctl --follow': `journalctl --file=${join(folder, 'test.journal')}`,
    '/var/lib/ikeaudit/cursor': join(folder, 'cursor'),
    '| ikeaudit': `| ${process.execPath} lib/cli.js`,
    '/var/log/ikeaudit/events.ndjson': join(folder, 'events.ndjson'),
  });
  const command = /^ExecStart=\/bin\/sh -c '(.*)'$/m.exec(unit)![1]!;
  const ran = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8', env: { ...process.env, TZ: 'Asia/Kolkata' } });
  expect([ran.status, ran.stderr]).toEqual([0, '']);
  return readFileSync(join(folder, 'events.ndjson'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('the journal gives the events that its export gave, with their fields and microseconds, and the next start goes on behind them', async () => {
  const recorded = (await parseText(readFileSync(RECORDED), { format: 'ecs' })).events;
  const events = runUnit();
  expect(events.length).toBeGreaterThan(100);
  expect(events).toEqual(recorded);
  expect(events.filter((event) => !String(event['@timestamp']).endsWith('.000Z')).length).toBeGreaterThan(events.length / 2);
  expect(events.some((event) => event['process.thread.id'] !== undefined)).toBe(true);
  expect(existsSync(join(folder, 'cursor'))).toBe(true);
  expect(runUnit()).toHaveLength(events.length);
});
