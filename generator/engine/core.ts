/**
 * The core: the loops that run for each byte of a log, compiled from generator/core to WebAssembly. Here is its memory: tables and texts go in, and what it finds
 * is read from it. What the core does, only the core does.
 */
import { readFileSync } from 'node:fs';
import { CLASSES, ENDS, HEAP, MATCHER_BYTES, MOST_SLOTS, PLACE_BYTES, SLACK, STARTS } from '../core/layout.js';
import { CLASSES as CLASS_BITS, type Matcher } from './compile-matcher.js';

/** What the core asks while it reads a line, and while it writes a record. */
export interface ReadingCalls {
  isStranger(envelope: number, from: number, end: number): number;
  processOf(envelope: number): number;
  timeOf(from: number, end: number): number;
  headerOf(parser: number, leaf: number): number;
}

export interface WritingCalls {
  render(capture: number, from: number, end: number): number;
  renderDay(day: number): void;
}

/** What the core does: see generator/core. Texts are addresses of their first byte and behind their last. */
interface CoreExports {
  memory: { buffer: ArrayBuffer; grow(pages: number): number };
  match(matcher: number, from: number, end: number): number;
  scan(from: number, end: number): number;
  readLine(from: number, end: number): number;
  readEnvelope(from: number, end: number): number;
  readMessage(parser: number): number;
  copy(from: number, length: number, to: number): number;
  writeHead(process: number, time: number, to: number): number;
  writeHeader(header: number, to: number): number;
  writeCaptures(leaf: number, to: number): number;
  writeText(from: number, end: number, to: number, lower: number): number;
  writeSa(sa: number, own: number, user: number, to: number): number;
  writeJoined(
    process: number,
    time: number,
    header: number,
    leaf: number,
    addresses: number,
    addressesLength: number,
    sa: number,
    own: number,
    user: number,
    rest: number,
    restLength: number,
    to: number,
  ): number;
}

/** A piece of the memory that is used again, and grows. */
export interface Region {
  at: number;
  size: number;
}

/** What we use of it; TypeScript knows it only where there is a browser. */
declare const WebAssembly: {
  Module: new (bytes: Buffer) => object;
  Instance: new (module: object, imports: object) => { exports: unknown };
};

const PAGE = 65_536;
const module = new WebAssembly.Module(readFileSync(new URL('../../lib/core.wasm', import.meta.url)));

const unexpected = () => {
  throw new Error('Unexpected question of the core');
};
const NOBODY: ReadingCalls & WritingCalls = {
  isStranger: unexpected,
  processOf: unexpected,
  timeOf: unexpected,
  headerOf: unexpected,
  render: unexpected,
  renderDay: unexpected,
};

export class Core {
  readonly run: CoreExports;
  /** the memory; made anew when it grows */
  bytes!: Buffer;
  view!: DataView;
  /** per slot: where its capture begins, and ends, in `bytes` */
  starts!: Int32Array;
  ends!: Int32Array;
  private words!: Int32Array;
  private numbers!: Float64Array;
  private end = HEAP;
  private readonly matchers = new Map<Matcher, number>();
  /** what `matchText` was asked about last */
  readonly text: Region = { at: 0, size: 0 };
  private reading: ReadingCalls = NOBODY;
  private writing: WritingCalls = NOBODY;

  constructor() {
    const read: ReadingCalls = {
      isStranger: (envelope, from, end) => this.reading.isStranger(envelope, from, end),
      processOf: (envelope) => this.reading.processOf(envelope),
      timeOf: (from, end) => this.reading.timeOf(from, end),
      headerOf: (parser, leaf) => this.reading.headerOf(parser, leaf),
    };
    const write: WritingCalls = {
      render: (capture, from, end) => this.writing.render(capture, from, end),
      renderDay: (day) => this.writing.renderDay(day),
    };
    this.run = new WebAssembly.Instance(module, { read, write }).exports as CoreExports;
    this.refresh();
    new Uint16Array(this.bytes.buffer, CLASSES, 256).set(CLASS_BITS);
  }

  /** Says who answers what the core asks. */
  answer(calls: { reading?: ReadingCalls; writing?: WritingCalls }): void {
    if (calls.reading) this.reading = calls.reading;
    if (calls.writing) this.writing = calls.writing;
  }

  /** @returns a number of 32 bits at an address */
  get(address: number): number {
    return this.words[address >> 2]!;
  }

  set(address: number, value: number): void {
    this.words[address >> 2] = value;
  }

  getNumber(address: number): number {
    return this.numbers[address >> 3]!;
  }

  setNumber(address: number, value: number): void {
    this.numbers[address >> 3] = value;
  }

  /** @returns the address of so many bytes, which are zero */
  allocate(size: number): number {
    const at = this.end;
    this.end = (at + size + SLACK + 15) & ~15;
    if (this.end > this.bytes.length) {
      const { memory } = this.run;
      memory.grow(Math.ceil((this.end - this.bytes.length) / PAGE));
      this.refresh();
    }
    return at;
  }

  /** @returns the address of a copy */
  place(data: Int32Array | Uint8Array): number {
    const at = this.allocate(data.byteLength);
    this.bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    return at;
  }

  /** Puts a matcher where one is expected. @param at address of `MATCHER_BYTES` */
  placeMatcher({ program, switches, pool }: Matcher, at = this.allocate(MATCHER_BYTES)): number {
    this.set(at, this.place(program));
    this.set(at + 4, this.place(switches));
    this.set(at + 8, this.place(pool));
    return at;
  }

  /** @returns where a matcher stands, which is placed where it is not there yet */
  placed(matcher: Matcher): number {
    let at = this.matchers.get(matcher);
    if (at === undefined) {
      at = this.placeMatcher(matcher);
      this.matchers.set(matcher, at);
    }
    return at;
  }

  /** @returns the leaf of the matcher that matches the text, or -1; captures are offsets into `bytes` */
  matchText(matcher: Matcher, text: Buffer): number {
    const from = this.placeText(this.text, text, 0, text.length);
    return this.run.match(this.placed(matcher), from, from + text.length);
  }

  /** @returns the address of a cache: see generator/core/cache.ts */
  placeCache(places: number): number {
    return this.allocate(places * PLACE_BYTES);
  }

  clearCache(cache: number, places: number): void {
    this.bytes.fill(0, cache, cache + places * PLACE_BYTES);
  }

  /** Makes a region at least so large; what it holds is lost where it must grow. */
  enlarge(region: Region, size: number): void {
    if (size <= region.size) return;
    region.size = Math.max(size, region.size * 2);
    region.at = this.allocate(region.size);
  }

  /** Puts a text into a region, with a line's end behind it. @returns where it begins */
  placeText(region: Region, text: Buffer, from: number, end: number): number {
    this.enlarge(region, end - from + 1);
    text.copy(this.bytes, region.at, from, end);
    this.bytes[region.at + end - from] = 10;
    return region.at;
  }

  private refresh(): void {
    const { buffer } = this.run.memory;
    this.bytes = Buffer.from(buffer);
    this.view = new DataView(buffer);
    this.words = new Int32Array(buffer);
    this.numbers = new Float64Array(buffer);
    this.starts = new Int32Array(buffer, STARTS, MOST_SLOTS);
    this.ends = new Int32Array(buffer, ENDS, MOST_SLOTS);
  }
}
