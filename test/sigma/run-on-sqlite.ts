/** Runs Sigma files on pysigma-backend-sqlite, and makes findings of its alerts. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compute } from '../../generator/detect/compute.js';
import { eventsOf } from '../../generator/detect/compile-selection.js';
import { fromRow, type LogEvent, toRow } from '../../generator/detect/log-event.js';
import { type Detection, readKey, silenceOf } from '../../generator/model/detection.js';
import type { Pack } from '../../generator/model/pack.js';
import { findingKey } from '../support/detection-logs.js';

type Occurrence = [time: number, group: Record<string, string | number | null>];
/** What the rules of one file yield, by log and rule. */
export type SqliteResults = Record<string, Record<string, { alerts: Occurrence[]; counted: Occurrence[] }>>;

const PYTHON = fileURLToPath(new URL('../../.cache/venv/bin/python', import.meta.url));
const RUN = fileURLToPath(new URL('./run-rules.py', import.meta.url));

/**
 * @param files path of each file, with the detection that it was made from
 * @param logs all logs by name; composed cases of other detections are left out
 * @returns results by path
 */
export function runOnSqlite(
  pack: Pack,
  files: [path: string, detection: Detection][],
  logs: ReadonlyMap<string, LogEvent[]>,
): Record<string, SqliteResults> {
  const sigma = (key: string) => readKey(key).fields.map((field) => pack.fields.get(field)?.sigma ?? field);
  // each file runs on the records that its selections can match, of the logs that have any: SQLite takes long over the others
  const requests = files.map(([path, detection]): [string, object] => {
    const wanted = wantedEvents(detection);
    const relevant = [...logs].flatMap(([name, events]): [string, object[]][] => {
      if (name.includes(': ') && !name.startsWith(`${detection.name}: `)) return [];
      const seen = events.filter(({ fields }) => wanted === undefined || wanted.has(String(fields.msg_type)));
      return seen.length ? [[name, seen.map((event) => withSigmaNames(pack, computed(event)))]] : [];
    });
    const fields = [...new Set(detection.groupings.flat().flatMap(sigma))];
    return [path, { fields, logs: Object.fromEntries(relevant) }];
  });
  const input = JSON.stringify(Object.fromEntries(requests));
  return JSON.parse(execFileSync(PYTHON, [RUN], { input, encoding: 'utf8', maxBuffer: 1 << 30 })) as Record<
    string,
    SqliteResults
  >;
}

/** Names of events that some selection of the detection asks for; undefined where one does not say. */
function wantedEvents({ selections }: Detection): Set<string> | undefined {
  const names = Object.values(selections).map(eventsOf);
  return names.every((one) => one !== undefined) ? new Set(names.flat() as string[]) : undefined;
}

/** With the fields that each target computes as the engine does. */
function computed(event: LogEvent): Record<string, unknown> {
  const row = toRow(event);
  compute(row);
  return fromRow(row).fields;
}

function withSigmaNames(pack: Pack, fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => !name.startsWith('@'))
      .map(([name, value]) => [pack.fields.get(name)?.sigma ?? name, value]),
  );
}

/** Sigma alerts at every record that completes a window: suppression makes one finding of them, as the engine does. */
export function sqliteFindings(pack: Pack, detection: Detection, results: SqliteResults, log: string): string[] {
  const rules = results[log] ?? {};
  const silence = silenceOf(detection.form);
  return Object.values(rules)
    .flatMap(({ alerts, counted }) => {
      const covering = detection.form.form === 'temporal_ordered' ? alerts : counted;
      const groups = new Map<string, { group: Record<string, string>; alerts: Set<number>; times: Set<number> }>();
      const of = (group: Occurrence[1]) => {
        const named = neutralGroup(pack, detection, group);
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
function neutralGroup(pack: Pack, detection: Detection, group: Occurrence[1]): Record<string, string> | undefined {
  const neutral = new Map([...pack.fields.values()].map((field) => [field.sigma, field.name]));
  const named = Object.fromEntries(Object.entries(group).map(([name, value]) => [neutral.get(name) ?? name, value]));
  for (const keys of detection.groupings) {
    const found = keys.map((key) => readKey(key).fields.find((field) => named[field] !== undefined && named[field] !== null));
    if (found.every((field, index) => field !== undefined || readKey(keys[index]!).optional))
      return Object.fromEntries(found.flatMap((field) => (field === undefined ? [] : [[field, String(named[field])]])));
  }
  return undefined;
}
