/** The loop: bytes from a source, line by line, to a sink. Nothing is lost: every record is counted as event, ignored, unparsed or other. */
import { isUtf8 } from 'node:buffer';
import type { CompiledParser, Engine } from './compile-engine.js';
import type { Format } from './formats.js';
import { type JoinRule, LineJoiner } from './join-lines.js';
import { EVENT, IGNORED, OTHER, RecordReader, UNPARSED } from './record.js';
import { Renderer } from './render.js';
import type { Source } from './source.js';
import { Stitcher } from './stitch.js';
import { planStitch, type StitchPlan } from './stitch-plan.js';
import type { Clock } from './time.js';

const CHUNK = 1 << 20;
/** A longer line is cut: no log line is that long, and a binary file has no lines at all. */
const LONGEST_LINE = 64 << 20;

export interface Counts {
  read: number;
  events: number;
  ignored: number;
  unparsed: number;
  other: number;
}

export interface ParseOptions {
  clock: Clock;
  format: Format;
  /** join records of one exchange and one SA; without, each record stands for itself, as in a SIEM */
  stitch: boolean;
  /** also write records that are no events: `ignored`, `other`; unparsed ones are always written */
  include: ReadonlySet<'ignored' | 'other'>;
  forced: CompiledParser | undefined;
  /** events that are written; without, all are. The others are read and joined all the same */
  wanted?: ReadonlySet<string>;
  /** also write where each record stands, and its text: `LINE_KEY` and `RAW_KEY` */
  traced?: boolean;
  /** unparsed records are counted, and not written */
  quietUnparsed?: boolean;
  /** Takes finished output. Resolves when more may come. */
  write: (output: Buffer) => Promise<void>;
  /** told after each chunk */
  progress?: (bytes: number, counts: Counts) => void;
  /** told of each record that no line of its parser matches */
  onUnparsed?: (record: RecordReader) => void;
  /** told of each record of a program that no parser reads, once its envelope was read */
  onOther?: (record: RecordReader) => void;
}

interface Joined {
  plan: StitchPlan;
  stitcher: Stitcher | undefined;
}

/** Parses sources in turn, with one state for all of them. */
export class RecordParser {
  readonly counts: Counts = { read: 0, events: 0, ignored: 0, unparsed: 0, other: 0 };
  /** times that carried no zone or no year were read with the clock's; NaN where there was none */
  firstTime = Number.NaN;
  lastTime = Number.NaN;

  /** number of the line in the source that is being read, from 1 */
  private physicalLine = 0;
  private readonly options: ParseOptions;
  private readonly reader: RecordReader;
  private readonly renderer: Renderer;
  private readonly joined = new Map<CompiledParser, Joined>();
  /** of the last event: the next one is mostly of the same parser */
  private lastParser: CompiledParser | undefined;
  private lastJoined: Joined | undefined;
  private readonly joiner: LineJoiner | undefined;
  /** What joining has made no record of is as many lines as before: else a forged `{` would swallow them. */
  private readonly whole = (record: Buffer, lines?: Buffer[]) => {
    const records = lines === undefined || this.reader.isRecord(record) ? [record] : lines;
    for (const each of records) if (each.length > 0) this.line(each, 0, each.length);
  };
  /** the next lines are the first of their source */
  private first = true;

  constructor(engine: Engine, options: ParseOptions) {
    this.options = options;
    this.reader = new RecordReader(engine, options.clock, options.forced);
    this.renderer = new Renderer(engine, options.format);
    const rules = joinRules(engine);
    this.joiner = rules.length ? new LineJoiner(rules) : undefined;
    for (const compiled of engine.parsers) {
      const plan = planStitch(engine, compiled);
      const stitcher =
        options.stitch && compiled.stitch ? new Stitcher(plan, (ticket) => this.renderer.settle(ticket, plan)) : undefined;
      this.joined.set(compiled, { plan, stitcher });
    }
  }

  /** SAs and addresses that stitching forgot for want of room. */
  get evicted(): number {
    return [...this.joined.values()].reduce((sum, { stitcher }) => sum + (stitcher?.evicted ?? 0), 0);
  }

