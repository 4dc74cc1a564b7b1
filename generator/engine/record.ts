/**
 * Reads one record: envelope, program, header, line. A `RecordReader` is used over and over; what it found of the last record stands in its
 * members, as offsets into `buffer`, until the next call.
 */
import { ByteCache, type SpanKey, spanIs, spanKey, wordsAre, writeWords } from './byte-cache.js';
import type { CompiledParser, Engine, HeaderLeaf, Leaf, Readers } from './compile-engine.js';
import type { CompiledCode, RecordPlan, RoleLeaves } from './compile-records.js';
import { holds, textAt, type Tree } from './find-path.js';
import { type FoundRecord, RecordFinder } from './find-record.js';
import { MatchState, match } from './match.js';
import { type TakeContext, takeValues } from './take-values.js';
import { type Clock, parseTime } from './time.js';
import type { Values } from './vocabulary.js';

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
  /** messages of this process's parser that came more than once */
  messages: ByteCache<MessageFacts> | undefined;
}

/** A place in a renderer's store of output, good for one generation of it. */
export interface KeptOutput {
  generation: number;
  at: number;
  length: number;
}

/** What a message says, kept by its bytes. */
export interface MessageFacts {
  leaf: Leaf;
  /** slot, start and end of each capture, from the message's first byte */
  captures: Int32Array;
  /** caches of those who use the facts: the endpoint that it names, and where its output is kept */
  stitch: unknown;
  render: KeptOutput;
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

/** What stands between a time stamp and the message. */
interface NearProcess {
  key: SpanKey;
  process: Process;
}

const MAX_PROCESSES = 4096;
const MESSAGES = 8192;
const NEAR_HEADERS = 1024;
/** words of a near header's key */
const NEAR_WORDS = 12;
const BLANK = 32;
const BRACE = 123;
const BRACKET = 91;
const LESS = 60;
const MORE = 62;
const COLON = 58;
const LONGEST_PROCESS = 96;
/** lines at the beginning of a source that are looked through for a header that tells whose they are */
const LOOK_AHEAD = 2000;

/** Whose records are that name no program, by envelope. */
export type Speakers = Map<string, CompiledParser>;

export class RecordReader {
  buffer: Buffer = Buffer.alloc(0);
  /** the same bytes, to be read in words */
  view: DataView = viewOf(this.buffer);
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  process!: Process;
  header: HeaderFacts | undefined;
  leaf: Leaf | undefined;
  /** what is kept of the message, where it came before */
  message: MessageFacts | undefined;
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
  private readonly strangers = new Map<Readers, ByteCache<boolean>>();
  private readonly headerBytes = new ByteCache<HeaderFacts>(4096);
  private readonly messageBytes = new Map<CompiledParser, ByteCache<MessageFacts>>();
  /**
   * The last header of each thread and subsystem, found by its first bytes alone: of which parser, its length, and the bytes that decided what it is (perhaps one
   * more than it has itself).
   */
  private readonly nearParsers = new Array<CompiledParser | undefined>(NEAR_HEADERS).fill(undefined);
  private readonly nearFacts = new Array<HeaderFacts | undefined>(NEAR_HEADERS).fill(undefined);
  private readonly nearLengths = new Int32Array(NEAR_HEADERS);
  private readonly nearKeyLengths = new Int32Array(NEAR_HEADERS);
  private readonly nearKeys = new Int32Array(NEAR_HEADERS * NEAR_WORDS);
  private readonly nearProcesses = new ByteCache<NearProcess>(256);
  private nearProcess: NearProcess | undefined;
  private readonly matching = new MatchState();
  private readonly nowhere: Process;
  private lastTimestamp: SpanKey = { length: 0, words: new Int32Array(0) };
  private lastTime = Number.NaN;
  private minute: SpanKey = { length: 0, words: new Int32Array(0) };
  private minuteTime = Number.NaN;
  /** the time stamp that the last named record began with: the next one often has the same */
  private stamp: SpanKey = { length: 0, words: new Int32Array(0) };
  private stampTime = Number.NaN;
  /** by envelope that names no program: whose records they are, once a header has told */
  private spoken: Speakers = new Map();
  private scratch = Buffer.alloc(4096);
  private scratchView = viewOf(this.scratch);
  /** of records without a text that could have one */
  private readonly noHeader: HeaderFacts = {
    leaf: { id: -1, captures: [], bare: true },
    texts: new Map(),
    stitch: undefined,
    render: undefined,
  };
  private readonly finder: RecordFinder;
  private readonly taking: TakeContext;
  /** a structured record of another program has told who it is */
  private isNamed = false;
  private source: Buffer = this.buffer;
  private sourceView = this.view;

