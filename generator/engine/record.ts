/**
 * Reads one record: envelope, program, header, line. A `RecordReader` is used over and over; what it found of the last record stands in its
 * members, as offsets into `buffer`, until the next call. Plain lines are read by the core; here is what it asks, and what else a record may be.
 */
import {
  END,
  ENVELOPE,
  ENVELOPES,
  EVENT as CORE_EVENT,
  HEADER,
  HEADER_CACHE,
  HEADER_PLACES,
  IGNORED as CORE_IGNORED,
  IGNORED_RECORDS,
  LATER,
  LEAF,
  LINE_END,
  LINE_START,
  LINES,
  MESSAGE_END,
  MESSAGE_START,
  NEXT,
  NO_ENVELOPE,
  NO_HEADER,
  NO_LINE,
  ODD_LINE,
  OTHER as CORE_OTHER,
  OTHER_RECORDS,
  PROCESS,
  PROCESS_BYTES,
  PROCESS_CACHE,
  PROCESS_PLACES,
  PROCESSES,
  STRUCTURED,
  TIME,
  UNNAMED,
  UNTIL,
  WANTS_IGNORED,
  WANTS_OTHER,
} from '../core/layout.js';
import { type SpanKey, spanIs, spanKey } from './byte-cache.js';
import type { CompiledParser, Engine, HeaderLeaf, Leaf, Readers } from './compile-engine.js';
import type { CompiledCode, RecordPlan, RoleLeaves } from './compile-records.js';
import { Core, type Region } from './core.js';
import { fillCore, MOST_HEADERS, MOST_PROCESSES, placeParser } from './core-tables.js';
import { holds, textAt, type Tree } from './find-path.js';
import type { Heard } from './echoes.js';
import { type FoundRecord, RecordFinder } from './find-record.js';
import type { Piece } from './pieces.js';
import { type TakeContext, takeValues } from './take-values.js';
import { type Clock, parseTime } from './time.js';
import type { Values } from './vocabulary.js';
import type { ValueKind } from '../model/capture-types.js';

export const EVENT = CORE_EVENT;
export const IGNORED = CORE_IGNORED;
export const UNPARSED = NO_LINE;
export const OTHER = CORE_OTHER;
export { END, LATER, ODD_LINE };

/** One process that writes records: what tells its exchanges from another's. */
export interface Process {
  host: string;
  program: string;
  pid: string;
  /** undefined: a program that no parser reads */
  compiled: CompiledParser | undefined;
  /** its number in the core; 0 where it has none */
  number: number;
  /** the renderer's cache */
  rendered: Piece | undefined;
  /** in which forms it speaks */
  heard: Heard | undefined;
}

/** What a header says, kept by its bytes: the same few come again and again. */
export interface HeaderFacts {
  leaf: HeaderLeaf;
  /** captured text by slot, as latin1 */
  texts: Map<number, string>;
  /** its number in the core; 0 where it has none */
  number: number;
  /** caches of those who use the facts */
  stitch: unknown;
  render: unknown;
}

const BLANK = 32;
const BRACE = 123;
const BRACKET = 91;
const LESS = 60;
const MORE = 62;
const COLON = 58;
/** lines at the beginning of a source that are looked through for a header that tells whose they are */
const LOOK_AHEAD = 2000;

/** Whose records are that name no program, by envelope. */
export type Speakers = Map<string, CompiledParser>;

