/** Lines to records: envelope, process, header, line. What is seldom, such as a process or a header that was not there before, is asked of the engine. */
import { find, hashOf, keep, secondAt, valueAt } from './cache';
import {
  END,
  ENDS,
  ENVELOPE,
  ENVELOPE_LEAF_BYTES,
  ENVELOPE_LEAVES,
  ENVELOPES,
  EVENT,
  HAS_HOST,
  HAS_PROGRAM,
  HAS_TIMESTAMP,
  HEADER,
  HEADER_CACHE,
  HEADER_PLACES,
  HOST_SLOT,
  IGNORED,
  IGNORED_RECORDS,
  INDENTED,
  LATER,
  LEAF,
  LINE_END,
  LINE_START,
  LINES,
  MESSAGE_END,
  MESSAGE_SLOT,
  MESSAGE_START,
  MOST_STAMP,
  NEXT,
  NO_ENVELOPE,
  NO_HEADER,
  NO_LINE,
  ODD,
  ODD_LINE,
  OTHER,
  OTHER_RECORDS,
  PARSER,
  PARSER_BARE,
  PARSER_BITS,
  PARSER_BYTES,
  PARSER_KINDS,
  PARSER_LINES,
  PARSERS,
  PROCESS,
  PROCESS_BYTES,
  PROCESS_CACHE,
  PROCESS_PLACES,
  PROCESSES,
  PROGRAM_CACHE,
  PROGRAM_PLACES,
  PROGRAM_SLOT,
  READS_RUNS,
  RUN_COUNT,
  RUN_TEXTS,
  RUNS,
  STAMP,
  STAMP_LENGTH,
  STAMP_TIME,
  STARTS,
  STRUCTURED,
  TIME,
  TEXT_BYTES,
  TIMESTAMP_SLOT,
  UNNAMED,
  UNTIL,
  WANTS_IGNORED,
  WANTS_OTHER,
} from './layout';
import { match } from './match';

/** @returns 1 where no parser reads records of the program in such an envelope */
declare function isStranger(envelope: i32, from: i32, end: i32): i32;
/** @returns the number of the process that the slots of host, program and process id name */
declare function processOf(envelope: i32): i32;
/** @returns milliseconds since 1970; NaN where it is no time */
declare function timeOf(from: i32, end: i32): f64;
/** @returns the number of the header whose captures stand in the slots */
declare function headerOf(parser: i32, leaf: i32): i32;

const BLANK = 32;
const TAB = 9;
const BRACE = 123;
const LESS = 60;
/** How far into a line a run of pairs or columns may begin. */
const BEGINS_WITHIN = 256;

/**
 * Reads lines until one is somebody's concern. Of those that it passes, it keeps the numbers.
 * @param from first byte of a line
 * @param end after the last line
 * @returns what the line is; END where there are no more
 */
export function scan(from: i32, end: i32): i32 {
  let next = from;
  while (next < end) {
    const start = next;
    let to = endOfLine(start, end);
    next = to + 1;
    if (to > start && load<u8>(to - 1) === 13) to--;
    if (to === start) {
      add(LINES, 1);
      continue;
    }
    store<i32>(LINE_START, start);
    store<i32>(LINE_END, to);
    store<i32>(NEXT, min(next, end));
    const kind = readLine(start, to);
    if (kind !== ODD_LINE && load<f64>(TIME) > load<f64>(UNTIL)) return LATER;
    if (kind === IGNORED && load<i32>(WANTS_IGNORED) === 0) {
      if (goesOn(next, end)) return ODD_LINE;
      add(IGNORED_RECORDS, 1);
    } else if (kind === OTHER && load<i32>(WANTS_OTHER) === 0) add(OTHER_RECORDS, 1);
    else return (kind === EVENT || kind === NO_LINE) && goesOn(next, end) ? ODD_LINE : kind;
    add(LINES, 1);
  }
  return END;
}

function add(counter: i32, count: i32): void {
  store<i32>(counter, load<i32>(counter) + count);
}

