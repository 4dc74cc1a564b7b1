/** `npm run release`: what it writes, and that the same content gives the same bytes wherever it runs. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import { parseTar } from 'nanotar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ikeaudit-release-'));
  // another day, zone, language and no pack kept from before must change nothing
  release('first', { TZ: 'America/New_York', LANG: 'C' });
  release('second', { TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8', XDG_CACHE_HOME: join(folder, 'cache') });
});
afterAll(() => rmSync(folder, { recursive: true }));

function release(name: string, environment: Record<string, string>): void {
  const { status, stderr } = spawnSync(process.execPath, ['lib/cli.js', 'release', '--out', join(folder, name)], {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
}

const read = (name: string, run = 'first') => readFileSync(join(folder, run, name));
const unzipped = (name: string) => Object.keys(unzipSync(read(name)));

test('a release holds these files', () => {
  expect(readdirSync(join(folder, 'first'))).toEqual([
    'CHANGES.md',
    'SHA256SUMS',
    'ikeaudit-elastic-rules.ndjson',
    'ikeaudit-elastic.zip',
    'ikeaudit-sigma.zip',
    'ikeaudit-splunk-addon.spl',
    'ikeaudit-splunk-app.spl',
  ]);
});

test('two runs write the same bytes', () => {
  for (const name of readdirSync(join(folder, 'first'))) expect(read(name).equals(read(name, 'second')), name).toBe(true);
});

test('sha256sum agrees', () => {
  const { status, stdout } = spawnSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], {
    cwd: join(folder, 'first'),
    encoding: 'utf8',
  });
  expect(stdout.trim().split('\n')).toHaveLength(6);
  expect(status).toBe(0);
});

describe('what is in it', () => {
  test.each([
    ['ikeaudit-splunk-addon.spl', 'TA-ikeaudit/default/props.conf'],
    ['ikeaudit-splunk-app.spl', 'ikeaudit/default/savedsearches.conf'],
  ])('%s is a gzipped tar with %s', (name, path) => {
    expect(parseTar(gunzipSync(read(name))).map((file) => file.name)).toContain(path);
  });

  test.each([
    ['ikeaudit-elastic.zip', 'pipelines/ikeaudit-charon.json'],
    ['ikeaudit-elastic.zip', 'LICENSE'],
    ['ikeaudit-sigma.zip', 'pipelines/ikeaudit-ecs.yml'],
    ['ikeaudit-sigma.zip', 'rules/authentication/correlation_ike_auth_failures_from_one_peer.yml'],
    ['ikeaudit-sigma.zip', 'LICENSE'],
  ])('%s has %s below its own folder', (name, path) => {
    const folderOf = name.replace('.zip', '/');
    expect(unzipped(name)).toContain(folderOf + path);
    expect(unzipped(name).filter((entry) => !entry.startsWith(folderOf))).toEqual([]);
  });

  test('every line of the rules is a detection rule', () => {
    const lines = read('ikeaudit-elastic-rules.ndjson').toString().trim().split('\n');
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('rule_id');
  });

  test("the changelog's section of this version, and no other", () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const changes = read('CHANGES.md').toString();
    expect(changes.split('\n')[0]).toBe(`## ${version}`);
    expect(changes.match(/^## /gm)).toHaveLength(1);
  });
});