export class RecordReader {
  readonly core: Core;
  process: Process;
  header: HeaderFacts | undefined;
  leaf: Leaf | undefined;
  /** milliseconds since 1970, UTC; NaN where the record has no time */
  time = Number.NaN;
  /** the record's line, and its message */
  lineStart = 0;
  lineEnd = 0;
  messageStart = 0;
  messageEnd = 0;
  /** how many times the line stands for, in `message repeated N times` */
  repeat = 1;
  private readonly engine: Engine;
  private readonly clock: Clock;
  private readonly forced: CompiledParser | undefined;
  /** numbers of the parsers that the core knows */
  private readonly numbers = new Map<CompiledParser, number>();
  /** processes and headers by their numbers in the core */
  private readonly processes: Process[];
  private readonly processKeys = new Map<string, Process>();
  private readonly headers: HeaderFacts[];
  private minute: SpanKey = { length: 0, words: new Int32Array(0) };
  private minuteTime = Number.NaN;
  /** by envelope that names no program: whose records they are, once a header has told */
  private spoken: Speakers = new Map();
  /** lines that are read in their order; records that stand elsewhere; texts that are made */
  private readonly lines: Region = { at: 0, size: 0 };
  private readonly single: Region = { at: 0, size: 0 };
  private readonly scratch: Region = { at: 0, size: 0 };
  private readonly nowhere: Process = {
    host: '',
    program: '',
    pid: '',
    compiled: undefined,
    number: 0,
    rendered: undefined,
    heard: undefined,
  };
  /** of records without a text that could have one */
  private readonly noHeader: HeaderFacts = {
    leaf: { id: -1, captures: [], bare: true },
    texts: new Map(),
    number: 0,
    stitch: undefined,
    render: undefined,
  };
  private readonly finder: RecordFinder;
  private readonly taking: TakeContext;
  /** a structured record of another program has told who it is */
  private isNamed = false;

  /** @param forced the parser of records that do not say which program wrote them, or whose program no parser knows */
  constructor(engine: Engine, clock: Clock, forced?: CompiledParser) {
    this.engine = engine;
    this.clock = clock;
    this.forced = forced;
    this.core = new Core();
    this.core.answer({
      reading: {
        isStranger: (envelope, from, end) => (this.isStranger(engine.envelopeLeaves[envelope]!.readers, from, end) ? 1 : 0),
        processOf: (envelope) => this.processAt(envelope).number,
        timeOf: (from, end) => this.timeInMinute(from, end) ?? this.parseTimeAt(from, end),
        headerOf: (parser, leaf) => this.headerAt(engine.parsers[parser]!.headerLeaves[leaf]!).number,
      },
    });
    fillCore(this.core, engine);
    this.process = this.nowhere;
    this.processes = [this.nowhere];
    this.headers = [this.noHeader];
    this.finder = new RecordFinder(engine, clock);
    this.taking = { clock, core: this.core };
  }

  /** what `messageStart` and the slots' numbers are offsets into */
  get buffer(): Buffer {
    return this.core.bytes;
  }

  /** the same bytes, to be read in words */
  get view(): DataView {
    return this.core.view;
  }

  /** per slot: where its capture begins, and ends */
  get starts(): Int32Array {
    return this.core.starts;
  }

  get ends(): Int32Array {
    return this.core.ends;
  }

  /** Says which records `scan` must not pass, beside events and those that are not parsed. */
  ask({ ignored, other }: { ignored: boolean; other: boolean }): void {
    this.core.set(WANTS_IGNORED, ignored ? 1 : 0);
    this.core.set(WANTS_OTHER, other ? 1 : 0);
  }

  /** Puts lines where `scan` reads them. @returns their address */
  place(text: Buffer, from: number, end: number): number {
    return this.core.placeText(this.lines, text, from, end);
  }

  /**
   * Reads on to the next line that is somebody's concern; behind it is `next`.
   * @param from where a line begins, as an address
   * @param end after the last line
   * @param until a record that is later is not read
   * @returns EVENT, IGNORED, UNPARSED or OTHER; ODD_LINE for one that `read` must read, LATER, or END
   */
  scan(from: number, end: number, until: number): number {
    const { core } = this;
    core.setNumber(UNTIL, until);
    const found = core.run.scan(from, end);
    this.begun();
    if (found === END) return found;
    this.lineStart = core.get(LINE_START);
    this.lineEnd = core.get(LINE_END);
    if (found === ODD_LINE) return found;
    if (found === LATER) {
      this.time = core.getNumber(TIME);
      return found;
    }
    const kind = this.complete(found, this.lineStart, this.lineEnd);
    return this.time > until ? LATER : kind;
  }

