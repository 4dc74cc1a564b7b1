/**
 * Reads one record: envelope, program, header, line. A `RecordReader` is used over and over; what it found of the last record stands in its
 * members, as offsets into `buffer`, until the next call.
 */
import { ByteCache, copyBytes } from './byte-cache.js';
import type { CompiledParser, Engine, HeaderLeaf, Leaf } from './compile-engine.js';
import { match } from './match.js';
import { type Clock, parseTime } from './time.js';

export const EVENT = 0;
export const IGNORED = 1;
export const UNPARSED = 2;
export const OTHER = 3;

/** One process that writes records: what tells its exchanges from another's. */
export interface Process {
  host: string;
  program: string;
  pid: string;
  /** undefined: a program that no parser reads */
  compiled: CompiledParser | undefined;
  /** number of the process, in order of appearance */
  id: number;
}

/** What a header says, kept by its bytes: the same few come again and again. */
export interface HeaderFacts {
  leaf: HeaderLeaf;
  /** captured text by slot, as latin1 */
  texts: Map<number, string>;
  /** caches of those who use the facts */
  stitch: unknown;
  render: unknown;
}

const MAX_PROCESSES = 50_000;

export class RecordReader {
  buffer: Buffer = Buffer.alloc(0);
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  process!: Process;
  header: HeaderFacts | undefined;
  leaf: Leaf | undefined;
  /** milliseconds since 1970, UTC; NaN where the record has no time */
  time = Number.NaN;
  messageStart = 0;
  messageEnd = 0;
  /** how many times the line stands for, in `message repeated N times` */
  repeat = 1;
  private readonly engine: Engine;
  private readonly clock: Clock;
  private readonly forced: CompiledParser | undefined;
  private readonly processes = new Map<string, Process>();
  private readonly processBytes = new ByteCache<Process>(256);
  private readonly headerBytes = new ByteCache<HeaderFacts>(4096);
  private readonly nowhere: Process;
  private lastTimestamp: Uint8Array = new Uint8Array(0);
  private lastTime = Number.NaN;
  /** the whole envelope of the last record of a known program: the next one often has the same */
  private lastEnvelope: Uint8Array = new Uint8Array(0);
  private lastProcess: Process;
  private lastEnvelopeTime = Number.NaN;
  private scratch = Buffer.alloc(4096);

  /** @param forced the parser of records that do not say which program wrote them, or whose program no parser knows */
  constructor(engine: Engine, clock: Clock, forced?: CompiledParser) {
    this.engine = engine;
    this.clock = clock;
    this.forced = forced;
    this.starts = new Int32Array(engine.slotNames.length);
    this.ends = new Int32Array(engine.slotNames.length);
    this.nowhere = { host: '', program: '', pid: '', compiled: undefined, id: 0 };
    this.lastProcess = this.nowhere;
  }

  /** @returns EVENT, IGNORED, UNPARSED or OTHER for the line `from`..`end` of the buffer */
  read(buffer: Buffer, from: number, end: number): number {
    this.buffer = buffer;
    this.repeat = 1;
    this.leaf = undefined;
    this.header = undefined;
    if (buffer[from] === 123) {
      const json = this.readJson(buffer, from, end);
      if (json !== undefined) return json;
    }
    return this.readText(from, end);
  }

