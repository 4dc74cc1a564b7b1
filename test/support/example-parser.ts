/** A pack with the built-in mappings and one parser that a test writes. */
import { parse } from 'yaml';
import { checkRecords } from '../../generator/check/check-records.js';
import { compileEngine } from '../../generator/engine/compile-engine.js';
import { outputFormat } from '../../generator/engine/formats.js';
import { type Counts, RecordParser } from '../../generator/engine/parse-records.js';
import { Renderer } from '../../generator/engine/render.js';
import { loadContent } from '../../generator/load/load-content.js';
import type { ContentDocument } from '../../generator/load/load-content.js';
import { lower } from '../../generator/lower/lower.js';
import type { Pack } from '../../generator/model/pack.js';
import type { Event } from './parse-text.js';

const HEAD = `parser: example.daemon
title: Example
vendor: Example
product: daemon
dataset: example
sourcetype: "example:daemon"
`;

/** @param parsers YAML of parsers, without what is the same for all of them */
export function examplePack(...parsers: string[]): Pack {
  const mappings = loadContent().documents.filter(({ kind }) => kind !== 'parser');
  const own = parsers.map((text, index): ContentDocument => {
    const head = HEAD.replaceAll('daemon', index === 0 ? 'daemon' : `daemon${index + 1}`);
    return { kind: 'parser', file: `parsers/example/daemon${index}.yml`, text: '', root: null, data: parse(head + text) };
  });
  const { pack, diagnostics } = lower([...mappings, ...own]);
  if (diagnostics.length) throw new Error(`Unexpected diagnostics: ${JSON.stringify(diagnostics)}`);
  const wrong = checkRecords([...mappings, ...own], compileEngine(pack)).map(({ message }) => message);
  if (wrong.length) throw new Error(`Unexpected diagnostics: ${wrong.join('\n')}`);
  return pack;
}

/** @returns the events that the engine makes of a log, and the counts */
export async function parseWith(pack: Pack, text: string | Buffer, stitch = false): Promise<{ events: Event[]; counts: Counts }> {
  const pieces: Buffer[] = [];
  const engine = compileEngine(pack);
  const renderer = new Renderer(engine, outputFormat(pack, 'neutral'), async (output) => {
    pieces.push(Buffer.from(output));
  });
  const parser = new RecordParser(engine, renderer, {
    clock: { now: Date.parse('2026-12-01T00:00:00Z'), zone: 'UTC' },
    stitch,
    include: new Set(['ignored', 'other']),
    forced: undefined,
  });
  parser.parseText(Buffer.from(text));
  await parser.finish();
  const lines = Buffer.concat(pieces).toString('utf8').split('\n').filter(Boolean);
  return { events: lines.map((line) => JSON.parse(line) as Event), counts: parser.counts };
}