  get next(): number {
    return this.core.get(NEXT);
  }

  /** Lines and records that `scan` has passed since this was asked. */
  passed(): { lines: number; ignored: number; other: number } {
    const { core } = this;
    const passed = { lines: core.get(LINES), ignored: core.get(IGNORED_RECORDS), other: core.get(OTHER_RECORDS) };
    core.set(LINES, 0);
    core.set(IGNORED_RECORDS, 0);
    core.set(OTHER_RECORDS, 0);
    return passed;
  }

  /** @returns EVENT, IGNORED, UNPARSED or OTHER for the line `from`..`end` of the buffer */
  read(buffer: Buffer, from: number, end: number): number {
    this.lineStart = this.core.placeText(this.single, buffer, from, end);
    this.lineEnd = this.lineStart + end - from;
    return this.readAt(this.lineStart, this.lineEnd);
  }

  private begun(): void {
    this.repeat = 1;
    this.leaf = undefined;
    this.header = undefined;
    this.isNamed = false;
  }

  private readAt(from: number, end: number): number {
    this.begun();
    const { buffer } = this;
    let start = from;
    while (start < end && buffer[start]! <= BLANK) start++; // indented in an export
    const first = buffer[start];
    if (start < end && (first === BRACE || (first === LESS && this.mayBeRecord(start, end)))) {
      const found = this.finder.find(buffer.toString('utf8', start, end));
      if (found) return this.readFound(found, from, end);
    }
    return this.complete(this.core.run.readEnvelope(from, end), from, end);
  }

  /** @param found what the core says of the line. @returns what its record is */
  private complete(found: number, from: number, end: number): number {
    const { core } = this;
    this.time = core.getNumber(TIME);
    this.messageStart = core.get(MESSAGE_START);
    this.messageEnd = core.get(MESSAGE_END);
    this.process = this.processes[core.get(PROCESS)]!;
    if (found === OTHER) return OTHER;
    const kind = this.kindOf(found);
    return kind === OTHER && this.engine.forms.length > 0 ? this.readStranger(from, end) : kind;
  }

  private kindOf(found: number): number {
    const { core, engine } = this;
    switch (found) {
      case NO_ENVELOPE:
        return OTHER;
      case UNNAMED: {
        const { has, envelope, readers } = engine.envelopeLeaves[core.get(ENVELOPE)]!;
        const { timestamp } = engine.slots;
        if (has.timestamp) this.time = this.parseTimeAt(this.starts[timestamp]!, this.ends[timestamp]!);
        return this.readUnnamed(envelope.name, readers);
      }
      case STRUCTURED:
        return this.process.compiled ? this.readStructured(this.process, this.process.compiled) : OTHER;
      default:
        return this.messageOf(found, this.process.compiled!);
    }
  }

  /** A record of a program whose records may be structured. */
  private readStructured(process: Process, compiled: CompiledParser): number {
    const { messageStart, messageEnd } = this;
    const found = this.finder.find(this.buffer.toString('utf8', messageStart, messageEnd), compiled);
    return found ? this.readFound(found, messageStart, messageEnd, process) : this.readMessage(compiled);
  }

  /** Behind `<`: an element of XML; or a syslog record that has structured data, which stands behind the sixth blank. */
  private mayBeRecord(from: number, end: number): boolean {
    const { buffer } = this;
    if (buffer[from + 1]! > 57) return true;
    if (!this.finder.readsSyslogData) return false;
    const close = buffer[from + 2] === MORE ? 2 : buffer[from + 3] === MORE ? 3 : 4;
    if (buffer[from + close] !== MORE || buffer[from + close + 1] !== 49) return false;
    let blanks = 0;
    for (let at = from + close + 2; at < end; at++) if (buffer[at] === BLANK && ++blanks === 6) return buffer[at + 1] === BRACKET;
    return false;
  }

