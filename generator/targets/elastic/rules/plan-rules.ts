/**
 * Which rules a detection becomes. For each of its groupings one that takes every document which names its group: KQL for single events, EQL for counts and
 * orders, ES|QL for the rest. And, where raw lines leave the group to other lines of their exchange, one of ES|QL that
 * joins these, and reports only groups in which it had to.
 */
import { type Detection, type Form, inputsOf, type Key, readKey } from '../../../model/detection.js';
import type { Pack } from '../../../model/pack.js';
import { templateFields } from '../../../model/template.js';
import { all, any, comparisonsOf, type Condition, conditionOf, fieldOf } from './condition.js';
import { esqlCannot, esqlQuery, isComputed } from './esql-query.js';
import { canJoin } from './join-exchange.js';
import { eqlCanSay, printEql } from './print-eql.js';
import { kqlCanSay, printKql } from './print-kql.js';
import { printDuration, type Schedule, scheduleOf } from './schedule.js';

export interface RulePlan {
  /** '' for the first rule of a detection; part of the others' names and ids */
  suffix: string;
  language: 'kuery' | 'eql' | 'esql';
  query: string;
  /** ECS names of the fields that name the group */
  columns: string[];
  schedule: Schedule;
  /** raw lines are joined */
  joined: boolean;
  /** for raw lines alone: who sends what the engine has stitched does not need it */
  rawOnly: boolean;
}

/** Elasticsearch's own limit on the runs of a step. */
const MOST_RUNS = 100;
/** @param detection to which settings have been applied. @returns its rules; none where `cannotExpress` says why */
export function planRules(pack: Pack, detection: Detection): RulePlan[] {
  return detection.groupings.flatMap((keys, index) => {
    const suffix = index === 0 ? '' : `by ${keys.map((key) => key.replace('?', '')).join(' and ')}`;
    const plans: RulePlan[] = [];
    const main = planMain(pack, detection, keys);
    if (main) plans.push({ ...main, suffix });
    const other = planOther(pack, detection, keys, main);
    if (other) plans.push({ ...other, suffix: suffix ? `${suffix}, ${other.suffix}` : other.suffix });
    return plans;
  });
}

/** @returns why there is no rule for documents that name their group; undefined where there is one */
export function cannotExpress(detection: Detection): string | undefined {
  const { form } = detection;
  if (form.form === 'deviation' && form.measure === 'strength')
    return 'The strength of a suite is not a field that a query can compute.';
  return eqlOrder(detection) ? undefined : esqlCannot(detection, false);
}

function planMain(pack: Pack, detection: Detection, keys: Key[]): Omit<RulePlan, 'suffix'> | undefined {
  if (cannotExpress(detection)) return undefined;
  const { form } = detection;
  const schedule = scheduleOf(detection, pack.settings.lateBy);
  const columns = keys.map((key) => fieldOf(pack, readKey(key).fields[0]!).ecs);
  const plan = { schedule, joined: false, rawOnly: false, columns };
  if (form.form === 'event' && !hasMatches(detection)) {
    const condition = withKeys(pack, conditionOf(pack, detection, form.of), keys);
    const all = keys.flatMap((key) => readKey(key).fields.map((name) => fieldOf(pack, name).ecs));
    if (!usesComputed(condition) && kqlCanSay(condition))
      return { ...plan, columns: all, language: 'kuery', query: printKql(condition) };
    if (!usesComputed(condition) && eqlCanSay(condition))
      return { ...plan, columns: all, language: 'eql', query: `any where ${printEql(condition)}` };
  }
  const eql = eqlQuery(pack, detection, keys);
  if (eql) return { ...plan, language: 'eql', query: eql };
  return { ...plan, language: 'esql', ...esqlQuery(pack, detection, keys, { schedule, joined: false, reports: 'all' }) };
}

/**
 * What the first rule leaves out: EQL takes a document's first field of a key or none, so that records with another one, or without a key that may be missing, are left;
 * and nothing but ES|QL joins raw lines.
 */
function planOther(
  pack: Pack,
  detection: Detection,
  keys: Key[],
  main: Omit<RulePlan, 'suffix'> | undefined,
): RulePlan | undefined {
  if (!main) return undefined;
  const joined = rawReason(pack, detection, keys) === 'joined';
  const partial =
    main.language === 'eql' && detection.form.form !== 'event' && keys.some((key) => readKey(key).fields.length > 1);
  if ((!joined && !partial) || esqlCannot(detection, joined)) return undefined;
  const { schedule } = main;
  const query = esqlQuery(pack, detection, keys, { schedule, joined, reports: partial ? 'partial' : 'lent' });
  return {
    schedule,
    joined,
    rawOnly: joined && !partial,

    language: 'esql',
    ...query,
    suffix: partial ? 'other keys' : 'raw lines',
  };
}