  /** @param forced the parser of records that do not say which program wrote them, or whose program no parser knows */
  constructor(engine: Engine, clock: Clock, forced?: CompiledParser) {
    this.engine = engine;
    this.clock = clock;
    this.forced = forced;
    this.starts = new Int32Array(engine.slotNames.length);
    this.ends = new Int32Array(engine.slotNames.length);
    this.finder = new RecordFinder(engine, clock);
    this.taking = {
      clock,
      starts: new Int32Array(this.starts.length),
      ends: new Int32Array(this.ends.length),
      matching: this.matching,
    };
    this.nowhere = { host: '', program: '', pid: '', compiled: undefined, messages: undefined };
  }

  /** @returns EVENT, IGNORED, UNPARSED or OTHER for the line `from`..`end` of the buffer */
  read(buffer: Buffer, from: number, end: number): number {
    if (buffer !== this.source) {
      this.source = buffer;
      this.sourceView = viewOf(buffer);
    }
    this.buffer = buffer;
    this.view = this.sourceView;
    this.repeat = 1;
    this.leaf = undefined;
    this.header = undefined;
    this.message = undefined;
    this.isNamed = false;
    let start = from;
    while (start < end && buffer[start]! <= BLANK) start++; // indented in an export
    const first = buffer[start];
    if (first === BRACE || (first === LESS && this.mayBeRecord(start, end))) {
      const found = this.finder.find(buffer.toString('utf8', start, end));
      if (found) return this.readFound(found, from, end);
    }
    const kind = this.readLine(from, end);
    return kind === OTHER && this.engine.forms.length > 0 ? this.readStranger(from, end) : kind;
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
      const around = inside ? this.readEnvelope(from, end) : undefined;
      if (around && Number.isNaN(found.time)) found.time = around.time;
      if (around && found.host === '') found.host = around.process.host;
      return this.readFound(found, from, end);
    }
    const form = this.finder.header(text);
    const reads = form && this.engine.parsers.find(({ records }) => records.has(form));
    if (!reads) {
      this.process = process;
      return OTHER;
    }
    this.process = this.processOf('', reads.parser.programs[0] ?? '', '', reads);
    this.messageStart = from;
    this.messageEnd = end;
    return IGNORED;
  }

  /** For a line that `read` called OTHER. @returns the records in it, where it is a package of records */
  unpack(buffer: Buffer, from: number, end: number): string[] | undefined {
    let start = from;
    while (start < end && buffer[start]! <= BLANK) start++;
    const first = buffer[start];
    return first === BRACE || first === BRACKET ? this.finder.unpack(buffer.toString('utf8', start, end)) : undefined;
  }

  /** @returns whether the text is a structured record of a known spelling */
  isRecord(text: Buffer): boolean {
    const trimmed = text.toString('utf8').trim();
    return (this.finder.find(trimmed) ?? this.finder.unpack(trimmed)) !== undefined;
  }

