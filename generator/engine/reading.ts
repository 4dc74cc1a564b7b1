/** A source that is being read: what is at hand of it in whole lines, and where its next record begins. */
import { isUtf8 } from 'node:buffer';
import type { LineJoiner } from './join-lines.js';
import type { Speakers } from './record.js';
import type { Source } from './source.js';

const CHUNK = 1 << 20;
/** of many sources at once, each gets less */
const LEAST_CHUNK = 1 << 16;
/** A longer line is cut: no log line is that long, and a binary file has no lines at all. */
const LONGEST_LINE = 64 << 20;
/** How far before the end of what was read a record is looked for whose further lines, which are indented, may not all be there. */
const LONGEST_TAIL = 1 << 16;
const BLANK = 32;
const TAB = 9;

export class Reading {
  readonly source: Source;
  /** its place among the sources */
  readonly number: number;
  /** whole lines: those from `at` to `end` were not parsed yet */
  text: Buffer = Buffer.alloc(0);
  at = 0;
  end = 0;
  /** physical lines before `at` */
  line = 0;
  /** bytes that were read so far */
  bytes = 0;
  /** time of the record at `at`, where somebody asked for it */
  nextTime = Number.NEGATIVE_INFINITY;
  /** records that were joined from several lines, and were not parsed yet */
  readonly held: Buffer[] = [];
  readonly joiner: LineJoiner | undefined;
  /** whose records are that name no program, once the first lines were seen */
  speakers: Speakers | undefined;
  /** why the source broke off */
  failure: unknown;
  private buffer: Buffer;
  private filled = 0;
  /** bytes of `buffer` that `text` has given out */
  private given = 0;
  private ended = false;

  /** @param among how many sources are open at once */
  constructor(source: Source | undefined, number: number, joiner: LineJoiner | undefined, among = 1) {
    this.source = source!;
    this.number = number;
    this.joiner = joiner;
    this.buffer = source ? Buffer.allocUnsafe(Math.max(LEAST_CHUNK, Math.floor(CHUNK / among))) : this.text;
  }

  /**
   * Reads on to the end of some line. All that was at hand must have been parsed.
   * @param live do not wait for the line that follows: what is there is whole
   * @returns false at the end of the source
   */
  async fill(live = false): Promise<boolean> {
    this.buffer.copy(this.buffer, 0, this.given, this.filled);
    this.filled -= this.given;
    this.given = 0;
    while (!this.ended) {
      if (this.filled === this.buffer.length) this.grow();
      const count = await this.read();
      this.filled += count;
      this.bytes += count;
      if (count === 0) this.ended = true;
      const end = this.ended ? this.filled : this.endOfLines(live);
      if (end === 0) continue;
      this.given = end;
      this.show(this.buffer, end);
      return true;
    }
    return false;
  }

  /** what comes next belongs to a record that is being joined */
  get isJoining(): boolean {
    return this.joiner?.isOpen === true;
  }

  /** Takes text that somebody has in memory. */
  give(text: Buffer): void {
    this.show(text, text.length);
  }

  /** @param isRecord tells a record from lines that were joined in vain. @returns whether the line is a record by itself; else it waits, or `held` has what it completed */
  passes(from: number, end: number, isRecord: (record: Buffer) => boolean): boolean {
    return this.joiner!.passes(this.text, from, end, (record, lines) => this.hold(record, lines, isRecord));
  }

  /** No more lines come: what waits for its end is held as the lines that it came in. */
  endJoining(isRecord: (record: Buffer) => boolean): void {
    this.joiner?.flush((record, lines) => this.hold(record, lines, isRecord));
  }

  private hold(record: Buffer, lines: Buffer[] | undefined, isRecord: (record: Buffer) => boolean): void {
    const records = lines === undefined || isRecord(record) ? [record] : lines;
    for (const each of records) if (each.length > 0) this.held.push(each);
  }

  /** Bytes that are no UTF-8 become U+FFFD, so that all output is valid JSON. */
  private show(buffer: Buffer, end: number): void {
    const valid = isUtf8(buffer.subarray(0, end));
    this.text = valid ? buffer : Buffer.from(buffer.toString('utf8', 0, end));
    this.end = valid ? end : this.text.length;
    this.at = 0;
  }

  private async read(): Promise<number> {
    try {
      return await this.source.read(this.buffer, this.filled);
    } catch (error) {
      this.failure = error;
      return 0;
    }
  }

  private endOfLines(live: boolean): number {
    const { buffer, filled } = this;
    const last = buffer.lastIndexOf(10, filled - 1) + 1;
    if (last === 0) return filled >= LONGEST_LINE ? filled : 0;
    if (live) return last;
    let end = last;
    while (end > 0 && filled - end < LONGEST_TAIL && (end === filled || isIndent(buffer[end])))
      end = end > 1 ? buffer.lastIndexOf(10, end - 2) + 1 : 0;
    return end === 0 && filled >= LONGEST_TAIL ? last : end;
  }

  private grow(): void {
    const grown = Buffer.allocUnsafe(this.buffer.length * 2);
    this.buffer.copy(grown, 0, 0, this.filled);
    this.buffer = grown;
  }
}

/** @returns whether a line that begins so may go on with the one before it */
export function isIndent(byte: number | undefined): boolean {
  return byte === BLANK || byte === TAB;
}
