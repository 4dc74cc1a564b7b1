/** Records to JSON: what stands in the slots, between pieces of output that the engine has made. */
import { find, hashOf, keep, secondAt, valueAt } from './cache';
import {
  AS_LOWER,
  AS_MADE,
  AS_NUMBER,
  CAPTURE_BYTES,
  DAY,
  DAY_LENGTH,
  DAY_TEXT,
  ENDS,
  ESCAPES,
  HEADER_BYTES,
  HEADERS,
  KEEPS,
  LEAF_BYTES,
  MADE,
  PROCESS_BYTES,
  PROCESSES,
  SA_ANCESTOR,
  SA_COUNT,
  SA_LEARNT,
  SA_LEARNT_BYTES,
  SA_USER,
  STARTS,
  TIME_KEY,
  TIME_KEY_LENGTH,
  VALUE_CACHE,
  VALUE_PLACES,
} from './layout';

/** Makes the members that the text of a capture stands for. @returns their address; their length stands in MADE */
declare function render(capture: i32, from: i32, end: i32): i32;
/** Writes the date of a day, counted from 1970, to DAY_TEXT: `2026-11-24T`. */
declare function renderDay(day: f64): void;

const QUOTE = 34;
const DAY_MILLISECONDS: f64 = 86400000;

/** Copies a piece of output, and perhaps a few bytes more that mean nothing. @returns behind the copy */
export function copy(from: i32, length: i32, to: i32): i32 {
  for (let i = 0; i < length; i += 16) v128.store(to + i, v128.load(from + i));
  return to + length;
}

/** Writes time and process: `{"timestamp":"…","host":…`. @returns behind it */
export function writeHead(process: i32, time: f64, to: i32): i32 {
  const entry = load<i32>(PROCESSES) + process * PROCESS_BYTES;
  const prefix = load<i32>(entry, 4);
  const length = load<i32>(entry, 8);
  if (isNaN(time)) {
    store<u8>(to, 123);
    return length === 0 ? to + 1 : copy(prefix + 1, length - 1, to + 1);
  }
  let at = copy(load<i32>(TIME_KEY), load<i32>(TIME_KEY_LENGTH), to);
  at = writeTime(time, at);
  store<u8>(at, QUOTE);
  return copy(prefix, length, at + 1);
}

/** Writes an ISO time; the date is kept, because records come in order. */
function writeTime(time: f64, to: i32): i32 {
  const day = floor(time / DAY_MILLISECONDS);
  if (day !== load<f64>(DAY)) {
    renderDay(day);
    store<f64>(DAY, day);
  }
  const at = copy(DAY_TEXT, load<i32>(DAY_LENGTH), to);
  const rest = (time - day * DAY_MILLISECONDS) as i32;
  const second = rest / 1000;
  const fraction = rest - second * 1000;
  const minute = second / 60;
  const hour = minute / 60;
  writeTwo(at, hour);
  store<u8>(at + 2, 58);
  writeTwo(at + 3, minute - hour * 60);
  store<u8>(at + 5, 58);
  writeTwo(at + 6, second - minute * 60);
  store<u8>(at + 8, 46);
  store<u8>(at + 9, 48 + fraction / 100);
  writeTwo(at + 10, fraction % 100);
  store<u8>(at + 12, 90);
  return at + 13;
}

function writeTwo(to: i32, value: i32): void {
  store<u8>(to, 48 + value / 10);
  store<u8>(to + 1, 48 + (value % 10));
}

export function writeHeader(header: i32, to: i32): i32 {
  const entry = load<i32>(HEADERS) + header * HEADER_BYTES;
  return copy(load<i32>(entry), load<i32>(entry, 4), to);
}

/** Writes what the line says: its constants and captures. @returns behind it */
function writeMessage(leaf: i32, to: i32): i32 {
  return writeCaptures(leaf, copy(load<i32>(leaf), load<i32>(leaf, 4), to));
}

export function writeCaptures(leaf: i32, to: i32): i32 {
  let at = to;
  const end = leaf + LEAF_BYTES + load<i32>(leaf, 8) * CAPTURE_BYTES;
  for (let capture = leaf + LEAF_BYTES; capture < end; capture += CAPTURE_BYTES) at = writeCapture(capture, at);
  return at;
}

function writeCapture(capture: i32, to: i32): i32 {
  const slot = load<i32>(capture) << 2;
  const from = load<i32>(STARTS + slot);
  const end = load<i32>(ENDS + slot);
  if (from === end) return to;
  const how = load<i32>(capture, 12);
  if (how === AS_MADE) return writeMade(load<i32>(capture, 16), from, end, to);
  const at = copy(load<i32>(capture, 4), load<i32>(capture, 8), to);
  if (how === AS_NUMBER) return writeDigits(from, end, at);
  const behind = writeText(from, end, at, how === AS_LOWER);
  store<u8>(behind, QUOTE);
  return behind + 1;
}

