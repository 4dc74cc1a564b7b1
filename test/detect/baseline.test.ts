/** What is normal: learnt, written, read again, and asked. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { composeEvents } from '../../generator/audit/run-detection-test.js';
import { BaselineError, readBaseline } from '../../generator/detect/baseline.js';
import { Detector } from '../../generator/detect/detector.js';
import { BaselineLearner } from '../../generator/detect/learn-baseline.js';
import { loadContent } from '../../generator/load/load-content.js';
import { applySettings } from '../../generator/lower/apply-settings.js';
import { lower } from '../../generator/lower/lower.js';
import type { ComposedEvent } from '../../generator/model/detection.js';
import { DEFAULT_SETTINGS } from '../../generator/model/settings.js';

const pack = applySettings(lower(loadContent().documents).pack, DEFAULT_SETTINGS);

function composed(list: Record<string, unknown>[]): ReturnType<typeof composeEvents> {
  return composeEvents(
    list.map(({ at = 0, every = 0, times = 1, ...fields }) => ({ at, every, times, late: 0, fields }) as ComposedEvent),
  );
}

const NORMAL = [
  { msg_type: 'ike_established', connection: 'site1', peer_ip: '198.51.100.11', user_identity: 'site1', times: 9, every: 3600 },
  { msg_type: 'ike_lifetime', connection: 'site1', peer_ip: '198.51.100.11', lifetime: 14400, rekey_in: 13000 },
  { msg_type: 'ike_lifetime', connection: 'site1', peer_ip: '198.51.100.11', lifetime: 15000, rekey_in: 14000 },
  { msg_type: 'proposal_selected', peer_ip: '198.51.100.11', encryption: 'AES_GCM_16_256', prf: 'HMAC_SHA2_384', dh_group: 20 },
  { msg_type: 'auth_failed', peer_ip: '198.51.100.66', times: 1 },
];

function learn(list = NORMAL, reversed = false) {
  const learner = new BaselineLearner(pack);
  const events = composed(list);
  for (const event of reversed ? events.reverse() : events) learner.feed(event);
  return learner.finish();
}

test('what is learnt', () => {
  const { networks, suites, strength, lifetimes, failure_rate, hours, period, records } = learn();
  expect(records).toBe(13);
  expect(period).toEqual({ from: '2026-03-01T12:00:00.000Z', to: '2026-03-01T20:00:00.000Z' });
  expect(networks).toContainEqual({ group: { user_identity: 'site1' }, records: 9, values: ['198.51.100.0/24'] });
  expect(networks).toContainEqual({
    group: { connection: 'site1', host: 'vpn-gw1' },
    records: 9,
    values: ['198.51.100.0/24'],
  });
  expect(suites).toContainEqual({
    group: { peer_ip: '198.51.100.11' },
    records: 1,
    values: ['AES_GCM_16_256/-/HMAC_SHA2_384/20'],
  });
  expect(strength).toEqual([{ group: { peer_ip: '198.51.100.11' }, records: 1, least: 192, greatest: 192 }]);
  expect(lifetimes).toEqual([{ group: { connection: 'site1', host: 'vpn-gw1' }, records: 2, least: 14400, greatest: 15000 }]);
  expect(failure_rate).toEqual([{ group: { host: 'vpn-gw1' }, records: 10, rate: 0.1 }]);
  expect(hours).toEqual([
    { group: { connection: 'site1', host: 'vpn-gw1' }, records: 9, values: [12, 13, 14, 15, 16, 17, 18, 19, 20] },
  ]);
});

test('the file does not depend on the order of the records, and fits its schema', () => {
  expect(JSON.stringify(learn(NORMAL, true))).toBe(JSON.stringify(learn()));
  const validate = new Ajv().compile(JSON.parse(readFileSync('generator/schemas/baseline.schema.json', 'utf8')) as object);
  expect([validate(learn()), validate.errors]).toEqual([true, null]);
});

describe('what it is for', () => {
  const after = (event: Record<string, unknown>, normal = JSON.stringify(learn())) => {
    const detector = new Detector(pack, { baseline: readBaseline(normal) });
    for (const one of composed([event])) detector.feed(one);
    return detector.finish().map(({ detection }) => detection);
  };
  test.each<[string, Record<string, unknown>, string[]]>([
    [
      'a new network of an identity',
      { msg_type: 'ike_established', connection: 'site1', peer_ip: '192.0.2.7', user_identity: 'site1' },
      ['baseline/new-network-for-identity'],
    ],
    ['a known network', { msg_type: 'ike_established', peer_ip: '198.51.100.200', user_identity: 'site1' }, []],
    [
      'a weaker suite',
      { msg_type: 'proposal_selected', peer_ip: '198.51.100.11', encryption: 'AES_CBC_128', prf: 'HMAC_SHA2_256', dh_group: 19 },
      ['baseline/unusual-suite', 'cryptography/crypto-downgrade'],
    ],
    [
      'a short lifetime',
      { msg_type: 'ike_lifetime', connection: 'site1', peer_ip: '198.51.100.11', lifetime: 3600 },
      ['baseline/unusual-lifetime'],
    ],
    [
      'a lifetime within a fifth',
      { msg_type: 'ike_lifetime', connection: 'site1', peer_ip: '198.51.100.11', lifetime: 12000 },
      [],
    ],
    [
      'a connection that was not learnt',
      { msg_type: 'ike_lifetime', connection: 'site2', peer_ip: '198.51.100.12', lifetime: 3600 },
      [],
    ],
  ])('%s', (_, event, expected) => {
    expect(after(event)).toEqual(expected);
  });
});

test.each([
  ['no JSON', '{', 'It is not JSON.'],
  ['another file', '{}', 'It is not a baseline: there is no "ikeaudit_baseline".'],
  ['another version', '{"ikeaudit_baseline":9}', 'Its version is 9, and this program reads version 1. Learn it again.'],
  ['a list that is none', '{"ikeaudit_baseline":1,"hours":{}}', '"hours" is no list.'],
  ['an entry without a group', '{"ikeaudit_baseline":1,"hours":[{}]}', 'Entry 1 of "hours" has no group.'],
  [
    'a number that is none',
    '{"ikeaudit_baseline":1,"strength":[{"group":{},"least":"1"}]}',
    'Entry 1 of "strength" has a number that is none.',
  ],
])('refuses %s', (_, text, message) => {
  expect(() => readBaseline(text)).toThrow(new BaselineError(message));
});