  /** What no header has told: a record in the message of another program, such as a forwarder, or one of pairs or columns. */
  private readStranger(from: number, end: number): number {
    const { messageStart, buffer, process } = this;
    const first = buffer[messageStart];
    const inside = messageStart > from && (first === BRACE || first === LESS);
    if (!inside && !this.finder.mayBegin(buffer, from, end)) return OTHER;
    const text = buffer.toString('utf8', inside ? messageStart : from, end);
    const found = this.finder.find(text);
    if (found?.compiled) {
      const around = inside ? this.envelopeOf(from, end) : undefined;
      if (around && Number.isNaN(found.time)) found.time = around.time;
      if (around && found.host === '') found.host = around.process.host;
      return this.readFound(found, from, end);
    }
    const form = this.finder.header(text);
    const read = form && this.engine.parsers.find(({ reads }) => reads.has(form));
    if (!read) {
      this.process = process;
      return OTHER;
    }
    this.process = this.processOf('', read.parser.programs[0] ?? '', '', read);
    this.messageStart = from;
    this.messageEnd = end;
    return IGNORED;
  }

  /** For a record that was OTHER. @returns the records in it, where it is a package of records */
  unpack(): string[] | undefined {
    const { buffer, lineEnd } = this;
    let start = this.lineStart;
    while (start < lineEnd && buffer[start]! <= BLANK) start++;
    const first = buffer[start];
    return first === BRACE || first === BRACKET ? this.finder.unpack(buffer.toString('utf8', start, lineEnd)) : undefined;
  }

  /** @returns whether the text is a structured record of a known spelling */
  isRecord(text: Buffer): boolean {
    const trimmed = text.toString('utf8').trim();
    return (this.finder.find(trimmed) ?? this.finder.unpack(trimmed)) !== undefined;
  }

  /**
   * A new source begins. Where its records name no program, the first header that fits says whose they are; what stands before it is looked
   * through for that.
   * @returns what it has learnt, and will learn on the way, for `resume`
   */
  begin(buffer: Buffer, end: number): Speakers {
    this.spoken = new Map();
    if (!this.forced) this.lookAhead(buffer, end);
    return this.spoken;
  }

  /** Goes on with a source that was begun, after another one. */
  resume(speakers: Speakers): void {
    this.spoken = speakers;
  }

  private lookAhead(buffer: Buffer, end: number): void {
    const { engine } = this;
    let from = 0;
    for (let lines = 0; from < end && lines < LOOK_AHEAD; lines++) {
      let to = buffer.indexOf(10, from);
      if (to < 0 || to > end) to = end;
      const start = this.core.placeText(this.single, buffer, from, to);
      const envelope = this.matchEnvelope(start, start + to - from);
      if (envelope?.has.program || buffer[from] === BRACE) return;
      if (envelope) {
        this.messageStart = this.starts[engine.slots.message]!;
        this.messageEnd = start + to - from;
        if (this.speaker(envelope.envelope.name, envelope.readers, true)) return;
      }
      from = to + 1;
    }
  }

  private matchEnvelope(from: number, end: number) {
    return this.engine.envelopeLeaves[this.core.run.match(this.core.get(ENVELOPES), from, end)];
  }

  /** For a record that was OTHER: finds out what its envelope says of it, which is not done where nobody asks. */
  nameStranger(): void {
    if (this.isNamed) return;
    const { process, time, message } = this.envelopeOf(this.lineStart, this.lineEnd);
    this.messageStart = message;
    this.messageEnd = this.lineEnd;
    this.header = undefined;
    this.time = time;
    this.process = process;
  }

