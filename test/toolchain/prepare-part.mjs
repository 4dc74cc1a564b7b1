// One part: skipped while its stamp holds the hash of its inputs, else made anew under a lock. The stamp is written last,
// so a part that failed, or whose process died, has none.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { takeLock } from './take-lock.mjs';

/**
 * @typedef {object} Part
 * @property {string} name
 * @property {string} means what the tests need it for, in a few words
 * @property {string[]} inputs files that decide what it holds
 * @property {(folder: string) => Promise<void>} prepare fills its folder, which is empty
 */

/** Out of git, beside the sources. */
export const cacheFolder = join(import.meta.dirname, '../../.cache');

/** @param {Part} part */
export async function preparePart(part, cache = cacheFolder) {
  const stamp = join(cache, `${part.name}.stamp`);
  const hash = hashInputs(part, cache);
  if (readStamp(stamp) === hash) return;

  mkdirSync(cache, { recursive: true });
  const release = await takeLock(join(cache, `${part.name}.lock`), () => say(part, 'waiting for another run'));
  try {
    // The run that we waited for may have done the work.
    if (readStamp(stamp) === hash) return;
    say(part, `preparing ${part.means}`);
    const start = Date.now();
    const folder = join(cache, part.name);
    rmSync(stamp, { force: true });
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    await part.prepare(folder);
    writeFileSync(stamp, hash);
    say(part, `ready after ${((Date.now() - start) / 1000).toFixed(0)} s`);
  } finally {
    release();
  }
}

/** The cache's own path counts: a Python environment does not survive a move. @param {Part} part */
function hashInputs(part, cache) {
  const hash = createHash('sha256').update(cache);
  for (const input of part.inputs) hash.update('\0').update(readFileSync(input));
  return hash.digest('hex');
}

function readStamp(stamp) {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return undefined;
  }
}

/** @param {Part} part */
function say(part, text) {
  process.stderr.write(`${part.name}: ${text}\n`);
}