  /** @throws InputError where the source breaks off; what came before is counted and written */
  async parse(source: Source, live = false): Promise<void> {
    this.physicalLine = 0;
    let buffer = Buffer.allocUnsafe(CHUNK);
    let filled = 0;
    let bytes = 0;
    let failure: unknown;
    this.first = true;
    for (;;) {
      if (filled === buffer.length) {
        const grown = Buffer.allocUnsafe(buffer.length * 2);
        buffer.copy(grown, 0, 0, filled);
        buffer = grown;
      }
      let count = 0;
      try {
        count = await source.read(buffer, filled);
      } catch (error) {
        failure = error;
      }
      if (count === 0) break;
      filled += count;
      bytes += count;
      let end = buffer.lastIndexOf(10, filled - 1) + 1;
      if (end === 0) {
        if (filled < LONGEST_LINE) continue;
        end = filled;
      }
      this.lines(buffer, end);
      buffer.copy(buffer, 0, end, filled);
      filled -= end;
      if (live || this.renderer.full) await this.flush(false);
      this.options.progress?.(bytes, this.counts);
    }
    if (filled > 0) this.lines(buffer, filled);
    this.joiner?.flush(this.whole);
    await this.flush(false);
    if (failure) throw failure;
  }

  /** Writes all that is left; records that still wait will learn nothing more. */
  async finish(): Promise<void> {
    for (const { stitcher } of this.joined.values()) stitcher?.giveUp();
    await this.flush(true);
  }

  /** Parses the lines of `text` at once, for callers that have them in memory. */
  parseText(text: Buffer): void {
    this.lines(text, text.length);
    this.joiner?.flush(this.whole);
  }

  private async flush(all: boolean): Promise<void> {
    const { renderer } = this;
    // what waits must not hold back more than a little: it has had its time
    if (!all && renderer.full && renderer.waitingSince < this.lastTime - 2000) {
      for (const { stitcher } of this.joined.values()) stitcher?.giveUp();
    }
    const output = renderer.finished(all);
    if (output.length === 0) return;
    await this.options.write(output);
    renderer.drop(output.length);
  }

  private lines(buffer: Buffer, end: number): void {
    const text = isUtf8(buffer.subarray(0, end)) ? buffer : undefined;
    if (!text) {
      // bytes that are no UTF-8 become U+FFFD, so that the output is valid JSON
      const repaired = Buffer.from(buffer.toString('utf8', 0, end));
      this.split(repaired, repaired.length);
    } else this.split(text, end);
  }

  private split(buffer: Buffer, end: number): void {
    if (this.first) this.reader.begin(buffer, end);
    this.first = false;
    let from = 0;
    while (from < end) {
      let to = buffer.indexOf(10, from);
      if (to < 0 || to >= end) to = end;
      const next = to + 1;
      if (to > from && buffer[to - 1] === 13) to--;
      this.physicalLine++;
      if (to > from && (this.joiner === undefined || this.joiner.passes(buffer, from, to, this.whole)))
        this.line(buffer, from, to);
      from = next;
    }
  }

  private line(buffer: Buffer, from: number, end: number): void {
    const { reader, counts, renderer, options } = this;
    counts.read++;
    const kind = reader.read(buffer, from, end);
    switch (kind) {
      case EVENT: {
        const { compiled } = reader.process;
        if (compiled !== this.lastParser) {
          this.lastParser = compiled;
          this.lastJoined = this.joined.get(compiled!)!;
        }
        const { plan, stitcher } = this.lastJoined!;
        if (stitcher !== undefined) {
          stitcher.join(reader);
          if (stitcher.copy) {
            counts.ignored++;
            if (options.include.has('ignored')) renderer.unparsed(reader, 'ignored');
            return;
          }
        }
        counts.events++;
        this.sawTime(reader.time);
        if (options.wanted?.has(stitcher?.becomes ?? reader.leaf!.entry.event!) === false) return;
        if (options.traced) renderer.trace(this.physicalLine, buffer, from, end);
        renderer.event(reader, plan, stitcher);
        return;
      }
      case IGNORED:
        counts.ignored++;
        if (options.include.has('ignored')) renderer.unparsed(reader, 'ignored');
        return;
      case UNPARSED:
        counts.unparsed++;
        options.onUnparsed?.(reader);
        if (!options.quietUnparsed) renderer.unparsed(reader, 'unparsed');
        return;
      case OTHER:
        counts.other++;
        if (!options.include.has('other') && !options.onOther) return;
        reader.nameStranger(from, end);
        options.onOther?.(reader);
        if (options.include.has('other')) renderer.unparsed(reader, 'other');
        return;
      default:
        throw new Error(`Unexpected kind of record ${kind}`);
    }
  }

  private sawTime(time: number): void {
    if (Number.isNaN(time)) return;
    if (!(this.firstTime <= time)) this.firstTime = time;
    if (!(this.lastTime >= time)) this.lastTime = time;
  }
}

function joinRules(engine: Engine): JoinRule[] {
  return engine.pack.envelopes.flatMap(({ joins }) =>
    joins ? [{ begins: Buffer.from(joins.begins), ends: Buffer.from(joins.ends), alone: joins.alone === true }] : [],
  );
}
