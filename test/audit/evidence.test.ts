import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 60_000 });

const LOG = 'samples/strongswan/psk-brute/gateway.log';
const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ikeaudit-evidence-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(args: string[]) {
  return spawnSync(process.execPath, ['lib/cli.js', ...args, '--now', '2026-12-01T00:00:00Z'], { encoding: 'utf8' });
}

function findingOf(file: string): string {
  const { findings } = JSON.parse(run(['audit', '--format', 'json', file]).stdout) as {
    findings: { id: string; detection: string }[];
  };
  return findings.find(({ detection }) => detection === 'authentication/auth-failures-from-one-peer')!.id;
}

test('the records are those of the file, byte for byte, and their hashes are right', () => {
  const out = join(folder, 'case');
  const { status, stdout } = run(['evidence', LOG, '--finding', findingOf(LOG).slice(0, 8), '--out', out]);
  expect([status, stdout]).toEqual([0, expect.stringContaining('12 records of 1 file')]);
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
  const lines = readFileSync(LOG, 'latin1').split('\n');
  expect(manifest.sources).toEqual([
    {
      path: expect.stringMatching(/psk-brute.gateway\.log$/),
      bytes: readFileSync(LOG).length,
      sha256: sha256(readFileSync(LOG)),
    },
  ]);
  expect(manifest.records).toHaveLength(12);
  for (const { line, sha256: told } of manifest.records) expect(told).toBe(sha256(Buffer.from(lines[line - 1]!, 'latin1')));
  expect(readFileSync(join(out, 'records.log'), 'latin1')).toBe(
    `${manifest.records.map(({ line }: { line: number }) => lines[line - 1]).join('\n')}\n`,
  );
  expect(manifest).toMatchObject({
    complete: true,
    finding: { detection: 'authentication/auth-failures-from-one-peer', count: 12 },
  });
  expect(spawnSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: out }).status).toBe(0);
});

test('bytes that are no UTF-8 are kept as they are, and gzip is hashed as it is stored', () => {
  const bytes = readFileSync(LOG);
  const broken = Buffer.concat([Buffer.from('Nov 24 06:00:00 gw other: \xff\xfe\n', 'latin1'), bytes]);
  const file = join(folder, 'broken.log.gz');
  writeFileSync(file, gzipSync(broken));
  const out = join(folder, 'gzip');
  expect(run(['evidence', file, '--finding', findingOf(file), '--out', out]).status).toBe(0);
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
  expect(manifest.sources[0].sha256).toBe(sha256(readFileSync(file)));
  expect(manifest.records[0].sha256).toBe(
    sha256(Buffer.from(broken.toString('latin1').split('\n')[manifest.records[0].line - 1]!, 'latin1')),
  );
});

test.each([
  [['--finding', 'ffffffff'], 'is no finding of these files'],
  [['--finding', ''], 'is the beginning of'],
])('%j is wrong usage', (args, message) => {
  const { status, stderr } = run(['evidence', LOG, ...args, '--out', join(folder, 'none')]);
  expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('nothing is written over', () => {
  const full = join(folder, 'full');
  expect(run(['evidence', LOG, '--finding', findingOf(LOG), '--out', full]).status).toBe(0);
  const again = run(['evidence', LOG, '--finding', findingOf(LOG), '--out', full]);
  expect([again.status, again.stderr]).toEqual([2, expect.stringContaining('is not empty')]);
});
