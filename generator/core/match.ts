/**
 * The interpreter of a table program (see engine/compile-matcher.ts): the innermost loop of reading. It works on the bytes of a text and leaves where captures
 * begin and end in slots; nothing is decoded or copied.
 */
import { CLASSES, ENDS, MOST_STACK, STACK, STARTS } from './layout';

// operations, as engine/compile-matcher.ts has them
const LITERAL = 1;
const SWITCH = 2;
const CLASS = 3;
const IP = 4;
const INT = 5;
const TIMESTAMP = 6;
const TIME = 7;
const FIRST = 8;
const LAST = 9;
const TAIL = 10;
const REST = 11;
const LEAF = 12;
const ADDRESS = 13;
const SERVICE = 14;

function at(address: i32): i32 {
  return load<u8>(address) as i32;
}

function isText(p: i32, text: i32, length: i32): bool {
  for (let i = 1; i < length; i++) if (at(p + i) !== at(text + i)) return false;
  return true;
}

/**
 * @param matcher the addresses of its program, its switches and its pool
 * @param from first byte of the text
 * @param end after its last byte
 * @returns the leaf's number, or -1. Where its captures begin and end stands in STARTS and ENDS, and perhaps of others
 */
export function match(matcher: i32, from: i32, end: i32): i32 {
  const program = load<i32>(matcher);
  const switches = load<i32>(matcher, 4);
  const pool = load<i32>(matcher, 8);
  let node = program + (load<i32>(program) << 2);
  if (node === program) return -1; // no templates
  let p = from;
  let depth = STACK;
  while (true) {
    const operation = load<i32>(node);
    /** after what was taken, or 0 */
    let next = 0;
    let start = p;
    let alternative = load<i32>(node, 8);
    switch (operation) {
      case LITERAL: {
        const text = pool + load<i32>(node, 16);
        if (p < end && at(p) !== at(text)) break;
        const length = load<i32>(node, 20);
        if (p + length > end) {
          if (p < end) alternative = load<i32>(node, 12);
          break;
        }
        alternative = load<i32>(node, 12);
        if (!isText(p, text, length)) break;
        if (alternative !== 0) depth = push(depth, alternative, p);
        p += length;
        node = program + (load<i32>(node, 4) << 2);
        continue;
      }
      case SWITCH: {
        if (p >= end) break;
        const target = load<i32>(switches + (((load<i32>(node, 4) << 8) + at(p)) << 2));
        if (target === 0) break;
        if (alternative !== 0) depth = push(depth, alternative, p);
        node = program + (target << 2);
        continue;
      }
      case CLASS: {
        const bit = load<i32>(node, 16);
        const most = load<i32>(node, 20);
        const stop = load<i32>(node, 24);
        const limit = end - p > most ? p + most : end;
        let q = p;
        while (q < limit) {
          const byte = at(q);
          if ((load<u16>(CLASSES + (byte << 1)) & bit) === 0 || byte === stop) break;
          q++;
        }
        next = q;
        break;
      }
      case INT: {
        let q = p;
        if (q < end && at(q) === 45) q++;
        const first = q;
        const limit = min(end, first + load<i32>(node, 16));
        while (q < limit && digit(at(q))) q++;
        if (q > first) next = q;
        break;
      }
      case IP:
        next = endOfIp(p, end);
        break;
      case ADDRESS: {
        start = startOfAddress(p, end);
        const q = endOfAddress(start, end);
        if (q === start) break;
        take(node, start, q);
        if (alternative !== 0) depth = push(depth, alternative, p);
        p = q < end && at(q) === 93 ? q + 1 : q;
        node = program + (load<i32>(node, 4) << 2);
        continue;
      }
      case SERVICE: {
        start = startOfService(p, end);
        const q = endOfDigits(start, end, load<i32>(node, 16));
        if (q === start) break;
        take(node, start, q);
        if (alternative !== 0) depth = push(depth, alternative, p);
        p = q;
        node = program + (load<i32>(node, 4) << 2);
        continue;
      }
      case TIMESTAMP:
        next = endOfTimestamp(p, end);
        break;
      case TIME:
        next = endOfTime(p, end);
        break;
      case FIRST:
      case LAST: {
        const text = pool + load<i32>(node, 16);
        const length = load<i32>(node, 20);
        const q = operation === FIRST ? indexOf(p, end, text, length) : lastIndexOf(p, end, text, length);
        if (q < 0 || (load<i32>(node, 24) === 1 && indexOf(q + length, end, text, length) >= 0)) break;
        take(node, p, q);
        if (alternative !== 0) depth = push(depth, alternative, p);
        p = q + length;
        node = program + (load<i32>(node, 4) << 2);
        continue;
      }
      case TAIL: {
        const text = pool + load<i32>(node, 16);
        const length = load<i32>(node, 20);
        const q = end - length;
        if (q < p || (length > 0 && (at(q) !== at(text) || !isText(q, text, length)))) break;
        take(node, p, q);
        if (alternative !== 0) depth = push(depth, alternative, p);
        p = end;
        node = program + (load<i32>(node, 4) << 2);
        continue;
      }
      case REST:
        next = end;
        break;
      case LEAF:
        if (p === end) return alternative;
        alternative = load<i32>(node, 4);
        break;
      default:
        unreachable();
    }
    if (next > p) {
      // a class, ip, int, time or rest capture took p..next
      take(node, p, next);
      if (alternative !== 0) depth = push(depth, alternative, p);
      p = next;
      node = program + (load<i32>(node, 4) << 2);
      continue;
    }
    if (alternative !== 0) {
      node = program + (alternative << 2);
      continue;
    }
    if (depth === STACK) return -1;
    depth -= 8;
    node = program + (load<i32>(depth) << 2);
    p = load<i32>(depth, 4);
  }
}

