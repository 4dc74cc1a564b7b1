/**
 * Counts and distinct counts as a search with aggregations, for OpenSearch, which has neither ES|QL nor Kibana's rules: what a monitor of its alerting asks.
 * It finds the times at which findings of a group opened, as the engine finds them: windows slide, and what follows a finding before its silence belongs to
 * it. Fixed bins of a histogram would miss a burst across an edge. Where records are counted, a bucket is a group, and its metric holds these times. Where
 * it is concluded from several records what counts, these may name different groups: one metric collects all, and holds the times by group.
 */
import { type Detection, inputsOf, type Key, type Match, readKey, silenceOf } from '../../../model/detection.js';
import type { Pack } from '../../../model/pack.js';
import { any, comparisonsOf, type Condition, conditionOf, fieldOf } from './condition.js';
import { isComputed } from './esql-query.js';
import { IS_ONE_OF, painlessCanSay, printPainless } from './print-painless.js';
import { printQuery } from './print-query.js';
import { scheduleOf } from './schedule.js';

/** Groups that are reported at once, those with most records. */
const MOST_GROUPS = 1000;

/** The document's text for a key, of its first field that the document has; null where it has none. */
const TEXT_OF_KEY =
  'String textOf(Map doc, List names) { for (name in names) { if (doc[name].size() > 0) return doc[name].value.toString(); } return null; } ';

/** A line `field=value` for each key; null where a key is missing that a record must have. */
const NAME_OF_GROUP =
  'String nameOf(Map doc, List keys, String between) { List lines = new ArrayList(); for (key in keys) { String found = null;' +
  ' for (name in key.fields) { if (found == null && doc[name].size() > 0) found = name + "=" + doc[name].value.toString(); }' +
  ' if (found != null) lines.add(found); else if (!key.optional) return null; }' +
  ' return String.join(between, lines); } ';

const TIME = "long time = doc['@timestamp'].value.toInstant().toEpochMilli();";
const COLLECT = `${TIME} state.hits.add([time]);`;
const COLLECT_VALUES = `${TEXT_OF_KEY}${TIME} String value = textOf(doc, params.distinct); if (value != null) state.hits.add([time, value]);`;

/** The last time of each value that is still in the window, the oldest first; where records are counted, each is a value. */
const OPENINGS =
  'List openings(List hits, Map params) {' +
  ' List opened = new ArrayList(); Map last = new LinkedHashMap(); boolean open = false; long seen = 0L;' +
  ' for (int i = 0; i < hits.size(); i++) {' +
  ' def hit = hits[i]; long time = hit[0]; if (open && time - seen <= params.quiet) { seen = time; continue; } open = false;' +
  ' def value = hit.size() > 1 ? hit[1] : (def) i; last.remove(value); last.put(value, time);' +
  ' last.values().removeIf(before -> time - before > params.within);' +
  ' if (last.size() < params.at_least) continue;' +
  ' open = true; seen = time; opened.add(time); last.clear(); }' +
  ' return opened; } ';

const GATHER = 'List hits = new ArrayList(); for (some in states) { if (some != null) hits.addAll(some); }';

const FIND = `${OPENINGS}${GATHER} hits.sort((a, b) -> Long.compare(a[0], b[0])); return openings(hits, params);`;

/** A step of what is concluded, 0 or 1; its key; and the group and value that it brings to what is counted. */
const collectSteps = (steps: Condition[]) =>
  `${IS_ONE_OF}${TEXT_OF_KEY}${NAME_OF_GROUP}String inner = nameOf(doc, params.inner, params.between); if (inner == null) return; ${TIME}` +
  ' String group = nameOf(doc, params.keys, params.between); String value = params.distinct == null ? null : textOf(doc, params.distinct);' +
  steps.map((step, index) => ` if (${printPainless(step)}) state.hits.add([time, ${index}, inner, group, value]);`).join('');

const SORT_STEPS =
  'hits.sort((a, b) -> { int order = Long.compare(a[0], b[0]); return order != 0 ? order : Integer.compare(a[1], b[1]); });';

/** A record of the second step directly after one of the first counts. */
const PAIRS =
  ' Map before = new HashMap(); for (hit in hits) { def last = before.put(hit[2], hit);' +
  ' if (hit[1] == 1 && last != null && last[1] == 0 && hit[0] - last[0] <= params.span) concluded.add(hit); }';

/** A record that none of the second step follows counts. Backwards, the next one is known. */
const UNANSWERED =
  ' Map next = new HashMap(); for (int i = hits.size() - 1; i >= 0; i--) { def hit = hits[i];' +
  ' if (hit[1] == 1) { next.put(hit[2], hit[0]); continue; }' +
  ' def answer = next.get(hit[2]); if (answer == null || answer - hit[0] > params.span) concluded.add(hit); } Collections.reverse(concluded);';

const BY_GROUP =
  ' Map groups = new LinkedHashMap(); for (hit in concluded) { if (hit[3] == null || params.distinct != null && hit[4] == null) continue;' +
  ' groups.computeIfAbsent(hit[3], key -> new ArrayList()).add(params.distinct == null ? [hit[0]] : [hit[0], hit[4]]); }' +
  ' Map found = new HashMap(); for (entry in groups.entrySet()) {' +
  ' List opened = openings(entry.getValue(), params); if (!opened.isEmpty()) found.put(entry.getKey(), opened); } return found;';

const findConcluded = (conclude: string) =>
  `${OPENINGS}${GATHER} ${SORT_STEPS} List concluded = new ArrayList();${conclude}${BY_GROUP}`;

