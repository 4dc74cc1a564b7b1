/**
 * The capture types of the template language: what bytes each one takes, how specific it is and what becomes of its value.
 *
 * This table is the one place that defines a type. The engine's matcher, Splunk's PCRE and Elastic's grok are all made from it, so that
 * every target takes the same bytes.
 */

/** How a capture finds its end. All ways are deterministic, which keeps every matcher linear. */
export type Takes =
  /** the longest run of the class's bytes */
  | 'class'
  /** like `class`, but also stops at the first byte of the literal that follows */
  | 'class-or-stop'
  /** an IPv4 or IPv6 address */
  | 'ip'
  /** an address before a colon: IPv4, or IPv6 in brackets, or IPv6 up to the last colon of its run; the brackets are no part of the value */
  | 'address'
  /** a port, perhaps behind `UDP/` or `TCP/`, which are no part of the value */
  | 'service'
  /** an optional minus and digits */
  | 'int'
  /**
   * a time stamp of a syslog header: ISO 8601, or RFC 3164, perhaps with a `*` or `.` in front (the clock is not set), with the year behind the day, and with
   * the zone's name behind the clock where a colon follows
   */
  | 'timestamp'
  /** a date with a year: `Nov 20 07:00:00 UTC 2026`, `07:00:00 UTC Nov 20 2026`, or ISO 8601 */
  | 'time'
  /** up to the first occurrence of the literal that follows */
  | 'first'
  /** up to the last occurrence of the literal that follows */
  | 'last'
  /** all that is left */
  | 'rest';

/** What the captured text becomes. */
export type ValueKind =
  | 'text'
  | 'number'
  | 'size'
  | 'lower'
  | 'time'
  | 'list-comma'
  | 'list-blank'
  | 'payloads'
  | 'notify'
  | 'exchange'
  | 'proposal'
  | 'suite'
  | 'key-exchange'
  /** of structured records: what was made of them already */
  | 'list-line'
  | 'bool';

export interface CaptureType {
  takes: Takes;
  value: ValueKind;
  /** the inside of a bracket expression, for `class` types; the same text is used in PCRE and Oniguruma */
  charset?: string;
  /** most bytes a `class` or `int` capture takes */
  max?: number;
}

const NOT_BLANK = '^ \\t\\r\\n';

/** Written in order of specificity: where two captures may stand at the same place, the earlier type is tried first. */
export const CAPTURE_TYPES = {
  time: { takes: 'time', value: 'time' },
  timestamp: { takes: 'timestamp', value: 'time' },
  address: { takes: 'address', value: 'text' },
  ip: { takes: 'ip', value: 'text' },
  service: { takes: 'service', value: 'number', max: 5 },
  port: { takes: 'class', value: 'number', charset: '0-9', max: 5 },
  int: { takes: 'int', value: 'number', max: 19 },
  hex: { takes: 'class', value: 'lower', charset: '0-9A-Fa-f', max: 128 },
  size: { takes: 'class', value: 'size', charset: '0-9A-Za-z', max: 24 },
  exchange: { takes: 'class', value: 'exchange', charset: '0-9A-Za-z_', max: 64 },
  letters: { takes: 'class', value: 'text', charset: 'A-Za-z', max: 64 },
  name: { takes: 'class', value: 'text', charset: '0-9A-Za-z._-', max: 255 },
  host: { takes: 'class', value: 'text', charset: '0-9A-Za-z._:%-', max: 255 },
  notify: { takes: 'class-or-stop', value: 'notify', charset: NOT_BLANK },
  dh: { takes: 'class-or-stop', value: 'key-exchange', charset: NOT_BLANK },
  proposal: { takes: 'class-or-stop', value: 'proposal', charset: NOT_BLANK },
  word: { takes: 'class-or-stop', value: 'text', charset: NOT_BLANK },
  payloads: { takes: 'first', value: 'payloads' },
  suite: { takes: 'first', value: 'suite' },
  selectors: { takes: 'first', value: 'list-blank' },
  proposals: { takes: 'first', value: 'list-comma' },
  identity: { takes: 'last', value: 'text' },
  text: { takes: 'first', value: 'text' },
  rest: { takes: 'rest', value: 'text' },
} as const satisfies Record<string, CaptureType>;

export type CaptureTypeName = keyof typeof CAPTURE_TYPES;

/** @returns the type's definition, widened to the interface so that optional members can be read. */
export function captureType(name: CaptureTypeName): CaptureType {
  return CAPTURE_TYPES[name];
}

/** @returns whether a capture of this type runs to the literal that follows, and takes that literal with it. */
export function runsToStop(name: CaptureTypeName): boolean {
  const { takes } = CAPTURE_TYPES[name];
  return takes === 'first' || takes === 'last';
}

/** @returns 0 for the most specific type. */
export function captureRank(name: CaptureTypeName): number {
  return Object.keys(CAPTURE_TYPES).indexOf(name);
}

/** @returns whether a value of this type is an address of a host, which a hostile identity could imitate. */
export function isAddress(name: CaptureTypeName): boolean {
  return name === 'ip' || name === 'address' || name === 'name' || name === 'host' || name === 'port' || name === 'service';
}

/** @returns whether `byte` belongs to the charset of a `class` type (a bracket expression's inside, as in the table above). */
export function inCharset(charset: string, byte: number): boolean {
  const negated = charset.startsWith('^');
  const body = (negated ? charset.slice(1) : charset).replace(/\\t/g, '\t').replace(/\\r/g, '\r').replace(/\\n/g, '\n');
  let inside = false;
  for (let i = 0; i < body.length; i++) {
    if (body[i + 1] === '-' && i + 2 < body.length) {
      if (byte >= body.charCodeAt(i) && byte <= body.charCodeAt(i + 2)) inside = true;
      i += 2;
    } else if (body.charCodeAt(i) === byte) inside = true;
  }
  return inside !== negated;
}
