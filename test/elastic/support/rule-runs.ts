/** Runs rules as Kibana would, on real engines: what comes out is compared with the local engine's findings. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { TEST_NOW } from '../../../generator/audit/run-detection-test.js';
import { loadPack } from '../../../generator/compile.js';
import type { LogEvent } from '../../../generator/detect/log-event.js';
import { outputFormat } from '../../../generator/engine/formats.js';
import { type Detection, readKey } from '../../../generator/model/detection.js';
import type { Pack } from '../../../generator/model/pack.js';
import type { RulePlan } from '../../../generator/targets/elastic/rules/plan-rules.js';
import { findingKey } from '../../support/detection-logs.js';
import { parseText } from '../../support/parse-text.js';
import { nest } from '../../../generator/targets/elastic/nest.js';
import type { Json, Node } from './node.js';

const PYTHON = fileURLToPath(new URL('../../../.cache/venv/bin/python', import.meta.url));
const RUN_EQL = fileURLToPath(new URL('./run-eql.py', import.meta.url));

export const STREAM = 'logs-ikev2.rules-default';

/** A node may be used twice: documents of one run are told by this. */
const RUN = `${Date.now()} `;

/** @returns what tells the documents of a log */
export function runFilter(name: string): Json {
  return { term: { 'data_stream.namespace': RUN + name } };
}

/** One alert: when, and the group as ECS fields. */
export interface Alert {
  time: number;
  group: Record<string, string>;
}

/** @returns the documents of a log, each of a case of its own by its namespace */
export function documentsOf(pack: Pack, name: string, events: LogEvent[]): Record<string, unknown>[] {
  const { key } = outputFormat(pack, 'ecs');
  return events.map(({ fields, time }) => ({
    ...Object.fromEntries(
      Object.entries(fields)
        .filter(([field]) => !field.startsWith('@') && field !== 'cert_days_left')
        .map(([field, value]) => [key(field), value]),
    ),
    '@timestamp': new Date(time).toISOString(),
    'data_stream.namespace': RUN + name,
  }));
}

/** @returns the events of a recording's gateway, each line read by itself, with the text that the pipeline keeps */
export async function rawEvents(name: string): Promise<LogEvent[]> {
  const text = readFileSync(new URL(`../../../samples/${name}/gateway.log`, import.meta.url));
  const { events } = await parseText(text, { stitch: false, now: new Date(TEST_NOW).toISOString() });
  return events.map((fields, order) => ({
    time: Date.parse(fields.timestamp as string),
    order,
    file: 0,
    line: order,
    fields,
    raw: '',
  }));
}

/** Runs an ES|QL rule over a whole log at once, as if `now` were its end, and as if the run answered for all from `since` on. */
export async function runEsql(node: Node, query: string, name: string, end: number, since = 0): Promise<Alert[]> {
  return runEsqlAt(
    node,
    query
      .replaceAll(/TO_LONG\(NOW\(\)\) - \d+/g, String(since))
      .replaceAll(/NOW\(\) - \d+ seconds/g, `TO_DATETIME("${new Date(end).toISOString()}")`),
    [runFilter(name)],
  );
}

export async function runEsqlAt(node: Node, query: string, filter: Json[]): Promise<Alert[]> {
  const { columns, values } = await node.must('POST', '/_query', { query, filter: { bool: { filter } } });
  return values.map((row: Json[]) => {
    const named = Object.fromEntries(columns.map((column: Json, index: number) => [column.name, row[index]]));
    const { opened, ...group } = named;
    return { time: Date.parse(opened), group: withoutNulls(group) };
  });
}

/** Runs a KQL rule: an alert for each document. */
export async function runKql(node: Node, { query, columns }: RulePlan, filter: Json[]): Promise<Alert[]> {
  const answer = await node.must('POST', `/${STREAM}/_search`, {
    size: 5000,
    sort: ['@timestamp'],
    query: { bool: { filter: [{ kql: { query } }, ...filter] } },
  });
  return answer.hits.hits.map(({ _source }: Json) => ({
    time: Date.parse(_source['@timestamp']),
    group: groupOf(_source, columns),
  }));
}

/**
 * Runs EQL rules on the `eql` package's engine: an alert for each sequence, at its last event.
 * @param tolerant a rule that cannot be read or run alerts for nothing, else it is an error
 */
