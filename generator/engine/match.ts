/**
 * The interpreter of a table program: the engine's innermost loop. It works on the bytes of a chunk and leaves offsets in slots; nothing is
 * decoded or copied here.
 */
import { type Matcher, OP } from './compile-matcher.js';

const MONTHS: ReadonlySet<number> = new Set(
  ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map((m) => pack3(m, 0)),
);

function pack3(text: string, at: number): number {
  return (text.charCodeAt(at) << 16) | (text.charCodeAt(at + 1) << 8) | text.charCodeAt(at + 2);
}

/** What a match needs beside its matcher; made once by whoever matches many lines. */
export class MatchState {
  readonly addresses = new Int32Array(4096);
  readonly positions = new Int32Array(4096);
  /**
   * The last match found a leaf that ends in all the rest, and no byte from here on had a part in that: any text that has the same bytes up to here and goes
   * on has the same leaf and captures. Beyond the text's end where that cannot be said.
   */
  reach = 0;
}

/**
 * @param buffer the chunk
 * @param from first byte of the text
 * @param end after its last byte
 * @param starts per slot: where the capture begins; written for the captures of the leaf found, and perhaps for others
 * @param ends per slot: after the capture's last byte
 * @returns the leaf's number, or -1
 */
export function match(
  matcher: Matcher,
  buffer: Uint8Array,
  from: number,
  end: number,
  starts: Int32Array,
  ends: Int32Array,
  state: MatchState = new MatchState(),
): number {
  const { program, switches, pool, classes } = matcher;
  const { addresses, positions } = state;
  let address = program[0]! | 0;
  if (address === 0) return -1; // no templates
  let p = from | 0;
  let depth = 0;
  let reach = 0;
  for (;;) {
    let next = 0;
    let alternative = program[address + 2]! | 0;
    switch (program[address]) {
      case OP.LITERAL: {
        const offset = program[address + 4]! | 0;
        if (p < end && buffer[p] !== pool[offset]) break;
        const length = program[address + 5]! | 0;
        alternative = program[address + 3]! | 0;
        if (p + length > end) {
          if (p >= end) alternative = program[address + 2]! | 0;
          reach = (end + 1) | 0;
          break;
        }
        let i = 1;
        while (i < length && buffer[p + i] === pool[offset + i]) i = (i + 1) | 0;
        if (i < length) {
          if (p + i >= reach) reach = (p + i + 1) | 0;
          break;
        }
        if (alternative !== 0) {
          addresses[depth] = alternative;
          positions[depth] = p;
          depth = (depth + 1) | 0;
        }
        p = (p + length) | 0;
        address = program[address + 1]! | 0;
        continue;
      }
      case OP.SWITCH: {
        const target = p < end ? switches[((program[address + 1]! | 0) << 8) + buffer[p]!]! | 0 : 0;
        if (target === 0) break;
        if (alternative !== 0) {
          addresses[depth] = alternative;
          positions[depth] = p;
          depth = (depth + 1) | 0;
        }
        address = target;
        continue;
      }
      case OP.CLASS: {
        const bit = program[address + 4]! | 0;
        const most = program[address + 5]! | 0;
        const stop = program[address + 6]! | 0;
        const limit = end - p > most ? (p + most) | 0 : end;
        let q = p;
        while (q < limit) {
          const byte = buffer[q]! | 0;
          if ((classes[byte]! & bit) === 0 || byte === stop) break;
          q = (q + 1) | 0;
        }
        if (q >= reach) reach = (q + 1) | 0; // the byte that it does not take
        next = q;
        break;
      }
      case OP.INT: {
        let q = p;
        if (q < end && buffer[q] === 45) q = (q + 1) | 0;
        const digits = q;
        const most = program[address + 4]! | 0;
        while (q < end && q - digits < most && buffer[q]! >= 48 && buffer[q]! <= 57) q = (q + 1) | 0;
        if (q >= reach) reach = (q + 1) | 0;
        if (q > digits) next = q;
        break;
      }
      case OP.IP:
        next = endOfIp(buffer, p, end);
        reach = (end + 1) | 0;
        break;
      case OP.ADDRESS:
      case OP.SERVICE: {
        const isAddress = program[address] === OP.ADDRESS;
        const from = isAddress ? startOfAddress(buffer, p, end) : startOfService(buffer, p, end);
        const q = isAddress ? endOfAddress(buffer, from, end) : endOfDigits(buffer, from, end, program[address + 4]!);
        reach = (end + 1) | 0;
        if (q === from) break;
        const slot = program[address + 3]! | 0;
        if (slot >= 0) {
          starts[slot] = from;
          ends[slot] = q;
        }
        if (alternative !== 0) {
          addresses[depth] = alternative;
          positions[depth] = p;
          depth = (depth + 1) | 0;
        }
        p = isAddress && q < end && buffer[q] === 93 ? (q + 1) | 0 : q;
        address = program[address + 1]! | 0;
        continue;
      }
      case OP.TIMESTAMP:
        next = endOfTimestamp(buffer, p, end);
        reach = (end + 1) | 0;
        break;
      case OP.TIME:
        next = endOfTime(buffer, p, end);
        reach = (end + 1) | 0;
        break;
      case OP.FIRST:
      case OP.LAST: {
        const offset = program[address + 4]! | 0;
        const length = program[address + 5]! | 0;
        const first = program[address] === OP.FIRST;
        const q = first ? indexOf(buffer, p, end, pool, offset, length) : lastIndexOf(buffer, p, end, pool, offset, length);
        const unique = program[address + 6] === 1;
        if (q < 0 || !first || unique) reach = (end + 1) | 0;
        if (q < 0 || (unique && indexOf(buffer, q + length, end, pool, offset, length) >= 0)) break;
        const slot = program[address + 3]! | 0;
        if (slot >= 0) {
          starts[slot] = p;
          ends[slot] = q;
        }
        if (alternative !== 0) {
          addresses[depth] = alternative;
          positions[depth] = p;
          depth = (depth + 1) | 0;
        }
        p = (q + length) | 0;
        address = program[address + 1]! | 0;
        continue;
      }
      case OP.TAIL: {
        const offset = program[address + 4]! | 0;
        const length = program[address + 5]! | 0;
        reach = (end + 1) | 0;
        const q = (end - length) | 0;
        if (q < p) break;
        let i = 0;
        while (i < length && buffer[q + i] === pool[offset + i]) i = (i + 1) | 0;
        if (i < length) break;
        const slot = program[address + 3]! | 0;
        if (slot >= 0) {
          starts[slot] = p;
          ends[slot] = q;
        }
        if (alternative !== 0) {
          addresses[depth] = alternative;
          positions[depth] = p;
          depth = (depth + 1) | 0;
        }
        p = end;
        address = program[address + 1]! | 0;
        continue;
      }
      case OP.REST:
        next = end;
        break;
      case OP.END:
        if (p === end) {
          state.reach = reach;
          return program[address + 2]!;
        }
        alternative = program[address + 1]! | 0;
        break;
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
      if (alternative !== 0) {
        addresses[depth] = alternative;
        positions[depth] = p;
        depth = (depth + 1) | 0;
      }
      p = next;
      address = program[address + 1]! | 0;
      continue;
    }
    if (p >= reach) reach = (p + 1) | 0;
    if (alternative !== 0) {
      address = alternative;
      continue;
    }
    if (depth === 0) return -1;
    depth = (depth - 1) | 0;
    address = addresses[depth]! | 0;
    p = positions[depth]! | 0;
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

/** @returns behind the bracket of `[2001:db8::1]`, else `from` */
function startOfAddress(buffer: Uint8Array, from: number, end: number): number {
  if (from >= end || buffer[from] !== 91) return from;
  const q = endOfIp(buffer, from + 1, end);
  return q > 0 && q < end && buffer[q] === 93 ? from + 1 : from;
}

/** @returns after the last byte of an address that a bracket or a colon follows, else `from` */
function endOfAddress(buffer: Uint8Array, from: number, end: number): number {
  const q = endOfIp(buffer, from, end);
  if (q > 0 && q < end && (buffer[q] === 93 || buffer[q] === 58)) return q;
  // IPv6 without brackets took the colon and the port along: up to the last colon, with one before it
  let group = from;
  while (group < end && group < from + 4 && buffer[group] !== 58 && hexOrColon(buffer[group]!)) group++;
  if (group >= end || buffer[group] !== 58) return from;
  let r = group + 1;
  while (r < end && r < group + 41 && hexOrColon(buffer[r]!)) r++;
  while (r > group && (r >= end || buffer[r] !== 58)) r--;
  return r > group ? r : from;
}

/** @returns behind `UDP/` or `TCP/`, else `from` */
function startOfService(buffer: Uint8Array, from: number, end: number): number {
  if (from + 4 >= end || buffer[from + 2] !== 80 || buffer[from + 3] !== 47) return from;
  const isUdp = buffer[from] === 85 && buffer[from + 1] === 68;
  const isTcp = buffer[from] === 84 && buffer[from + 1] === 67;
  return isUdp || isTcp ? from + 4 : from;
}

function endOfDigits(buffer: Uint8Array, from: number, end: number, most: number): number {
  let q = from;
  while (q < end && q - from < most && digit(buffer[q])) q++;
  return q;
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

/** @returns after `Mon dd` where a blank follows, or 0; the day may be padded with a blank, a zero or nothing */
function endOfDay(buffer: Uint8Array, p: number, end: number): number {
  if (p + 6 > end || !MONTHS.has((buffer[p]! << 16) | (buffer[p + 1]! << 8) | buffer[p + 2]!) || buffer[p + 3] !== 32) return 0;
  let q = p + 4;
  if (buffer[q] === 32) q++;
  if (!digit(buffer[q])) return 0;
  q++;
  if (digit(buffer[q])) q++;
  return q < end && buffer[q] === 32 ? q : 0;
}

/** @returns after `Mon dd HH:MM:SS`, or 0. With `dated`, a year may stand behind the day */
function endOfMonthClock(buffer: Uint8Array, p: number, end: number, dated: boolean): number {
  let q = endOfDay(buffer, p, end);
  if (q === 0) return 0;
  if (dated && digits(buffer, q + 1, end, 4) && buffer[q + 5] === 32) q += 5;
  return endOfClock(buffer, q + 1, end);
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
  const from = buffer[p] === 42 || buffer[p] === 46 ? p + 1 : p;
  const clock = endOfMonthClock(buffer, from, end, true);
  if (clock === 0) return 0;
  const q = endOfFraction(buffer, clock, end);
  return endOfZoneName(buffer, q, end);
}

/** @returns after the name of a zone that a colon follows, such as ` UTC`, ` CEST`, `KST` or ` mdt`, else `p` */
function endOfZoneName(buffer: Uint8Array, p: number, end: number): number {
  const from = p < end && buffer[p] === 32 ? p + 1 : p;
  if (from >= end) return p;
  const small = buffer[from]! >= 97;
  const first = small ? 97 : 65;
  const most = small ? 3 : 5;
  let q = from;
  while (q < end && buffer[q]! >= first && buffer[q]! < first + 26 && q - from <= most) q++;
  const length = q - from;
  if (length < 3 || length > most || q >= end || buffer[q] !== 58) return p;
  const isUtc = length === 3 && buffer[from] === 85 && buffer[from + 1] === 84 && buffer[from + 2] === 67;
  return isUtc || (buffer[q - 1]! | 32) === 116 ? q : p;
}

/** @returns after `HH:MM:SS ZONE Mon dd YYYY`, perhaps with a weekday before the month, or 0 */
function endOfClockFirst(buffer: Uint8Array, p: number, end: number): number {
  const clock = endOfClock(buffer, p, end);
  if (clock === 0 || buffer[clock] !== 32) return 0;
  let q = clock + 1;
  while (q < end && q < clock + 6 && isLetter(buffer[q]!)) q++;
  if (q === clock + 1 || buffer[q] !== 32) return 0;
  const weekday =
    q + 4 < end && isLetter(buffer[q + 1]!) && isLetter(buffer[q + 2]!) && isLetter(buffer[q + 3]!) && buffer[q + 4] === 32;
  const day = endOfDay(buffer, q + 1, end) || (weekday ? endOfDay(buffer, q + 5, end) : 0);
  return day > 0 && digits(buffer, day + 1, end, 4) ? day + 5 : 0;
}

function isLetter(byte: number): boolean {
  return (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
}

function endOfTime(buffer: Uint8Array, p: number, end: number): number {
  if (p >= end) return 0;
  if (buffer[p + 2] === 58) return endOfClockFirst(buffer, p, end);
  if (digit(buffer[p])) return endOfIso(buffer, p, end);
  let q = endOfMonthClock(buffer, p, end, false);
  if (q === 0 || buffer[q] !== 32) return 0;
  if (buffer[q + 1] === 85 && buffer[q + 2] === 84 && buffer[q + 3] === 67 && buffer[q + 4] === 32) q += 4;
  return digits(buffer, q + 1, end, 4) ? q + 5 : 0;
}
