/** Fills a core's memory with what an engine knows. */
import {
  ENVELOPE_LEAF_BYTES,
  ENVELOPE_LEAVES,
  ENVELOPES,
  EVENT,
  HAS_HOST,
  HAS_PROGRAM,
  HAS_TIMESTAMP,
  HEADER_BYTES,
  HEADER_CACHE,
  HEADER_PLACES,
  HEADERS,
  HOST_SLOT,
  IGNORED,
  INDENTED,
  MESSAGE_SLOT,
  ODD,
  PARSER_BARE,
  PARSER_BITS,
  PARSER_BYTES,
  PARSER_KINDS,
  PARSER_LINES,
  PARSERS,
  PROCESS_BYTES,
  PROCESS_CACHE,
  PROCESS_PLACES,
  PROCESSES,
  PROGRAM_CACHE,
  PROGRAM_PLACES,
  PROGRAM_SLOT,
  READS_RUNS,
  RUN_COUNT,
  RUN_TEXTS,
  RUNS,
  TEXT_BYTES,
  TIMESTAMP_SLOT,
  VALUE_CACHE,
  VALUE_PLACES,
} from '../core/layout.js';
import type { CompiledParser, Engine } from './compile-engine.js';
import type { Core } from './core.js';

/** Processes and headers that have a number at once. */
export const MOST_PROCESSES = 4096;
export const MOST_HEADERS = 4096;

const encoder = new TextEncoder();

export function fillCore(core: Core, engine: Engine): void {
  const { slots, envelopeLeaves, parsers } = engine;
  core.set(ENVELOPES, core.placeMatcher(engine.envelopes));
  core.set(ENVELOPE_LEAVES, core.allocate(envelopeLeaves.length * ENVELOPE_LEAF_BYTES));
  const readers = [...new Set(envelopeLeaves.map((leaf) => leaf.readers))];
  for (const [index, { has, readers: own }] of envelopeLeaves.entries()) {
    const at = core.get(ENVELOPE_LEAVES) + index * ENVELOPE_LEAF_BYTES;
    core.set(at, (has.timestamp ? HAS_TIMESTAMP : 0) | (has.host ? HAS_HOST : 0) | (has.program ? HAS_PROGRAM : 0));
    core.set(at + 4, readers.indexOf(own));
  }
  core.set(PARSERS, core.allocate(parsers.length * PARSER_BYTES));
  core.set(PROCESSES, core.allocate(MOST_PROCESSES * PROCESS_BYTES));
  core.set(core.get(PROCESSES), -1); // the process of no parser
  core.set(HEADERS, core.allocate(MOST_HEADERS * HEADER_BYTES));
  core.set(PROGRAM_CACHE, core.placeCache(PROGRAM_PLACES));
  core.set(PROCESS_CACHE, core.placeCache(PROCESS_PLACES));
  core.set(HEADER_CACHE, core.placeCache(HEADER_PLACES));
  core.set(VALUE_CACHE, core.placeCache(VALUE_PLACES));
  core.set(TIMESTAMP_SLOT, slots.timestamp);
  core.set(HOST_SLOT, slots.host);
  core.set(PROGRAM_SLOT, slots.program);
  core.set(MESSAGE_SLOT, slots.message);
  placeOddBytes(core, engine);
}

/** Tells the core of a parser. @param number its place among the parsers */
export function placeParser(core: Core, number: number, compiled: CompiledParser): void {
  const { headers, headerLeaves, lines, leaves, readsRuns, indented } = compiled;
  const at = core.get(PARSERS) + number * PARSER_BYTES;
  core.placeMatcher(headers, at);
  core.placeMatcher(lines, at + PARSER_LINES);
  core.set(at + PARSER_KINDS, core.place(Uint8Array.from(leaves, ({ entry }) => (entry.kind === 'event' ? EVENT : IGNORED))));
  core.set(at + PARSER_BARE, core.place(Uint8Array.from(headerLeaves, ({ bare }) => (bare ? 1 : 0))));
  core.set(at + PARSER_BITS, (readsRuns ? READS_RUNS : 0) | (indented ? INDENTED : 0));
}

/** Lines that begin with these bytes may be structured, or a part of a record of several lines. */
function placeOddBytes(core: Core, { forms, pack }: Engine): void {
  const begins = ['{', '<', '[', ...pack.envelopes.flatMap(({ joins }) => (joins ? [joins.begins] : []))];
  for (const text of begins) core.bytes[ODD + encoder.encode(text)[0]!] = 1;
  const runs = forms.map(({ form }) => form).filter(({ format }) => format === 'kv' || format === 'csv');
  const texts = runs.map(({ format, begins: text, header, separator }) => [
    header,
    text === '' && format === 'csv' ? separator : text,
  ]);
  placeRuns(
    core,
    [...new Set(texts.flat())].filter((text) => text !== '').map((text) => encoder.encode(text)),
  );
}

function placeRuns(core: Core, texts: Uint8Array[]): void {
  const at = core.allocate(texts.length * TEXT_BYTES);
  core.set(RUN_COUNT, texts.length);
  core.set(RUN_TEXTS, at);
  for (const [index, text] of texts.entries()) {
    core.bytes[RUNS + text[0]!] = 1;
    core.set(at + index * TEXT_BYTES, core.place(text));
    core.set(at + index * TEXT_BYTES + 4, text.length);
  }
}
