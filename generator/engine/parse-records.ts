/** The loop: bytes from a source, line by line, to a sink. Nothing is lost: every record is counted as event, ignored, unparsed or other. */
import type { CompiledParser, Engine } from './compile-engine.js';
import { isEcho } from './echoes.js';
import { type JoinRule, LineJoiner } from './join-lines.js';
import { isIndent, Reading } from './reading.js';
import { END, EVENT, IGNORED, LATER, ODD_LINE, OTHER, RecordReader, UNPARSED } from './record.js';
import type { Place, Sink } from './sink.js';
import type { Source } from './source.js';
import { PEER_IP } from './joined.js';
import { Stitcher } from './stitch.js';
import { planStitch, type StitchPlan } from './stitch-plan.js';
import type { Clock } from './time.js';

export interface Counts {
  read: number;
  events: number;
  ignored: number;
  unparsed: number;
  other: number;
}

export interface ParseOptions {
  clock: Clock;
  /** join records of one exchange and one SA; without, each record stands for itself, as in a SIEM */
  stitch: boolean;
  /** also write records that are no events: `ignored`, `other`; unparsed ones are always written */
  include: ReadonlySet<'ignored' | 'other'>;
  forced: CompiledParser | undefined;
  /** events that are written; without, all are. The others are read and joined all the same */
  wanted?: ReadonlySet<string>;
  /** told after each chunk */
  progress?: (bytes: number, counts: Counts) => void;
  /** told of each record that no line of its parser matches */
  onUnparsed?: (record: RecordReader) => void;
  /** told of each record of a program that no parser reads, once its envelope was read */
  onOther?: (record: RecordReader) => void;
  /** told of a source that breaks off; without, it is thrown at the end of its records */
  onBroken?: (source: Source, failure: unknown) => void;
}

/** What of a parser was seen: which of its lines and headers, and how often. */
export interface Seen {
  compiled: CompiledParser;
  /** records, by the number of the line's leaf */
  lines: Float64Array;
  /** slots of fields that headers and envelopes gave */
  headerSlots: Set<number>;
  /** records whose peer was joined to them */
  joined: number;
}

interface Joined {
  plan: StitchPlan;
  stitcher: Stitcher | undefined;
  seen: Seen;
}

/** Milliseconds by which one source may run ahead of another: a daemon's own threads log out of order by as much, also where a log was rotated. */
const SLACK = 2000;

/** Records of a parser whose headers are all looked at; after them, one of so many. */
const FIRST_HEADERS = 256;
const SOME_HEADERS = 63;

/** Parses sources in turn, with one state for all of them. */
export class RecordParser {
  readonly counts: Counts = { read: 0, events: 0, ignored: 0, unparsed: 0, other: 0 };
  /** times that carried no zone or no year were read with the clock's; NaN where there was none */
  firstTime = Number.NaN;
  lastTime = Number.NaN;

  /** records of known programs that have no time */
  timeless = 0;
  private readonly engine: Engine;
  private readonly options: ParseOptions;
  private readonly reader: RecordReader;
  private readonly sink: Sink;
  private readonly place: Place = { source: 0, line: 0, buffer: Buffer.alloc(0), from: 0, end: 0 };
  private readonly joined = new Map<CompiledParser, Joined>();
  /** of the last event: the next one is mostly of the same parser */
  private lastParser: CompiledParser | undefined;
  private lastJoined: Joined | undefined;
  private readonly joinRules: JoinRule[];
  /** the reading that the reader knows the beginning of */
  private current: Reading | undefined;
  /** what is read stands in a package */
  private packed = false;

  /** What joining has made no record of is as many lines as before: else a forged `{` would swallow them. */
  private readonly isRecord = (record: Buffer) => this.reader.isRecord(record);

  constructor(engine: Engine, sink: Sink, options: ParseOptions) {
    this.engine = engine;
    this.options = options;
    this.reader = new RecordReader(engine, options.clock, options.forced);
    this.sink = sink;
    sink.attach(this.reader);
    this.reader.ask({
      ignored: options.include.has('ignored'),
      other: options.include.has('other') || options.onOther !== undefined,
    });
    this.joinRules = joinRules(engine);
  }