  /** What a line's envelope says, of whatever program. */
  private envelopeOf(from: number, end: number): { process: Process; time: number; message: number } {
    const { slots } = this.engine;
    const envelope = this.matchEnvelope(from, end);
    const message = envelope ? this.starts[slots.message]! : from;
    if (!envelope?.has.program) return { process: this.nowhere, time: this.time, message };
    const { has } = envelope;
    const time = has.timestamp ? (parseTime(this.captured(slots.timestamp), this.clock) ?? Number.NaN) : Number.NaN;
    const host = has.host ? this.captured(slots.host) : '';
    const pid = has.pid ? this.captured(slots.pid) : '';
    return { process: { ...this.nowhere, host, program: this.captured(slots.program), pid }, time, message };
  }

  private captured(slot: number): string {
    return this.buffer.toString('latin1', this.starts[slot], this.ends[slot]);
  }

  /** A record that does not say which program wrote it. */
  private readUnnamed(envelope: string, readers: Readers): number {
    while (this.messageStart < this.messageEnd && this.buffer[this.messageStart] === BLANK) this.messageStart++;
    // a parser of pairs or columns alone has no lines: its records are found where nothing else is
    const forced = this.forced?.readsRuns && this.forced.parser.programs.length === 0 ? undefined : this.forced;
    const compiled = forced ?? this.speaker(envelope, readers, false);
    if (!compiled) return OTHER;
    this.process = this.processOf('', compiled.parser.programs[0] ?? envelope, '', compiled);
    return this.readMessage(compiled);
  }

  /** @returns whose record it is: the parser whose header fits, else the one of the records before */
  private speaker(envelope: string, { all }: Readers, telling: boolean): CompiledParser | undefined {
    const { core } = this;
    for (const compiled of all) {
      const header = compiled.headerLeaves[core.run.match(core.placed(compiled.headers), this.messageStart, this.messageEnd)];
      if (!header || header.bare) continue;
      this.spoken.set(envelope, compiled);
      return compiled;
    }
    return telling ? undefined : this.spoken.get(envelope);
  }

  private readMessage(compiled: CompiledParser): number {
    const { core } = this;
    core.set(MESSAGE_START, this.messageStart);
    core.set(MESSAGE_END, this.messageEnd);
    return this.messageOf(core.run.readMessage(this.numberOf(compiled)), compiled);
  }

  /** @param found what the core says of the message */
  private messageOf(found: number, compiled: CompiledParser): number {
    const { core } = this;
    this.messageStart = core.get(MESSAGE_START);
    if (found === NO_HEADER) return compiled.begins.length ? OTHER : UNPARSED;
    this.header = this.headers[core.get(HEADER)];
    if (found === NO_LINE) return this.concerns(compiled) ? this.unwrap(compiled) : OTHER;
    this.leaf = compiled.leaves[core.get(LEAF)];
    return found;
  }

  /** @returns whether the message begins as the parser says that its messages do */
  private concerns({ begins }: CompiledParser): boolean {
    const { buffer, messageStart: from, messageEnd: end } = this;
    return (
      begins.length === 0 ||
      begins.some((text) => from + text.length <= end && buffer.compare(text, 0, text.length, from, from + text.length) === 0)
    );
  }

  /** `message repeated 3 times: [ … ]`: the line inside counts as many times. */
  private unwrap(compiled: CompiledParser): number {
    if (this.repeat > 1) return UNPARSED;
    const { slots } = this.engine;
    if (this.core.run.match(this.core.placed(this.engine.wrappers), this.messageStart, this.messageEnd) < 0) return UNPARSED;
    this.repeat = Math.max(2, Number(this.captured(slots.repeat)));
    this.messageEnd = this.ends[slots.message]!;
    this.messageStart = this.starts[slots.message]!;
    return this.readMessage(compiled);
  }

  private parseTimeAt(from: number, end: number): number {
    return parseTime(this.buffer.toString('latin1', from, end), this.clock) ?? Number.NaN;
  }

