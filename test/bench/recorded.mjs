// Recorded lines for benches, each with the entry that reads it; and a parser with some of its entries.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/**
 * @typedef {{ text: string, entry: any }} Read
 * @param {any} engine
 * @param {any} RecordReader its class, of the library that is measured
 * @returns {Read[]} the parser's events and noise of these files, with the entries that read them
 */
export function readRecorded(engine, RecordReader, /** @type {string} */ name, /** @type {RegExp} */ files) {
  const reader = new RecordReader(engine, { now: Date.UTC(2026, 11, 1), zone: 'UTC' });
  const found = [];
  for (const path of execFileSync('git', ['ls-files', 'samples'], { cwd: ROOT, encoding: 'utf8' }).split('\n')) {
    if (!files.test(path)) continue;
    for (const text of readFileSync(join(ROOT, path), 'latin1').split(/\r?\n/)) {
      const entry = entryOf(reader, name, text);
      if (entry) found.push({ text, entry });
    }
  }
  return found;
}

/** @returns what reads the line; undefined where nothing of the parser does */
export function entryOf(/** @type {any} */ reader, /** @type {string} */ name, /** @type {string} */ text) {
  const bytes = Buffer.from(text, 'latin1');
  if (!bytes.length) return undefined;
  reader.leaf = undefined;
  reader.read(bytes, 0, bytes.length);
  return reader.leaf && reader.process.compiled.parser.name === name ? reader.leaf.entry : undefined;
}

/** @returns {any[]} the parser's entries, the most used first */
export function byUse(/** @type {any} */ parser, /** @type {Read[]} */ read) {
  const seen = new Map();
  for (const { entry } of read) seen.set(entry, (seen.get(entry) ?? 0) + 1);
  return [...parser.entries].sort((a, b) => (seen.get(b) ?? 0) - (seen.get(a) ?? 0));
}

/** @returns the parser with these entries alone, in its order */
export function withEntries(/** @type {any} */ parser, /** @type {any[]} */ some) {
  const kept = new Set(some);
  return { ...parser, entries: parser.entries.filter((/** @type {any} */ entry) => kept.has(entry)) };
}

/** @returns {Read[]} so many, evenly taken */
export function sample(/** @type {Read[]} */ read, /** @type {number} */ most) {
  const every = Math.max(1, read.length / most);
  return Array.from({ length: Math.min(most, read.length) }, (_, i) => /** @type {Read} */ (read[Math.floor(i * every)]));
}
