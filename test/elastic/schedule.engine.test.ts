/**
 * Rules as Kibana runs them: once an interval, over what has arrived by then and is not older than the look-back. Every second record comes as late as the
 * settings allow, so that records arrive in a wrong order, bursts lie across two runs, and answers come after a run that would have missed them.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { LogEvent } from '../../generator/detect/log-event.js';
import type { Detection } from '../../generator/model/detection.js';
import { elasticExactness } from '../../generator/targets/elastic/exactness.js';
import { planRules, type RulePlan } from '../../generator/targets/elastic/rules/plan-rules.js';
import { composedCases, engineFindings } from '../support/detection-logs.js';
import { install, type Json, Node } from './support/node.js';
import {
  type Alert,
  documentsOf,
  firstFindings,
  firstOfEach,
  firstOfKeys,
  groupOfFinding,
  pack,
  runEql,
  runEsqlAt,
  runFilter,
  runKql,
  STREAM,
} from './support/rule-runs.js';

const LATE = pack.settings.lateBy * 1000;
/** A log that goes on: what waits for an answer is decided. */
const LONG_AFTER = 48 * 3_600_000;

interface Arrival {
  event: LogEvent;
  at: number;
}

interface Case {
  name: string;
  arrivals: Arrival[];
  wanted: string[];
}

interface Run {
  plan: RulePlan;
  at: number;
  /** the oldest record that it reads */
  from: number;
}

const node = new Node('elasticsearch-8.19.21');
let eql: Map<string, Map<string, Alert[]>>;

const planned = pack.detections.flatMap((detection) => {
  const plans = planRules(pack, detection).filter(({ rawOnly }) => !rawOnly);
  // what compares with a baseline has cases of its own
  const cases = detection.form.form === 'first_seen' || detection.form.form === 'deviation' ? [] : casesOf(detection);
  return plans.length && cases.length ? [{ name: detection.name, detection, plans, cases }] : [];
});

function casesOf(detection: Detection): Case[] {
  const late = [...detection.tests.fires, ...detection.tests.quiet].filter(({ events }) => events?.some((event) => event.late));
  return composedCases(detection).flatMap(([name, events]) => {
    if (late.some((test) => name === `${detection.name}: ${test.name}`)) return [];
    const arrivals = events.map((event, index) => ({ event, at: event.time + (index % 2 ? LATE : 0) }));
    const last = Math.max(...arrivals.map(({ at }) => at));
    const over: LogEvent = { ...events[0]!, time: last + LONG_AFTER, fields: { msg_type: 'packet_received', host: 'vpn-gw1' } };
    return [{ name, arrivals, wanted: engineFindings(pack, [detection], [...events, over]) }];
  });
}

/** The runs that see something for the first time, or that answer for an opening; they are not in step with the records. */
function runsOf({ arrivals, wanted }: Case, plan: RulePlan): Run[] {
  const [interval, fresh, lookBack] = [plan.schedule.interval * 1000, plan.schedule.fresh * 1000, plan.schedule.lookBack * 1000];
  const openings = wanted.map((finding) => Date.parse(finding.slice(finding.lastIndexOf('|') + 1)));
  const begin = Math.min(...arrivals.map(({ event }) => event.time)) + Math.floor(interval / 3);
  const end = Math.max(...arrivals.map(({ at }) => at), ...openings) + fresh + interval;
  const all = Array.from({ length: Math.ceil((end - begin) / interval) }, (_, index) => begin + index * interval);
  return all
    .filter(
      (at) =>
        arrivals.some((arrival) => arrival.at > at - interval && arrival.at <= at) ||
        openings.some((opening) => opening > at - fresh && opening <= at),
    )
    .map((at) => ({ plan, at, from: at - (plan.language === 'kuery' ? fresh : lookBack) }));
}

