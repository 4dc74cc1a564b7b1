/** Faults in detections: does each target, made from the wrong one, disagree with the engine on the right one? */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { judgeFindings, runDetectionTest } from '../../generator/audit/run-detection-test.js';
import { applySettings } from '../../generator/lower/apply-settings.js';
import { lowerSettings } from '../../generator/lower/lower-settings.js';
import type { LogEvent } from '../../generator/detect/log-event.js';
import type { MutationResult } from '../../generator/docs/mutation.js';
import { openSource } from '../../generator/engine/source.js';
import type { Detection } from '../../generator/model/detection.js';
import { DEFAULT_SETTINGS } from '../../generator/model/settings.js';
import { elasticExactness } from '../../generator/targets/elastic/exactness.js';
import { planRules, type RulePlan } from '../../generator/targets/elastic/rules/plan-rules.js';
import { detectionPath, sigmaExactness } from '../../generator/targets/sigma/emit-detection.js';
import { emitSigma } from '../../generator/targets/sigma/emit.js';
import { emitSplunk } from '../../generator/targets/splunk/emit.js';
import { splunkExactness } from '../../generator/targets/splunk/exactness.js';
import { install, Node } from '../elastic/support/node.js';
import {
  type Alert,
  documentsOf,
  firstFindings,
  firstOfEach,
  firstOfKeys,
  groupOfFinding,
  judgedAt,
  pack,
  runEql,
  runEsql,
  runFilter,
  runKql,
  STREAM,
} from '../elastic/support/rule-runs.js';
import { runOnSqlite, type SqliteResults, sqliteFindings } from '../sigma/run-on-sqlite.js';
import { writeFiles } from '../sigma/run-sigma.js';
import { Splunk } from '../splunk/emulator/splunk.js';
import { Pcre } from '../splunk/support/pcre.js';
import { hold, lastTime, splunkFindings } from '../splunk/support/splunk-findings.js';
import { composedCases, engineFindings, recordedEvents } from '../support/detection-logs.js';
import { builtInEngine } from '../support/parse-text.js';
import { seedFaults } from './detection-faults.js';
import { keepResults } from './mutation-book.js';

/** Records that a search in the emulator takes long for, with three faults of each detection. */
const LONG = 500;
/** Milliseconds that a query may take. */
const PATIENCE = 20_000;
const BASELINES = ['first_seen', 'deviation'];
const faults = seedFaults(pack.detections);
const results = new Map<number, MutationResult>(
  faults.map(({ fault, original }, index) => [index, { fault, where: original.name, caught: {} }]),
);
const logs = new Map<string, LogEvent[]>();
/** What the engine finds with the right detection, by log. */
const right = new Map<string, string[]>();

const logsOf = ({ name }: Detection) => [...logs].filter(([log]) => log.startsWith(`${name}: `));

beforeAll(async () => {
  for (const detection of pack.detections) {
    for (const [name, events] of composedCases(detection)) logs.set(name, events);
    // the recordings of its tests, unless they are long and something is composed
    const isComposed = logsOf(detection).some(([, events]) => engineFindings(pack, [detection], events).length);
    for (const { recording, log } of [...detection.tests.fires, ...detection.tests.quiet]) {
      if (!recording || log || !existsSync(`samples/${recording}/gateway.log`)) continue;
      const events = await recordedEvents(recording);
      if (!isComposed || events.length < LONG) logs.set(`${detection.name}: ${recording}`, events);
    }
    for (const [name, events] of logsOf(detection)) right.set(name, engineFindings(pack, [detection], events));
  }
}, 600_000);

/** Marks what was caught: a log on which the fault shows. */
function judge(
  target: 'splunk' | 'sigma',
  index: number,
  before: (log: string) => string[] | undefined,
  after: (log: string) => string[] | undefined,
): void {
  const { original } = faults[index]!;
  results.get(index)!.caught[target] = logsOf(original).some(([log]) => shows(target, original, log, before(log), after(log)));
}