  /** A time that ends in `:SS`, in a minute whose first and last second were read: what lies between needs no reading. */
  private timeInMinute(from: number, end: number): number | undefined {
    const { view, minute } = this;
    const at = end - 2;
    if (at - from < 12 || view.getUint8(at - 1) !== COLON) return undefined;
    const tens = view.getUint8(at) - 48;
    const ones = view.getUint8(at + 1) - 48;
    if (tens < 0 || tens > 5 || ones < 0 || ones > 9) return undefined;
    if (minute.length !== at - from || !spanIs(view, from, minute)) {
      this.minute = spanKey(view, from, at);
      const text = this.buffer.toString('latin1', from, at);
      const first = parseTime(`${text}00`, this.clock) ?? Number.NaN;
      // they would lie apart where the year changes between them, or the zone's offset
      this.minuteTime = parseTime(`${text}59`, this.clock) === first + 59_000 ? first : Number.NaN;
    }
    return Number.isNaN(this.minuteTime) ? undefined : this.minuteTime + (tens * 10 + ones) * 1000;
  }

  private isStranger(readers: Readers, from: number, end: number): boolean {
    return this.forced === undefined && !readers.byProgram.has(this.buffer.toString('latin1', from, end));
  }

  /** The process that the slots name. */
  private processAt(number: number): Process {
    const { slots } = this.engine;
    const { has, readers } = this.engine.envelopeLeaves[number]!;
    const program = this.captured(slots.program);
    const host = has.host ? this.captured(slots.host) : '';
    return this.processOf(host, program, has.pid ? this.captured(slots.pid) : '', readers.byProgram.get(program) ?? this.forced);
  }

  private processOf(host: string, program: string, pid: string, compiled: CompiledParser | undefined): Process {
    const key = `${host}\0${program}\0${pid}\0${compiled?.parser.name ?? ''}`;
    let process = this.processKeys.get(key);
    if (!process) {
      const { core, processes } = this;
      if (processes.length >= MOST_PROCESSES) {
        processes.length = 1;
        this.processKeys.clear();
        core.clearCache(core.get(PROCESS_CACHE), PROCESS_PLACES);
      }
      process = { host, program, pid, compiled, number: processes.length, rendered: undefined, heard: undefined };
      core.set(core.get(PROCESSES) + process.number * PROCESS_BYTES, compiled ? this.numberOf(compiled) : -1);
      processes.push(process);
      this.processKeys.set(key, process);
    }
    return process;
  }

  /** @returns the number of a parser, of which the core is told when its first record comes */
  private numberOf(compiled: CompiledParser): number {
    let number = this.numbers.get(compiled);
    if (number === undefined) {
      number = this.engine.parsers.indexOf(compiled);
      placeParser(this.core, number, compiled);
      this.numbers.set(compiled, number);
    }
    return number;
  }

  /** The header whose captures stand in the slots. */
  private headerAt(leaf: HeaderLeaf): HeaderFacts {
    const { core, headers } = this;
    if (headers.length >= MOST_HEADERS) {
      headers.length = 1;
      core.clearCache(core.get(HEADER_CACHE), HEADER_PLACES);
    }
    const texts = new Map<number, string>();
    for (const { slot } of leaf.captures) if (this.ends[slot]! > this.starts[slot]!) texts.set(slot, this.captured(slot));
    const facts = { leaf, texts, number: headers.length, stitch: undefined, render: undefined };
    headers.push(facts);
    return facts;
  }

  /**
   * A structured record: an entry that its codes choose, or a line in its message.
   * @param process who wrote it, where a header around the record has told
   */
  private readFound(found: FoundRecord, from: number, end: number, process?: Process): number {
    const { compiled = this.forced, plan } = found;
    this.process =
      process ??
      this.processOf(
        latin1(found.host),
        latin1(found.program || (compiled?.parser.programs[0] ?? '')),
        latin1(found.pid),
        compiled,
      );
    if (!process || !Number.isNaN(found.time)) this.time = found.time;
    this.messageStart = from;
    this.messageEnd = end;
    if (!compiled) {
      this.isNamed = true;
      return OTHER;
    }
    const code = plan?.codes.find(({ when }) => when.every((test) => holds(found.tree, test)));
    if (code?.entry.kind === 'ignored') return IGNORED;
    const result = code ? EVENT : found.message === '' ? UNPARSED : this.readText(found.message, compiled);
    if (result === UNPARSED || result === IGNORED || !plan) return result;
    this.addHeader(plan, found.tree);
    const leaves = code?.leaves ?? compiled.inRecords[this.leaf!.id];
    if (leaves) this.fillLeaf(compiled, plan, leaves, found.tree, code);
    return EVENT;
  }

