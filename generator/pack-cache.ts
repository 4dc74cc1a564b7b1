/**
 * YAML and tries take most of a second, so what they become is kept in a file, keyed by a hash of the content and of the code that reads it. Without a
 * place to keep it, everything works and takes that second.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { EngineTables } from './engine/compile-engine.js';
import { contentFiles, type ContentFolder } from './load/content-files.js';
import type { Pack } from './model/pack.js';

export interface KeptPack {
  pack: Pack;
  tables: EngineTables;
  /** the content passed every check */
  checked: boolean;
}

const KEPT = 4;
const CODE = ['.', 'model', 'load', 'lower', 'engine', 'check'];

/** @returns what is kept of this very content, or undefined */
export function readKept(folders: readonly ContentFolder[]): KeptPack | undefined {
  const file = fileOf(folders);
  if (!file) return undefined;
  try {
    return deserialize(readFileSync(file)) as KeptPack;
  } catch {
    return undefined; // not there yet, or of another version of Node
  }
}

export function keep(folders: readonly ContentFolder[], kept: KeptPack): void {
  const file = fileOf(folders);
  if (!file) return;
  const folder = join(file, '..');
  try {
    mkdirSync(folder, { recursive: true });
    const others = readdirSync(folder)
      .filter((name) => name.endsWith('.pack'))
      .map((name) => join(folder, name))
      .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs);
    for (const old of others.slice(0, Math.max(0, others.length - KEPT + 1))) rmSync(old, { force: true });
    writeFileSync(`${file}.${process.pid}`, serialize(kept));
    renameSync(`${file}.${process.pid}`, file); // two processes may do this at once
  } catch {
    // a read-only home: nothing is kept
  }
}

function fileOf(folders: readonly ContentFolder[]): string | undefined {
  const base = process.env.XDG_CACHE_HOME || (homedir() ? join(homedir(), '.cache') : '');
  if (!base) return undefined;
  const hash = createHash('sha256').update(process.version);
  const code = fileURLToPath(new URL('.', import.meta.url));
  for (const folder of CODE) {
    for (const name of readdirSync(join(code, folder)).sort()) {
      const { mtimeMs, size } = statSync(join(code, folder, name));
      hash.update(`${folder}/${name} ${mtimeMs} ${size}\0`);
    }
  }
  for (const { path, shown } of contentFiles(folders)) hash.update(shown).update('\0').update(readFileSync(path)).update('\0');
  return join(base, 'ikeaudit', `${hash.digest('hex').slice(0, 32)}.pack`);
}