/** @returns whether the target was right on the log before, and is wrong now */
function shows(
  target: 'splunk' | 'elastic' | 'sigma',
  original: Detection,
  log: string,
  was: string[] | undefined,
  is: string[] | undefined,
): boolean {
  // an approximate translation may open a finding at another time; Elastic's rules tell the first of a group
  const seen = (found: string[]) =>
    [...new Set(EXACT[target]!(original) ? (target === 'elastic' ? firstOfEach(found) : found) : found.map(groupOfFinding))]
      .sort()
      .join('\n');
  const wanted = seen(right.get(log)!);
  return was !== undefined && is !== undefined && seen(was) === wanted && seen(is) !== wanted;
}

const EXACT: Record<string, (detection: Detection) => boolean> = {
  splunk: (detection) => splunkExactness(pack, detection).verdict === 'exact',
  elastic: (detection) => elasticExactness(detection, pack).verdict === 'exact',
  sigma: (detection) => sigmaExactness(detection).verdict === 'exact',
};

it('engine: the tests of the detections', { timeout: 900_000 }, async () => {
  const engine = builtInEngine();
  for (const [index, { original, mutated }] of faults.entries()) {
    let caught = false;
    for (const test of [...original.tests.fires, ...original.tests.quiet]) {
      const settings = lowerSettings(test.settings, DEFAULT_SETTINGS);
      const applied = applySettings({ ...pack, detections: [mutated] }, settings).detections[0]!;
      const source = test.recording ? await openSource(join('samples', test.recording, test.log ?? 'gateway.log')) : undefined;
      try {
        caught = judgeFindings(test, await runDetectionTest(engine, applied, test, settings, source)) !== undefined;
      } finally {
        await source?.close();
      }
      if (caught) break;
    }
    results.get(index)!.caught.engine = caught;
  }
});

it('splunk: saved searches in the emulator', { timeout: 1_200_000 }, async () => {
  const pcre = await Pcre.create();
  const find = (detection: Detection) => {
    // what is shipped needs no parser, and the smallest add-on is the fastest
    const own = { ...pack, parsers: pack.parsers.filter(({ name }) => name === 'mikrotik.routeros'), detections: [detection] };
    const splunk = new Splunk(emitSplunk(own), pcre);
    return new Map(
      logsOf(detection).map(([log, events]) => {
        hold(splunk, own, events);
        return [log, attempt(() => splunkFindings(splunk, own, detection, lastTime(events)))];
      }),
    );
  };
  const before = new Map<string, Map<string, string[]>>();
  for (const [index, { original, mutated }] of faults.entries()) {
    if (splunkExactness(pack, original).verdict === 'not expressible' || BASELINES.includes(original.form.form)) continue;
    if (!before.has(original.name)) before.set(original.name, find(original));
    const after = splunkExactness(pack, mutated).verdict === 'not expressible' ? undefined : find(mutated);
    judge(
      'splunk',
      index,
      (log) => before.get(original.name)!.get(log)!,
      (log) => after?.get(log) ?? ['no rule'],
    );
  }
  pcre.destroy();
});

it('sigma: pysigma-backend-sqlite', { timeout: 900_000 }, () => {
  const concerned = [...faults.entries()].filter(([, { original }]) => sigmaExactness(original).verdict !== 'not expressible');
  const folders: string[] = [];
  const write = (detection: Detection) => {
    const files = emitSigma({ ...pack, events: new Map(), detections: [detection] });
    const folder = writeFiles(files);
    folders.push(folder);
    return join(folder, detectionPath(detection));
  };
  const paths = concerned.flatMap(([, { original, mutated }]) => [
    [write(original), original] as [string, Detection],
    [write(mutated), mutated] as [string, Detection],
  ]);
  const expressible = paths.filter(([, detection]) => sigmaExactness(detection).verdict !== 'not expressible');
  const found: Record<string, SqliteResults> = runOnSqlite(pack, expressible, logs);
  concerned.forEach(([index, { original, mutated }], at) => {
    const [before, after] = [paths[at * 2]![0], paths[at * 2 + 1]![0]];
    judge(
      'sigma',
      index,
      (log) => sqliteFindings(pack, original, found[before]!, log),
      (log) => (found[after] ? sqliteFindings(pack, mutated, found[after], log) : ['no rule']),
    );
  });
  for (const folder of folders) rmSync(folder, { recursive: true });
});