  private readLine(from: number, end: number): number {
    const { engine, starts, ends } = this;
    const { slots } = engine;
    this.messageEnd = end;
    const near = this.findProcess(from, end);
    if (near !== undefined) return this.readNamed(near, this.stampTime);
    this.process = this.nowhere;
    this.messageStart = from;
    this.time = Number.NaN;
    const envelope = engine.envelopeLeaves[match(engine.envelopes, this.buffer, from, end, starts, ends, this.matching)];
    if (!envelope) return OTHER;
    const { has } = envelope;
    this.messageStart = starts[slots.message]!;
    if (!has.program) {
      if (has.timestamp) this.time = this.timeAt(starts[slots.timestamp]!, ends[slots.timestamp]!);
      return this.readUnnamed(envelope.envelope.name, envelope.readers);
    }
    const first = has.host ? starts[slots.host]! : starts[slots.program]!;
    const process = this.processAt(first, this.messageStart, has, envelope.readers);
    const time = has.timestamp && process.compiled ? this.timeAt(starts[slots.timestamp]!, ends[slots.timestamp]!) : Number.NaN;
    if (has.timestamp && starts[slots.timestamp] === from) this.keepProcess(from, ends[slots.timestamp]!, process);
    return this.readNamed(process, time);
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
    this.buffer = buffer;
    this.view = viewOf(buffer);
    const { engine, starts, ends } = this;
    let from = 0;
    for (let lines = 0; from < end && lines < LOOK_AHEAD; lines++) {
      let to = buffer.indexOf(10, from);
      if (to < 0 || to > end) to = end;
      const envelope = engine.envelopeLeaves[match(engine.envelopes, buffer, from, to, starts, ends, this.matching)];
      if (envelope?.has.program || buffer[from] === BRACE) return;
      if (envelope) {
        this.messageStart = starts[engine.slots.message]!;
        this.messageEnd = to;
        if (this.speaker(envelope.envelope.name, envelope.readers, true)) return;
      }
      from = to + 1;
    }
  }

  /** For the record that `read` called OTHER: finds out what its envelope says of it, which is not done where nobody asks. */
  nameStranger(from: number, end: number): void {
    if (this.isNamed) return;
    const { process, time, message } = this.readEnvelope(from, end);
    this.messageStart = message;
    this.header = undefined;
    this.time = time;
    this.process = process;
  }

  /** What a line's envelope says, of whatever program. */
  private readEnvelope(from: number, end: number): { process: Process; time: number; message: number } {
    const { engine, starts, ends, buffer } = this;
    const { slots } = engine;
    const envelope = engine.envelopeLeaves[match(engine.envelopes, buffer, from, end, starts, ends, this.matching)];
    if (!envelope?.has.program) {
      return { process: this.nowhere, time: this.time, message: envelope ? starts[slots.message]! : from };
    }
    const { has } = envelope;
    const text = (slot: number) => buffer.toString('latin1', starts[slot], ends[slot]);
    const time = has.timestamp ? (parseTime(text(slots.timestamp), this.clock) ?? Number.NaN) : Number.NaN;
    const named = { host: has.host ? text(slots.host) : '', program: text(slots.program), pid: has.pid ? text(slots.pid) : '' };
    return { process: { ...this.nowhere, ...named }, time, message: starts[slots.message]! };
  }

  private readNamed(process: Process, time: number): number {
    this.process = process;
    const { compiled } = process;
    if (compiled === undefined) {
      this.time = Number.NaN;
      return OTHER;
    }
    this.time = time;
    if (compiled.readsRuns || this.buffer[this.messageStart] === BRACE) {
      const found = this.finder.find(this.buffer.toString('utf8', this.messageStart, this.messageEnd), compiled);
      if (found) return this.readFound(found, this.messageStart, this.messageEnd, process);
    }
    return this.readMessage(compiled);
  }

  /**
   * Most records have a time stamp and a process that came before. After a time stamp and a blank, what is matched does not depend on the
   * time: so each is found by its bytes alone, and the message begins behind them.
   */
  private findProcess(from: number, end: number): Process | undefined {
    const { view, stamp } = this;
    const at = (from + stamp.length) | 0;
    if (at >= end || stamp.length === 0 || view.getUint8(at) !== BLANK || !spanIs(view, from, stamp)) return undefined;
    let near = this.nearProcess;
    if (near === undefined || at + near.key.length >= end || !spanIs(view, at, near.key)) {
      near = this.nearProcesses.get(view, at, this.endOfProcess(at, end));
      if (near === undefined || at + near.key.length >= end || !spanIs(view, at, near.key)) return undefined;
      if (near.process.compiled) this.nearProcess = near;
    }
    if (near.process.compiled && Number.isNaN(this.stampTime)) this.stampTime = this.timeAt(from, at);
    this.messageStart = (at + near.key.length) | 0;
    return near.process;
  }

