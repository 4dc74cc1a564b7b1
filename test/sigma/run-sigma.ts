/** Runs sigma-cli of the test toolchain on emitted files, in a folder of its own. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SIGMA = fileURLToPath(new URL('../../.cache/venv/bin/sigma', import.meta.url));

/** @returns a new folder that holds the files. The caller removes it. */
export function writeFiles(files: Map<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'ikeaudit-sigma-'));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** @returns what `sigma` printed on standard output. @throws with all that it printed, where it fails */
export function runSigma(folder: string, args: string[]): Promise<string> {
  if (!existsSync(SIGMA)) throw new Error('sigma-cli is not prepared. Run: node test/toolchain/prepare.mjs venv');
  // Without a home of its own it would read what a developer's own sigma-cli once downloaded, and pass there only.
  const env = { ...process.env, HOME: folder, NO_COLOR: '1' };
  return new Promise((resolve, reject) => {
    execFile(SIGMA, args, { cwd: folder, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`"sigma ${args.join(' ')}" failed:\n${stdout}\n${stderr}`));
      else resolve(stdout);
    });
  });
}