  private readText(from: number, end: number): number {
    const { engine, starts, ends, buffer } = this;
    const { slots } = engine;
    this.messageEnd = end;
    const known = this.lastEnvelope;
    let same = 0;
    while (same < known.length && known[same] === buffer[from + same]) same = (same + 1) | 0;
    if (same > 0 && same === known.length && from + same < end) {
      this.messageStart = from + same;
      this.process = this.lastProcess;
      this.time = this.lastEnvelopeTime;
      return this.readMessage(this.process.compiled!);
    }
    this.process = this.nowhere;
    this.messageStart = from;
    this.time = Number.NaN;
    const envelope = engine.envelopeLeaves[match(engine.envelopes, buffer, from, end, starts, ends)];
    if (!envelope) return OTHER;
    const { has } = envelope;
    this.messageStart = starts[slots.message]!;
    if (!has.program) {
      if (has.timestamp) this.time = this.timeAt(starts[slots.timestamp]!, ends[slots.timestamp]!);
      return this.readUnnamed(envelope.envelope.name);
    }
    const first = has.host ? starts[slots.host]! : starts[slots.program]!;
    const last = has.pid ? ends[slots.pid]! : ends[slots.program]!;
    this.process = this.processAt(first, last, has);
    const { compiled } = this.process;
    if (!compiled) return OTHER;
    if (has.timestamp) this.time = this.timeAt(starts[slots.timestamp]!, ends[slots.timestamp]!);
    this.lastEnvelope = copyBytes(buffer, from, this.messageStart);
    this.lastProcess = this.process;
    this.lastEnvelopeTime = this.time;
    return this.readMessage(compiled);
  }

  /** A record that does not say which program wrote it: the forced parser, or the first whose header fits. */
  private readUnnamed(envelope: string): number {
    this.skipBlanks();
    const candidates = this.forced ? [this.forced] : this.engine.parsers;
    for (const compiled of candidates) {
      const header = compiled.headerLeaves[this.matchHeader(compiled)];
      if (!header || (header.bare && !this.forced)) continue;
      this.process = this.processOf('', compiled.parser.programs[0] ?? envelope, '', compiled);
      return this.readMessage(compiled);
    }
    return OTHER;
  }

  private matchHeader(compiled: CompiledParser): number {
    return match(compiled.headers, this.buffer, this.messageStart, this.messageEnd, this.starts, this.ends);
  }

  private readMessage(compiled: CompiledParser): number {
    const { starts, ends, buffer } = this;
    this.skipBlanks();
    const leafOfHeader = compiled.headerLeaves[this.matchHeader(compiled)];
    if (!leafOfHeader) return UNPARSED;
    const headerStart = this.messageStart;
    if (!leafOfHeader.bare) this.messageStart = starts[this.engine.slots.message]!;
    this.header = this.headerFacts(leafOfHeader, headerStart);
    this.skipBlanks();
    const leaf = compiled.leaves[match(compiled.lines, buffer, this.messageStart, this.messageEnd, starts, ends)];
    if (leaf) {
      this.leaf = leaf;
      return leaf.entry.kind === 'event' ? EVENT : IGNORED;
    }
    return this.unwrap(compiled);
  }

  private headerFacts(leaf: HeaderLeaf, headerStart: number): HeaderFacts {
    const known = this.headerBytes.get(this.buffer, headerStart, this.messageStart);
    if (known && known.leaf === leaf) return known;
    const texts = new Map<number, string>();
    for (const { slot } of leaf.captures) {
      if (this.ends[slot]! > this.starts[slot]!) texts.set(slot, this.buffer.toString('latin1', this.starts[slot], this.ends[slot]));
    }
    const facts: HeaderFacts = { leaf, texts, stitch: undefined, render: undefined };
    this.headerBytes.set(this.buffer, headerStart, this.messageStart, facts);
    return facts;
  }

  /** `message repeated 3 times: [ … ]`: the line inside counts as many times. */
  private unwrap(compiled: CompiledParser): number {
    if (this.repeat > 1) return UNPARSED;
    const { starts, ends, engine } = this;
    if (match(engine.wrappers, this.buffer, this.messageStart, this.messageEnd, starts, ends) < 0) return UNPARSED;
    this.repeat = Math.max(2, Number(this.buffer.toString('latin1', starts[engine.slots.repeat], ends[engine.slots.repeat])));
    this.messageEnd = ends[engine.slots.message]!;
    this.messageStart = starts[engine.slots.message]!;
    return this.readMessage(compiled);
  }

  private skipBlanks(): void {
    while (this.messageStart < this.messageEnd && this.buffer[this.messageStart] === 32) this.messageStart++;
  }

