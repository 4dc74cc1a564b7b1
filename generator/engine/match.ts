/**
 * The interpreter of a table program: the engine's innermost loop. It works on the bytes of a chunk and leaves offsets in slots; nothing is
 * decoded or copied here.
 */
import { type Matcher, OP } from './compile-matcher.js';

const MONTHS = new Set(['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map((m) => pack3(m, 0)));

function pack3(text: string, at: number): number {
  return (text.charCodeAt(at) << 16) | (text.charCodeAt(at + 1) << 8) | text.charCodeAt(at + 2);
}

const backtrackAddress = new Int32Array(4096);
const backtrackPosition = new Int32Array(4096);

/**
 * @param buffer the chunk
 * @param from first byte of the text
 * @param end after its last byte
 * @param starts per slot: where the capture begins; written for the captures of the leaf found, and perhaps for others
 * @param ends per slot: after the capture's last byte
 * @returns the leaf's number, or -1
 */
export function match(matcher: Matcher, buffer: Uint8Array, from: number, end: number, starts: Int32Array, ends: Int32Array): number {
  const { program, switches, pool, classes } = matcher;
  let address = program[0]! | 0;
  let p = from | 0;
  let depth = 0;
  for (;;) {
    let next = 0;
    let q = p;
    switch (program[address]) {
      case OP.LITERAL: {
        const offset = program[address + 4]! | 0;
        if (p >= end || buffer[p] !== pool[offset]) {
          const miss = program[address + 2]! | 0;
          if (miss !== 0) {
            address = miss;
            continue;
          }
          break;
        }
        const length = program[address + 5]! | 0;
        const hit = program[address + 3]! | 0;
        if (p + length <= end) {
          let i = 1;
          while (i < length && buffer[p + i] === pool[offset + i]) i = (i + 1) | 0;
          if (i === length) {
            if (hit !== 0) {
              backtrackAddress[depth] = hit;
              backtrackPosition[depth] = p;
              depth = (depth + 1) | 0;
            }
            p = (p + length) | 0;
            address = program[address + 1]! | 0;
            continue;
          }
        }
        if (hit !== 0) {
          address = hit;
          continue;
        }
        break;
      }
      case OP.SWITCH: {
        const alternative = program[address + 2]! | 0;
        const target = p < end ? switches[((program[address + 1]! | 0) << 8) + buffer[p]!]! | 0 : 0;
        if (target !== 0) {
          if (alternative !== 0) {
            backtrackAddress[depth] = alternative;
            backtrackPosition[depth] = p;
            depth = (depth + 1) | 0;
          }
          address = target;
          continue;
        }
        if (alternative !== 0) {
          address = alternative;
          continue;
        }
        break;
      }
      case OP.CLASS: {
        const bit = program[address + 4]! | 0;
        const most = program[address + 5]! | 0;
        const stop = program[address + 6]! | 0;
        const limit = end - p > most ? p + most : end;
        while (q < limit && (classes[buffer[q]!]! & bit) !== 0 && buffer[q] !== stop) q = (q + 1) | 0;
        if (q > p) next = q;
        break;
      }
      case OP.INT: {
        if (q < end && buffer[q] === 45) q++;
        const digits = q;
        const most = program[address + 4]! | 0;
        while (q < end && q - digits < most && buffer[q]! >= 48 && buffer[q]! <= 57) q = (q + 1) | 0;
        if (q > digits) next = q;
        break;
      }
      case OP.IP:
        next = endOfIp(buffer, p, end);
        break;
      case OP.TIMESTAMP:
        next = endOfTimestamp(buffer, p, end);
        break;
      case OP.TIME:
        next = endOfTime(buffer, p, end);
        break;
      case OP.FIRST:
      case OP.LAST: {
        const offset = program[address + 4]! | 0;
        const length = program[address + 5]! | 0;
        q =
          program[address] === OP.FIRST
            ? indexOf(buffer, p, end, pool, offset, length)
            : lastIndexOf(buffer, p, end, pool, offset, length);
        if (q < 0) break;
        if (program[address + 6] === 1 && indexOf(buffer, q + length, end, pool, offset, length) >= 0) break;
        const slot = program[address + 3]! | 0;
        if (slot >= 0) {
          starts[slot] = p;
          ends[slot] = q;
        }
        const alternative = program[address + 2]! | 0;
        if (alternative !== 0) {
          backtrackAddress[depth] = alternative;
          backtrackPosition[depth] = p;
          depth = (depth + 1) | 0;
        }
        p = (q + length) | 0;
        address = program[address + 1]! | 0;
        continue;
      }
      case OP.TAIL: {
        const offset = program[address + 4]! | 0;
        const length = program[address + 5]! | 0;
        q = end - length;
        if (q < p) break;
        let i = 0;
        while (i < length && buffer[q + i] === pool[offset + i]) i = (i + 1) | 0;
        if (i < length) break;
        const slot = program[address + 3]! | 0;
        if (slot >= 0) {
          starts[slot] = p;
          ends[slot] = q;
        }
        const alternative = program[address + 2]! | 0;
        if (alternative !== 0) {
          backtrackAddress[depth] = alternative;
          backtrackPosition[depth] = p;
          depth = (depth + 1) | 0;
        }
        p = end;
        address = program[address + 1]! | 0;
        continue;
      }
      case OP.REST:
        if (end > p) next = end;
        break;
      case OP.END: {
        if (p === end) return program[address + 2]!;
        const alternative = program[address + 1]! | 0;
        if (alternative !== 0) {
          address = alternative;
          continue;
        }
        break;
      }
      default:
        throw new Error(`Unexpected operation ${program[address]} at ${address}`);
    }
    if (next > p) {
      // a class, ip, int, time or rest capture took p..next
      const slot = program[address + 3]! | 0;
      if (slot >= 0) {
        starts[slot] = p;
        ends[slot] = next;
      }
      const alternative = program[address + 2]! | 0;
      if (alternative !== 0) {
        backtrackAddress[depth] = alternative;
        backtrackPosition[depth] = p;
        depth = (depth + 1) | 0;
      }
      p = next;
      address = program[address + 1]! | 0;
      continue;
    }
    if (program[address] !== OP.LITERAL && program[address] !== OP.SWITCH && program[address] !== OP.END) {
      const alternative = program[address + 2]! | 0;
      if (alternative !== 0) {
        address = alternative;
        continue;
      }
    }
    if (depth === 0) return -1;
    depth = (depth - 1) | 0;
    address = backtrackAddress[depth]! | 0;
    p = backtrackPosition[depth]! | 0;
  }
}

function indexOf(buffer: Uint8Array, from: number, end: number, pool: Uint8Array, offset: number, length: number): number {
  const first = pool[offset];
  const limit = (end - length) | 0;
  for (let q = from | 0; q <= limit; q = (q + 1) | 0) {
    if (buffer[q] !== first) continue;
    let i = 1;
    while (i < length && buffer[q + i] === pool[offset + i]) i = (i + 1) | 0;
    if (i === length) return q;
  }
  return -1;
}

function lastIndexOf(buffer: Uint8Array, from: number, end: number, pool: Uint8Array, offset: number, length: number): number {
  const first = pool[offset];
  for (let q = (end - length) | 0; q >= from; q = (q - 1) | 0) {
    if (buffer[q] !== first) continue;
    let i = 1;
    while (i < length && buffer[q + i] === pool[offset + i]) i = (i + 1) | 0;
    if (i === length) return q;
  }
  return -1;
}

function digit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

function hexOrColon(byte: number): boolean {
  return (byte >= 48 && byte <= 58) || (byte >= 97 && byte <= 102) || (byte >= 65 && byte <= 70);
}

/** @returns after the last byte of an IPv4 or IPv6 address, or 0. See `IP_REGEX` in targets for the same grammar as a regex. */
function endOfIp(buffer: Uint8Array, from: number, end: number): number {
  let q = from;
  let colon = false;
  const limit = Math.min(end, from + 45);
  while (q < limit && hexOrColon(buffer[q]!)) {
    if (buffer[q] === 58) colon = true;
    q = (q + 1) | 0;
  }
  if (q === from) return 0;
  let r = q;
  for (let group = 0; group < 3; group++) {
    if (r + 1 >= end || buffer[r] !== 46 || !digit(buffer[r + 1])) return colon ? q : 0;
    r += 2;
    if (r < end && digit(buffer[r])) r++;
    if (r < end && digit(buffer[r])) r++;
  }
  return r;
}

function digits(buffer: Uint8Array, from: number, end: number, count: number): boolean {
  if (from + count > end) return false;
  for (let i = 0; i < count; i++) if (!digit(buffer[from + i])) return false;
  return true;
}

/** @returns after `HH:MM:SS`, or 0 */
function endOfClock(buffer: Uint8Array, p: number, end: number): number {
  if (!digits(buffer, p, end, 2) || buffer[p + 2] !== 58 || !digits(buffer, p + 3, end, 2) || buffer[p + 5] !== 58) return 0;
  return digits(buffer, p + 6, end, 2) ? p + 8 : 0;
}

/** @returns after a fraction of up to nine digits where one begins at `p`, else `p` */
function endOfFraction(buffer: Uint8Array, p: number, end: number): number {
  if (p + 1 >= end || (buffer[p] !== 46 && buffer[p] !== 44) || !digit(buffer[p + 1])) return p;
  let q = p + 2;
  while (q < end && q < p + 10 && digit(buffer[q])) q++;
  return q;
}

/** @returns after `Mon dd HH:MM:SS`, or 0; the day may be padded with a blank, a zero or nothing */
function endOfMonthClock(buffer: Uint8Array, p: number, end: number): number {
  if (p + 14 > end || !MONTHS.has((buffer[p]! << 16) | (buffer[p + 1]! << 8) | buffer[p + 2]!) || buffer[p + 3] !== 32) return 0;
  let q = p + 4;
  if (buffer[q] === 32) q++;
  if (!digit(buffer[q])) return 0;
  q++;
  if (digit(buffer[q])) q++;
  return buffer[q] === 32 ? endOfClock(buffer, q + 1, end) : 0;
}

/** @returns after an ISO 8601 date and time with optional fraction and zone (charon's JSON log puts the fraction after the zone), or 0 */
function endOfIso(buffer: Uint8Array, p: number, end: number): number {
  if (!digits(buffer, p, end, 4) || buffer[p + 4] !== 45 || !digits(buffer, p + 5, end, 2) || buffer[p + 7] !== 45) return 0;
  if (!digits(buffer, p + 8, end, 2) || (buffer[p + 10] !== 84 && buffer[p + 10] !== 32)) return 0;
  let q = endOfClock(buffer, p + 11, end);
  if (q === 0) return 0;
  q = endOfFraction(buffer, q, end);
  if (q < end && buffer[q] === 90) return q + 1;
  if (q < end && (buffer[q] === 43 || buffer[q] === 45) && digits(buffer, q + 1, end, 2)) {
    const minutes = buffer[q + 3] === 58 ? q + 4 : q + 3;
    if (digits(buffer, minutes, end, 2)) return endOfFraction(buffer, minutes + 2, end);
  }
  return q;
}

function endOfTimestamp(buffer: Uint8Array, p: number, end: number): number {
  if (p >= end) return 0;
  if (digit(buffer[p])) return endOfIso(buffer, p, end);
  const q = endOfMonthClock(buffer, p, end);
  return q === 0 ? 0 : endOfFraction(buffer, q, end);
}

function endOfTime(buffer: Uint8Array, p: number, end: number): number {
  if (p >= end) return 0;
  if (digit(buffer[p])) return endOfIso(buffer, p, end);
  let q = endOfMonthClock(buffer, p, end);
  if (q === 0 || buffer[q] !== 32) return 0;
  if (buffer[q + 1] === 85 && buffer[q + 2] === 84 && buffer[q + 3] === 67 && buffer[q + 4] === 32) q += 4;
  return digits(buffer, q + 1, end, 4) ? q + 5 : 0;
}
