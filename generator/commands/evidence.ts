/** `ikeaudit evidence`: the records of one finding, byte for byte, with hashes, ready to be kept. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { openSource } from '../engine/source.js';
import { findingJson } from '../report/report-json.js';
import { auditFiles, type ReadOptions } from './audit.js';
import { UsageError } from './usage-error.js';

export interface EvidenceCommandOptions extends ReadOptions {
  finding: string;
  out: string;
}

/** Records of a finding that are kept at most. */
const MOST_RECORDS = 100_000;
const CHUNK = 1 << 20;

/** What is known of one source after it was read once more. */
interface Reread {
  sha256: string;
  bytes: number;
  lines: Map<number, Buffer>;
}

/** @returns the exit code: 0; 2 where an input could not be read, the finding is not there, or the folder is not empty */
export async function evidenceCommand(files: string[], options: EvidenceCommandOptions): Promise<number> {
  if (files.includes('-')) throw new UsageError('Evidence is read twice, and standard input can be read once: name a file.');
  if (existsSync(options.out) && readdirSync(options.out).length)
    throw new UsageError(`${options.out} is not empty. Evidence is written once, and never over something else.`);
  const { result, unreadable } = await auditFiles(files, options, MOST_RECORDS);
  if (unreadable) return 2;
  const found = result.findings.filter(({ finding: { id } }) => id.startsWith(options.finding));
  const [judged] = found;
  if (!judged || found.length > 1) {
    const what = judged ? `is the beginning of ${found.length} findings` : 'is no finding of these files';
    throw new UsageError(`"${options.finding}" ${what}. "ikeaudit audit --format json" names them all.`);
  }
  const { finding } = judged;
  const sources = new Map<number, Reread>();
  for (const file of new Set(finding.evidence.map((sighting) => sighting.file))) {
    const wanted = new Set(finding.evidence.filter((one) => one.file === file).map(({ line }) => line));
    sources.set(file, await reread(files[file]!, wanted));
  }
  const records = finding.evidence.map(({ file, line, time }) => ({
    file,
    line,
    time,
    bytes: sources.get(file)!.lines.get(line)!,
  }));
  const log = Buffer.concat(records.flatMap(({ bytes }) => [bytes, Buffer.from('\n')]));
  const { evidence: _, ...told } = findingJson(judged, result.files);
  const manifest = {
    made_by: `ikeaudit ${version()}`,
    made_at: new Date().toISOString(),
    finding: told,
    how: {
      zone: result.zone,
      now: new Date(result.now).toISOString(),
      profile: result.profile,
      assumed: result.assumed,
      settings: options.settings === undefined ? undefined : hashOfFile(options.settings),
    },
    sources: [...sources].map(([file, { sha256, bytes }]) => ({ path: resolve(files[file]!), bytes, sha256 })),
    records: records.map(({ file, line, time, bytes }) => ({
      source: resolve(files[file]!),
      line,
      time: new Date(time).toISOString(),
      sha256: hash(bytes),
    })),
    complete: finding.count <= records.length,
    files: { 'records.log': hash(log) },
  };
  mkdirSync(options.out, { recursive: true });
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  writeFileSync(join(options.out, 'records.log'), log);
  writeFileSync(join(options.out, 'manifest.json'), text);
  // the form that `sha256sum --check` reads
  const sums = [
    [hash(log), 'records.log'],
    [hash(Buffer.from(text)), 'manifest.json'],
  ];
  writeFileSync(join(options.out, 'SHA256SUMS'), sums.map(([sum, name]) => `${sum}  ${name}\n`).join(''));
  if (options.quiet) return 0;
  process.stdout.write(
    `${options.out}: ${records.length} records of ${sources.size} ${sources.size === 1 ? 'file' : 'files'} (${[...sources.keys()].map((file) => basename(files[file]!)).join(', ')}), manifest.json, SHA256SUMS\n`,
  );
  return 0;
}

/** Reads a file as it is stored, for its hash, and as it is read, for its lines. */
async function reread(path: string, wanted: ReadonlySet<number>): Promise<Reread> {
  const stored = createHash('sha256');
  let bytes = 0;
  for await (const piece of createReadStream(path)) {
    stored.update(piece as Buffer);
    bytes += (piece as Buffer).length;
  }
  const lines = new Map<number, Buffer>();
  const source = await openSource(path);
  const buffer = Buffer.allocUnsafe(CHUNK);
  let rest: Buffer[] = [];
  let line = 1;
  for (let count = await source.read(buffer, 0); count > 0; count = await source.read(buffer, 0)) {
    let from = 0;
    for (let to = buffer.indexOf(10); to >= 0 && to < count; to = buffer.indexOf(10, from)) {
      if (wanted.has(line)) lines.set(line, Buffer.concat([...rest, buffer.subarray(from, to)]));
      rest = [];
      line++;
      from = to + 1;
    }
    if (wanted.has(line) && from < count) rest.push(Buffer.from(buffer.subarray(from, count)));
  }
  if (wanted.has(line)) lines.set(line, Buffer.concat(rest));
  await source.close();
  return { sha256: stored.digest('hex'), bytes, lines };
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function hashOfFile(path: string) {
  return { path: resolve(path), sha256: hash(readFileSync(path)) };
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version as string;
}