  private keepProcess(from: number, at: number, process: Process): void {
    const { view, messageStart } = this;
    if (view.getUint8(at) !== BLANK) return;
    if (this.stamp.length !== at - from || !spanIs(view, from, this.stamp)) {
      this.stamp = spanKey(view, from, at);
      this.stampTime = process.compiled ? this.lastTime : Number.NaN;
    } else if (process.compiled) this.stampTime = this.lastTime;
    if (!process.compiled) return;
    const near = { key: spanKey(view, at, messageStart), process };
    const end = this.endOfProcess(at, this.messageEnd);
    this.nearProcesses.get(view, at, end);
    this.nearProcesses.set(view, at, end, near);
    this.nearProcess = near;
  }

  /** Some byte that the process alone decides: the first colon. */
  private endOfProcess(at: number, end: number): number {
    const { view } = this;
    const limit = end - at > LONGEST_PROCESS ? (at + LONGEST_PROCESS) | 0 : end;
    let to = at | 0;
    while (to < limit && view.getUint8(to) !== COLON) to = (to + 1) | 0;
    return to;
  }

  /** A record that does not say which program wrote it. */
  private readUnnamed(envelope: string, readers: Readers): number {
    this.skipBlanks();
    const compiled = this.forced ?? this.speaker(envelope, readers, false);
    if (!compiled) return OTHER;
    this.process = this.processOf('', compiled.parser.programs[0] ?? envelope, '', compiled);
    return this.readMessage(compiled);
  }

  /** @returns whose record it is: the parser whose header fits, else the one of the records before */
  private speaker(envelope: string, { all }: Readers, telling: boolean): CompiledParser | undefined {
    for (const compiled of all) {
      const header = compiled.headerLeaves[this.matchHeader(compiled)];
      if (!header || header.bare) continue;
      this.spoken.set(envelope, compiled);
      return compiled;
    }
    return telling ? undefined : this.spoken.get(envelope);
  }

  private matchHeader(compiled: CompiledParser): number {
    return match(compiled.headers, this.buffer, this.messageStart, this.messageEnd, this.starts, this.ends, this.matching);
  }

  private readMessage(compiled: CompiledParser): number {
    this.skipBlanks();
    if (!this.readHeader(compiled)) return compiled.begins.length ? OTHER : UNPARSED;
    this.skipBlanks();
    const { view, messageStart, messageEnd, starts, ends } = this;
    if (this.process.messages === undefined) this.process.messages = this.messagesOf(compiled);
    const { messages } = this.process;
    const known = messages.get(view, messageStart, messageEnd);
    if (known !== undefined) {
      const { captures, leaf } = known;
      for (let i = 0; i < captures.length; i = (i + 3) | 0) {
        starts[captures[i]!] = messageStart + captures[i + 1]!;
        ends[captures[i]!] = messageStart + captures[i + 2]!;
      }
      this.message = known;
      this.leaf = leaf;
      return leaf.entry.kind === 'event' ? EVENT : IGNORED;
    }
    const leaf = compiled.leaves[match(compiled.lines, this.buffer, messageStart, messageEnd, starts, ends, this.matching)];
    if (leaf) {
      this.leaf = leaf;
      if (messages.again) messages.set(view, messageStart, messageEnd, this.messageFacts(leaf));
      return leaf.entry.kind === 'event' ? EVENT : IGNORED;
    }
    return this.concerns(compiled) ? this.unwrap(compiled) : OTHER;
  }

  /** @returns whether the message begins as the parser says that its messages do */
  private concerns({ begins }: CompiledParser): boolean {
    const { buffer, messageStart: from, messageEnd: end } = this;
    return (
      begins.length === 0 ||
      begins.some((text) => from + text.length <= end && buffer.compare(text, 0, text.length, from, from + text.length) === 0)
    );
  }

  private messagesOf(compiled: CompiledParser): ByteCache<MessageFacts> {
    let messages = this.messageBytes.get(compiled);
    if (!messages) {
      messages = new ByteCache(MESSAGES);
      this.messageBytes.set(compiled, messages);
    }
    return messages;
  }