function take(node: i32, from: i32, end: i32): void {
  const slot = load<i32>(node, 12);
  if (slot < 0) return;
  store<i32>(STARTS + (slot << 2), from);
  store<i32>(ENDS + (slot << 2), end);
}

function push(depth: i32, alternative: i32, p: i32): i32 {
  if (depth >= STACK + MOST_STACK * 8) unreachable();
  store<i32>(depth, alternative);
  store<i32>(depth, p, 4);
  return depth + 8;
}

function indexOf(from: i32, end: i32, text: i32, length: i32): i32 {
  const first = at(text);
  const limit = end - length;
  for (let q = from; q <= limit; q++) if (at(q) === first && isText(q, text, length)) return q;
  return -1;
}

function lastIndexOf(from: i32, end: i32, text: i32, length: i32): i32 {
  const first = at(text);
  for (let q = end - length; q >= from; q--) if (at(q) === first && isText(q, text, length)) return q;
  return -1;
}

/** @param name three letters, the first the highest. @returns whether a month is called so: `Jan` to `Dec` */
function isMonth(name: i32): bool {
  switch (name) {
    case 0x4a616e: // Jan
    case 0x466562: // Feb
    case 0x4d6172: // Mar
    case 0x417072: // Apr
    case 0x4d6179: // May
    case 0x4a756e: // Jun
    case 0x4a756c: // Jul
    case 0x417567: // Aug
    case 0x536570: // Sep
    case 0x4f6374: // Oct
    case 0x4e6f76: // Nov
    case 0x446563: // Dec
      return true;
    default:
      return false;
  }
}

function digit(byte: i32): bool {
  return byte >= 48 && byte <= 57;
}

function hexOrColon(byte: i32): bool {
  return (byte >= 48 && byte <= 58) || (byte >= 97 && byte <= 102) || (byte >= 65 && byte <= 70);
}

/**
 * @returns after the last byte of an IPv4 or IPv6 address, or 0. IPv6 has `::` or eight groups: a MAC address is none. See `regex/variant-regex.ts` for
 * the same grammar as a regex.
 */
