/** One detection of each form and of what can stand in it, with cases at the edges: windows, orders, deadlines, silences. */
import { parseDocument } from 'yaml';
import type { LogEvent } from '../../../generator/detect/log-event.js';
import { composeEvents } from '../../../generator/audit/run-detection-test.js';
import { lowerDetection } from '../../../generator/lower/lower-detection.js';
import type { ComposedEvent, Detection } from '../../../generator/model/detection.js';

const HEAD = `
title: %
id: 00000000-0000-4000-8000-000000000000
status: test
level: medium
description: A test.
misses: Nothing.
because: {}
false_positives: [None.]
response: { playbook: throttle-peer }
tests: { fires: [], quiet: [] }
`;

/** @returns a detection of `select`, `matches` and `detect` in YAML */
export function detectionOf(name: string, body: string): Detection {
  const document = parseDocument(HEAD.replace('%', name) + body);
  if (document.errors.length) throw document.errors[0]!;
  return lowerDetection({ file: `detections/test/${name}.yml`, data: document.toJS(), document } as never);
}

type Composed = [at: number, fields: Record<string, string | number>];

/** @returns events at seconds after the start, in the order in which they are written */
export function eventsAt(...composed: Composed[]): LogEvent[] {
  return composeEvents(composed.map(([at, fields]): ComposedEvent => ({ at, every: 0, times: 1, late: 0, fields })));
}

/** A small generator: the same numbers each time. */
export function randomly(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 0x7fffffff;
    return state % below;
  };
}

export const FORM_DETECTIONS: Detection[] = [
  detectionOf(
    'event',
    `
select: { failed: { msg_type: auth_failed } }
detect: { event: { of: failed, by: peer, quiet: 60s } }`,
  ),
  detectionOf(
    'event-of-gateway',
    `
select: { failed: { msg_type: [auth_failed, auth_error], reason|contains: "a|b" } }
detect: { event: { of: failed, by: gateway, quiet: 60s } }`,
  ),
  detectionOf(
    'event-count',
    `
select: { failed: { msg_type: auth_failed } }
detect: { event_count: { of: failed, by: peer, at_least: 4, within: 30s } }`,
  ),
  detectionOf(
    'event-count-by-each',
    `
select: { failed: { msg_type: auth_failed } }
detect: { event_count: { of: failed, by_each: [peer, identity], at_least: 3, within: 20s } }`,
  ),
  detectionOf(
    'event-count-by-two',
    `
select: { failed: { msg_type: auth_failed, not: { peer_ip|cidr: 192.0.2.0/25 } } }
detect: { event_count: { of: failed, by: [gateway, peer], at_least: 3, within: 20s } }`,
  ),
  detectionOf(
    'value-count',
    `
select: { failed: { msg_type: auth_failed } }
detect: { value_count: { of: failed, by: gateway, distinct: peer, at_least: 3, within: 25s } }`,
  ),
  detectionOf(
    'ordered',
    `
select: { failed: { msg_type: auth_failed }, passed: { msg_type: auth_succeeded } }
detect: { temporal_ordered: { steps: [{ of: failed }, { of: passed }], by: peer, within: 20s } }`,
  ),
  detectionOf(
    'ordered-with-count',
    `
select: { failed: { msg_type: auth_failed }, passed: { msg_type: auth_succeeded } }
detect: { temporal_ordered: { steps: [{ of: failed, at_least: 3 }, { of: passed }], by: peer, within: 30s } }`,
  ),
  detectionOf(
    'ordered-thrice',
    `
select: { failed: { msg_type: auth_failed }, passed: { msg_type: auth_succeeded }, ended: { msg_type: ike_deleted } }
detect: { temporal_ordered: { steps: [{ of: failed, at_least: 2 }, { of: passed }, { of: ended, at_least: 2 }], by: peer, within: 60s } }`,
  ),
  detectionOf(
    'ordered-again',
    `
select: { up: { msg_type: auth_succeeded }, down: { msg_type: ike_deleted } }
detect: { temporal_ordered: { steps: [{ of: up }, { of: down }, { of: up }, { of: down }], by: peer, within: 60s } }`,
  ),
  detectionOf(
    'absence',
    `
select: { failed: { msg_type: auth_failed }, passed: { msg_type: auth_succeeded } }
detect: { absence: { of: failed, without: passed, by: peer, within: 15s } }`,
  ),
  detectionOf(
    'absence-after',
    `
select: { failed: { msg_type: auth_failed }, passed: { msg_type: auth_succeeded } }
detect: { absence: { of: failed, without: passed, by: peer, within: 5s, after: lifetime } }`,
  ),
  detectionOf(
    'count-of-absences',
    `
select: { failed: { msg_type: auth_failed }, passed: { msg_type: auth_succeeded } }
matches: { lonely: { absence: { of: failed, without: passed, by: peer, within: 5s } } }
detect: { event_count: { of: lonely, by: peer, at_least: 3, within: 40s } }`,
  ),
  detectionOf(
    'values-of-absences',
    `
select: { failed: { msg_type: auth_failed }, passed: { msg_type: auth_succeeded }, ended: { msg_type: ike_deleted } }
matches: { lonely: { absence: { of: failed, without: passed, by: peer, within: 5s } } }
detect: { value_count: { of: lonely or ended, by: gateway, distinct: peer, at_least: 3, within: 40s } }`,
  ),
  detectionOf(
    'count-of-orders',
    `
select: { failed: { msg_type: auth_failed }, passed: { msg_type: auth_succeeded } }
matches: { pair: { temporal_ordered: { steps: [{ of: failed }, { of: passed }], by: peer, within: 10s } } }
detect: { event_count: { of: pair, by: peer, at_least: 2, within: 60s } }`,
  ),
  detectionOf(
    'ratio',
    `
select: { failed: { msg_type: auth_failed }, passed: { msg_type: auth_succeeded } }
detect: { ratio: { of: failed, among: passed, share: 0.5, by: gateway, at_least: 4, within: 30s } }`,
  ),
];
