/** `ikeaudit anonymize`: a log with pseudonyms. The log is read twice: names that one line tells are replaced in all others. */
import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Anonymizer, type NamedText } from '../anonymize/anonymize.js';
import { foreignAddresses } from '../check/check-addresses.js';
import { outputFormat } from '../engine/formats.js';
import { RecordParser } from '../engine/parse-records.js';
import { Renderer } from '../engine/render.js';
import { InputError, openSource, type Source } from '../engine/source.js';
import type { Engine } from '../engine/compile-engine.js';
import { forcedParser } from './parse.js';
import { engineOf } from './engine-of.js';

/** Fields that name somebody, and the kind of pseudonym. */
const NAMES: Record<string, string> = {
  user_identity: 'user',
  peer_id: 'id',
  local_id: 'id',
  secret_id: 'id',
  cert_subject: 'cert',
  cert_issuer: 'cert',
  ca: 'ca',
  connection: 'conn',
  child: 'child',
  pool: 'pool',
  group: 'group',
  host: 'gw',
  peer_host: 'host',
};

export interface AnonymizeCommandOptions {
  secret?: string;
  parser?: string;
  content?: string;
}

export async function anonymizeCommand(file: string, options: AnonymizeCommandOptions): Promise<number> {
  const engine = await engineOf(options.content);
  const anonymizer = new Anonymizer(options.secret === undefined ? randomBytes(32) : Buffer.from(options.secret));
  const folder = file === '-' ? mkdtempSync(join(tmpdir(), 'ikeaudit-')) : undefined;
  try {
    const path = folder ? join(folder, 'input.log') : file;
    if (folder) await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }));
    await learnNames(engine, path, anonymizer, options.parser);
    const left = await rewrite(path, anonymizer);
    if (left > 0)
      process.stderr.write(`ikeaudit: ${left} addresses could not be replaced: look for them before you share the log.\n`);
    return left > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    process.stderr.write(`ikeaudit: ${error.message}\n`);
    return 2;
  } finally {
    if (folder) rmSync(folder, { recursive: true });
  }
}

async function learnNames(engine: Engine, path: string, anonymizer: Anonymizer, parserName: string | undefined): Promise<void> {
  const literal = literalWords(engine);
  const renderer = new Renderer(engine, outputFormat(engine.pack, 'neutral'), (output) => {
    for (const line of output.toString('utf8').split('\n')) if (line) anonymizer.learn(namesOf(JSON.parse(line), literal));
    return Promise.resolve();
  });
  const parser = new RecordParser(engine, renderer, {
    clock: { now: Date.now(), zone: 'UTC' },
    stitch: false,
    include: new Set(['other']),
    forced: forcedParser(engine, parserName),
  });
  await withSource(path, (source) => parser.parse(source));
  await parser.finish();
}

/** A name that is also a word of the vendor's own lines would change what they say. */
function namesOf(event: Record<string, unknown>, literal: ReadonlySet<string>): NamedText[] {
  return Object.entries(NAMES).flatMap(([field, kind]) => {
    const value = event[field];
    return (Array.isArray(value) ? value : [value]).flatMap((text) =>
      typeof text === 'string' && !literal.has(text.toLowerCase()) ? [{ text, kind }] : [],
    );
  });
}

function literalWords({ pack }: Engine): Set<string> {
  const words = new Set<string>();
  for (const { entries } of pack.parsers) {
    for (const { template } of entries) {
      for (const part of template.parts) {
        if (part.kind === 'literal') for (const word of part.text.match(/[A-Za-z][\w-]*/g) ?? []) words.add(word.toLowerCase());
      }
    }
  }
  return words;
}

/** @returns how many addresses that may be somebody's are left */
async function rewrite(path: string, anonymizer: Anonymizer): Promise<number> {
  let left = 0;
  await withSource(path, async (source) => {
    let buffer = Buffer.alloc(1 << 20);
    let filled = 0;
    for (;;) {
      const count = await source.read(buffer, filled);
      filled += count;
      let end = count === 0 ? filled : buffer.lastIndexOf(10, filled - 1) + 1;
      if (end === 0 && filled === buffer.length) end = filled;
      const text = buffer.toString('utf8', 0, end);
      if (text) {
        const changed = text.split('\n').map((line) => anonymizer.line(line));
        left += changed.reduce((sum, line) => sum + foreignAddresses(line).length, 0);
        process.stdout.write(changed.join('\n'));
      }
      buffer.copy(buffer, 0, end, filled);
      filled -= end;
      if (count === 0) return;
      if (filled > buffer.length / 2) buffer = Buffer.concat([buffer, Buffer.alloc(buffer.length)]);
    }
  });
  return left;
}

async function withSource(path: string, use: (source: Source) => Promise<void>): Promise<void> {
  const source = await openSource(path);
  try {
    await use(source);
  } finally {
    await source.close();
  }
}