function endOfIp(from: i32, end: i32): i32 {
  let q = from;
  let version6 = false;
  const limit = min(end, from + 45);
  while (q < limit && hexOrColon(at(q))) {
    if (at(q) === 58 && q > from && at(q - 1) === 58) version6 = true;
    q = (q + 1) | 0;
  }
  if (q === from) return 0;
  let r = q;
  for (let group = 0; group < 3; group++) {
    if (r + 1 >= end || at(r) !== 46 || !digit(at(r + 1))) return version6 || hasEightGroups(from, end) ? q : 0;
    r += 2;
    if (r < end && digit(at(r))) r++;
    if (r < end && digit(at(r))) r++;
  }
  return r;
}

/** @returns whether seven groups of one to four bytes begin here, a colon behind each */
function hasEightGroups(from: i32, end: i32): bool {
  let q = from;
  for (let group = 0; group < 7; group++) {
    const start = q;
    while (q < end && q - start < 4 && at(q) !== 58) q++;
    if (q === start || q >= end || at(q) !== 58) return false;
    q++;
  }
  return true;
}

/** @returns behind the bracket of `[2001:db8::1]`, else `from` */
function startOfAddress(from: i32, end: i32): i32 {
  if (from >= end || at(from) !== 91) return from;
  const q = endOfIp(from + 1, end);
  return q > 0 && q < end && at(q) === 93 ? from + 1 : from;
}

/** @returns after the last byte of an address that a bracket or a colon follows, else `from` */
function endOfAddress(from: i32, end: i32): i32 {
  const q = endOfIp(from, end);
  if (q > 0 && q < end && (at(q) === 93 || at(q) === 58)) return q;
  // IPv6 without brackets took the colon and the port along: up to the last colon, with one before it
  let group = from;
  while (group < end && group < from + 4 && at(group) !== 58 && hexOrColon(at(group))) group++;
  if (group >= end || at(group) !== 58) return from;
  let r = group + 1;
  while (r < end && r < group + 41 && hexOrColon(at(r))) r++;
  while (r > group && (r >= end || at(r) !== 58)) r--;
  return r > group ? r : from;
}

/** @returns behind `UDP/` or `TCP/`, else `from` */
function startOfService(from: i32, end: i32): i32 {
  if (from + 4 >= end || at(from + 2) !== 80 || at(from + 3) !== 47) return from;
  const isUdp = at(from) === 85 && at(from + 1) === 68;
  const isTcp = at(from) === 84 && at(from + 1) === 67;
  return isUdp || isTcp ? from + 4 : from;
}

function endOfDigits(from: i32, end: i32, most: i32): i32 {
  let q = from;
  while (q < end && q - from < most && digit(at(q))) q++;
  return q;
}

function digits(from: i32, end: i32, count: i32): bool {
  if (from + count > end) return false;
  for (let i = 0; i < count; i++) if (!digit(at(from + i))) return false;
  return true;
}

/** @returns after `HH:MM:SS`, or 0 */
function endOfClock(p: i32, end: i32): i32 {
  if (!digits(p, end, 2) || at(p + 2) !== 58 || !digits(p + 3, end, 2) || at(p + 5) !== 58) return 0;
  return digits(p + 6, end, 2) ? p + 8 : 0;
}

/** @returns after a fraction of up to nine digits where one begins at `p`, else `p` */
function endOfFraction(p: i32, end: i32): i32 {
  if (p + 1 >= end || (at(p) !== 46 && at(p) !== 44) || !digit(at(p + 1))) return p;
  let q = p + 2;
  while (q < end && q < p + 10 && digit(at(q))) q++;
  return q;
}

/** @returns after `Mon dd` where a blank follows, or 0; the day may be padded with a blank, a zero or nothing */
function endOfDay(p: i32, end: i32): i32 {
  if (p + 6 > end || !isMonth((at(p) << 16) | (at(p + 1) << 8) | at(p + 2)) || at(p + 3) !== 32) return 0;
  let q = p + 4;
  if (at(q) === 32) q++;
  if (!digit(at(q))) return 0;
  q++;
  if (digit(at(q))) q++;
  return q < end && at(q) === 32 ? q : 0;
}

