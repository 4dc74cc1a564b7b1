/**
 * Counts and distinct counts as a search with aggregations, for OpenSearch, which has neither ES|QL nor Kibana's rules: what a monitor of its alerting asks.
 * A bucket is a group; its metric holds the times at which findings of the group opened, as the engine finds them: windows slide, and what follows a finding
 * before its silence belongs to it. Fixed bins of a histogram would miss a burst across an edge.
 */
import { type Detection, inputsOf, type Key, readKey, silenceOf } from '../../../model/detection.js';
import type { Pack } from '../../../model/pack.js';
import { comparisonsOf, conditionOf, fieldOf } from './condition.js';
import { isComputed } from './esql-query.js';
import { printQuery } from './print-query.js';
import { scheduleOf } from './schedule.js';

/** Groups that are reported at once, those with most records. */
const MOST_GROUPS = 1000;

/** Painless: the document's text for a key, of its first field that the document has; null where it has none. */
const TEXT_OF_KEY =
  'String textOf(Map doc, List names) { for (name in names) { if (doc[name].size() > 0) return doc[name].value.toString(); } return null; } ';

/** A line `field=value` for each key; no bucket where a key is missing that a record must have. */
const NAME_GROUP =
  'List lines = new ArrayList(); for (key in params.keys) { String found = null;' +
  ' for (name in key.fields) { if (found == null && doc[name].size() > 0) found = name + "=" + doc[name].value.toString(); }' +
  ' if (found != null) lines.add(found); else if (!key.optional) return null; }' +
  ' return String.join(params.between, lines);';

const COLLECT = "state.hits.add([doc['@timestamp'].value.toInstant().toEpochMilli()]);";
const COLLECT_VALUES = `${TEXT_OF_KEY}String value = textOf(doc, params.distinct); if (value != null) state.hits.add([doc['@timestamp'].value.toInstant().toEpochMilli(), value]);`;

/** The last time of each value that is still in the window, the oldest first; where records are counted, each is a value. */
const FIND =
  'List hits = new ArrayList(); for (some in states) { if (some != null) hits.addAll(some); }' +
  ' hits.sort((a, b) -> Long.compare(a[0], b[0]));' +
  ' List opened = new ArrayList(); Map last = new LinkedHashMap(); boolean open = false; long seen = 0L;' +
  ' for (int i = 0; i < hits.size(); i++) {' +
  ' def hit = hits[i]; long time = hit[0]; if (open && time - seen <= params.quiet) { seen = time; continue; } open = false;' +
  ' def value = hit.size() > 1 ? hit[1] : (def) i; last.remove(value); last.put(value, time);' +
  ' last.values().removeIf(before -> time - before > params.within);' +
  ' if (last.size() < params.at_least) continue;' +
  ' open = true; seen = time; opened.add(time); last.clear(); }' +
  ' return opened;';

/** @returns why a search cannot say what the detection means; undefined where it can */
export function searchCannot(pack: Pick<Pack, 'fields'>, detection: Detection): string | undefined {
  const { form, matches } = detection;
  if (form.form !== 'event_count' && form.form !== 'value_count') return 'A search with aggregations counts records and values.';
  if (inputsOf(form).some(({ any }) => any.some((name) => name in matches)))
    return 'A search does not count what is concluded from several records.';
  const computed = comparisonsOf(conditionOf(pack, detection, form.of)).some(({ field }) => isComputed(field.name));
  return computed ? 'A field that is computed is not searched.' : undefined;
}

/** @returns the body of the search; undefined where `searchCannot` has a reason */
export function countingSearch(pack: Pack, detection: Detection): Record<string, unknown> | undefined {
  const { form } = detection;
  if (searchCannot(pack, detection) !== undefined || (form.form !== 'event_count' && form.form !== 'value_count'))
    return undefined;
  const { lookBack } = scheduleOf(detection, pack.settings.lateBy);
  const columns = (key: Key) => readKey(key).fields.map((name) => fieldOf(pack, name).ecs);
  const distinct = form.form === 'value_count' ? { distinct: columns(form.distinct) } : {};
  const script = (source: string) => ({ lang: 'painless', source });
  const find = {
    scripted_metric: {
      init_script: script('state.hits = new ArrayList();'),
      map_script: script('distinct' in distinct ? COLLECT_VALUES : COLLECT),
      combine_script: script('return state.hits;'),
      reduce_script: script(FIND),
      params: { at_least: form.atLeast, within: form.within * 1000, quiet: silenceOf(form) * 1000, ...distinct },
    },
  };
  const groupings = detection.groupings.map((keys) => [
    `by ${keys.join(' and ').replaceAll('?', '')}`,
    {
      terms: {
        script: {
          ...script(NAME_GROUP),
          params: { keys: keys.map((key) => ({ fields: columns(key), optional: readKey(key).optional })), between: '\n' },
        },
        size: MOST_GROUPS,
        // fewer records can never meet the condition
        min_doc_count: form.atLeast,
      },
      aggs: { opened: find },
    },
  ]);
  return {
    size: 0,
    query: {
      bool: {
        filter: [{ range: { '@timestamp': { gte: `now-${lookBack}s` } } }, printQuery(conditionOf(pack, detection, form.of))],
      },
    },
    aggs: Object.fromEntries(groupings) as Record<string, unknown>,
  };
}
