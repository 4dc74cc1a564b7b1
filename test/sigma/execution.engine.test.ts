/** Our rules fire: pysigma-backend-sqlite runs each of them over recorded and composed logs, and finds what the engine finds. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPack } from '../../generator/compile.js';
import { compute } from '../../generator/detect/compute.js';
import { eventsOf } from '../../generator/detect/compile-selection.js';
import type { LogEvent } from '../../generator/detect/log-event.js';
import { type Detection, readKey, silenceOf } from '../../generator/model/detection.js';
import { detectionPath, sigmaExactness } from '../../generator/targets/sigma/emit-detection.js';
import { emitSigma } from '../../generator/targets/sigma/emit.js';
import { composedCases, findingKey, recordedEvents, recordings } from '../support/detection-logs.js';
import { ParityBook } from '../support/parity.js';
import { writeFiles } from './run-sigma.js';

type Occurrence = [time: number, group: Record<string, string | number | null>];
type Results = Record<string, Record<string, Record<string, { alerts: Occurrence[]; counted: Occurrence[] }>>>;

const PYTHON = fileURLToPath(new URL('../../.cache/venv/bin/python', import.meta.url));
const RUN = fileURLToPath(new URL('./run-rules.py', import.meta.url));

const pack = loadPack();
const expressible = pack.detections.filter((detection) => sigmaExactness(detection).verdict !== 'not expressible');
const folder = writeFiles(emitSigma(pack));
afterAll(() => rmSync(folder, { recursive: true }));

const logs = new Map<string, LogEvent[]>();
let results: Results;

beforeAll(async () => {
  for (const name of recordings()) logs.set(name, await recordedEvents(name));
  for (const detection of expressible) for (const [name, events] of composedCases(detection)) logs.set(name, events);
  results = runRules();
});

const book = new ParityBook(
  'sigma',
  "pysigma-backend-sqlite on the engine's events; its alerts suppressed as a finding covers what follows it",
);

describe.each(pack.detections.map((detection) => ({ name: detection.name, detection })))('$name', ({ detection }) => {
  const exactness = sigmaExactness(detection);
  it(`is ${exactness.verdict}`, () => {
    if (exactness.verdict === 'not expressible') {
      book.leaveOut(detection);
      return;
    }
    const differences = book.compare(pack, detection, exactness, logs, (log) => sigmaFindings(detection, log));
    if (exactness.verdict === 'exact') expect(differences).toEqual([]);
  });
});

it('agrees with the committed table', () => book.close());

/** Each file runs on the records that its selections can match, of the logs that have any: SQLite takes long over the others. */
function runRules(): Results {
  const sigma = (key: string) => readKey(key).fields.map((field) => pack.fields.get(field)?.sigma ?? field);
  const requests = expressible.map((detection): [string, object] => {
    const wanted = wantedEvents(detection);
    const relevant = [...logs].flatMap(([name, events]): [string, object[]][] => {
      if (name.includes(': ') && !name.startsWith(`${detection.name}: `)) return [];
      const seen = events.filter(({ fields }) => wanted === undefined || wanted.has(String(fields.msg_type)));
      return seen.length ? [[name, seen.map((event) => withSigmaNames(computed(event)))]] : [];
    });
    const fields = [...new Set(detection.groupings.flat().flatMap(sigma))];
    return [join(folder, detectionPath(detection)), { fields, logs: Object.fromEntries(relevant) }];
  });
  const input = JSON.stringify(Object.fromEntries(requests));
  return JSON.parse(execFileSync(PYTHON, [RUN], { input, encoding: 'utf8', maxBuffer: 1 << 30 })) as Results;
}

/** Names of events that some selection of the detection asks for; undefined where one does not say. */
function wantedEvents({ selections }: Detection): Set<string> | undefined {
  const names = Object.values(selections).map(eventsOf);
  return names.every((one) => one !== undefined) ? new Set(names.flat() as string[]) : undefined;
}

/** With the fields that each target computes as the engine does. */
function computed(event: LogEvent): Record<string, unknown> {
  const fields = { ...event.fields };
  compute({ ...event, fields });
  return fields;
}

function withSigmaNames(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => !name.startsWith('@'))
      .map(([name, value]) => [pack.fields.get(name)?.sigma ?? name, value]),
  );
}

/** Sigma alerts at every record that completes a window: suppression makes one finding of them, as the engine does. */
function sigmaFindings(detection: Detection, log: string): string[] {
  const rules = results[join(folder, detectionPath(detection))]![log] ?? {};
  const silence = silenceOf(detection.form);
  return Object.values(rules)
    .flatMap(({ alerts, counted }) => {
      const covering = detection.form.form === 'temporal_ordered' ? alerts : counted;
      const groups = new Map<string, { group: Record<string, string>; alerts: Set<number>; times: Set<number> }>();
      const of = (group: Occurrence[1]) => {
        const named = neutralGroup(detection, group);
        const key = JSON.stringify(named);
        if (!groups.has(key)) groups.set(key, { group: named ?? {}, alerts: new Set(), times: new Set() });
        return named && groups.get(key)!;
      };
      for (const [time, group] of covering) of(group)?.times.add(Math.round(time * 1000));
      for (const [time, group] of alerts) of(group)?.alerts.add(Math.round(time * 1000));
      return [...groups.values()].flatMap(({ group, alerts: ends, times }) => {
        let last = Number.NEGATIVE_INFINITY;
        const opened: number[] = [];
        for (const time of [...new Set([...ends, ...times])].sort((a, b) => a - b)) {
          const open = time - last <= silence * 1000;
          if (!open && !ends.has(time)) continue;
          if (!open) opened.push(time);
          last = time;
        }
        return opened.map((time) => findingKey({ detection: detection.name, group, opened: time }));
      });
    })
    .sort();
}

/** @returns the group under neutral names, the first field that has a value for each key; undefined where a key has none */
function neutralGroup(detection: Detection, group: Occurrence[1]): Record<string, string> | undefined {
  const neutral = new Map([...pack.fields.values()].map((field) => [field.sigma, field.name]));
  const named = Object.fromEntries(Object.entries(group).map(([name, value]) => [neutral.get(name) ?? name, value]));
  for (const keys of detection.groupings) {
    const found = keys.map((key) => readKey(key).fields.find((field) => named[field] !== undefined && named[field] !== null));
    if (found.every((field, index) => field !== undefined || readKey(keys[index]!).optional))
      return Object.fromEntries(found.flatMap((field) => (field === undefined ? [] : [[field, String(named[field])]])));
  }
  return undefined;
}
