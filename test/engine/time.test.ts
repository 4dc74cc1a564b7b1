import { describe, expect, test } from 'vitest';
import { isZone, parseTime } from '../../generator/engine/time.js';

const at = (now: string, zone = 'UTC') => ({ now: Date.parse(now), zone });
const iso = (text: string, clock = at('2026-11-24T12:00:00Z')) => {
  const time = parseTime(text, clock);
  return time === undefined ? undefined : new Date(time).toISOString();
};

describe('times that say all', () => {
  test.each([
    ['2026-11-24T06:03:00.422730+00:00', '2026-11-24T06:03:00.422Z'],
    ['2026-11-24T06:03:00+01:00', '2026-11-24T05:03:00.000Z'],
    ['2026-11-24T06:03:00-0530', '2026-11-24T11:33:00.000Z'],
    ['2026-11-24T06:03:00Z', '2026-11-24T06:03:00.000Z'],
    ['2026-11-24T06:27:25+0000.045181', '2026-11-24T06:27:25.045Z'],
    ['Nov 20 07:00:00 UTC 2026', '2026-11-20T07:00:00.000Z'],
    ['Dec  1 12:00:00 2027', '2027-12-01T12:00:00.000Z'],
    ['07:00:00 UTC Nov 20 2026', '2026-11-20T07:00:00.000Z'],
    ['11:53:58 GMT Fri Jun  1 2025', '2025-06-01T11:53:58.000Z'],
    ['Mar 13 2025 09:37:52', '2025-03-13T09:37:52.000Z'],
    ['Jan  6 2022 20:52:12.861', '2022-01-06T20:52:12.861Z'],
  ])('%s', (text, expected) => expect(iso(text)).toBe(expected));
});

describe('a time without a year is in the latest year that is not after now + 1 day', () => {
  test.each([
    ['Nov 24 06:00:00', '2026-11-24T12:00:00Z', '2026-11-24T06:00:00.000Z'],
    ['Nov 25 06:00:00', '2026-11-24T12:00:00Z', '2026-11-25T06:00:00.000Z'],
    ['Nov 26 06:00:00', '2026-11-24T12:00:00Z', '2025-11-26T06:00:00.000Z'],
    ['Dec 31 23:59:59', '2027-01-01T00:00:30Z', '2026-12-31T23:59:59.000Z'],
    ['Jan  1 00:00:10', '2027-01-01T00:00:30Z', '2027-01-01T00:00:10.000Z'],
    ['Jan  1 00:00:10', '2026-12-31T23:59:00Z', '2027-01-01T00:00:10.000Z'],
    ['Feb 29 10:00:00', '2026-11-24T12:00:00Z', '2024-02-29T10:00:00.000Z'],
  ])('%s read at %s', (text, now, expected) => expect(iso(text, at(now))).toBe(expected));
});

describe('a time without a zone is read in the stated one', () => {
  test.each([
    ['Nov 24 06:00:00.250', 'Europe/Zurich', '2026-11-24T05:00:00.250Z'],
    ['Jul  1 06:00:00', 'Europe/Zurich', '2026-07-01T04:00:00.000Z'],
    ['Mar 29 03:30:00', 'Europe/Zurich', '2026-03-29T01:30:00.000Z'],
    ['2026-07-01T06:00:00', 'Asia/Kolkata', '2026-07-01T00:30:00.000Z'],
    ['2026-07-01T06:00:00Z', 'Asia/Kolkata', '2026-07-01T06:00:00.000Z'],
    ['Aug 12 2023 12:14:24.412', 'Europe/Zurich', '2023-08-12T10:14:24.412Z'],
    ['Aug 12 2023 12:14:24.412 UTC', 'Europe/Zurich', '2023-08-12T12:14:24.412Z'],
  ])('%s in %s', (text, zone, expected) => expect(iso(text, at('2026-11-24T12:00:00Z', zone))).toBe(expected));

  test('zones are known by their names', () => {
    expect(isZone('Europe/Zurich')).toBe(true);
    expect(isZone('Zurich')).toBe(false);
  });
});

test.each(['', 'Nov', 'Xyz 24 06:00:00', '2026-11-24', 'yesterday'])('%j is no time', (text) =>
  expect(iso(text)).toBeUndefined(),
);