function endOfLine(from: i32, end: i32): i32 {
  let at = from;
  for (; at + 16 <= end; at += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(10)));
    if (found !== 0) return at + ctz(found);
  }
  while (at < end && load<u8>(at) !== 10) at++;
  return at;
}

/** @returns whether the next line may belong to the record as well */
function goesOn(next: i32, end: i32): bool {
  if (next >= end) return false;
  const byte = load<u8>(next);
  return (byte === BLANK || byte === TAB) && (load<i32>(parserAt(load<i32>(PARSER)), PARSER_BITS) & INDENTED) !== 0;
}

function parserAt(number: i32): i32 {
  return load<i32>(PARSERS) + number * PARSER_BYTES;
}

/** @returns what the line is, by its envelope, process, header and line; its parts stand in the core's memory */
export function readLine(from: i32, end: i32): i32 {
  store<f64>(TIME, NaN);
  store<i32>(MESSAGE_START, from);
  store<i32>(MESSAGE_END, end);
  store<i32>(PROCESS, 0);
  let first = from;
  while (first < end && (load<u8>(first) as i32) <= BLANK) first++; // indented in an export
  if (first < end && load<u8>(ODD + (load<u8>(first) as i32)) !== 0) return ODD_LINE;
  return readEnvelope(from, end);
}

/** As `readLine`, whatever the line begins with. */
export function readEnvelope(from: i32, end: i32): i32 {
  store<f64>(TIME, NaN);
  store<i32>(MESSAGE_START, from);
  store<i32>(MESSAGE_END, end);
  store<i32>(PROCESS, 0);
  const envelope = match(load<i32>(ENVELOPES), from, end);
  if (envelope < 0) return NO_ENVELOPE;
  store<i32>(ENVELOPE, envelope);
  const has = load<i32>(load<i32>(ENVELOPE_LEAVES) + envelope * ENVELOPE_LEAF_BYTES);
  const message = startAt(MESSAGE_SLOT);
  store<i32>(MESSAGE_START, message);
  if ((has & HAS_PROGRAM) === 0) return UNNAMED;
  const process = isKnownStranger(envelope) ? 0 : findProcess(envelope, has, message);
  const parser = load<i32>(load<i32>(PROCESSES) + process * PROCESS_BYTES);
  if (parser < 0) return mayBeRecord(from, end, message) ? STRUCTURED : OTHER;
  store<i32>(PROCESS, process);
  store<i32>(PARSER, parser);
  if (has & HAS_TIMESTAMP) store<f64>(TIME, timeAt(startAt(TIMESTAMP_SLOT), endAt(TIMESTAMP_SLOT)));
  if (message < end && load<u8>(message) === BRACE) return STRUCTURED;
  if (load<i32>(parserAt(parser), PARSER_BITS) & READS_RUNS) return STRUCTURED;
  return readMessage(parser);
}

function startAt(slot: i32): i32 {
  return load<i32>(STARTS + (load<i32>(slot) << 2));
}

function endAt(slot: i32): i32 {
  return load<i32>(ENDS + (load<i32>(slot) << 2));
}

function isKnownStranger(envelope: i32): bool {
  const from = startAt(PROGRAM_SLOT);
  const end = endAt(PROGRAM_SLOT);
  const readers = load<i32>(load<i32>(ENVELOPE_LEAVES) + envelope * ENVELOPE_LEAF_BYTES, 4);
  const hash = hashOf(from, end, readers);
  const place = find(load<i32>(PROGRAM_CACHE), PROGRAM_PLACES, hash, from, end);
  if (place !== 0 && secondAt(place) === readers) return valueAt(place) !== 0;
  const stranger = isStranger(envelope, from, end);
  keep(load<i32>(PROGRAM_CACHE), PROGRAM_PLACES, hash, from, end, stranger, readers);
  return stranger !== 0;
}