/** What needs a look-up or is a list is made once for a text, and kept. */
function writeMade(capture: i32, from: i32, end: i32, to: i32): i32 {
  const cache = load<i32>(VALUE_CACHE);
  const hash = hashOf(from, end, capture);
  const place = find(cache, VALUE_PLACES, hash, from, end);
  // an address and a length in one: pieces that are kept are short, and there are few captures
  if (place !== 0 && secondAt(place) >>> 16 === capture) return copy(valueAt(place), secondAt(place) & 0xffff, to);
  const made = render(capture, from, end);
  const length = load<i32>(MADE);
  if (load<i32>(KEEPS) !== 0 && length < 0x10000 && capture < 0x10000)
    keep(cache, VALUE_PLACES, hash, from, end, made, (capture << 16) | length);
  return copy(made, length, to);
}

/** Writes digits as a JSON number: no leading zeros. */
function writeDigits(from: i32, end: i32, to: i32): i32 {
  let at = to;
  let i = from;
  if (load<u8>(i) === 45) {
    store<u8>(at++, 45);
    i++;
  }
  while (i + 1 < end && load<u8>(i) === 48) i++;
  while (i < end) store<u8>(at++, load<u8>(i++));
  return at;
}

/** Writes bytes as the inside of a JSON string. @returns behind it */
export function writeText(from: i32, end: i32, to: i32, lower: bool): i32 {
  let at = to;
  for (let i = from; i < end; i++) {
    const byte = load<u8>(i) as i32;
    if (load<u8>(ESCAPES + byte) === 0) store<u8>(at++, lower && byte >= 65 && byte <= 90 ? byte + 32 : byte);
    else at = writeEscape(byte, at);
  }
  return at;
}

function writeEscape(byte: i32, to: i32): i32 {
  store<u8>(to, 92);
  let letter = byte;
  switch (byte) {
    case 8:
      letter = 98;
      break;
    case 9:
      letter = 116;
      break;
    case 10:
      letter = 110;
      break;
    case 12:
      letter = 102;
      break;
    case 13:
      letter = 114;
      break;
    case 34:
    case 92:
      break;
    default:
      store<u8>(to + 1, 117);
      store<u8>(to + 2, 48);
      store<u8>(to + 3, 48);
      store<u8>(to + 4, hexDigit(byte >> 4));
      store<u8>(to + 5, hexDigit(byte & 15));
      return to + 6;
  }
  store<u8>(to + 1, letter);
  return to + 2;
}

function hexDigit(value: i32): i32 {
  return value < 10 ? 48 + value : 87 + value;
}

/** Writes a record up to what joining tells: time, process, header and message. @returns behind it */
function writeRecord(process: i32, time: f64, header: i32, leaf: i32, to: i32): i32 {
  return writeMessage(leaf, writeHeader(header, writeHead(process, time, to)));
}

/**
 * Writes what an SA lends to a record.
 * @param own bit per learnt field that the record has itself
 * @param user bits of the fields of which a record that has one is not lent the user
 * @returns behind it
 */
export function writeSa(sa: i32, own: i32, user: i32, to: i32): i32 {
  let at = copy(load<i32>(sa), load<i32>(sa, 4), to);
  const count = load<i32>(sa, SA_COUNT);
  for (let i = 0; i < count; i++) {
    const learnt = sa + SA_LEARNT + i * SA_LEARNT_BYTES;
    if (((own >>> i) & 1) === 0) at = copy(load<i32>(learnt), load<i32>(learnt, 4), at);
  }
  if ((own & user) === 0) at = copy(load<i32>(sa, SA_USER), load<i32>(sa, SA_USER + 4), at);
  return copy(load<i32>(sa, SA_ANCESTOR), load<i32>(sa, SA_ANCESTOR + 4), at);
}

/** Writes a whole record that belongs to an SA, or to none (0). @returns behind it */
export function writeJoined(
  process: i32,
  time: f64,
  header: i32,
  leaf: i32,
  addresses: i32,
  addressesLength: i32,
  sa: i32,
  own: i32,
  user: i32,
  rest: i32,
  restLength: i32,
  to: i32,
): i32 {
  let at = copy(addresses, addressesLength, writeRecord(process, time, header, leaf, to));
  if (sa !== 0) at = writeSa(sa, own, user, at);
  return copy(rest, restLength, at);
}