  /** A log has lines of few parsers: the others are not planned. */
  private joinedOf(compiled: CompiledParser): Joined {
    const known = this.joined.get(compiled);
    if (known) return known;
    const plan = planStitch(this.engine, compiled);
    const stitcher =
      this.options.stitch && compiled.stitch ? new Stitcher(plan, (ticket) => this.sink.settle(ticket, plan)) : undefined;
    const seen = { compiled, lines: new Float64Array(compiled.leaves.length), headerSlots: new Set<number>(), joined: 0 };
    const joined = { plan, stitcher, seen };
    this.joined.set(compiled, joined);
    return joined;
  }

  /** SAs and addresses that stitching forgot for want of room. */
  get evicted(): number {
    return [...this.joined.values()].reduce((sum, { stitcher }) => sum + (stitcher?.evicted ?? 0), 0);
  }

  /** What was seen of each parser that read an event. */
  get seen(): Seen[] {
    return [...this.joined.values()].map(({ seen }) => seen).filter(({ lines }) => lines.some((count) => count > 0));
  }

  /** @throws InputError where the source breaks off; what came before is counted and written */
  async parse(source: Source, live = false): Promise<void> {
    const reading = this.open(source, 0);
    while (await reading.fill(live)) {
      this.readOn(reading, Number.POSITIVE_INFINITY);
      if (live || this.sink.full) await this.flush(false);
      this.options.progress?.(reading.bytes, this.counts);
    }
    this.endJoining(reading);
    await this.flush(false);
    if (reading.failure) throw reading.failure;
  }

  /**
   * Parses several sources as one log, in order of time: always the one whose next record is oldest. Parts of a rotated log so follow each other, in whatever order
   * they are given, and logs of the same time are merged. Records without a time stay with the one before.
   */
  async parseAll(sources: Source[]): Promise<void> {
    let open = sources.map((source, index) => this.open(source, index, sources.length));
    let bytes = 0;
    const fill = async (reading: Reading) => {
      const before = reading.bytes;
      const more = await reading.fill();
      bytes += reading.bytes - before;
      this.options.progress?.(bytes, this.counts);
      if (more) return true;
      this.endJoining(reading);
      open = open.filter((other) => other !== reading);
      if (reading.failure) this.options.onBroken?.(reading.source, reading.failure);
      return false;
    };
    // the first record with a time decides who begins
    for (const reading of [...open]) while ((await fill(reading)) && this.readOn(reading, Number.NEGATIVE_INFINITY));
    let current: Reading | undefined;
    while (open.length) {
      current = nextReading(open, current);
      const others = open.filter((reading) => reading !== current).map(({ nextTime }) => nextTime);
      if (this.readOn(current, Math.min(...others) + SLACK))
        while ((await fill(current)) && this.readOn(current, Number.NEGATIVE_INFINITY));
      if (this.sink.full) await this.flush(false);
    }
    await this.flush(false);
  }

  /** Writes all that is left; records that still wait will learn nothing more. */
  async finish(): Promise<void> {
    for (const { stitcher } of this.joined.values()) stitcher?.giveUp();
    await this.flush(true);
  }

  /** Parses the lines of `text` at once, for callers that have them in memory. */
  parseText(text: Buffer): void {
    const reading = this.open(undefined, 0);
    reading.give(text);
    this.readOn(reading, Number.POSITIVE_INFINITY);
    this.endJoining(reading);
  }

  private open(source: Source | undefined, number: number, among = 1): Reading {
    return new Reading(source, number, this.joinRules.length ? new LineJoiner(this.joinRules) : undefined, among);
  }

  /** A record of several lines that has no end is read as the lines that it came in. */
  private endJoining(reading: Reading): void {
    reading.endJoining(this.isRecord);
    this.readOn(reading, Number.POSITIVE_INFINITY);
  }

  private async flush(all: boolean): Promise<void> {
    const { sink } = this;
    // what waits must not hold back more than a little: it has had its time
    if (!all && sink.full && sink.waitingSince < this.lastTime - 2000) {
      for (const { stitcher } of this.joined.values()) stitcher?.giveUp();
    }
    await sink.flush(all);
  }

  /**
   * Parses what is at hand of a source, up to a record that is later than `until`, which stays where it is.
   * @returns whether all that is at hand was parsed
   */
  private readOn(reading: Reading, until: number): boolean {
    if (reading !== this.current) this.turnTo(reading);
    if (reading.held.length > 0 && !this.readHeld(reading, until)) return false;
    while (reading.at < reading.end) {
      if (!(reading.isJoining ? this.readLine(reading, until) : this.readLines(reading, until))) return false;
    }
    return true;
  }

