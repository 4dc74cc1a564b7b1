/** The detection rules, run: ES|QL and KQL on Elasticsearch 8.19, EQL on the eql package; their findings are the local engine's. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { LogEvent } from '../../generator/detect/log-event.js';
import type { Detection } from '../../generator/model/detection.js';
import { elasticExactness } from '../../generator/targets/elastic/exactness.js';
import { HOPS } from '../../generator/targets/elastic/rules/esql-query.js';
import { planRules, type RulePlan } from '../../generator/targets/elastic/rules/plan-rules.js';
import { baselineCases, composedCases, engineFindings, recordedEvents, recordings } from '../support/detection-logs.js';
import { ParityBook } from '../support/parity.js';
import { install, Node } from './support/node.js';
import {
  type Alert,
  documentsOf,
  firstFindings,
  firstOfEach,
  firstOfKeys,
  groupOfFinding,
  judgedAt,
  pack,
  rawEvents,
  runEql,
  runEsql,
  runFilter,
  runKql,
  STREAM,
} from './support/rule-runs.js';

const logs = new Map<string, LogEvent[]>();
const documents = new Map<string, Record<string, unknown>[]>();
let eql: Map<string, Map<string, Alert[]>>;
let node: Node;

const BASELINES = ['first_seen', 'deviation'];
/** Raw lines of the same recordings, each read by itself as the pipeline reads them. */
const RAW = 'raw of ';

/** Recordings whose raw lines yield all that the engine finds. */
const FOUND_RAW: Record<string, string[]> = {
  'authentication/auth-failures-from-one-peer': [
    'strongswan/psk-brute',
    'strongswan/psk-brute.ss6',
    'strongswan/psk-brute.journal',
    'strongswan/half-bin',
    'libreswan/psk-brute.lsw5',
  ],
  'authentication/auth-success-after-failures': ['strongswan/hostile-id'],
  'authentication/identity-spray-from-one-peer': ['strongswan/hostile-id'],
  'authentication/peer-unknown': ['strongswan/no-config'],
  'integrity/malformed-messages': ['strongswan/malformed', 'strongswan/malformed.ss6'],
  'lifecycle/ts-unacceptable': ['strongswan/ts-unacceptable'],
};

const planned = pack.detections.map((detection) => ({ name: detection.name, detection, plans: planRules(pack, detection) }));

beforeAll(async () => {
  node = new Node('elasticsearch-8.19.21');
  await install(node, ['pipelines', 'index']);
  await node.mapStream('rules', STREAM);
  for (const name of recordings()) logs.set(name, await recordedEvents(name));
  for (const name of recordings()) logs.set(RAW + name, await rawEvents(name));
  for (const { detection } of planned) for (const [name, events] of composedCases(detection)) logs.set(name, events);
  for (const [name, events] of logs) documents.set(name, documentsOf(pack, name, events));
  for (const { name, events, history } of planned.flatMap(({ detection, plans }) =>
    plans.length ? baselineCases(detection) : [],
  ))
    documents.set(name, documentsOf(pack, name, [...history, ...events]));
  for (const some of documents.values()) {
    const items = some.length ? await node.bulk(STREAM, some, 'refresh=false') : [];
    expect(items.filter(({ status }) => status !== 201)).toEqual([]);
  }
  await node.must('POST', `/${STREAM}/_refresh`);
  const rules = new Map(
    planned.flatMap(({ name, plans }) =>
      plans.filter(({ language }) => language === 'eql').map((plan): [string, RulePlan] => [name + plan.suffix, plan]),
    ),
  );
  eql = runEql(rules, documents);
}, 300_000);

async function alertsOf(detection: Detection, plan: RulePlan, log: string): Promise<Alert[]> {
  const end = Math.max(...logs.get(log)!.map(({ time }) => time));
  const alerts =
    plan.language === 'esql'
      ? await runEsql(node, plan.query, log, judgedAt(detection, end))
      : plan.language === 'kuery'
        ? await runKql(node, plan, [runFilter(log)])
        : (eql.get(detection.name + plan.suffix)!.get(log) ?? []);
  return alerts.map((alert) => firstOfKeys(pack, detection, alert));
}

async function findingsOf(detection: Detection, plans: RulePlan[], log: string): Promise<string[]> {
  return firstFindings(pack, detection, (await Promise.all(plans.map((plan) => alertsOf(detection, plan, log)))).flat());
}

const book = new ParityBook(
  'elastic',
  'KQL and ES|QL on Elasticsearch 8.19.21, EQL on the eql package 1.0.1, on documents that the engine has stitched; the first finding of each group',
);

