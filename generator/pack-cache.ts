/**
 * YAML and tries take most of a second, so what they become is kept in a file, keyed by a hash of the content and of the code that reads it. Without a
 * place to keep it, everything works and takes that second.
 */
import { createHash, type Hash } from 'node:crypto';
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
const KEPT_CHECKS = 500;
const CODE = ['.', 'model', 'load', 'lower', 'engine', 'check'];
const CODE_AT = fileURLToPath(new URL('.', import.meta.url));

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

/** Checks of the targets' output that were passed, by what they read: so that one parser's change does not check all parsers again. */
export class PassedChecks {
  private readonly file: string | undefined;
  private readonly before: Set<string>;
  private readonly now = new Set<string>();
  private readonly hashes = new Map<object, string>();
  private readonly code: string;

  constructor() {
    const base = cacheFolder();
    this.file = base && join(base, 'passed.json');
    this.before = new Set(this.file ? readList(this.file) : []);
    const hash = createHash('sha256').update(process.version);
    hashCode(hash, readdirSync(CODE_AT, { recursive: true, encoding: 'utf8' }));
    this.code = hash.digest('hex');
  }

  has(reads: object[]): boolean {
    const key = this.keyOf(reads);
    if (this.before.has(key)) this.now.add(key);
    return this.before.has(key);
  }

  add(reads: object[]): void {
    this.now.add(this.keyOf(reads));
  }

  /** Those of this run come first: of others, which may be another checkout's, a few are kept. */
  keep(): void {
    if (!this.file) return;
    try {
      mkdirSync(join(this.file, '..'), { recursive: true });
      const all = [...this.now, ...[...this.before].filter((key) => !this.now.has(key))].slice(0, KEPT_CHECKS);
      writeFileSync(`${this.file}.${process.pid}`, JSON.stringify(all));
      renameSync(`${this.file}.${process.pid}`, this.file);
    } catch {
      // a read-only home: nothing is kept
    }
  }

  private keyOf(reads: object[]): string {
    const hash = createHash('sha256').update(this.code);
    for (const part of reads) {
      let known = this.hashes.get(part);
      if (known === undefined)
        this.hashes.set(part, (known = createHash('sha256').update(JSON.stringify(part, openMaps)).digest('hex')));
      hash.update(known);
    }
    return hash.digest('hex').slice(0, 32);
  }
}

function openMaps(_: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}

function readList(file: string): string[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as string[];
  } catch {
    return []; // not there yet
  }
}

function cacheFolder(): string | undefined {
  const base = process.env.XDG_CACHE_HOME || (homedir() ? join(homedir(), '.cache') : '');
  return base ? join(base, 'ikeaudit') : undefined;
}

function hashCode(hash: Hash, names: string[]): void {
  for (const name of names.sort()) {
    const { mtimeMs, size } = statSync(join(CODE_AT, name));
    hash.update(`${name} ${mtimeMs} ${size}\0`);
  }
}

function fileOf(folders: readonly ContentFolder[]): string | undefined {
  const base = cacheFolder();
  if (!base) return undefined;
  const hash = createHash('sha256').update(process.version);
  for (const folder of CODE) {
    hashCode(
      hash,
      readdirSync(join(CODE_AT, folder)).map((name) => `${folder}/${name}`),
    );
  }
  for (const { path, shown } of contentFiles(folders)) hash.update(shown).update('\0').update(readFileSync(path)).update('\0');
  return join(base, `${hash.digest('hex').slice(0, 32)}.pack`);
}
