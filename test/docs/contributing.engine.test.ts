/** CONTRIBUTING.md is run, in a copy of the content. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { transcriptSteps } from '../support/transcript.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ikeaudit-contributing-'));
  for (const part of ['parsers', 'mappings', 'detections']) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, 'samples'), join(folder, 'samples'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const sections = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((section) => ({ title: section.split('\n')[0]!, section }));

describe.each(sections.filter(({ section }) => section.includes('```console')))('$title', ({ section }) => {
  it.each(transcriptSteps(section, () => folder, ikeaudit))('$name', ({ run }) => run());
});

function ikeaudit(args: string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'lib/cli.js'), ...args, '--content', '.'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return `${stdout}${stderr}`;
}