export function runEql(
  rules: Map<string, RulePlan>,
  logs: Map<string, Record<string, unknown>[]>,
  tolerant = false,
): Map<string, Map<string, Alert[]>> {
  const queries = [...rules.values()].map(({ query }) => query).join(' ');
  const asked = [...pack.events.keys()].filter((action) => queries.includes(`"${action}"`));
  const given = {
    try: tolerant,
    rules: Object.fromEntries([...rules].map(([name, { query }]) => [name, query])),
    logs: Object.fromEntries(
      [...logs].map(([name, documents]) => [
        name,
        documents
          .map((document, index) => ({ document, index }))
          // what no rule asks for costs time alone
          .filter(({ document }) => asked.some((action) => action === document['event.action']))
          .map(({ document, index }) => ({
            ...nest(lowered(document)),
            '@index': index,
            '@ms': Date.parse(document['@timestamp'] as string),
          }))
          .sort((a, b) => a['@ms'] - b['@ms'] || a['@index'] - b['@index']),
      ]),
    ),
  };
  const output = execFileSync(PYTHON, [RUN_EQL], { input: JSON.stringify(given), encoding: 'utf8', maxBuffer: 1 << 30 });
  const results = JSON.parse(output) as Record<string, Record<string, number[][]>>;
  return new Map(
    Object.entries(results).map(([rule, byLog]) => [
      rule,
      new Map(
        ('error' in byLog ? [...logs.keys()].map((log): [string, number[][]] => [log, []]) : Object.entries(byLog)).map(
          ([log, hits]) => [
            log,
            hits.map((indexes) => {
              const last = logs.get(log)![indexes.at(-1)!]!;
              return { time: Date.parse(last['@timestamp'] as string), group: groupOf(last, rules.get(rule)!.columns) };
            }),
          ],
        ),
      ),
    ]),
  );
}

/** @returns the alerts as findings, the first of each group: what follows within `quiet` belongs to it */
export function firstFindings(pack: Pack, detection: Detection, alerts: Alert[]): string[] {
  const neutral = new Map([...pack.fields.values()].map((field) => [field.ecs, field.name]));
  const first = new Map<string, Alert>();
  for (const alert of alerts) {
    const id = JSON.stringify(Object.entries(alert.group).sort());
    if (!first.has(id) || first.get(id)!.time > alert.time) first.set(id, alert);
  }
  return [...first.values()]
    .map(({ time, group }) =>
      findingKey({
        detection: detection.name,
        group: Object.fromEntries(Object.entries(group).map(([name, value]) => [neutral.get(name) ?? name, String(value)])),
        opened: time,
      }),
    )
    .sort();
}

/** The group that a document belongs to: of each key the first field that it has. */
function groupOf(document: Record<string, unknown>, columns: string[]): Record<string, string> {
  return withoutNulls(Object.fromEntries(columns.map((name) => [name, document[name]])));
}

/** @returns of each key only its first field */
export function firstOfKeys(pack: Pack, detection: Detection, alert: Alert): Alert {
  const wanted: Record<string, string> = {};
  for (const keys of detection.groupings)
    for (const key of keys) {
      const ecs = readKey(key).fields.map((name) => pack.fields.get(name)!.ecs);
      const found = ecs.find((name) => alert.group[name] !== undefined);
      if (found) wanted[found] = alert.group[found]!;
    }
  return { ...alert, group: wanted };
}

function withoutNulls(group: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(group).flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, String(value)]])),
  );
}

/** The package compares lists as wholes; a list of one is its value. */
function lowered(document: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(document).map(([name, value]) => [name, Array.isArray(value) && value.length === 1 ? value[0] : value]),
  );
}

/** Where a log's end counts as the end of waiting, the rule runs when all has passed. */
export function judgedAt({ matches, form }: Detection, end: number): number {
  const absences = [form, ...Object.values(matches).map((match) => match.form)].filter((one) => one.form === 'absence');
  return absences.some((one) => (one as { atEnd?: string }).atEnd === 'unanswered') ? end + 86_400_000 : end;
}

/** @returns a finding without its time */
export function groupOfFinding(finding: string): string {
  return finding.slice(0, finding.lastIndexOf('|'));
}

/** The earliest finding of each group: a query over a whole log answers once for a group. */
export function firstOfEach(findings: string[]): string[] {
  const first = new Map<string, string>();
  for (const finding of [...findings].sort())
    if (!first.has(groupOfFinding(finding))) first.set(groupOfFinding(finding), finding);
  return [...first.values()].sort();
}

export const pack = loadPack();
