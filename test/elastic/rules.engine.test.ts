/** The detection rules, run: ES|QL and KQL on Elasticsearch 8.19, EQL on the eql package; their findings are the local engine's. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { LogEvent } from '../../generator/detect/log-event.js';
import type { Detection } from '../../generator/model/detection.js';
import { exactness } from '../../generator/targets/elastic/exactness.js';
import { planRules, type RulePlan } from '../../generator/targets/elastic/rules/plan-rules.js';
import { composedCases, engineFindings, recordedEvents, recordings } from '../support/detection-logs.js';
import { install, Node } from './support/node.js';
import { type Alert, documentsOf, firstFindings, firstOfKeys, pack, runEql, runEsql, runKql, STREAM } from './support/rule-runs.js';

const logs = new Map<string, LogEvent[]>();
const documents = new Map<string, Record<string, unknown>[]>();
let eql: Map<string, Map<string, Alert[]>>;
let node: Node;

const planned = pack.detections.map((detection) => ({ name: detection.name, detection, plans: planRules(pack, detection).filter(({ joined }) => !joined) }));

beforeAll(async () => {
  node = new Node('elasticsearch-8.19.21');
  await install(node, ['pipelines', 'index']);
  await node.must('PUT', '/_index_template/rules', {
    index_patterns: [STREAM],
    data_stream: {},
    composed_of: ['ikeaudit-settings', 'ikeaudit-mappings'],
    priority: 300,
  });
  for (const name of recordings()) logs.set(name, await recordedEvents(name));
  for (const { detection } of planned) for (const [name, events] of composedCases(detection)) logs.set(name, events);
  for (const [name, events] of logs) documents.set(name, documentsOf(pack, name, events));
  for (const some of documents.values()) {
    const items = some.length ? await node.bulk(STREAM, some, 'refresh=false') : [];
    expect(items.filter(({ status }) => status !== 201)).toEqual([]);
  }
  await node.must('POST', `/${STREAM}/_refresh`);
  const rules = new Map(planned.flatMap(({ name, plans }) => plans.filter(({ language }) => language === 'eql').map((plan): [string, RulePlan] => [name + plan.suffix, plan])));
  eql = runEql(rules, documents);
});

async function alertsOf(detection: Detection, plan: RulePlan, log: string): Promise<Alert[]> {
  const end = Math.max(...logs.get(log)!.map(({ time }) => time));
  const alerts =
    plan.language === 'esql'
      ? await runEsql(node, plan.query, log, end)
      : plan.language === 'kuery'
        ? await runKql(node, plan, log)
        : eql.get(detection.name + plan.suffix)!.get(log) ?? [];
  return alerts.map((alert) => firstOfKeys(pack, detection, alert));
}

describe.each(planned.filter(({ plans }) => plans.length))('$name', ({ detection, plans }) => {
  const { verdict } = exactness(pack, detection);
  it(`finds ${verdict === 'exact' ? 'what the engine finds' : 'about what the engine finds'}`, async () => {
    const differing: string[] = [];
    let fired = 0;
    for (const [name, events] of logs) {
      if (name.includes(': ') && !name.startsWith(`${detection.name}: `)) continue;
      const wanted = firstOfEach(engineFindings(pack, [detection], events));
      const alerts = (await Promise.all(plans.map((plan) => alertsOf(detection, plan, name)))).flat();
      const found = firstFindings(pack, detection, alerts);
      if (wanted.length) fired++;
      if (wanted.join('\n') !== found.join('\n')) differing.push(`${name}\n  engine  ${wanted.join(' ')}\n  elastic ${found.join(' ')}`);
    }
    expect(fired, 'no log on which it fires').toBeGreaterThan(0);
    expect(differing).toEqual([]);
  });
});

/** The earliest finding of each group: a query over a whole log answers once for a group. */
function firstOfEach(findings: string[]): string[] {
  const first = new Map<string, string>();
  for (const finding of [...findings].sort()) {
    const group = finding.slice(0, finding.lastIndexOf('|'));
    if (!first.has(group)) first.set(group, finding);
  }
  return [...first.values()].sort();
}
