/**
 * What other backends make of our rules: sigma-cli's backends convert each file, and what comes out is run where something can run it. The result is kept, and docs/sigma-backends.md
 * is made from it.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeEvents } from '../../generator/audit/run-detection-test.js';
import { loadPack } from '../../generator/compile.js';
import type { LogEvent } from '../../generator/detect/log-event.js';
import type { BackendResult, BackendResults } from '../../generator/docs/sigma-backends.js';
import type { Detection } from '../../generator/model/detection.js';
import { nest } from '../../generator/targets/elastic/nest.js';
import { detectionPath, sigmaExactness } from '../../generator/targets/sigma/emit-detection.js';
import { emitSigma } from '../../generator/targets/sigma/emit.js';
import { emitSplunk } from '../../generator/targets/splunk/emit.js';
import { documentsOf } from '../elastic/support/rule-runs.js';
import { Splunk } from '../splunk/emulator/splunk.js';
import { Pcre } from '../splunk/support/pcre.js';
import { hold, lastTime } from '../splunk/support/splunk-findings.js';
import { engineFindings } from '../support/detection-logs.js';
import { writeFiles } from './run-sigma.js';

const PYTHON = fileURLToPath(new URL('../../.cache/venv/bin/python', import.meta.url));
const CONVERT = fileURLToPath(new URL('./convert-rules.py', import.meta.url));
const RUN_EQL = fileURLToPath(new URL('../elastic/support/run-eql.py', import.meta.url));
const RESULTS = fileURLToPath(new URL('./backends.json', import.meta.url));

/** Cases begin at several places of a bin: where it ends is chance. */
const SHIFTS = [0, 0.25, 0.5, 0.75];

type Conversion = { queries: string[] } | { error: string };
type Logs = Map<string, LogEvent[]>;

const pack = loadPack();
const counting = pack.detections.filter(
  ({ name, form }) =>
    ['event_count', 'value_count', 'temporal_ordered'].includes(form.form) &&
    sigmaExactness(pack.detections.find((detection) => detection.name === name)!).verdict !== 'not expressible',
);
const folder = writeFiles(emitSigma(pack));
afterAll(() => rmSync(folder, { recursive: true }));

let converted: Record<string, Record<string, Conversion>>;
let pcre: Pcre;
let splunk: Splunk;
const cases = new Map<string, Logs>();
const results: BackendResults = {};

beforeAll(async () => {
  const pipelines = Object.fromEntries(['cim', 'ecs'].map((name) => [name, join(folder, `pipelines/ikeaudit-${name}.yml`)]));
  const files = counting.map((detection) => join(folder, detectionPath(detection)));
  converted = JSON.parse(run(CONVERT, { pipelines, files })) as typeof converted;
  pcre = await Pcre.create();
  splunk = new Splunk(emitSplunk(pack), pcre);
  for (const detection of counting) cases.set(detection.name, casesOf(detection));
});
afterAll(() => pcre.destroy());

function run(script: string, input: object): string {
  return execFileSync(PYTHON, [script], { input: JSON.stringify(input), encoding: 'utf8', maxBuffer: 1 << 30 });
}

/** Composed cases on which the engine finds something, each at several times. */
function casesOf(detection: Detection): Logs {
  const logs: Logs = new Map();
  const within = 'within' in detection.form ? detection.form.within : 0;
  for (const { name, events, settings, baseline } of detection.tests.fires) {
    if (!events || settings || baseline) continue;
    for (const shift of SHIFTS) {
      const log = composeEvents(events, Date.parse('2026-11-24T00:00:00Z') + Math.round(within * shift) * 1000);
      if (engineFindings(pack, [detection], log).length) logs.set(`${name} +${shift}`, log);
    }
  }
  return logs;
}

/** The clause of source types asks for raw records; the cases are shipped ones. */
const WHERE = /sourcetype IN \([^)]*\) /g;

function runSplunk(queries: string[], logs: Logs): number {
  return [...logs.values()].filter((log) => {
    hold(splunk, pack, log);
    return queries.some((query) => splunk.search(query.replace(WHERE, ''), { now: lastTime(log) + 1 }).length > 0);
  }).length;
}