  /** Reads lines by the core, and those that it leaves by themselves, until some are to be joined. @returns as `readOn` does */
  private readLines(reading: Reading, until: number): boolean {
    const { reader } = this;
    const { text, at: first } = reading;
    const last = endOfLines(text, first, reading.end);
    const start = reader.place(text, first, last);
    const end = start + last - first;
    let at = start;
    for (;;) {
      const kind = reader.scan(at, end, until);
      this.countPassed(reading);
      if (kind === END) {
        reading.at = last;
        return true;
      }
      if (kind === LATER || kind === ODD_LINE) {
        reading.at = reader.lineStart - start + first;
        if (kind === LATER) reading.nextTime = reader.time;
        if (kind === LATER || !this.readLine(reading, until)) return false;
        if (reading.isJoining || reading.at >= last) return true;
        at = reading.at - first + start;
        continue;
      }
      at = reader.next;
      reading.line++;
      this.take(kind, reading, reader.buffer, reader.lineStart, reader.lineEnd);
    }
  }

  /** What the core has passed, because nobody asks for it. */
  private countPassed(reading: Reading): void {
    const { counts } = this;
    const { lines, ignored, other } = this.reader.passed();
    reading.line += lines;
    counts.read += ignored + other;
    counts.ignored += ignored;
    counts.other += other;
  }

  /** Reads a line that may begin a record of several, or is structured. @returns as `readOn` does */
  private readLine(reading: Reading, until: number): boolean {
    const { text, end, joiner } = reading;
    const from = reading.at;
    let to = text.indexOf(10, from);
    if (to < 0 || to >= end) to = end;
    let next = to + 1;
    if (to > from && text[to - 1] === 13) to--;
    if (to === from) reading.line++;
    else if (joiner === undefined || reading.passes(from, to, this.isRecord)) {
      let kind = this.reader.read(text, from, to);
      let lines = 1;
      if (next < end && isIndent(text[next]) && this.goesOn(kind)) {
        const whole = wholeRecord(text, from, next, end);
        const joined = this.reader.read(whole.record, 0, whole.record.length);
        if (joined === EVENT || (joined !== OTHER && kind !== EVENT)) {
          kind = joined;
          ({ lines, next } = whole);
          to = next - 1;
        } else this.reader.read(text, from, to);
      }
      if (this.reader.time > until) {
        reading.nextTime = this.reader.time;
        return false;
      }
      reading.line += lines;
      this.take(kind, reading, text, from, to);
    } else {
      reading.line++;
      reading.at = next;
      if (!this.readHeld(reading, until)) return false;
    }
    reading.at = next;
    return true;
  }

  /** @returns whether an indented line may go on with the record that was read */
  private goesOn(kind: number): boolean {
    return kind !== OTHER && this.reader.process.compiled!.indented;
  }

  /** Records that were joined from several lines. @returns as `readOn` does */
  private readHeld(reading: Reading, until: number): boolean {
    for (let record = reading.held[0]; record !== undefined; record = reading.held[0]) {
      const kind = this.reader.read(record, 0, record.length);
      if (this.reader.time > until) {
        reading.nextTime = this.reader.time;
        return false;
      }
      reading.held.shift();
      this.take(kind, reading, record, 0, record.length);
    }
    return true;
  }

  /** Where records name no program, the reader knows by the beginning of their source whose they are. */
  private turnTo(reading: Reading): void {
    this.current = reading;
    if (reading.speakers) this.reader.resume(reading.speakers);
    else reading.speakers = this.reader.begin(reading.text, reading.end);
  }

