/**
 * Bytes as keys, without making strings of them. Spans are read four bytes at a time: a loop over single bytes costs three times as much.
 */

/** A span's bytes as words, to compare other spans with. */
export interface SpanKey {
  readonly length: number;
  readonly words: Int32Array;
}

export function spanKey(view: DataView, from: number, end: number): SpanKey {
  const length = end - from;
  const words = new Int32Array((length + 3) >> 2);
  writeWords(view, from, length, words, 0);
  return { length, words };
}

export function writeWords(view: DataView, from: number, length: number, words: Int32Array, offset: number): void {
  const whole = length >> 2;
  for (let i = 0; i < whole; i++) words[offset + i] = view.getInt32(from + i * 4, true);
  if ((length & 3) !== 0) words[offset + whole] = tailWord(view, from, length);
}

/** @returns whether the key's bytes stand at `from`; they must not reach beyond the view */
export function spanIs(view: DataView, from: number, key: SpanKey): boolean {
  return wordsAre(view, from, key.length, key.words, 0);
}

/** @returns whether `length` bytes at `from` are those that `writeWords` wrote to `words` at `offset` */
export function wordsAre(view: DataView, from: number, length: number, words: Int32Array, offset: number): boolean {
  const end = (offset + (length >> 2)) | 0;
  let at = from | 0;
  for (let i = offset | 0; i < end; i = (i + 1) | 0) {
    if (view.getInt32(at, true) !== words[i]) return false;
    at = (at + 4) | 0;
  }
  return (length & 3) === 0 || words[end] === tailWord(view, from, length);
}

/** The last, incomplete word: it overlaps the one before, or has the few bytes that there are. */
function tailWord(view: DataView, from: number, length: number): number {
  if (length >= 4) return view.getInt32(from + length - 4, true);
  let word = 0;
  for (let i = 0; i < length; i++) word = (word << 8) | view.getUint8(from + i);
  return word;
}

/**
 * A bounded map whose keys are spans of bytes. Direct-mapped: a new key may push out an old one, which costs time and never a wrong answer, because
 * the bytes are compared.
 */
export class ByteCache<T> {
  private readonly keys: (SpanKey | undefined)[];
  private readonly values: (T | undefined)[];
  private readonly hashes: Int32Array;
  /** hashes that were asked for once; made when somebody asks */
  private seen: Int32Array | undefined;
  private readonly mask: number;
  private lastHash = 0;

  /** @param size number of places, a power of two */
  constructor(size: number) {
    this.keys = new Array<SpanKey | undefined>(size).fill(undefined);
    this.values = new Array<T | undefined>(size).fill(undefined);
    this.hashes = new Int32Array(size);
    this.mask = size - 1;
  }

  get(view: DataView, from: number, end: number): T | undefined {
    const hash = hashSpan(view, from, end);
    this.lastHash = hash;
    const place = hash & this.mask;
    if (this.hashes[place] !== hash) return undefined;
    const key = this.keys[place];
    if (key === undefined || key.length !== end - from || !spanIs(view, from, key)) return undefined;
    return this.values[place];
  }

  /** Keeps a value for the span that `get` was asked for last. */
  set(view: DataView, from: number, end: number, value: T): void {
    const place = this.lastHash & this.mask;
    this.hashes[place] = this.lastHash;
    this.keys[place] = spanKey(view, from, end);
    this.values[place] = value;
  }

  /** @returns whether the span that `get` was asked for last was asked for before: what comes but once is not worth keeping */
  get again(): boolean {
    this.seen ??= new Int32Array(this.mask + 1);
    const place = this.lastHash & this.mask;
    if (this.seen[place] === this.lastHash) return true;
    this.seen[place] = this.lastHash;
    return false;
  }
}

function hashSpan(view: DataView, from: number, end: number): number {
  const length = (end - from) | 0;
  const last = (end - 4) | 0;
  let hash = length;
  let at = from | 0;
  for (; at <= last; at = (at + 4) | 0) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  if (at < end) hash = Math.imul(hash ^ tailWord(view, from, length), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