  private timeAt(from: number, end: number): number {
    const last = this.lastTimestamp;
    const length = end - from;
    if (last.length === length) {
      let i = 0;
      while (i < length && last[i] === this.buffer[from + i]) i++;
      if (i === length) return this.lastTime;
    }
    this.lastTimestamp = copyBytes(this.buffer, from, end);
    this.lastTime = parseTime(this.buffer.toString('latin1', from, end), this.clock) ?? Number.NaN;
    return this.lastTime;
  }

  private processAt(first: number, last: number, has: { host: boolean; pid: boolean }): Process {
    const { starts, ends, buffer } = this;
    const known = this.processBytes.get(buffer, first, last);
    if (known) return known;
    const { slots } = this.engine;
    const text = (slot: number) => buffer.toString('latin1', starts[slot], ends[slot]);
    const program = text(slots.program);
    const compiled = this.engine.byProgram.get(program) ?? this.forced;
    const process = this.processOf(has.host ? text(slots.host) : '', program, has.pid ? text(slots.pid) : '', compiled);
    this.processBytes.set(buffer, first, last, process);
    return process;
  }

  private processOf(host: string, program: string, pid: string, compiled: CompiledParser | undefined): Process {
    const key = `${host}\0${program}\0${pid}`;
    let process = this.processes.get(key);
    if (!process) {
      if (this.processes.size >= MAX_PROCESSES) this.processes.delete(this.processes.keys().next().value!);
      process = { host, program, pid, compiled, id: this.processes.size + 1 };
      this.processes.set(key, process);
    }
    return process;
  }

  /** @returns undefined where the line is no JSON object of a known envelope */
  private readJson(buffer: Buffer, from: number, end: number): number | undefined {
    let object: Record<string, unknown>;
    try {
      object = JSON.parse(buffer.toString('utf8', from, end));
    } catch {
      return undefined;
    }
    const envelope = this.engine.jsonEnvelopes.find(({ json }) => json!.has.every((key) => Object.hasOwn(object, key)));
    if (!envelope) return undefined;
    const { fields, time } = envelope.json!;
    const value = (field: string) => (fields[field] === undefined ? '' : jsonText(object[fields[field]!]));
    const program = value('program');
    const compiled =
      (program === '' ? this.engine.parsers.find(({ parser }) => parser.structured[envelope.name]) : this.engine.byProgram.get(program)) ??
      this.forced;
    this.process = this.processOf(value('host'), program || (compiled?.parser.programs[0] ?? ''), value('pid'), compiled);
    const stamp = value('timestamp');
    this.time = time === 'epoch-us' ? Math.floor(Number(stamp) / 1000) : (parseTime(stamp, this.clock) ?? Number.NaN);
    if (!compiled) {
      this.messageStart = from;
      this.messageEnd = end;
      return OTHER;
    }
    const message = value('message').replace(/\n/g, '\\n');
    const size = Buffer.byteLength(message);
    if (this.scratch.length < size) this.scratch = Buffer.alloc(size * 2);
    this.buffer = this.scratch;
    this.messageStart = 0;
    this.messageEnd = this.scratch.write(message, 0);
    const result = this.readMessage(compiled);
    this.addStructured(compiled, envelope.name, object);
    return result;
  }

  /** Fields of the JSON envelope that the parser asked for complete the header's. */
  private addStructured(compiled: CompiledParser, envelope: string, object: Record<string, unknown>): void {
    const extra = compiled.parser.structured[envelope];
    if (!extra || !this.header) return;
    const texts = new Map(this.header.texts);
    for (const [path, field] of Object.entries(extra)) {
      const slot = this.engine.slotOf(field);
      const text = jsonText(object[path]);
      if (slot >= 0 && text !== '' && !texts.has(slot)) texts.set(slot, Buffer.from(text).toString('latin1'));
    }
    this.header = { leaf: this.header.leaf, texts, stitch: undefined, render: undefined };
  }
}

/** A journal field that is not valid UTF-8 is exported as an array of bytes. */
function jsonText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.every((byte) => typeof byte === 'number')) return Buffer.from(value).toString('utf8');
  return '';
}
