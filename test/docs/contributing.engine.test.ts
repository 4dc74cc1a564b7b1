/** CONTRIBUTING.md is run: its files are written, its entries pasted, its commands executed in a copy of the content, and their output compared. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CLI = join(ROOT, 'lib/cli.js');
const BLOCK = /(?:<!-- (file|below events: in)(?::)? (\S+) -->\n)?```(\w*)\n([\s\S]*?)```\n/g;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ikeaudit-contributing-'));
  for (const part of ['parsers', 'mappings', 'detections']) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, 'samples'), join(folder, 'samples'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const text = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
const sections = text
  .split(/^## /m)
  .slice(1)
  .map((section) => ({ title: section.split('\n')[0]!, section }));

describe.each(sections.filter(({ section }) => section.includes('```console')))('$title', ({ section }) => {
  const blocks = [...section.matchAll(BLOCK)].map(([, what, path, language, body]) => ({ what, path, language, body: body! }));
  const steps = blocks.flatMap(({ what, path, language, body }): { name: string; run: () => void }[] => {
    if (what === 'file') return [{ name: `write ${path}`, run: () => writeFileSync(join(folder, path!), body) }];
    if (what) return [{ name: `paste into ${path}`, run: () => paste(path!, body) }];
    return language === 'console'
      ? commandsOf(body).map(({ command, output }) => ({ name: command, run: () => execute(command, output) }))
      : [];
  });
  it.each(steps)('$name', ({ run }) => run());
});

function paste(path: string, entries: string): void {
  const file = join(folder, path);
  const before = readFileSync(file, 'utf8');
  expect(before).toMatch(/^events:\n/m);
  writeFileSync(
    file,
    before.replace(/^events:\n/m, (found) => found + entries),
  );
}

function commandsOf(body: string): { command: string; output: string }[] {
  return body
    .split(/^\$ /m)
    .slice(1)
    .map((part) => ({ command: part.slice(0, part.indexOf('\n')), output: part.slice(part.indexOf('\n') + 1) }));
}

function execute(command: string, expected: string): void {
  const [npx, ikeaudit, name, ...args] = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
  expect([npx, ikeaudit]).toEqual(['npx', 'ikeaudit']);
  const { stdout, stderr } = spawnSync(process.execPath, [CLI, name!, ...args, '--content', '.'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(`${stdout}${stderr}`).toMatch(patternOf(expected));
}

/** `…` alone on a line stands for any lines, within a line for any text. */
function patternOf(expected: string): RegExp {
  const escaped = expected.trimEnd().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^\\s*${escaped.replace(/(^|\n)…(?=\n|$)/g, '$1[\\s\\S]*?').replace(/…/g, '[^\\n]*?')}\\s*$`);
}
