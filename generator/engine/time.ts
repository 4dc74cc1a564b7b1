/** Times of log lines. A line without a zone is read in the zone that the caller states; one without a year gets the year by an explicit rule. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY = 86_400_000;
const HOUR = 3_600_000;

export interface Clock {
  /** milliseconds; what "now" is when a year has to be found */
  now: number;
  /** IANA name of the zone of times that carry none, e.g. `Europe/Zurich` */
  zone: string;
  /** told of times that were read by one of the two; a reader that tells its user sets it */
  assumed?: { zone: boolean; year: boolean };
}

const SHAPE =
  /^(?:[*.]?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?(UTC|[A-Z]{2,4}T|[a-z]{2}t))?(?: (\d{4}))?|(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?(?:[.,](\d{1,9}))?)$/;

const CLOCK_FIRST = /^(\d\d:\d\d:\d\d) ([A-Za-z]{1,5}) (?:[A-Za-z]{3} )?([A-Z][a-z]{2} {1,2}\d{1,2}) (\d{4})$/;

/**
 * Reads RFC 3164, the same with a year behind the day or a zone's name behind the clock (only UTC and GMT say what they mean everywhere: others are read
 * in the stated zone), ISO 8601, charon's `Nov 20 07:00:00 UTC 2026` and
 * `2026-11-24T06:27:25+0000.045181`, and `07:00:00 UTC Fri Nov 20 2026`.
 *
 * A time without a year is in the latest year in which it is not after `now` + 1 day (RFC 3164 has no year; a log across New Year reads right, and a
 * clock that is a little ahead does not throw a record back by a year).
 * @returns milliseconds since 1970 UTC, or undefined where the text is no valid time
 */
export function parseTime(text: string, clock: Clock = { now: Date.now(), zone: 'UTC' }): number | undefined {
  const found = SHAPE.exec(text);
  if (!found) {
    const turned = CLOCK_FIRST.exec(text);
    if (!turned) return undefined;
    const [, time, name, day, turnedYear] = turned;
    const zone = name === 'UTC' || name === 'GMT' ? 'UTC' : clock.zone;
    return parseTime(`${day} ${turnedYear} ${time}`, { ...clock, zone });
  }
  const [, month, day, dated, h, m, s, fraction, named, last] = found;
  const year = dated ?? last;
  const utc = named === 'UTC' || named === 'GMT';
  const { assumed } = clock;
  if (month !== undefined) {
    const index = MONTHS.indexOf(month);
    if (index === -1) return undefined;
    if (assumed !== undefined) {
      assumed.zone ||= !utc;
      assumed.year ||= year === undefined;
    }
    const inYear = (y: number) =>
      local(y, index, Number(day), Number(h), Number(m), Number(s), utc ? 'UTC' : clock.zone) + milliseconds(fraction);
    if (year !== undefined) return inYear(Number(year));
    const latest = new Date(clock.now + DAY).getUTCFullYear() + 1;
    for (let y = latest; y > latest - 10; y--) {
      if (index === 1 && Number(day) === 29 && !isLeap(y)) continue;
      const time = inYear(y);
      if (time <= clock.now + DAY) return time;
    }
    return undefined;
  }
  const [y, mo, d, hh, mm, ss] = found.slice(10, 16).map(Number) as [number, number, number, number, number, number];
  const zone = found[17];
  const extra = milliseconds(found[16] ?? found[18]);
  if (zone === undefined && assumed !== undefined) assumed.zone = true;
  if (zone === undefined) return local(y, mo - 1, d, hh, mm, ss, clock.zone) + extra;
  return Date.UTC(y, mo - 1, d, hh, mm, ss) - zoneOffset(zone) + extra;
}

const EPOCH = /^(\d{1,19})(?:\.(\d{1,9}))?$/;
const MONTH_FIRST = /^(\d{1,2})\/(\d{1,2})\/(\d{4})[ ,T]+(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ([AP]M))?$/;
const YEAR_FIRST = /^(\d{4})\/(\d\d)\/(\d\d)(?=[ T]\d)/;
const BLANK_BEFORE_ZONE = /^(\d{4}-\d\d-\d\d[T ][\d:.,]+) ([+-]\d\d:?\d\d)$/;

/**
 * Reads the time of a structured record: seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their digits; `11/24/2026 06:00:00` as
 * Windows writes it to files; `2026/11/24 06:00:00`; or what `parseTime` reads.
 * @returns milliseconds since 1970 UTC, or undefined where the text is no valid time
 */
export function parseStamp(text: string, clock: Clock): number | undefined {
  const epoch = EPOCH.exec(text);
  if (epoch) {
    const digits = epoch[1]!;
    if (digits.length <= 11) return Number(digits) * 1000 + milliseconds(epoch[2]);
    return Math.floor(Number(digits) / (digits.length <= 14 ? 1 : digits.length <= 17 ? 1000 : 1_000_000));
  }
  const american = MONTH_FIRST.exec(text);
  if (american) {
    const [mo, d, y, h, m, s] = american.slice(1, 7).map(Number) as [number, number, number, number, number, number];
    const hour = american[8] ? (h % 12) + (american[8] === 'PM' ? 12 : 0) : h;
    return local(y, mo - 1, d, hour, m, s, clock.zone) + milliseconds(american[7]);
  }
  return parseTime(text.replace(YEAR_FIRST, '$1-$2-$3').replace(BLANK_BEFORE_ZONE, '$1$2'), clock);
}

/** @returns whether the runtime knows the zone. */
export function isZone(zone: string): boolean {
  if (zone === 'UTC') return true; // without what it takes to ask
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function milliseconds(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Math.floor(Number(fraction.padEnd(9, '0')) / 1_000_000);
}

function zoneOffset(zone: string): number {
  if (zone === 'Z') return 0;
  const sign = zone[0] === '-' ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * HOUR + Number(zone.slice(-2)) * 60_000);
}

/** @returns the moment at which clocks in `zone` show the given local time. */
function local(y: number, mo: number, d: number, h: number, m: number, s: number, zone: string): number {
  const asUtc = Date.UTC(y, mo, d, h, m, s);
  if (zone === 'UTC') return asUtc;
  // the offset depends on the moment, which depends on the offset: two steps settle it except in the hour that does not exist
  return asUtc - offsetAt(zone, asUtc - offsetAt(zone, asUtc));
}

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

function offsetAt(zone: string, moment: number): number {
  const hour = Math.floor(moment / HOUR);
  const key = `${zone}\0${hour}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    let format = formats.get(zone);
    if (!format) {
      const two = '2-digit';
      format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: two,
        day: two,
        hour: two,
        minute: two,
        second: two,
      });
      formats.set(zone, format);
    }
    const parts = Object.fromEntries(format.formatToParts(hour * HOUR).map(({ type, value }) => [type, Number(value)]));
    offset = Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour!, parts.minute!, parts.second!) - hour * HOUR;
    if (offsets.size > 10_000) offsets.clear();
    offsets.set(key, offset);
  }
  return offset;
}