  /** Reads a text that no line has as it is. */
  private readText(text: string, compiled: CompiledParser): number {
    const message = Buffer.from(text.replace(/\n/g, '\\n'));
    this.messageStart = this.core.placeText(this.scratch, message, 0, message.length);
    this.messageEnd = this.messageStart + message.length;
    return this.readMessage(compiled);
  }

  /** Writes values behind the message, as if they were captured from it. */
  private fillLeaf(
    compiled: CompiledParser,
    plan: RecordPlan,
    leaves: RoleLeaves,
    tree: Tree,
    code: CompiledCode | undefined,
  ): void {
    const own = code ? [] : this.leaf!.captures;
    const spans = own.map(({ slot }) => [slot, this.starts[slot]!, this.ends[slot]!] as const);
    const values: Values = {};
    const { vocabulary, empty } = compiled;
    if (code) takeValues(code.take, tree, empty, vocabulary, this.taking, values);
    takeValues(plan.take, tree, empty, vocabulary, this.taking, values);
    values.user_identity ??= values.peer_id ?? '';
    const role = values.role === 'initiator' || values.role === 'responder' ? values.role : 'unknown';
    const leaf = compiled.leaves[leaves[role]]!;
    const taken = leaf.captures
      .filter(({ slot }) => !own.some((capture) => capture.slot === slot))
      .map(({ slot, field, kind }) => ({ slot, bytes: bytesOf(values[field.name], kind) }));
    const message = code ? NOTHING : Buffer.from(this.buffer.subarray(this.messageStart, this.messageEnd));
    const whole = Buffer.concat([message, ...taken.map(({ bytes }) => bytes)]);
    const start = this.core.placeText(this.scratch, whole, 0, whole.length);
    for (const [slot, from, end] of spans) this.capture(slot, from - this.messageStart + start, end - this.messageStart + start);
    let at = start + message.length;
    for (const { slot, bytes } of taken) {
      this.capture(slot, at, at + bytes.length);
      at += bytes.length;
    }
    this.messageStart = start;
    this.messageEnd = at;
    this.leaf = leaf;
  }

  private capture(slot: number, from: number, end: number): void {
    this.starts[slot] = from;
    this.ends[slot] = end;
  }

  /** What the parser takes for a header's fields completes those of the header itself. */
  private addHeader({ header }: RecordPlan, tree: Tree): void {
    const own = this.header ?? this.noHeader;
    if (header.length === 0) {
      this.header = own;
      return;
    }
    const texts = new Map(own.texts);
    for (const { way, slot } of header) {
      const text = textAt(tree, way);
      if (slot >= 0 && text !== '' && !texts.has(slot)) texts.set(slot, latin1(text));
    }
    this.header = { leaf: own.leaf, texts, number: 0, stitch: undefined, render: undefined };
  }
}

const NOTHING = Buffer.alloc(0);

/** @returns a value as text; nothing where its field cannot hold it: a number that is none would be no JSON */
function bytesOf(value: Values[string] | undefined, kind: ValueKind): Buffer {
  if (value === undefined || value === '' || (kind === 'number' && !/^-?\d+$/.test(String(value)))) return NOTHING;
  return Buffer.from(Array.isArray(value) ? value.join('\n') : String(value));
}

/** @returns the text's UTF-8, a byte a code unit: so are all texts that go into output */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}
