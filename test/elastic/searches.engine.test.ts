/** Counts and distinct counts as aggregations of a real OpenSearch node, over the recordings and the composed cases: they find what the engine finds. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { LogEvent } from '../../generator/detect/log-event.js';
import { EXACT } from '../../generator/model/exactness.js';
import type { Detection } from '../../generator/model/detection.js';
import { countingSearch } from '../../generator/targets/elastic/rules/counting-search.js';
import { composedCases, engineFindings, recordedEvents, recordings } from '../support/detection-logs.js';
import { ParityBook } from '../support/parity.js';
import { install, type Json, Node } from './support/node.js';
import { documentsOf, pack } from './support/rule-runs.js';
import { foundBySearch } from './support/search-runs.js';

const STREAM = 'logs-ikev2.searches-default';
const node = new Node();
const logs = new Map<string, LogEvent[]>();
/** the log of each namespace */
const named = new Map<string, string>();

const searches = pack.detections.flatMap((detection) => {
  const search = countingSearch(pack, detection);
  return search ? [{ name: detection.name, detection, search: search as Json }] : [];
});

beforeAll(async () => {
  await install(node);
  await node.mapStream('searches', STREAM);
  for (const name of recordings()) logs.set(name, await recordedEvents(name));
  for (const { detection } of searches) for (const [name, events] of composedCases(detection)) logs.set(name, events);
  // what no search can ask for takes time alone
  const asked = JSON.stringify(searches.map(({ search }) => search.query));
  for (const [name, events] of logs) {
    const documents = documentsOf(pack, name, events);
    const namespace = documents[0]?.['data_stream.namespace'];
    if (namespace !== undefined) named.set(namespace as string, name);
    const some = documents.filter((document) => asked.includes(`"${String(document['event.action'])}"`));
    const items = some.length ? await node.bulk(STREAM, some, 'refresh=false') : [];
    expect(items.filter(({ status }) => status !== 201)).toEqual([]);
  }
  await node.must('POST', `/${STREAM}/_refresh`);
}, 300_000);

/** @returns the findings of each log: the search as it is, but of all times, and in each log for itself */
async function findingsByLog(detection: Detection, { query, aggs }: Json): Promise<Map<string, string[]>> {
  const [, condition] = query.bool.filter;
  const answer = await node.must('POST', `/${STREAM}/_search`, {
    size: 0,
    query: condition,
    aggs: { log: { terms: { field: 'data_stream.namespace', size: 10_000 }, aggs } },
  });
  expect(answer.aggregations.log.sum_other_doc_count).toBe(0);
  return new Map(
    answer.aggregations.log.buckets.map((log: Json) => [
      named.get(log.key),
      foundBySearch(detection, Object.fromEntries(Object.keys(aggs).map((grouping) => [grouping, log[grouping]]))),
    ]),
  );
}

const book = new ParityBook(
  'opensearch',
  'searches with aggregations on OpenSearch 2.19.6, for what counts records or values, on documents that the engine has stitched',
);

describe.each(searches)('$name', ({ detection, search }) => {
  it('finds what the engine finds', async () => {
    const found = await findingsByLog(detection, search);
    const differences = book.compare(pack, detection, EXACT, logs, (log) => found.get(log) ?? []);
    expect(differences).toEqual([]);
    const fires = [...logs].some(
      ([name, events]) =>
        (!name.includes(': ') || name.startsWith(`${detection.name}: `)) && engineFindings(pack, [detection], events).length,
    );
    expect(fires, 'no log on which it fires').toBe(true);
  });
});

it('leaves out no count', () => {
  const counting = pack.detections.filter(({ form }) => form.form === 'event_count' || form.form === 'value_count');
  const left = counting.filter((detection) => !searches.some(({ name }) => name === detection.name)).map(({ name }) => name);
  expect(left).toEqual([]);
});

it('agrees with the committed table', () => book.close());