/** What stands between the time stamp and the message names the process. */
function findProcess(envelope: i32, has: i32, message: i32): i32 {
  const from = startAt(has & HAS_HOST ? HOST_SLOT : PROGRAM_SLOT);
  const hash = hashOf(from, message, envelope);
  const place = find(load<i32>(PROCESS_CACHE), PROCESS_PLACES, hash, from, message);
  if (place !== 0 && secondAt(place) === envelope) return valueAt(place);
  const process = processOf(envelope);
  keep(load<i32>(PROCESS_CACHE), PROCESS_PLACES, hash, from, message, process, envelope);
  return process;
}

function timeAt(from: i32, end: i32): f64 {
  const length = end - from;
  if (length === load<i32>(STAMP_LENGTH)) {
    let i = 0;
    while (i < length && load<u8>(STAMP + i) === load<u8>(from + i)) i++;
    if (i === length) return load<f64>(STAMP_TIME);
  }
  const time = timeOf(from, end);
  if (length > MOST_STAMP) return time;
  store<i32>(STAMP_LENGTH, length);
  memory.copy(STAMP, from, length);
  store<f64>(STAMP_TIME, time);
  return time;
}

/** What no header has told: a record in the message of another program, or one of pairs or columns. */
function mayBeRecord(from: i32, end: i32, message: i32): bool {
  if (message > from && message < end) {
    const first = load<u8>(message);
    if (first === BRACE || first === LESS) return true;
  }
  if (load<i32>(RUN_COUNT) === 0) return false;
  const limit = min(end, from + BEGINS_WITHIN);
  for (let at = from; at < limit; at++) if (load<u8>(RUNS + (load<u8>(at) as i32)) !== 0 && tellsRun(at, limit)) return true;
  return false;
}

/** @returns whether one of the texts stands there that tell runs of pairs or columns */
function tellsRun(from: i32, end: i32): bool {
  const texts = load<i32>(RUN_TEXTS);
  for (let i = 0; i < load<i32>(RUN_COUNT); i++) {
    const text = load<i32>(texts + i * TEXT_BYTES);
    const length = load<i32>(texts + i * TEXT_BYTES, 4);
    if (from + length > end) continue;
    let same = 0;
    while (same < length && load<u8>(from + same) === load<u8>(text + same)) same++;
    if (same === length) return true;
  }
  return false;
}

/** Reads the message of a parser's record: from MESSAGE_START to MESSAGE_END, with the header in front. */
export function readMessage(parser: i32): i32 {
  const tables = parserAt(parser);
  const end = load<i32>(MESSAGE_END);
  const start = skipBlanks(load<i32>(MESSAGE_START), end);
  store<i32>(PARSER, parser);
  store<i32>(MESSAGE_START, start);
  const leaf = match(tables, start, end);
  if (leaf < 0) return NO_HEADER;
  let message = start;
  if (load<u8>(load<i32>(tables, PARSER_BARE) + leaf) === 0) message = startAt(MESSAGE_SLOT);
  store<i32>(HEADER, findHeader(parser, leaf, start, message));
  message = skipBlanks(message, end);
  store<i32>(MESSAGE_START, message);
  const line = match(tables + PARSER_LINES, message, end);
  store<i32>(LEAF, line);
  return line < 0 ? NO_LINE : (load<u8>(load<i32>(tables, PARSER_KINDS) + line) as i32);
}

function skipBlanks(from: i32, end: i32): i32 {
  let at = from;
  while (at < end && load<u8>(at) === BLANK) at++;
  return at;
}

function findHeader(parser: i32, leaf: i32, from: i32, end: i32): i32 {
  const which = (parser << 8) | leaf;
  const hash = hashOf(from, end, which);
  const place = find(load<i32>(HEADER_CACHE), HEADER_PLACES, hash, from, end);
  if (place !== 0 && secondAt(place) === which) return valueAt(place);
  const header = headerOf(parser, leaf);
  keep(load<i32>(HEADER_CACHE), HEADER_PLACES, hash, from, end, header, which);
  return header;
}
