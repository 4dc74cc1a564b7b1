import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

const LOG = 'samples/strongswan/psk-brute/gateway.log';
// each test starts the command once or more
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ikeaudit-audit-'));
  const log = readFileSync(LOG);
  writeFileSync(join(folder, 'whole.log.gz'), gzipSync(log));
  writeFileSync(join(folder, 'broken.log.gz'), gzipSync(log).subarray(0, 2000));
  copyFileSync(LOG, join(folder, 'gateway.log'));
  writeFileSync(join(folder, 'quiet.yml'), 'disabled: [authentication/auth-failures-from-one-peer]\n');
  writeFileSync(join(folder, 'wrong.yml'), 'profle: ietf\n');
  writeFileSync(join(folder, 'tables.yml'), 'assets: assets.csv\nchanges: changes.csv\n');
  writeFileSync(
    join(folder, 'assets.csv'),
    'peer,tag,owner\n198.51.100.64/29,"lab, second floor",network team\n203.0.113.0/24,other,nobody\n',
  );
  writeFileSync(join(folder, 'changes.csv'), 'from,to,what,ticket\n2026-11-24T05:30:00Z,,new preshared keys,CHG-17\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

function audit(args: string[], input?: string | Buffer, env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['lib/cli.js', 'audit', '--now', '2026-12-01T00:00:00Z', ...args],
    {
      input,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    },
  );
  return { status, stdout, stderr };
}
const json = (args: string[], input?: Buffer) => JSON.parse(audit(['--format', 'json', ...args], input).stdout);

describe('exit codes', () => {
  test.each<[string, string[], number]>([
    ['done, with findings that nobody asked to fail on', [LOG], 0],
    ['findings at the level', ['--fail-on', 'high', LOG], 1],
    ['findings above the level', ['--fail-on', 'low', LOG], 1],
    ['findings below the level only', ['--fail-on', 'critical', LOG], 0],
    ['a file that is not there', ['--fail-on', 'high', LOG, 'missing.log'], 2],
    ['a folder', ['samples'], 2],
  ])('%s', (_, args, status) => {
    expect(audit(args).status).toBe(status);
  });

  test.each<[string[], string]>([
    [['--profile', 'modrn', LOG], 'Did you mean "modern"?'],
    [['--fail-on', 'severe', LOG], 'informational, low, medium, high, critical'],
    [['--since', 'yesterday', LOG], '"yesterday" is no time'],
    [['--zone', 'Mars/Base', LOG], 'Unknown zone'],
    [['--parser', 'charn', LOG], 'Unknown parser "charn"'],
    [['--settings', 'no-such.yml', LOG], 'no-such.yml'],
    [['--baseline', 'no-such.json', LOG], 'no-such.json'],
    [['--baseline', 'package.json', LOG], 'It is not a baseline'],
  ])('%j is wrong usage', (args, message) => {
    const { status, stderr, stdout } = audit(args);
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([2, '']);
  });
});

describe('input', () => {
  test('gzip and standard input give what the file gives', () => {
    const whole = json([LOG]);
    for (const report of [json([join(folder, 'whole.log.gz')]), json(['-'], readFileSync(LOG))]) {
      expect(report.records).toEqual(whole.records);
      expect(report.findings.map(({ id }: { id: string }) => id)).toEqual(whole.findings.map(({ id }: { id: string }) => id));
    }
  });

  test('of a gzip file that breaks off, what came before is audited, and the code is 2', () => {
    const { status, stdout, stderr } = audit(['--format', 'json', join(folder, 'broken.log.gz')]);
    expect(status).toBe(2);
    expect(stderr).toContain('ends in the middle of its gzip data');
    expect(JSON.parse(stdout).records.read).toBeGreaterThan(50);
  });
});

describe('settings', () => {
  const options = (file: string) => ['--settings', join(folder, file), LOG];

  test('a disabled detection finds nothing', () => {
    const names = json(options('quiet.yml')).findings.map(({ detection }: { detection: string }) => detection);
    expect(names).not.toContain('authentication/auth-failures-from-one-peer');
  });

  test('a wrong key is told with its place', () => {
    const { status, stderr } = audit(options('wrong.yml'));
    expect(status).toBe(2);
    expect(stderr).toContain('Unknown key "profle". Did you mean "profile"?');
  });

  test('assets and changes answer guards', () => {
    const finding = json(options('tables.yml')).findings.find(
      ({ detection }: { detection: string }) => detection === 'authentication/auth-failures-from-one-peer',
    );
    const answers = finding.response.guards.map(({ answer, because }: Record<string, string>) => `${answer}: ${because}`);
    expect(answers).toContain('yes: 198.51.100.64/29: lab, second floor, owner network team');
    expect(audit(options('tables.yml')).stdout.replace(/\s+/g, ' ')).toContain('lab, second floor, owner network team');
  });
});

describe('text', () => {
  test('no colours and no progress where the output is a pipe, colours where they are forced, none where NO_COLOR forbids them', () => {
    const plain = audit([LOG]);
    expect(plain.stdout).not.toContain('\u001b');
    expect(plain.stderr).toBe('');
    expect(audit([LOG], undefined, { FORCE_COLOR: '1', NO_COLOR: '' }).stdout).toContain('\u001b[');
    expect(audit([LOG], undefined, { FORCE_COLOR: '1', NO_COLOR: '1' }).stdout).not.toContain('\u001b');
  });

  test('control bytes and marks of direction of a log never reach the terminal', () => {
    const log = readFileSync('samples/strongswan/psk-brute/gateway.log', 'utf8').replaceAll(
      'site9.example.net',
      'e\u001b[31mve\u202e\u0007.example.net',
    );
    const { stdout } = audit(['-'], log);
    expect(stdout).toContain('\\x1b[31m');
    expect(stdout).toContain('\\u202e');
    expect(stdout.replace(/\n/g, '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  });
});
