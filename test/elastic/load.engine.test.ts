/** `ikeaudit load elastic` on an empty node, a bulk of recorded lines, and the rules on what it stored. */
import { readFileSync } from 'node:fs';
import { inject, afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, openClient } from '../../generator/deploy/http-client.js';
import { detectFlavour, loadCluster, unloadCluster } from '../../generator/deploy/load-cluster.js';
import { emitElastic } from '../../generator/targets/elastic/emit.js';
import { planRules } from '../../generator/targets/elastic/rules/plan-rules.js';
import { startNode } from '../toolchain/node.mjs';
import { engineFindings, recordedEvents } from '../support/detection-logs.js';
import { type Document, install, Node } from './support/node.js';
import { flatten } from './support/compare.js';
import { nest } from '../../generator/targets/elastic/nest.js';
import { type Alert, documentsOf, firstFindings, firstOfKeys, pack, runEsqlAt } from './support/rule-runs.js';
import { foundBySearch } from './support/search-runs.js';

const files = emitElastic(pack);
const options = { dryRun: false, say: () => {} };
let own: { url: string; stop: () => Promise<void> };
let client: Client;
let node: Node;
const STREAM = 'logs-ikev2.charon-loaded';

// a node of its own: what is removed here, other tests use
beforeAll(async () => {
  own = await startNode('opensearch-2.19.6');
  client = openClient({ url: own.url });
  node = new Node(own.url as `http://${string}`);
});
afterAll(() => own.stop());

