/** Logs on which every target's findings are compared with the engine's: the recordings, and the composed cases of the detections' tests. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EventReader } from '../../generator/audit/read-events.js';
import { composeEvents, TEST_NOW } from '../../generator/audit/run-detection-test.js';
import { type BaselineLists, makeBaseline } from '../../generator/detect/baseline.js';
import { Detector } from '../../generator/detect/detector.js';
import type { Finding } from '../../generator/detect/finding.js';
import { nameAll } from './name-all.js';
import { fromRow, type LogEvent } from '../../generator/detect/log-event.js';
import { openSource } from '../../generator/engine/source.js';
import type { BaselineName, Detection } from '../../generator/model/detection.js';
import type { Pack } from '../../generator/model/pack.js';
import { DEFAULT_SETTINGS } from '../../generator/model/settings.js';
import { builtInEngine } from './parse-text.js';

const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));

/** @returns names of recordings, such as `strongswan/psk-brute`, that have a gateway's log and its truth */
export function recordings(): string[] {
  return readdirSync(SAMPLES, { withFileTypes: true })
    .filter((vendor) => vendor.isDirectory())
    .flatMap((vendor) => readdirSync(SAMPLES + vendor.name).map((scenario) => `${vendor.name}/${scenario}`))
    .filter((name) => existsSync(`${SAMPLES}${name}/gateway.log`) && existsSync(`${SAMPLES}${name}/truth.json`))
    .sort();
}

/** @returns the gateway's log as it was recorded */
export function recordedLog(name: string): string {
  return readFileSync(`${SAMPLES}${name}/gateway.log`, 'utf8');
}

/** @returns all events of a recording's gateway, stitched */
export async function recordedEvents(name: string): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  nameAll(builtInEngine());
  const reader = new EventReader(builtInEngine(), {
    clock: { now: TEST_NOW, zone: 'UTC' },
    forced: undefined,
    wanted: undefined,
    onEvent: (event) => events.push(fromRow(event)),
  });
  const source = await openSource(`${SAMPLES}${name}/gateway.log`);
  try {
    await reader.parser.parse(source);
    await reader.parser.finish();
  } finally {
    await source.close();
  }
  return events;
}

/** @returns the composed cases of a detection's tests, by name */
export function composedCases(detection: Detection): [string, LogEvent[]][] {
  return [...detection.tests.fires, ...detection.tests.quiet].flatMap((test): [string, LogEvent[]][] =>
    test.events && !test.settings && !test.baseline ? [[`${detection.name}: ${test.name}`, composeEvents(test.events)]] : [],
  );
}

/** A log whose findings depend on what was there before. */
export interface BaselineCase {
  name: string;
  events: LogEvent[];
  baseline: BaselineLists;
  /** records from which the baseline is learnt, three days earlier */
  history: LogEvent[];
}

/** @returns the composed cases with a baseline of a detection that compares with one */
export function baselineCases({ name, form, selections, tests }: Detection): BaselineCase[] {
  if (form.form !== 'first_seen' && form.form !== 'deviation') return [];
  const [comparisons] = selections[form.of.any[0]!]!.any;
  const told = comparisons!.find(({ field, op }) => field === 'msg_type' && op === 'is')!.values[0];
  return [...tests.fires, ...tests.quiet].flatMap((test): BaselineCase[] => {
    if (!test.events || !test.baseline) return [];
    const baseline = test.baseline as BaselineLists;
    const learnt = (baseline[form.baseline] ?? []).flatMap(({ group, values, least, greatest }) =>
      (values ?? [least!, greatest!]).map((value) => ({ msg_type: String(told), ...group, ...fieldsOf(form.baseline, value) })),
    );
    const history = learnt.map((fields) => ({ at: 0, every: 0, times: 1, late: 0, fields }));
    const events = composeEvents(test.events);
    return [
      { name: `${name}: ${test.name}`, events, baseline, history: composeEvents(history, events[0]!.time - 3 * 86_400_000) },
    ];
  });
}

/** What a record says from which a value of the baseline is learnt. */
function fieldsOf(list: BaselineName, value: string | number): Record<string, string | number> {
  switch (list) {
    case 'networks':
      return { peer_ip: String(value).replace(/0\/24$|\/48$/, '1') };
    case 'suites': {
      const [encryption, integrity, prf, group] = String(value).split('/') as [string, string, string, string];
      const named = Object.entries({ encryption, integrity, prf }).filter(([, name]) => name !== '-');
      return { ...Object.fromEntries(named), ...(group === '-' ? {} : { dh_group: Number(group) }) };
    }
    case 'lifetimes':
      return { lifetime: value };
    default:
      throw new Error(`Unexpected baseline "${list}"`);
  }
}

/** @returns what the engine finds, each as `detection|field=value,…|time of opening` */
export function engineFindings(pack: Pack, detections: Detection[], events: LogEvent[], baseline?: BaselineLists): string[] {
  const detector = new Detector(
    { detections, transforms: pack.transforms, settings: { ...pack.settings, lateBy: DEFAULT_SETTINGS.lateBy } },
    { baseline: baseline && makeBaseline(baseline) },
  );
  for (const event of events) detector.feed({ ...event });
  return detector.finish().map(findingKey).sort();
}

/** Texts compare without regard to case, as no target's do. */
export function findingKey({ detection, group, opened }: Pick<Finding, 'detection' | 'group' | 'opened'>): string {
  const keys = Object.keys(group).sort();
  return `${detection}|${keys.map((key) => `${key}=${group[key]!.toLowerCase()}`).join(',')}|${new Date(opened).toISOString()}`;
}