describe('elastic', () => {
  let node: Node;
  const documents = new Map<string, Record<string, unknown>[]>();

  beforeAll(async () => {
    node = new Node('elasticsearch-8.19.21', PATIENCE);
    await install(node, ['pipelines', 'index']);
    await node.mapStream('rules', STREAM);
    for (const [name, events] of logs) {
      documents.set(name, documentsOf(pack, name, events));
      if (events.length) await node.bulk(STREAM, documents.get(name)!, 'refresh=false');
    }
    await node.must('POST', `/${STREAM}/_refresh`);
  }, 600_000);

  it('rules on Elasticsearch 8.19 and the eql package', { timeout: 1_200_000 }, async () => {
    const concerned = [...faults.entries()].filter(
      ([, { original }]) => planRules(pack, original).length > 0 && !BASELINES.includes(original.form.form),
    );
    const slow = new Set<string>();
    const finders = new Map<string, (log: string) => Promise<string[] | undefined>>();
    for (const [index, { original, mutated }] of concerned) {
      if (!finders.has(original.name)) finders.set(original.name, finderOf(original, slow));
      const [before, after] = [finders.get(original.name)!, finderOf(mutated, slow)];
      // the shortest log on which the fault shows will do
      const own = logsOf(original).sort(([, one], [, other]) => one.length - other.length);
      results.get(index)!.caught.elastic = false;
      for (const [log] of own) {
        if (!shows('elastic', original, log, await before(log), await after(log))) continue;
        results.get(index)!.caught.elastic = true;
        break;
      }
    }
    console.log(`not judged: ${[...slow].join('; ') || 'nothing'}`);
  });

  /** @returns what finds a log's findings, each log once; undefined for one that takes too long */
  function finderOf(detection: Detection, slow: Set<string>): (log: string) => Promise<string[] | undefined> {
    // raw lines are not tried here
    const plans = (attempt(() => planRules(pack, detection)) as RulePlan[]).filter(({ rawOnly }) => !rawOnly);
    const sequences = new Map(
      plans.flatMap((plan, at) => (plan.language === 'eql' ? [[String(at), plan] as [string, RulePlan]] : [])),
    );
    const found = new Map<string, Promise<string[] | undefined>>();
    const find = async (log: string): Promise<string[] | undefined> => {
      if (slow.has(log)) return undefined;
      const end = Math.max(...logs.get(log)!.map(({ time }) => time));
      const documentsOfLog = new Map([[log, documents.get(log)!]]);
      const alerts: Alert[] = [];
      try {
        for (const [at, plan] of plans.entries()) {
          if (plan.language === 'eql') alerts.push(...(runEql(sequences, documentsOfLog, true).get(String(at))!.get(log) ?? []));
          else if (plan.language === 'esql') alerts.push(...(await runEsql(node, plan.query, log, judgedAt(detection, end))));
          else alerts.push(...(await runKql(node, plan, [runFilter(log)])));
        }
      } catch (error) {
        if ((error as Error).name !== 'TimeoutError') throw error;
        slow.add(log); // it is not judged
        return undefined;
      }
      return firstFindings(
        pack,
        detection,
        alerts.map((alert) => firstOfKeys(pack, detection, alert)),
      );
    };
    return (log) => {
      if (!found.has(log)) found.set(log, find(log));
      return found.get(log)!;
    };
  }
});

describe('faults in detections', () => {
  it('are caught', () => {
    const pairs = keepResults('detections', [...results.values()]).flatMap(({ caught }) => Object.values(caught));
    expect(results.size).toBeGreaterThanOrEqual(60);
    expect(pairs.filter(Boolean).length / pairs.length).toBeGreaterThanOrEqual(0.95);
  });
});

/** A fault of which an emitter or a search says at once that it is none of theirs is caught. */
function attempt<T>(make: () => T[]): T[] | string[] {
  try {
    return make();
  } catch (error) {
    return [`refused: ${(error as Error).message}`];
  }
}
