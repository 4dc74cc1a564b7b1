/** The integration package, as its specification's own linter sees it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { loadPack } from '../../generator/compile.js';
import { emitElastic } from '../../generator/targets/elastic/emit.js';

const LINT = fileURLToPath(new URL('../../.cache/package-lint/package-lint', import.meta.url));
const PREPARE = fileURLToPath(new URL('../toolchain/prepare.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ikeaudit-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

function lint(change: (files: Map<string, string>) => void = () => {}): string {
  const files = emitElastic(loadPack());
  change(files);
  rmSync(join(folder, 'package'), { recursive: true, force: true });
  for (const [path, text] of files) {
    if (!path.startsWith('package/')) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  try {
    return execFileSync(LINT, [join(folder, 'package/ikev2')], { encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

it('is without fault', () => {
  execFileSync('node', [PREPARE, 'package-lint']);
  expect(lint()).toBe('');
});

it('would not be with a changelog of another version', () => {
  expect(
    lint((files) =>
      files.set('package/ikev2/changelog.yml', String(files.get('package/ikev2/changelog.yml')).replace('0.1.0', '0.0.9')),
    ),
  ).toContain('changelog');
});