/**
 * How raw lines, which no engine has stitched, name the group of a detection.
 * @returns `own` where each line does, `joined` where its exchange does; else why nothing does
 */
export function rawReason(pack: Pack, detection: Detection, keys: Key[]): string {
  const { form } = detection;
  const asked = form.form === 'value_count' ? [...keys, form.distinct] : keys;
  const inner = Object.values(detection.matches).flatMap(({ by }) => by);
  const needed = [...new Set([...asked, ...inner])].map(readKey).filter(({ optional }) => !optional);
  const events = selectedEvents(pack, detection);
  const missing = needed.filter(({ fields }) => !alwaysTold(pack, events, fields[0]!));
  if (missing.length === 0) return 'own';
  const lost = missing.find(({ fields }) => !canJoin(fields[0]!));
  if (lost) return `Raw lines do not tell ${lost.fields[0]}: it is known where the records of an SA are joined.`;
  if (form.form === 'deviation' || form.form === 'first_seen')
    return 'Raw lines that do not name their group are not compared with a baseline.';
  return esqlCannot(detection, true) ?? 'joined';
}

/** EQL counts records and orders steps that documents name the group of. It has no second field for a key: a joined rule or none takes these. */
function eqlQuery(pack: Pack, detection: Detection, keys: Key[]): string | undefined {
  if (!eqlOrder(detection)) return undefined;
  const { form } = detection;
  const steps =
    form.form === 'event_count'
      ? [{ of: form.of, atLeast: form.atLeast }]
      : (form as Extract<Form, { form: 'temporal_ordered' }>).steps;
  const conditions = steps.map(({ of }) => conditionOf(pack, detection, of));
  if (!conditions.every((condition) => eqlCanSay(condition) && !usesComputed(condition))) return undefined;
  const within = (form as { within: number }).within;
  const single = (key: Key) => readKey(key).optional && readKey(key).fields.length === 1;
  const first = (key: Key) => fieldOf(pack, readKey(key).fields[0]!);
  const by = keys.map((key) => `${single(key) ? '?' : ''}${first(key).ecs}`);
  const named = keys
    .filter((key) => !single(key))
    .map((key): Condition => ({ kind: 'compare', field: first(key), op: 'exists', values: [true], others: [] }));
  const head = `sequence${by.length ? ` by ${by.join(', ')}` : ''} with maxspan=${printDuration(within)}`;
  const body = steps.map(
    ({ atLeast }, index) =>
      `  [any where ${printEql(all([conditions[index]!, ...named]))}]${atLeast > 1 ? ` with runs=${atLeast}` : ''}`,
  );
  return `${[head, ...body].join('\n')}\n`;
}

/** @returns whether EQL counts or orders what the detection does */
function eqlOrder(detection: Detection): boolean {
  const { form } = detection;
  if (hasMatches(detection)) return false;
  if (form.form === 'event_count') return form.atLeast > 1 && form.atLeast <= MOST_RUNS;
  return form.form === 'temporal_ordered' && form.steps.every(({ atLeast }) => atLeast <= MOST_RUNS);
}

function hasMatches({ form, matches }: Detection): boolean {
  return inputsOf(form).some(({ any: names }) => names.some((name) => name in matches));
}

function usesComputed(condition: Condition): boolean {
  return comparisonsOf(condition).some(({ field }) => isComputed(field.name));
}

/** A record without a key that it must have is not counted. */
function withKeys(pack: Pack, condition: Condition, keys: Key[]): Condition {
  const present = keys
    .map(readKey)
    .filter(({ optional }) => !optional)
    .map(({ fields }) =>
      any(
        fields.map((name): Condition => ({
          kind: 'compare',
          field: fieldOf(pack, name),
          op: 'exists',
          values: [true],
          others: [],
        })),
      ),
    );
  return present.length ? all([condition, ...present]) : condition;
}

/** Names of the events that the detection's selections ask for. */
function selectedEvents(pack: Pack, detection: Detection): Set<string> {
  const values = Object.values(detection.selections).flatMap(({ any: alternatives }) =>
    alternatives.flatMap(
      (comparisons) =>
        comparisons.find(({ field, op }) => field === 'msg_type' && op === 'is')?.values ?? [...pack.events.keys()],
    ),
  );
  return new Set(values.map(String));
}

/** Whether every line that is one of the events has the field itself. */
function alwaysTold(pack: Pack, events: Set<string>, field: string): boolean {
  return pack.parsers.every((parser) =>
    parser.entries
      .filter(({ event }) => event !== undefined && events.has(event))
      .every(({ template, set }) => templateFields(template).includes(field) || field in set),
  );
}
