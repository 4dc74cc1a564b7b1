/** `ikeaudit parse`: log files to NDJSON, one event a record. */
import type { Engine } from '../engine/compile-engine.js';
import type { FormatName } from '../engine/formats.js';
import { outputFormat } from '../engine/formats.js';
import { RecordParser } from '../engine/parse-records.js';
import { Renderer } from '../engine/render.js';
import { followSource, InputError, openSource } from '../engine/source.js';
import { isZone, parseTime } from '../engine/time.js';
import { didYouMean } from '../model/diagnostic.js';
import { keepHeapSmall } from './keep-heap-small.js';
import { UsageError } from './usage-error.js';
import { BrokenPipe, writeOut } from './write-out.js';
import { engineOf } from './engine-of.js';

export interface ParseCommandOptions {
  content?: string;
  follow?: boolean;
  format: FormatName;
  parser?: string;
  zone: string;
  now?: string;
  stitch: boolean;
  include?: string;
  quiet?: boolean;
}

/** @returns the exit code: 0, or 2 where an input could not be read (to its end) */
export async function parseCommand(files: string[], options: ParseCommandOptions): Promise<number> {
  const engine = await engineOf(options.content);
  keepHeapSmall();
  const clock = { now: nowOf(options.now), zone: zoneOf(options.zone) };
  const stop = new AbortController();
  const renderer = new Renderer(engine, outputFormat(engine.pack, options.format), writeOut);
  const parser = new RecordParser(engine, renderer, {
    clock,
    stitch: options.stitch,
    include: includeOf(options.include),
    forced: forcedParser(engine, options.parser),
  });
  let exit = 0;
  if (options.follow) for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  for (const file of files) {
    try {
      const source = options.follow ? await followSource(file, stop.signal) : await openSource(file);
      try {
        await parser.parse(source, options.follow);
      } finally {
        await source.close();
      }
    } catch (error) {
      if (error instanceof BrokenPipe) return 0;
      if (!(error instanceof InputError)) throw error;
      process.stderr.write(`ikeaudit: ${error.message}\n`);
      exit = 2;
    }
  }
  try {
    await parser.finish();
  } catch (error) {
    if (!(error instanceof BrokenPipe)) throw error;
    return 0;
  }
  if (!options.quiet) process.stderr.write(`${summary(parser)}\n`);
  return exit;
}

function summary(parser: RecordParser): string {
  const { read, events, ignored, unparsed, other } = parser.counts;
  const evicted = parser.evicted ? `; ${parser.evicted} SAs or addresses were forgotten for want of room` : '';
  return `${read} records read: ${events} events, ${ignored} ignored, ${unparsed} unparsed, ${other} of other programs${evicted}`;
}

/** @throws UsageError */
export function forcedParser(engine: Engine, name: string | undefined) {
  if (name === undefined) return undefined;
  const found = engine.parsers.find(({ parser }) => parser.name === name || parser.name.split('.')[1] === name);
  if (found) return found;
  const names = engine.parsers.map(({ parser }) => parser.name);
  throw new UsageError(`Unknown parser "${name}".${didYouMean(name, names)} There are: ${names.join(', ')}.`);
}

export function zoneOf(zone: string): string {
  if (isZone(zone)) return zone;
  throw new UsageError(`Unknown zone "${zone}". Use an IANA name such as UTC or Europe/Zurich.`);
}

export function nowOf(now: string | undefined): number {
  if (now === undefined) return Date.now();
  const time = parseTime(now) ?? Date.parse(now);
  if (Number.isNaN(time)) throw new UsageError(`"${now}" is no time. Use ISO 8601, such as 2026-01-02T03:04:05Z.`);
  return time;
}

function includeOf(include: string | undefined): Set<'ignored' | 'other'> {
  const wanted = new Set<'ignored' | 'other'>();
  for (const word of (include ?? '').split(',').filter(Boolean)) {
    if (word !== 'ignored' && word !== 'other')
      throw new UsageError(`--include takes "ignored", "other" or both, not "${word}".`);
    wanted.add(word);
  }
  return wanted;
}
