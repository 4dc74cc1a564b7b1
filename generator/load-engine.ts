/**
 * The engine for reading logs, fast to start: YAML and tries take most of a second, so what they become is kept in a file, keyed by the content's hash.
 * Without a place to keep it, everything works and takes that second.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { BUILT_IN_CONTENT, contentFiles, loadContent } from './load/load-content.js';
import { lower } from './lower/lower.js';
import { compileEngine, type Engine, engineTables } from './engine/compile-engine.js';

/** @param root folder of the content. @returns the engine; content is not checked here, `check` and `build` do that */
export function loadEngine(root: string = BUILT_IN_CONTENT): Engine {
  const file = cacheFile(root);
  if (file) {
    try {
      const { pack, tables } = deserialize(readFileSync(file));
      return compileEngine(pack, tables);
    } catch {
      // not there yet, or of another version of Node: made anew
    }
  }
  const engine = compileEngine(lower(loadContent(root).documents).pack);
  if (file) keep(file, serialize({ pack: engine.pack, tables: engineTables(engine) }));
  return engine;
}

/** The name holds a hash of all content and of this code's version. */
function cacheFile(root: string): string | undefined {
  const base = process.env.XDG_CACHE_HOME || (homedir() ? join(homedir(), '.cache') : '');
  if (!base) return undefined;
  const hash = createHash('sha256').update(process.version).update(readFileSync(new URL(import.meta.url)));
  for (const path of contentFiles(root)) hash.update(path).update('\0').update(readFileSync(path)).update('\0');
  return join(base, 'ikeaudit', `${hash.digest('hex').slice(0, 32)}.pack`);
}

const KEPT = 4;

function keep(file: string, bytes: Buffer): void {
  const folder = join(file, '..');
  try {
    mkdirSync(folder, { recursive: true });
    const others = readdirSync(folder).filter((name) => name.endsWith('.pack'));
    for (const name of others.slice(0, Math.max(0, others.length - KEPT + 1))) rmSync(join(folder, name), { force: true });
    writeFileSync(`${file}.${process.pid}`, bytes);
    renameSync(`${file}.${process.pid}`, file); // two processes may do this at once
  } catch {
    // a read-only home: no cache
  }
}