  private messageFacts(leaf: Leaf): MessageFacts {
    const captures = leaf.captures.flatMap(({ slot }) => [
      slot,
      this.starts[slot]! - this.messageStart,
      this.ends[slot]! - this.messageStart,
    ]);
    return { leaf, captures: Int32Array.from(captures), stitch: undefined, render: { generation: -1, at: 0, length: 0 } };
  }

  /** Finds the header, and moves on to the message behind it. @returns false where no header fits */
  private readHeader(compiled: CompiledParser): boolean {
    const { view, messageStart: start, messageEnd: end } = this;
    const place = start + 8 <= end ? nearPlace(view, start) : 0;
    const length = this.nearLengths[place]!;
    const keyLength = this.nearKeyLengths[place]!;
    if (
      this.nearParsers[place] === compiled &&
      start + length < end &&
      start + keyLength <= end &&
      wordsAre(view, start, keyLength, this.nearKeys, place * NEAR_WORDS)
    ) {
      this.header = this.nearFacts[place];
      this.messageStart = start + length;
      return true;
    }
    const leaf = compiled.headerLeaves[this.matchHeader(compiled)];
    if (!leaf) return false;
    if (!leaf.bare) this.messageStart = this.starts[this.engine.slots.message]!;
    const facts = this.headerFacts(leaf, start);
    this.header = facts;
    const { reach } = this.matching;
    const decided = Math.max(reach, this.messageStart) - start;
    if (reach <= end && decided <= NEAR_WORDS * 4 && !leaf.bare) {
      this.nearParsers[place] = compiled;
      this.nearFacts[place] = facts;
      this.nearLengths[place] = this.messageStart - start;
      this.nearKeyLengths[place] = decided;
      writeWords(view, start, decided, this.nearKeys, place * NEAR_WORDS);
    }
    return true;
  }

  private headerFacts(leaf: HeaderLeaf, headerStart: number): HeaderFacts {
    const known = this.headerBytes.get(this.view, headerStart, this.messageStart);
    if (known && known.leaf === leaf) return known;
    const texts = new Map<number, string>();
    for (const { slot } of leaf.captures) {
      if (this.ends[slot]! > this.starts[slot]!)
        texts.set(slot, this.buffer.toString('latin1', this.starts[slot], this.ends[slot]));
    }
    const facts: HeaderFacts = { leaf, texts, stitch: undefined, render: undefined };
    this.headerBytes.set(this.view, headerStart, this.messageStart, facts);
    return facts;
  }

  /** `message repeated 3 times: [ … ]`: the line inside counts as many times. */
  private unwrap(compiled: CompiledParser): number {
    if (this.repeat > 1) return UNPARSED;
    const { starts, ends, engine } = this;
    if (match(engine.wrappers, this.buffer, this.messageStart, this.messageEnd, starts, ends, this.matching) < 0) return UNPARSED;
    this.repeat = Math.max(2, Number(this.buffer.toString('latin1', starts[engine.slots.repeat], ends[engine.slots.repeat])));
    this.messageEnd = ends[engine.slots.message]!;
    this.messageStart = starts[engine.slots.message]!;
    return this.readMessage(compiled);
  }

  private skipBlanks(): void {
    while (this.messageStart < this.messageEnd && this.buffer[this.messageStart] === BLANK) this.messageStart++;
  }