describe.each(planned)('$name', ({ detection, plans }) => {
  const exactness = elasticExactness(detection, pack);

  it(`is ${exactness.verdict}`, async () => {
    if (plans.length === 0) {
      book.leaveOut(detection);
      return;
    }
    if (BASELINES.includes(detection.form.form)) {
      expect(await compareWithBaselines(detection, plans)).toEqual([]);
      return;
    }
    const found = new Map<string, string[]>();
    const stitched = new Map(
      [...logs].filter(([name]) => !name.startsWith(RAW) && (!name.includes(': ') || name.startsWith(`${detection.name}: `))),
    );
    for (const name of stitched.keys()) found.set(name, await findingsOf(detection, plans, name));
    const differences = book.compare(pack, detection, exactness, stitched, (log) => found.get(log)!, firstOfEach);
    if (exactness.verdict === 'exact') expect(differences).toEqual([]);
    const beyond = [...stitched].filter(
      ([name, events]) => !agree(detection, events, firstOfEach(engineFindings(pack, [detection], events)), found.get(name)!),
    );
    expect(beyond.map(([name]) => `${name}: ${found.get(name)!.join(' ')}`)).toEqual([]);
    expect(
      [...stitched.values()].some((events) => engineFindings(pack, [detection], events).length),
      'no log on which it fires',
    ).toBe(true);
  });

  it.runIf(exactness.raw.verdict !== 'not expressible' && !BASELINES.includes(detection.form.form))(
    'blames nobody in raw lines whom the engine does not blame',
    async () => {
      const wrong: string[] = [];
      const missed: string[] = [];
      for (const name of recordings()) {
        const wanted = groupsOf(engineFindings(pack, [detection], logs.get(name)!));
        const found = groupsOf(await findingsOf(detection, plans, RAW + name));
        wrong.push(
          ...found
            .filter((group) => /peer_ip|user_identity|peer_id/.test(group) && !wanted.includes(group))
            .map((group) => `${name} ${group}`),
        );
        if (FOUND_RAW[detection.name]?.includes(name))
          missed.push(...wanted.filter((group) => !found.includes(group)).map((group) => `${name} ${group}`));
      }
      expect(wrong).toEqual([]);
      expect(missed).toEqual([]);
    },
  );
});

/** What was there before is the baseline: the run answers for the case alone. */
async function compareWithBaselines(detection: Detection, plans: RulePlan[]): Promise<string[]> {
  const cases = baselineCases(detection);
  const found = new Map<string, string[]>();
  for (const { name, events } of cases) {
    const begin = Math.min(...events.map(({ time }) => time));
    const alerts = await Promise.all(plans.map(({ query }) => runEsql(node, query, name, begin, begin)));
    found.set(
      name,
      firstFindings(
        pack,
        detection,
        alerts.flat().map((alert) => firstOfKeys(pack, detection, alert)),
      ),
    );
  }
  const baselines = new Map(cases.map(({ name, baseline }) => [name, baseline]));
  expect([...found.values()].flat().length, 'no case on which it fires').toBeGreaterThan(0);
  return book.compare(
    pack,
    detection,
    elasticExactness(detection, pack),
    new Map(cases.map(({ name, events }) => [name, events])),
    (log) => found.get(log)!,
    firstOfEach,
    (log) => baselines.get(log),
  );
}

it('agrees with the committed table', () => book.close());

/** Windows that begin at marks open a finding up to one mark late, and may miss one that fits the window but not the window less one mark. */
function agree(detection: Detection, events: LogEvent[], wanted: string[], found: string[]): boolean {
  const { form } = detection;
  if (form.form !== 'value_count' && form.form !== 'ratio') return wanted.join() === found.join();
  const hop = (form.within * 1000) / HOPS;
  const shorter = { ...detection, form: { ...form, within: form.within - hop / 1000 } };
  const certain = form.form === 'value_count' ? groupsOf(engineFindings(pack, [shorter], events)) : groupsOf(wanted);
  const openings = new Map(wanted.map((finding) => [groupOfFinding(finding), timeOf(finding)]));
  return (
    found.every((finding) => {
      const opened = openings.get(groupOfFinding(finding));
      return opened !== undefined && timeOf(finding) >= opened && timeOf(finding) - opened <= hop;
    }) && certain.every((group) => groupsOf(found).includes(group))
  );
}

function timeOf(finding: string): number {
  return Date.parse(finding.slice(finding.lastIndexOf('|') + 1));
}

function groupsOf(findings: string[]): string[] {
  return [...new Set(findings.map(groupOfFinding))].sort();
}