  private take(kind: number, reading: Reading, buffer: Buffer, from: number, end: number): void {
    const { reader, counts, sink, options } = this;
    counts.read++;
    switch (kind) {
      case EVENT: {
        const { compiled } = reader.process;
        if (compiled !== this.lastParser) {
          this.lastParser = compiled;
          this.lastJoined = this.joinedOf(compiled!);
        }
        const { plan, stitcher, seen } = this.lastJoined!;
        if (stitcher !== undefined) {
          if (isEcho(reader)) return this.takeIgnored();
          stitcher.join(reader);
          if (stitcher.copy) return this.takeIgnored();
          if (stitcher.endpoint !== undefined && (stitcher.ownAddresses & PEER_IP) === 0) seen.joined++;
        }
        const number = counts.events++;
        seen.lines[reader.leaf!.id]!++;
        if ((number < FIRST_HEADERS || (number & SOME_HEADERS) === 0) && reader.header !== undefined)
          for (const slot of reader.header.texts.keys()) seen.headerSlots.add(slot);
        this.sawTime(reader.time);
        if (options.wanted?.has(stitcher?.becomes ?? reader.leaf!.entry.event!) === false) return;
        const { place } = this;
        place.source = reading.number;
        place.line = reading.line;
        place.buffer = buffer;
        place.from = from;
        place.end = end;
        sink.event(reader, plan, stitcher, place);
        return;
      }
      case IGNORED:
        return this.takeIgnored();
      case UNPARSED:
        counts.unparsed++;
        options.onUnparsed?.(reader);
        sink.unparsed(reader, 'unparsed');
        return;
      case OTHER:
        if (this.unpack(reading)) return;
        counts.other++;
        if (!options.include.has('other') && !options.onOther) return;
        reader.nameStranger();
        options.onOther?.(reader);
        if (options.include.has('other')) sink.unparsed(reader, 'other');
        return;
      default:
        throw new Error(`Unexpected kind of record ${kind}`);
    }
  }

  private takeIgnored(): void {
    this.counts.ignored++;
    if (this.options.include.has('ignored')) this.sink.unparsed(this.reader, 'ignored');
  }

  /** A package of records is as many records as are in it. @returns whether the line is one */
  private unpack(reading: Reading): boolean {
    const records = this.packed ? undefined : this.reader.unpack();
    if (!records) return false;
    this.counts.read--;
    this.packed = true; // packages are not looked for in packages
    for (const text of records) {
      const record = Buffer.from(text);
      this.take(this.reader.read(record, 0, record.length), reading, record, 0, record.length);
    }
    this.packed = false;
    return true;
  }

  private sawTime(time: number): void {
    if (Number.isNaN(time)) {
      this.timeless++;
      return;
    }
    if (!(this.firstTime <= time)) this.firstTime = time;
    if (!(this.lastTime >= time)) this.lastTime = time;
  }
}

/** Bytes that the core is given at once. */
const WINDOW = 1 << 16;

/** @returns behind the last line that fits in, with all that are indented behind it; at least one line */
function endOfLines(text: Buffer, from: number, end: number): number {
  if (end - from <= WINDOW) return end;
  let last = text.lastIndexOf(10, from + WINDOW - 1) + 1;
  while (last > from && isIndent(text[last])) last = text.lastIndexOf(10, last - 2) + 1;
  if (last > from) return last;
  last = text.indexOf(10, from + WINDOW) + 1;
  while (last > 0 && last < end && isIndent(text[last])) last = text.indexOf(10, last) + 1;
  return last > 0 && last < end ? last : end;
}

/** More lines no record has: whatever else is indented is not its own. */
const MOST_INDENTED = 32;

/** A record with the indented lines behind it. @returns its text, with a blank for each break, how many lines it has, and where the next one begins */
function wholeRecord(text: Buffer, from: number, at: number, end: number): { record: Buffer; lines: number; next: number } {
  let next = at;
  let lines = 1;
  while (next < end && isIndent(text[next]) && lines < MOST_INDENTED) {
    const found = text.indexOf(10, next);
    next = (found < 0 || found > end ? end : found) + 1;
    lines++;
  }
  const record = text
    .toString('latin1', from, next - 1)
    .replace(/\r?\n[ \t]*/g, ' ')
    .trimEnd();
  return { record: Buffer.from(record, 'latin1'), lines, next };
}

function joinRules(engine: Engine): JoinRule[] {
  return engine.pack.envelopes.flatMap(({ joins }) =>
    joins ? [{ begins: Buffer.from(joins.begins), ends: Buffer.from(joins.ends), alone: joins.alone === true }] : [],
  );
}

/** @returns the reading whose next record is oldest; the one that is being read, unless it has run too far ahead */
function nextReading(open: Reading[], current: Reading | undefined): Reading {
  const oldest = open.reduce((first, reading) => (reading.nextTime < first.nextTime ? reading : first));
  return current !== undefined && open.includes(current) && current.nextTime <= oldest.nextTime + SLACK ? current : oldest;
}