beforeAll(async () => {
  await install(node, ['pipelines', 'index']);
  await node.mapStream('rules', STREAM);
  const documents = planned.flatMap(({ cases }) =>
    cases.flatMap(({ name, arrivals }) =>
      documentsOf(
        pack,
        logOf(name),
        arrivals.map(({ event }) => event),
      ).map((document, index) => ({ ...document, 'event.ingested': new Date(arrivals[index]!.at).toISOString() })),
    ),
  );
  for (let from = 0; from < documents.length; from += 5000) {
    const items = await node.bulk(STREAM, documents.slice(from, from + 5000), 'refresh=false');
    expect(items.filter(({ status }) => status !== 201)).toEqual([]);
  }
  await node.must('POST', `/${STREAM}/_refresh`);
  eql = runAllEql();
}, 300_000);

/** Cases may be those of another test on the same node. */
function logOf(name: string): string {
  return `on schedule ${name}`;
}

/** EQL has no node here: its engine is started once for all rules, each of whose runs is a log of its own. */
function runAllEql(): Map<string, Map<string, Alert[]>> {
  const rules = new Map<string, RulePlan>();
  const logs = new Map<string, Record<string, unknown>[]>();
  for (const { name, plans, cases } of planned)
    for (const plan of plans.filter(({ language }) => language === 'eql')) {
      rules.set(name + plan.suffix, plan);
      for (const one of cases)
        for (const run of runsOf(one, plan)) logs.set(runName(one, run), documentsOf(pack, one.name, readBy(one, run)));
    }
  return runEql(rules, logs);
}

function runName({ name }: Case, { plan, at }: Run): string {
  return `${name} | ${plan.suffix} | ${at}`;
}

function readBy({ arrivals }: Case, { at, from }: Run): LogEvent[] {
  return arrivals.filter((arrival) => arrival.at <= at && arrival.event.time >= from).map(({ event }) => event);
}

async function alertsOf(detection: Detection, one: Case, run: Run): Promise<Alert[]> {
  const { plan, at, from } = run;
  const range = (field: string, limits: Json) => ({ range: { [field]: limits } });
  const filter = [
    runFilter(logOf(one.name)),
    range('event.ingested', { lte: new Date(at).toISOString() }),
    range('@timestamp', { gte: new Date(from).toISOString() }),
  ];
  switch (plan.language) {
    case 'esql':
      return runEsqlAt(node, plan.query.replaceAll('NOW()', `TO_DATETIME("${new Date(at).toISOString()}")`), filter);
    case 'kuery':
      return runKql(node, plan, filter);
    case 'eql':
      return eql.get(detection.name + plan.suffix)!.get(runName(one, run)) ?? [];
  }
}

describe.each(planned)('$name', ({ detection, plans, cases }) => {
  const { verdict } = elasticExactness(detection, pack);

  it('finds in its runs what the engine finds', async () => {
    const wrong: string[] = [];
    for (const one of cases) {
      const runs = plans.flatMap((plan) => runsOf(one, plan));
      const alerts = (await Promise.all(runs.map((run) => alertsOf(detection, one, run)))).flat();
      const found = firstFindings(
        pack,
        detection,
        alerts.map((alert) => firstOfKeys(pack, detection, alert)),
      );
      const wanted = firstOfEach(one.wanted);
      // how far what is approximate may be away is rules.engine.test.ts's question: here it must blame nobody else
      const agree =
        verdict === 'exact' ? found.join() === wanted.join() : groupsOf(found).every((group) => groupsOf(wanted).includes(group));
      if (!agree) wrong.push(`${one.name}\n  engine ${wanted.join(' ')}\n  rules  ${found.join(' ')}`);
    }
    expect(wrong).toEqual([]);
  });
});

it('has cases in which rules of each language fire', () => {
  const firing = planned.filter(({ cases }) => cases.some(({ wanted }) => wanted.length));
  const languages = new Set(firing.flatMap(({ plans }) => plans.map(({ language }) => language)));
  expect([...languages].sort()).toEqual(['eql', 'esql', 'kuery']);
});

function groupsOf(findings: string[]): string[] {
  return findings.map(groupOfFinding);
}