  private timeAt(from: number, end: number): number {
    const { lastTimestamp, view } = this;
    if (lastTimestamp.length === end - from && spanIs(view, from, lastTimestamp)) return this.lastTime;
    this.lastTimestamp = spanKey(view, from, end);
    this.lastTime = this.timeInMinute(from, end) ?? this.parseTimeAt(from, end);
    return this.lastTime;
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

  /** Nothing is kept of other programs: their process ids have no end. */
  private processAt(first: number, last: number, has: { host: boolean; pid: boolean }, readers: Readers): Process {
    const { starts, ends, buffer } = this;
    const { slots } = this.engine;
    if (this.isStranger(starts[slots.program]!, ends[slots.program]!, readers)) return this.nowhere;
    const known = this.processBytes.get(this.view, first, last);
    if (known) return known;
    const text = (slot: number) => buffer.toString('latin1', starts[slot], ends[slot]);
    const program = text(slots.program);
    const compiled = readers.byProgram.get(program) ?? this.forced;
    const process = this.processOf(has.host ? text(slots.host) : '', program, has.pid ? text(slots.pid) : '', compiled);
    this.processBytes.set(this.view, first, last, process);
    return process;
  }

  private isStranger(from: number, end: number, readers: Readers): boolean {
    if (this.forced) return false;
    let strangers = this.strangers.get(readers);
    if (!strangers) {
      strangers = new ByteCache(256);
      this.strangers.set(readers, strangers);
    }
    let stranger = strangers.get(this.view, from, end);
    if (stranger === undefined) {
      stranger = !readers.byProgram.has(this.buffer.toString('latin1', from, end));
      strangers.set(this.view, from, end, stranger);
    }
    return stranger;
  }

  private processOf(host: string, program: string, pid: string, compiled: CompiledParser | undefined): Process {
    const key = `${host}\0${program}\0${pid}\0${compiled?.parser.name ?? ''}`;
    let process = this.processes.get(key);
    if (!process) {
      if (this.processes.size >= MAX_PROCESSES) this.processes.clear();
      process = { host, program, pid, compiled, messages: undefined };
      this.processes.set(key, process);
    }
    return process;
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

  /** Reads a text that stands in no buffer yet. */
  private readText(text: string, compiled: CompiledParser): number {
    const message = text.replace(/\n/g, '\\n');
    this.messageStart = 0;
    this.messageEnd = this.intoScratch(message, 0);
    return this.readMessage(compiled);
  }

  /** Writes values behind what the scratch buffer holds, as if they were captured from the message. */
  private fillLeaf(
    compiled: CompiledParser,
    plan: RecordPlan,
    leaves: RoleLeaves,
    tree: Tree,
    code: CompiledCode | undefined,
  ): void {
    const values: Values = {};
    const { vocabulary, empty } = compiled;
    if (code) takeValues(code.take, tree, empty, vocabulary, this.taking, values);
    takeValues(plan.take, tree, empty, vocabulary, this.taking, values);
    values.user_identity ??= values.peer_id ?? '';
    const role = values.role === 'initiator' || values.role === 'responder' ? values.role : 'unknown';
    const leaf = compiled.leaves[leaves[role]]!;
    let at = code ? 0 : this.messageEnd;
    const own = code ? [] : this.leaf!.captures;
    for (const { slot, field, kind } of leaf.captures) {
      if (own.some((capture) => capture.slot === slot)) continue;
      const value = values[field.name];
      this.starts[slot] = at;
      // what no field of numbers can hold would be no JSON
      const holds = value !== undefined && value !== '' && (kind !== 'number' || /^-?\d+$/.test(String(value)));
      if (holds) at = this.intoScratch(Array.isArray(value) ? value.join('\n') : String(value), at);
      this.ends[slot] = at;
    }
    if (code) this.messageStart = 0;
    this.messageEnd = at;
    this.leaf = leaf;
    // the same message may come with other values
    this.message = undefined;
  }

  /** @returns the end of what was written */
  private intoScratch(text: string, at: number): number {
    const size = at + Buffer.byteLength(text);
    if (this.scratch.length < size) {
      const grown = Buffer.alloc(size * 2);
      this.scratch.copy(grown, 0, 0, at);
      this.scratch = grown;
      this.scratchView = viewOf(grown);
    }
    this.buffer = this.scratch;
    this.view = this.scratchView;
    return at + this.scratch.write(text, at);
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
    this.header = { leaf: own.leaf, texts, stitch: undefined, render: undefined };
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
}

/** Threads and subsystems stand in a header's first bytes: each has its own place. */
function nearPlace(view: DataView, from: number): number {
  const hash = Math.imul(Math.imul(view.getInt32(from, true), 0x9e3779b1) ^ view.getInt32(from + 4, true), 0x85ebca6b);
  return (hash >>> 16) & (NEAR_HEADERS - 1);
}

/** @returns the text's UTF-8, a byte a code unit: so are all texts that go into output */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}