/** @returns why a search cannot say what the detection means; undefined where it can */
export function searchCannot(pack: Pick<Pack, 'fields'>, detection: Detection): string | undefined {
  const { form } = detection;
  if (form.form !== 'event_count' && form.form !== 'value_count') return 'A search with aggregations counts records and values.';
  const match = matchOf(detection);
  if (match === 'several') return 'A search concludes one thing from records, and counts nothing beside it.';
  if (match && match.form.form === 'temporal_ordered' && !isPair(match.form)) return 'A search concludes from pairs of records.';
  const conditions = match ? stepsOf(pack, detection, match) : [conditionOf(pack, detection, form.of)];
  if (conditions.flatMap(comparisonsOf).some(({ field }) => isComputed(field.name)))
    return 'A field that is computed is not searched.';
  if (match && !conditions.every(painlessCanSay)) return 'Records are told apart by whole values alone.';
  return undefined;
}

/** @returns the body of the search; undefined where `searchCannot` has a reason */
export function countingSearch(pack: Pack, detection: Detection): Record<string, unknown> | undefined {
  const { form } = detection;
  if (searchCannot(pack, detection) !== undefined || (form.form !== 'event_count' && form.form !== 'value_count'))
    return undefined;
  const match = matchOf(detection) as Match | undefined;
  const { lookBack } = scheduleOf(detection, pack.settings.lateBy);
  const params = {
    at_least: form.atLeast,
    within: form.within * 1000,
    quiet: silenceOf(form) * 1000,
    ...(form.form === 'value_count' ? { distinct: fieldsOf(pack, form.distinct) } : {}),
  };
  const groupings = detection.groupings.map((keys) => [
    `by ${keys.join(' and ').replaceAll('?', '')}`,
    match ? concludedMetric(pack, detection, match, keys, params) : groupBuckets(pack, keys, params),
  ]);
  const condition = match ? readByMatch(pack, detection, match) : printQuery(conditionOf(pack, detection, form.of));
  return {
    size: 0,
    query: { bool: { filter: [{ range: { '@timestamp': { gte: `now-${lookBack}s` } } }, condition] } },
    aggs: Object.fromEntries(groupings) as Record<string, unknown>,
  };
}

interface Params {
  at_least: number;
  distinct?: string[];
}

function groupBuckets(pack: Pack, keys: Key[], params: Params): object {
  return {
    terms: {
      script: {
        ...script(`${NAME_OF_GROUP}return nameOf(doc, params.keys, params.between);`),
        params: keyParams(pack, { keys }),
      },
      size: MOST_GROUPS,
      // fewer records can never meet the condition
      min_doc_count: params.at_least,
    },
    aggs: { opened: metric(params.distinct ? COLLECT_VALUES : COLLECT, FIND, params) },
  };
}

function concludedMetric(pack: Pack, detection: Detection, match: Match, keys: Key[], params: Params): object {
  const conclude = match.form.form === 'absence' ? UNANSWERED : PAIRS;
  return metric(collectSteps(stepsOf(pack, detection, match)), findConcluded(conclude), {
    ...params,
    ...keyParams(pack, { keys, inner: match.by }),
    span: match.form.within * 1000,
  });
}

function metric(map: string, reduce: string, params: object): object {
  return {
    scripted_metric: {
      init_script: script('state.hits = new ArrayList();'),
      map_script: script(map),
      combine_script: script('return state.hits;'),
      reduce_script: script(reduce),
      params,
    },
  };
}

function script(source: string): { lang: string; source: string } {
  return { lang: 'painless', source };
}

function keyParams(pack: Pack, named: Record<string, Key[]>): object {
  const lists = Object.entries(named).map(([name, keys]) => [
    name,
    keys.map((key) => ({ fields: fieldsOf(pack, key), optional: readKey(key).optional })),
  ]);
  return { ...Object.fromEntries(lists), between: '\n' };
}

function fieldsOf(pack: Pack, key: Key): string[] {
  return readKey(key).fields.map((name) => fieldOf(pack, name).ecs);
}

/** @returns what is counted, where it is concluded from records; undefined where records are counted themselves */
function matchOf({ form, matches }: Detection): Match | 'several' | undefined {
  const of = inputsOf(form).flatMap(({ any: names, not }) => [...names, ...not]);
  const named = of.filter((name) => name in matches);
  if (named.length === 0) return undefined;
  return of.length === 1 ? matches[named[0]!] : 'several';
}

function isPair({ steps }: Extract<Match['form'], { form: 'temporal_ordered' }>): boolean {
  return steps.length === 2 && steps.every(({ atLeast }) => atLeast === 1);
}

/** What is concluded from, in its order. */
function stepsOf(pack: Pick<Pack, 'fields'>, detection: Detection, { form }: Match): Condition[] {
  const steps = form.form === 'absence' ? [form.of, form.without] : form.steps.map(({ of }) => of);
  return steps.map((of) => conditionOf(pack, detection, of));
}

/** Records of both steps; what waits for an answer is read when none can come any more. */
function readByMatch(pack: Pack, detection: Detection, match: Match): object {
  const [first, second] = stepsOf(pack, detection, match) as [Condition, Condition];
  if (match.form.form !== 'absence') return printQuery(any([first, second]));
  const decided = { range: { '@timestamp': { lt: `now-${match.form.within + pack.settings.lateBy}s` } } };
  return { bool: { should: [{ bool: { filter: [printQuery(first), decided] } }, printQuery(second)], minimum_should_match: 1 } };
}
