/** The package as npm makes it, installed into an empty folder: it brings what its commands need. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { charonLog } from '../support/parse-text.js';
import { transcriptSteps } from '../support/transcript.js';

let folder: string;
let tarball: string;
let home: string;

function run(command: string, args: string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') },
  });
  return { status, stdout, stderr };
}

const ikeaudit = (args: string[]) => run(join(home, 'node_modules/.bin/ikeaudit'), args, home);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ikeaudit-package-'));
  home = join(folder, 'elsewhere');
  mkdirSync(home);
  const packed = run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], '.');
  expect(packed.status, packed.stderr).toBe(0);
  tarball = join(folder, /"filename": "([^"]+)"/.exec(packed.stdout)![1]!);
  writeFileSync(join(home, 'package.json'), '{ "private": true }');
  const installed = run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], home);
  expect(installed.status, installed.stderr).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the package is small', () => {
  expect(statSync(tarball).size).toBeLessThan(2_000_000);
});

test('it brings no tests, no samples and nothing for developers', () => {
  const installed = join(home, 'node_modules/ikeaudit');
  for (const name of ['test', 'samples', 'docs', 'node_modules/vitest'])
    expect(existsSync(join(installed, name)), name).toBe(false);
  expect(existsSync(join(home, 'node_modules/vitest'))).toBe(false);
});

describe('installed elsewhere', () => {
  const GUESSING = Array.from({ length: 12 }, (_, i) => `Nov 24 06:0${Math.floor(i / 6)}:${(i % 6) * 10 + 5} fw1`)
    .map((time) => [
      `${time} charon[7]: 05[NET] received packet: from 198.51.100.66[500] to 203.0.113.10[500] (336 bytes)`,
      `${time} charon[7]: 05[ENC] generating IKE_AUTH response 1 [ N(AUTH_FAILED) ]`,
      `${time} charon[7]: 05[NET] sending packet: from 203.0.113.10[500] to 198.51.100.66[500] (80 bytes)`,
    ])
    .flat()
    .join('\n');

  test('audit finds what is in a log, as JSON and as one page', () => {
    writeFileSync(join(home, 'gateway.log'), GUESSING);
    const json = ikeaudit(['audit', '--format', 'json', '--now', '2026-11-24T12:00:00Z', 'gateway.log']);
    expect(json.status, json.stderr).toBe(0);
    expect(
      (JSON.parse(json.stdout) as { findings: { detection: string }[] }).findings.map(({ detection }) => detection),
    ).toContain('authentication/auth-failures-from-one-peer');
    const page = ikeaudit(['audit', '--format', 'html', 'gateway.log']);
    expect(page.status, page.stderr).toBe(0);
    expect(page.stdout).toContain('</html>');
  });

  test('explain knows the targets', () => {
    const { status, stdout } = ikeaudit(['explain', charonLog('05[IKE] 198.51.100.1 is initiating an IKE_SA')]);
    expect(status).toBe(0);
    expect(stdout).toContain('ike_init_received');
    for (const target of ['splunk', 'elastic', 'sigma']) expect(stdout).toContain(`\n${target}\n`);
  });

  test('build writes all targets', () => {
    const { status, stderr } = ikeaudit(['build']);
    expect(status, stderr).toBe(0);
    expect(readFileSync(join(home, 'dist/splunk/TA-ikeaudit/default/props.conf'), 'utf8')).toContain('[strongswan:charon]');
    expect(existsSync(join(home, 'dist/elastic/pipelines/ikeaudit-charon.json'))).toBe(true);
    expect(existsSync(join(home, 'dist/sigma/pipelines/ikeaudit-ecs.yml'))).toBe(true);
  });

  test('release, check, test and anonymize have what they need', () => {
    expect(ikeaudit(['release']).status).toBe(0);
    expect(ikeaudit(['check']).status).toBe(0);
    expect(ikeaudit(['test'])).toMatchObject({ status: 0, stdout: expect.stringContaining('which only a checkout has') });
    expect(ikeaudit(['anonymize', 'gateway.log'])).toMatchObject({ status: 0 });
  });
});

describe('docs/own-content.md', () => {
  const text = readFileSync('docs/own-content.md', 'utf8');
  const steps = transcriptSteps(
    text,
    () => home,
    (args) => {
      const { stdout, stderr } = ikeaudit(args);
      return `${stdout}${stderr}`;
    },
  );
  it.each(steps)('$name', ({ run: step }) => step());
});
