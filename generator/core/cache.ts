/**
 * Bounded maps from bytes to a number. Direct-mapped: a new key may push out an old one, which costs time and never a wrong answer, because the bytes are
 * compared. A place is a hash, the key's length, the value, a second value, and the key.
 */
import { MOST_KEY, PLACE_BYTES } from './layout';

const VALUE = 8;
const SECOND = 12;
const KEY = 16;

function sameBytes(a: i32, b: i32, length: i32): bool {
  let i = 0;
  for (; i + 8 <= length; i += 8) if (load<u64>(a + i) !== load<u64>(b + i)) return false;
  for (; i < length; i++) if (load<u8>(a + i) !== load<u8>(b + i)) return false;
  return true;
}

/** @returns a hash of the bytes that is never 0 */
export function hashOf(from: i32, end: i32, seed: i32): i32 {
  let hash: u64 = (seed as u64) ^ ((end - from) as u64);
  let at = from;
  for (; at + 8 <= end; at += 8) {
    hash = (hash ^ load<u64>(at)) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
  }
  let rest: u64 = 0;
  for (; at < end; at++) rest = (rest << 8) | (load<u8>(at) as u64);
  hash = (hash ^ rest) * 0x9e3779b97f4a7c15;
  return ((hash >> 32) as i32) | 1;
}

/** @returns the address of the place where the key is, or 0 */
export function find(cache: i32, places: i32, hash: i32, from: i32, end: i32): i32 {
  const place = cache + ((hash >>> 1) & (places - 1)) * PLACE_BYTES;
  const length = end - from;
  if (load<i32>(place) !== hash || load<i32>(place, 4) !== length) return 0;
  return sameBytes(place + KEY, from, length) ? place : 0;
}

export function valueAt(place: i32): i32 {
  return load<i32>(place, VALUE);
}

export function secondAt(place: i32): i32 {
  return load<i32>(place, SECOND);
}

/** Keeps two values, unless the key is too long. */
export function keep(cache: i32, places: i32, hash: i32, from: i32, end: i32, value: i32, second: i32): void {
  const length = end - from;
  if (length > MOST_KEY) return;
  const place = cache + ((hash >>> 1) & (places - 1)) * PLACE_BYTES;
  store<i32>(place, hash);
  store<i32>(place, length, 4);
  store<i32>(place, value, VALUE);
  store<i32>(place, second, SECOND);
  memory.copy(place + KEY, from, length);
}