describe('load elastic, on OpenSearch', () => {
  it('knows what it talks to', async () => {
    expect(await detectFlavour(client)).toEqual({ flavour: 'opensearch', version: '2.19.6' });
    expect(await detectFlavour(openClient({ url: inject('elasticsearch-8.19.21') }))).toEqual({
      flavour: 'elasticsearch',
      version: '8.19.21',
    });
  });

  it('says what it would do, and does nothing', async () => {
    await loadCluster(client, files, 'opensearch', { ...options, dryRun: true });
    const { status } = await node.ask('GET', '/_index_template/logs-ikev2.charon');
    expect(status).toBe(404);
  });

  it('loads, finds nothing to do a second time, and names what the node does not have', async () => {
    await loadCluster(client, files, 'opensearch', options);
    const again = await loadCluster(client, files, 'opensearch', options);
    expect(again.done.filter(({ what }) => what !== 'unchanged')).toEqual([]);
    expect(again.leftOut.join('\n')).toMatch(/dashboards.*\n.*lifecycle policy/);
  });

  it('updates what differs', async () => {
    const changed = new Map(files);
    const template = JSON.parse(String(files.get('templates/index/logs-ikev2.charon.json')));
    changed.set('templates/index/logs-ikev2.charon.json', JSON.stringify({ ...template, priority: 251 }));
    const report = await loadCluster(client, changed, 'opensearch', options);
    expect(report.done.filter(({ what }) => what === 'updated').map(({ name }) => name)).toEqual(['logs-ikev2.charon']);
    await loadCluster(client, files, 'opensearch', options);
  });

  it('undoes what it did where a later object is refused', async () => {
    const broken = new Map(files);
    broken.set('pipelines/ikeaudit-charon.json', JSON.stringify({ processors: [{ nonsense: {} }] }));
    const asa = JSON.parse(String(files.get('pipelines/ikeaudit-asa.json')));
    broken.set('pipelines/ikeaudit-asa.json', JSON.stringify({ ...asa, description: 'changed' }));
    await expect(loadCluster(client, broken, 'opensearch', options)).rejects.toThrow(
      /ingest pipeline ikeaudit-charon was refused: 400: .*nonsense.*\nThe 1 objects before it were put back as they were\./s,
    );
    const { body } = await node.ask('GET', '/_ingest/pipeline/ikeaudit-asa');
    expect(body['ikeaudit-asa'].description).toBe(asa.description);
  });

  it('yields searchable documents of recorded lines, and the engine’s finding', async () => {
    const lines = readFileSync(new URL('../../samples/strongswan/psk-brute/gateway.log', import.meta.url), 'utf8')
      .split('\n')
      .filter(Boolean);
    const items = await node.bulk(
      STREAM,
      lines.map((message) => ({ message, '@timestamp': '2026-12-01T00:00:00Z' })),
    );
    expect(items.filter(({ status }) => status !== 201)).toEqual([]);
    expect(await node.count(STREAM, { term: { 'event.action': 'auth_failed' } })).toBeGreaterThanOrEqual(12);
    const found = await node.must('POST', `/${STREAM}/_search`, { size: 10_000 });
    const documents = found.hits.hits.map(({ _source }: { _source: Document }) => ({
      ...flatten(_source),
      'data_stream.namespace': STREAM,
    }));
    expect(await rawFindings(documents)).toEqual(engineFindings(pack, [detection], await recordedEvents('strongswan/psk-brute')));
  });

  it.each(['strongswan/hostile-id', 'strongswan/psk-brute', 'libreswan/quick-delete'])(
    'yields all that audit finds by counting in %s, of what the shipper has stitched',
    async (name) => {
      const stream = `logs-ikev2.charon-${name.replace('/', '_')}`;
      const events = await recordedEvents(name);
      const documents = documentsOf(pack, name, events).map(({ 'data_stream.namespace': _, ...document }) => nest(document));
      const items = await node.bulk(stream, documents);
      expect(items.filter(({ status }) => status !== 201)).toEqual([]);
      const found: string[] = [];
      const counting = pack.detections.filter((one) => files.has(`searches/${one.name}.json`));
      for (const one of counting) {
        const { query, ...search } = JSON.parse(String(files.get(`searches/${one.name}.json`)));
        // the recordings are older than the searches look back
        const body = { ...search, query: query.bool.filter[1] };
        const answer = await node.must('POST', `/${stream}/_search`, body);
        found.push(...foundBySearch(one, answer.aggregations));
      }
      expect(found.sort()).toEqual(engineFindings(pack, counting, events));
      expect(found.length).toBeGreaterThan(0);
    },
  );

  it('removes nothing while data is there, and all afterwards', async () => {
    await expect(unloadCluster(client, files, 'opensearch', options)).rejects.toThrow(
      /Nothing was removed: the data streams? .*logs-ikev2\.charon-loaded/,
    );
    const streams = await node.must('GET', '/_data_stream/logs-ikev2.*');
    for (const { name } of streams.data_streams) await node.must('DELETE', `/_data_stream/${name}`);
    const report = await unloadCluster(client, files, 'opensearch', options);
    expect(report.done.filter(({ what }) => what !== 'removed').map(({ kind }) => kind)).toEqual(['lifecycle policy']);
    expect((await node.ask('GET', '/_ingest/pipeline/ikeaudit-charon')).status).toBe(404);
  });
});

const detection = pack.detections.find(({ name }) => name === 'authentication/auth-failures-from-one-peer')!;

/** Runs the rules for documents without a peer on what OpenSearch stored, on the node that has ES|QL. */
async function rawFindings(documents: Document[]): Promise<string[]> {
  const elastic = new Node('elasticsearch-8.19.21');
  await install(elastic, ['pipelines', 'index']);
  await elastic.mapStream('loaded', 'logs-ikev2.loaded-*');
  const stream = `logs-ikev2.loaded-${Date.now()}`;
  const items = await elastic.bulk(stream, documents);
  expect(items.filter(({ status }) => status !== 201)).toEqual([]);
  const alerts: Alert[] = [];
  for (const { query, language } of planRules(pack, detection)) {
    if (language !== 'esql') continue;
    const whole = query.replaceAll(/TO_LONG\(NOW\(\)\) - \d+/g, '0').replace(/^FROM \S+/, `FROM ${stream}`);
    alerts.push(...(await runEsqlAt(elastic, whole, [])));
  }
  return firstFindings(
    pack,
    detection,
    alerts.map((alert) => firstOfKeys(pack, detection, alert)),
  );
}