function runEql(queries: string[], logs: Logs): number | string {
  const given = {
    try: true,
    rules: Object.fromEntries(queries.map((query, index) => [String(index), query])),
    logs: Object.fromEntries(
      [...logs].map(([name, events]) => [
        name,
        documentsOf(pack, name, events).map((document, index) => ({
          ...nest({ ...document, 'event.module': 'ikev2' }),
          '@index': index,
          '@ms': Date.parse(document['@timestamp'] as string),
        })),
      ]),
    ),
  };
  const hits = Object.values(JSON.parse(run(RUN_EQL, given)) as Record<string, Record<string, number[][] | string>>);
  const error = hits.find((one) => 'error' in one)?.error;
  return error !== undefined ? String(error) : [...logs.keys()].filter((name) => hits.some((one) => one[name]?.length)).length;
}

/** What a query is made of that changes the meaning. */
function traitsOf(queries: string[], { form }: Detection): string[] {
  const text = queries.join('\n');
  return [
    ...(/\| bin _time span=|date_trunc\(/.test(text) ? ['fixed bins'] : []),
    ...(/\bsample by\b/.test(text) ? ['no window'] : []),
    ...(form.form === 'value_count' && / with runs=/.test(text) ? ['repeats of one value instead of different values'] : []),
    ...(/\[any where (sequence|sample) by/.test(text) ? ['a query within a query'] : []),
  ];
}

function judge(backend: string, detection: Detection): BackendResult {
  const conversion = converted[backend]![join(folder, detectionPath(detection))]!;
  if ('error' in conversion) return { converted: false, error: conversion.error.replace(/^\w+: /, '') };
  const logs = cases.get(detection.name)!;
  const result: BackendResult = { converted: true, traits: traitsOf(conversion.queries, detection) };
  if (backend === 'splunk') {
    try {
      return { ...result, found: runSplunk(conversion.queries, logs), of: logs.size };
    } catch {
      return result; // a command that the emulator does not have
    }
  }
  if (backend !== 'eql') return result;
  const found = runEql(conversion.queries, logs);
  return typeof found === 'number' ? { ...result, found, of: logs.size } : { ...result, invalid: found };
}

describe.each(['splunk', 'esql', 'eql', 'lucene', 'opensearch_lucene'])('%s', (backend) => {
  it.each(counting.map((detection) => ({ name: detection.name, detection })))('$name', ({ name, detection }) => {
    (results[name] ??= {})[backend] = judge(backend, detection);
  });
});

describe('what the page warns of is so:', () => {
  const of = (backend: string) => Object.values(results).map((one) => one[backend]!);

  it('fixed bins miss what a sliding window finds', () => {
    const binned = of('splunk').filter(({ traits, found }) => traits?.includes('fixed bins') && found !== undefined);
    expect(binned.length).toBeGreaterThan(0);
    expect(binned.some(({ found, of: all }) => found! < all!)).toBe(true);
  });

  it('Lucene has no correlations', () => {
    for (const backend of ['lucene', 'opensearch_lucene'])
      for (const { converted: done, error } of of(backend))
        expect([done, error]).toEqual([false, expect.stringMatching(/correlation|field references/)]);
  });

  it('all rules of single events are converted by all backends, unless two fields are compared', () => {
    const single = pack.detections.filter(
      (detection) => detection.form.form === 'event' && sigmaExactness(detection).verdict === 'exact',
    );
    const files = single.map((detection) => join(folder, detectionPath(detection)));
    const pipelines = Object.fromEntries(['cim', 'ecs'].map((name) => [name, join(folder, `pipelines/ikeaudit-${name}.yml`)]));
    const answers = JSON.parse(run(CONVERT, { pipelines, files })) as typeof converted;
    for (const answer of Object.values(answers).flatMap((one) => Object.values(one)))
      if ('error' in answer) expect(answer.error).toMatch(/FieldRef|field reference/);
  });

  it('agrees with the committed table', async () => {
    await expect(`${JSON.stringify(results, null, 2)}\n`).toMatchFileSnapshot(RESULTS);
  });
});
