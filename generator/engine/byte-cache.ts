/**
 * A bounded map whose keys are spans of bytes: looks up without making a string. Direct-mapped: a new key may push out an old one, which costs time and
 * never a wrong answer, because the bytes are compared.
 */
export class ByteCache<T> {
  private readonly keys: (Uint8Array | undefined)[];
  private readonly values: (T | undefined)[];
  private readonly mask: number;

  /** @param size number of places, a power of two */
  constructor(size: number) {
    this.keys = new Array<Uint8Array | undefined>(size).fill(undefined);
    this.values = new Array<T | undefined>(size).fill(undefined);
    this.mask = size - 1;
  }

  get(buffer: Uint8Array, from: number, end: number): T | undefined {
    const place = hash(buffer, from, end) & this.mask;
    const key = this.keys[place];
    const length = (end - from) | 0;
    if (key === undefined || key.length !== length) return undefined;
    for (let i = 0; i < length; i = (i + 1) | 0) if (key[i] !== buffer[from + i]) return undefined;
    return this.values[place];
  }

  /** Keeps a copy of the key's bytes. */
  set(buffer: Uint8Array, from: number, end: number, value: T): void {
    const place = hash(buffer, from, end) & this.mask;
    this.keys[place] = copyBytes(buffer, from, end);
    this.values[place] = value;
  }
}

/** FNV-1a over the whole of a short key, and over the ends and a sample of a long one. */
function hash(buffer: Uint8Array, from: number, end: number): number {
  const length = (end - from) | 0;
  let h = (0x811c9dc5 ^ length) | 0;
  if (length <= 48) {
    for (let i = from; i < end; i = (i + 1) | 0) h = Math.imul(h ^ buffer[i]!, 0x01000193);
  } else {
    for (let i = from; i < from + 16; i = (i + 1) | 0) h = Math.imul(h ^ buffer[i]!, 0x01000193);
    const step = (length / 24) | 0;
    for (let i = from + 16; i < end - 16; i = (i + step) | 0) h = Math.imul(h ^ buffer[i]!, 0x01000193);
    for (let i = end - 16; i < end; i = (i + 1) | 0) h = Math.imul(h ^ buffer[i]!, 0x01000193);
  }
  return h ^ (h >>> 15);
}

/** @returns a copy that stands for itself: a slice of a Buffer would be a view that pins the chunk. */
export function copyBytes(buffer: Uint8Array, from: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - from);
  for (let i = from; i < end; i++) copy[i - from] = buffer[i]!;
  return copy;
}
