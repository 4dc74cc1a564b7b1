/** Parses text with the built-in content, for tests. */
import { loadPack } from '../../generator/compile.js';
import { compileEngine, type Engine } from '../../generator/engine/compile-engine.js';
import { type FormatName, outputFormat } from '../../generator/engine/formats.js';
import { type Counts, RecordParser } from '../../generator/engine/parse-records.js';
import { Renderer } from '../../generator/engine/render.js';

let engine: Engine | undefined;

/** The engine of the built-in content, compiled once a test file. */
export function builtInEngine(): Engine {
  engine ??= compileEngine(loadPack());
  return engine;
}

const alone = new Map<string, Engine>();

function engineOf(parser: string): Engine {
  let made = alone.get(parser);
  if (!made) {
    const pack = loadPack();
    made = compileEngine({ ...pack, parsers: pack.parsers.filter(({ name }) => name === parser) });
    alone.set(parser, made);
  }
  return made;
}

export type Event = Record<string, unknown> & { msg_type: string };

export interface ParseTextOptions {
  format?: FormatName;
  stitch?: boolean;
  include?: ('ignored' | 'other')[];
  parser?: string;
  /** a pack that has this parser alone, as a pipeline has */
  only?: string;
  now?: string;
  zone?: string;
}

/** @returns the events of a log, and the counts */
export async function parseText(
  text: string | Buffer,
  options: ParseTextOptions = {},
): Promise<{ events: Event[]; counts: Counts }> {
  const used = options.only === undefined ? builtInEngine() : engineOf(options.only);
  const pieces: Buffer[] = [];
  const renderer = new Renderer(used, outputFormat(used.pack, options.format ?? 'neutral'), async (output) => {
    pieces.push(Buffer.from(output));
  });
  const parser = new RecordParser(used, renderer, {
    clock: { now: Date.parse(options.now ?? '2026-12-01T00:00:00Z'), zone: options.zone ?? 'UTC' },
    stitch: options.stitch ?? true,
    include: new Set(options.include),
    forced: options.parser ? used.parsers.find((compiled) => compiled.parser.name === options.parser) : undefined,
  });
  // line by line, a record that has no end does not wait for one
  const lines = options.only === undefined ? [text] : String(text).split('\n').filter(Boolean);
  for (const line of lines) parser.parseText(Buffer.from(line));
  await parser.finish();
  const output = Buffer.concat(pieces).toString('utf8');
  const events = output
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event);
  return { events, counts: parser.counts };
}

/** The same from a source that gives so many bytes at a time. */
export async function parsePieces(text: Buffer, size: number): Promise<{ events: Event[]; counts: Counts }> {
  const used = builtInEngine();
  let output = '';
  const renderer = new Renderer(used, outputFormat(used.pack, 'neutral'), async (piece) => {
    output += piece.toString('utf8');
  });
  const parser = new RecordParser(used, renderer, {
    clock: { now: Date.parse('2026-12-01T00:00:00Z'), zone: 'UTC' },
    stitch: true,
    include: new Set(),
    forced: undefined,
  });
  let at = 0;
  await parser.parse({
    name: 'pieces',
    size: text.length,
    read: async (buffer, offset) => {
      const count = text.copy(buffer, offset, at, at + size);
      at += count;
      return count;
    },
    close: async () => {},
  });
  await parser.finish();
  const events = output.split('\n').filter(Boolean);
  return { events: events.map((line) => JSON.parse(line) as Event), counts: parser.counts };
}

/** Puts a syslog header before charon lines like `07[IKE] …`; a leading `+N ` adds N seconds. */
export function charonLog(...lines: string[]): string {
  return lines.map((line) => withHeader('charon', line)).join('\n');
}

/** The same for pluto's. */
export function plutoLog(...lines: string[]): string {
  return lines.map((line) => withHeader('pluto', line)).join('\n');
}

function withHeader(program: string, line: string): string {
  const [, seconds, text] = /^(?:\+(\d+) )?(.*)$/s.exec(line)!;
  const two = (value: number) => String(value).padStart(2, '0');
  return `Nov 24 06:${two(Math.floor(Number(seconds ?? 0) / 60))}:${two(Number(seconds ?? 0) % 60)} gw ${program}[1]: ${text}`;
}
