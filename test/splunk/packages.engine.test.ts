/** Splunk's own checks of the packages: AppInspect as Splunk Cloud runs it and with every check, and ksconf. They see no search; app.test.ts does. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSplunk } from '../../generator/targets/splunk/emit.js';
import { pack } from './support/built.js';

const BIN = fileURLToPath(new URL('../../.cache/splunk-venv/bin/', import.meta.url));
const APPS = ['TA-ikeaudit', 'ikeaudit'];
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'ikeaudit-splunk-'));
const files = buildSplunk(pack);

beforeAll(() => {
  if (!existsSync(BIN)) throw new Error("Splunk's tools are not prepared. Run: node test/toolchain/prepare.mjs splunk-venv");
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Report {
  summary: Record<string, number>;
  reports: { groups: { checks: { name: string; result: string; messages: { message: string }[] }[] }[] }[];
}

async function inspect(app: string, tags: string[]): Promise<string[]> {
  const output = join(folder, `${app}${tags.length}.json`);
  const mode = ['--mode', 'precert', '--skip-trusted-libraries-update', '--ci', '--max-messages', 'all'];
  await run(join(BIN, 'splunk-appinspect'), ['inspect', join(folder, `${app}.spl`), ...mode, ...tags, '--output-file', output], {
    cwd: folder,
    env: { ...process.env, HOME: folder },
  });
  const { summary, reports } = JSON.parse(readFileSync(output, 'utf8')) as Report;
  expect(summary.success).toBeGreaterThan(50);
  const checks = reports.flatMap(({ groups }) => groups.flatMap((group) => group.checks));
  return checks
    .filter(({ result }) => ['error', 'failure', 'warning', 'future_failure', 'manual_check'].includes(result))
    .map(({ name, result, messages }) => `${result} ${name}: ${messages.map(({ message }) => message).join(' ')}`);
}

describe.each(APPS)('%s.spl', (app) => {
  it('passes AppInspect with the checks of Splunk Cloud', async () => {
    expect(await inspect(app, ['--included-tags', 'cloud'])).toEqual([]);
  });
  it('passes AppInspect with all checks', async () => {
    expect(await inspect(app, [])).toEqual([]);
  });
});

it('ksconf reads every .conf file', async () => {
  const confs = [...files.keys()].filter((path) => path.endsWith('.conf'));
  const { stdout, stderr } = await run(join(BIN, 'ksconf'), ['check', ...confs], {
    cwd: folder,
    env: { ...process.env, HOME: folder },
  });
  expect(stdout + stderr).toMatch(new RegExp(`${confs.length} files were parsed successfully`));
});
