/** Runs one test of a detection on the local engine: a recording, raw lines, or composed events. */
import type { Engine } from '../engine/compile-engine.js';
import type { Source } from '../engine/source.js';
import { type BaselineLists, makeBaseline } from '../detect/baseline.js';
import { Detector } from '../detect/detector.js';
import type { Finding } from '../detect/finding.js';
import type { LogEvent } from '../detect/log-event.js';
import type { ComposedEvent, Detection, DetectionTest } from '../model/detection.js';
import type { Settings } from '../model/settings.js';
import { EventReader } from './read-events.js';

/** Composed events begin here; recordings are read as if it were long after them. */
export const TEST_START = Date.parse('2026-03-01T12:00:00.000Z');
export const TEST_NOW = Date.parse('2027-01-01T00:00:00.000Z');

/** @returns the events that `events:` of a test stands for, in the order in which they arrive; those that arrive together, as they are written */
export function composeEvents(composed: ComposedEvent[], start = TEST_START): LogEvent[] {
  return composed
    .flatMap(({ at, every, times, late, fields }) =>
      Array.from({ length: times }, (_, index) => {
        const time = start + (at + index * every) * 1000;
        return { time, arrival: time + late * 1000, fields: fillIn(fields, index + 1) };
      }),
    )
    .sort((a, b) => a.arrival - b.arrival)
    .map(({ time, fields }, index) => {
      const event = { timestamp: new Date(time).toISOString(), host: 'vpn-gw1', ...fields };
      return { time, order: index + 1, file: 0, line: index + 1, raw: JSON.stringify(event), fields: event };
    });
}

/** @param source opened where the test names a recording. @returns what the detection yields */
export async function runDetectionTest(
  engine: Engine,
  detection: Detection,
  test: DetectionTest,
  settings: Settings,
  source: Source | undefined,
): Promise<Finding[]> {
  const baseline = test.baseline && makeBaseline(test.baseline as BaselineLists);
  const detector = new Detector({ detections: [detection], settings, transforms: engine.pack.transforms }, { baseline });
  if (test.events) {
    for (const event of composeEvents(test.events)) detector.feed(event);
  } else {
    const reader = new EventReader(engine, {
      clock: { now: TEST_NOW, zone: 'UTC' },
      forced: undefined,
      wanted: detector.wanted,
      onEvent: (event) => detector.take(event),
    });
    if (source) await reader.parser.parse(source);
    else reader.parser.parseText(Buffer.from(test.lines ?? ''));
    await reader.parser.finish();
  }
  return detector.finish();
}

/** @returns what is wrong with the findings, in one sentence; undefined where they are as the test says */
export function judgeFindings(test: DetectionTest, findings: Finding[]): string | undefined {
  if (findings.length !== test.findings.length) {
    const found = findings.map(({ group, count }) => `${describeGroup(group)} (${count})`).join(', ') || 'none';
    return `Expected ${test.findings.length} finding${test.findings.length === 1 ? '' : 's'}, and found ${findings.length}: ${found}.`;
  }
  for (const [index, wanted] of test.findings.entries()) {
    const found = findings[index]!;
    const group = Object.fromEntries(Object.entries(wanted.group).map(([field, value]) => [field, String(value)]));
    if (describeGroup(group) !== describeGroup(found.group))
      return `Expected a finding for ${describeGroup(group)}, and found one for ${describeGroup(found.group)}.`;
    if (wanted.count !== undefined && wanted.count !== found.count)
      return `Expected the finding for ${describeGroup(group)} to count ${wanted.count}, and it counts ${found.count}.`;
    if (wanted.opened !== undefined && test.events && found.opened !== TEST_START + readSeconds(wanted.opened) * 1000)
      return `Expected the finding for ${describeGroup(group)} to open after ${wanted.opened}, and it opened after ${(found.opened - TEST_START) / 1000}s.`;
  }
  return undefined;
}

export function describeGroup(group: Record<string, string>): string {
  const names = Object.keys(group).sort();
  return names.map((name) => `${name} ${group[name]}`).join(', ') || 'the whole log';
}

function fillIn(fields: ComposedEvent['fields'], number: number): Record<string, unknown> {
  const fill = (value: unknown) => (typeof value === 'string' ? value.replaceAll('{n}', String(number)) : value);
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, Array.isArray(value) ? value.map(fill) : fill(value)]),
  );
}

function readSeconds(duration: string): number {
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  return Number(amount) * { s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's' | 'm' | 'h' | 'd'];
}
