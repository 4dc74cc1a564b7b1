/** Detection rules as Kibana imports them (NDJSON, Elastic Security 8.19 and later). All are disabled: whoever imports them enables what fits the sources. */
import { createHash } from 'node:crypto';
import type { Detection } from '../../../model/detection.js';
import type { Level } from '../../../model/level.js';
import type { Pack } from '../../../model/pack.js';
import { VERSION } from '../../../model/version.js';
import { threatOf } from './attack.js';
import { INDEX } from './esql-query.js';
import { investigationGuide } from './investigation-guide.js';
import { planRules, type RulePlan } from './plan-rules.js';
import { printDuration } from './schedule.js';

/** Elastic's own scores for its four severities. */
const SEVERITY: Record<Level, { severity: string; risk_score: number }> = {
  informational: { severity: 'low', risk_score: 5 },
  low: { severity: 'low', risk_score: 21 },
  medium: { severity: 'medium', risk_score: 47 },
  high: { severity: 'high', risk_score: 73 },
  critical: { severity: 'critical', risk_score: 99 },
};

/** Kibana groups suppressed alerts by so many fields at most. */
const MOST_SUPPRESSED = 3;

export interface EmittedRule {
  detection: string;
  /** the rule is for raw lines only: who sends what the engine has read does not need it */
  raw: boolean;
  rule: Record<string, unknown>;
}

/** @param pack to which settings have been applied. @returns all rules, in the order of the detections */
export function emitRules(pack: Pack): EmittedRule[] {
  return pack.detections.flatMap((detection) =>
    planRules(pack, detection).map((plan) => ({
      detection: detection.name,
      raw: plan.rawOnly,
      rule: emitRule(pack, detection, plan),
    })),
  );
}

/** @returns one line for each rule */
export function printNdjson(objects: object[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join('');
}

function emitRule(pack: Pack, detection: Detection, plan: RulePlan): Record<string, unknown> {
  const { interval, lookBack } = plan.schedule;
  const folder = detection.name.split('/')[0]!;
  return {
    rule_id: ruleId(detection, plan),
    name: plan.suffix ? `${detection.title} (${plan.suffix})` : detection.title,
    description: [detection.description, detection.shown].filter(Boolean).join(' '),
    ...body(plan),
    from: `now-${printDuration(plan.language === 'kuery' ? plan.schedule.fresh : lookBack)}`,
    to: 'now',
    interval: printDuration(interval),
    ...SEVERITY[detection.level],
    risk_score_mapping: [],
    severity_mapping: [],
    ...suppression(plan),
    threat: threatOf(pack.attack, detection.attack),
    tags: [
      'Domain: Network',
      'Use Case: Threat Detection',
      'Data Source: IKEv2',
      `IKEv2: ${folder}`,
      ...(plan.rawOnly ? ['IKEv2: raw lines'] : []),
    ],
    note: investigationGuide(pack, detection, plan),
    setup: setupOf(detection, plan),
    false_positives: detection.falsePositives,
    references: detection.references,
    investigation_fields: { field_names: investigated(pack, plan) },
    related_integrations: [{ package: 'ikev2', version: `^${VERSION}` }],
    required_fields: plan.columns.map((name) => ({ name, type: typeOf(pack, name) })),
    author: ['ikeaudit'],
    license: 'Apache-2.0',
    version: ruleVersion(),
    max_signals: 100,
    enabled: false,
    exceptions_list: [],
    actions: [],
  };
}

function body({ language, query }: RulePlan): Record<string, unknown> {
  switch (language) {
    case 'kuery':
      return { type: 'query', language, index: [INDEX], query, filters: [] };
    case 'eql':
      // records of one moment stand in the order in which the shipper read them
      return { type: 'eql', language, index: [INDEX], query, filters: [], tiebreaker_field: 'log.offset' };
    case 'esql':
      return { type: 'esql', language, query };
  }
}

/** Alerts of one group are one while it is not silent, as far as Kibana's suppression can say: from the first alert on. */
function suppression({ columns, schedule }: RulePlan): Record<string, unknown> {
  if (columns.length === 0) return {};
  const seconds = Math.max(schedule.quiet, schedule.interval * 2);
  const [unit, size] = seconds % 3600 === 0 ? (['h', 3600] as const) : (['m', 60] as const);
  return {
    alert_suppression: {
      group_by: columns.slice(0, MOST_SUPPRESSED),
      duration: { value: Math.ceil(seconds / size), unit },
      // of a key with two fields one is always missing
      missing_fields_strategy: 'suppress',
    },
  };
}

function setupOf(detection: Detection, plan: RulePlan): string {
  const source = plan.rawOnly
    ? 'For raw log lines that the pipeline reads: enable it only where the shipper sends these. Lines of one exchange are joined by host, process, thread and second.'
    : plan.joined
      ? 'For documents that name their group by another field, and for raw log lines, which are joined by host, process, thread and second.'
      : plan.language === 'esql' || plan.columns.length === 0
        ? 'For documents of the data streams logs-ikev2.*.'
        : 'For documents that name their group themselves: best what `ikeaudit parse --follow --format ecs` writes in the shipper.';
  return [source, `Thresholds are those of settings.yml when this was built; they stand in the query.`, detection.shown]
    .filter(Boolean)
    .join(' ');
}

function investigated(pack: Pack, { columns }: RulePlan): string[] {
  const fields = [
    'event.action',
    'event.reason',
    ...['peer_ip', 'user_identity', 'peer_id', 'connection', 'host', 'notify'].map((name) => pack.fields.get(name)!.ecs),
  ];
  return [...new Set([...columns, ...fields])];
}

function typeOf(pack: Pack, ecs: string): string {
  const type = [...pack.fields.values()].find((field) => field.ecs === ecs)?.type;
  return type === 'int' || type === 'port' ? 'long' : (type ?? 'keyword');
}

/** The first rule of a detection has its id; the others one that follows from it, so that another import replaces them. */
function ruleId({ id }: Detection, { suffix }: RulePlan): string {
  if (suffix === '') return id;
  const hash = createHash('sha256').update(`${id}\0${suffix}`).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-5${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** Kibana wants a whole number that grows: 0.1.0 is 100. */
export function ruleVersion(): number {
  const [major, minor, patch] = VERSION.split('.').map((part) => Number.parseInt(part, 10)) as [number, number, number];
  return major * 10_000 + minor * 100 + patch;
}