/** @returns after `Mon dd HH:MM:SS`, or 0. With `dated`, a year may stand behind the day */
function endOfMonthClock(p: i32, end: i32, dated: bool): i32 {
  let q = endOfDay(p, end);
  if (q === 0) return 0;
  if (dated && digits(q + 1, end, 4) && at(q + 5) === 32) q += 5;
  return endOfClock(q + 1, end);
}

/** @returns after an ISO 8601 date and time with optional fraction and zone (charon's JSON log puts the fraction after the zone), or 0 */
function endOfIso(p: i32, end: i32): i32 {
  if (!digits(p, end, 4) || at(p + 4) !== 45 || !digits(p + 5, end, 2) || at(p + 7) !== 45) return 0;
  if (!digits(p + 8, end, 2) || (at(p + 10) !== 84 && at(p + 10) !== 32)) return 0;
  let q = endOfClock(p + 11, end);
  if (q === 0) return 0;
  q = endOfFraction(q, end);
  if (q < end && at(q) === 90) return q + 1;
  if (q < end && (at(q) === 43 || at(q) === 45) && digits(q + 1, end, 2)) {
    const minutes = at(q + 3) === 58 ? q + 4 : q + 3;
    if (digits(minutes, end, 2)) return endOfFraction(minutes + 2, end);
  }
  return q;
}

function endOfTimestamp(p: i32, end: i32): i32 {
  if (p >= end) return 0;
  if (digit(at(p))) return endOfIso(p, end);
  const from = at(p) === 42 || at(p) === 46 ? p + 1 : p;
  const clock = endOfMonthClock(from, end, true);
  if (clock === 0) return 0;
  const q = endOfFraction(clock, end);
  return endOfZoneName(q, end);
}

/** @returns after the name of a zone that a colon follows, such as ` UTC`, ` CEST`, `KST` or ` mdt`, else `p` */
function endOfZoneName(p: i32, end: i32): i32 {
  const from = p < end && at(p) === 32 ? p + 1 : p;
  if (from >= end) return p;
  const small = at(from) >= 97;
  const first = small ? 97 : 65;
  const most = small ? 3 : 5;
  let q = from;
  while (q < end && at(q) >= first && at(q) < first + 26 && q - from <= most) q++;
  const length = q - from;
  if (length < 3 || length > most || q >= end || at(q) !== 58) return p;
  const isUtc = length === 3 && at(from) === 85 && at(from + 1) === 84 && at(from + 2) === 67;
  return isUtc || (at(q - 1) | 32) === 116 ? q : p;
}

/** @returns after `HH:MM:SS ZONE Mon dd YYYY`, perhaps with a weekday before the month, or 0 */
function endOfClockFirst(p: i32, end: i32): i32 {
  const clock = endOfClock(p, end);
  if (clock === 0 || at(clock) !== 32) return 0;
  let q = clock + 1;
  while (q < end && q < clock + 6 && isLetter(at(q))) q++;
  if (q === clock + 1 || at(q) !== 32) return 0;
  const weekday = q + 4 < end && isLetter(at(q + 1)) && isLetter(at(q + 2)) && isLetter(at(q + 3)) && at(q + 4) === 32;
  const day = endOfDay(q + 1, end) || (weekday ? endOfDay(q + 5, end) : 0);
  return day > 0 && digits(day + 1, end, 4) ? day + 5 : 0;
}

function isLetter(byte: i32): bool {
  return (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
}

function endOfTime(p: i32, end: i32): i32 {
  if (p >= end) return 0;
  if (at(p + 2) === 58) return endOfClockFirst(p, end);
  if (digit(at(p))) return endOfIso(p, end);
  let q = endOfMonthClock(p, end, false);
  if (q === 0 || at(q) !== 32) return 0;
  if (at(q + 1) === 85 && at(q + 2) === 84 && at(q + 3) === 67 && at(q + 4) === 32) q += 4;
  return digits(q + 1, end, 4) ? q + 5 : 0;
}
