/** The same files on the oldest node that we promise, and templates on a current Elasticsearch. */
import { describe, expect, it } from 'vitest';
import { builtInEngine } from '../support/parse-text.js';
import { differences, engineEvents, NOW } from './support/compare.js';
import { type Document, install, Node } from './support/node.js';

describe('Elasticsearch 7.10', () => {
  it('takes the pipelines and reads every sample as the engine does', async () => {
    const node = new Node('elasticsearch-7.10.2');
    await install(node, ['component', 'index']);
    const [parser] = builtInEngine().pack.parsers;
    const lines = parser!.entries.map(({ sample }) => `Nov 24 06:00:00 gw charon[1]: 07[IKE] <gw|2> ${sample}`);
    const events = await engineEvents(lines);
    const documents = await node.simulate(
      'ikeaudit-charon',
      lines.map((message) => ({ message, '@timestamp': NOW })),
    );
    expect(lines.flatMap((_, index) => differences(events[index]!, documents[index] as Document))).toEqual([]);
  });
});

describe('Elasticsearch 8', () => {
  it('takes the templates, and a document of the pipeline', async () => {
    const node = new Node('elasticsearch-8.19.21');
    await install(node, ['pipelines', 'index']);
    // it has no ingest here, so the data stream is made without its default pipeline
    await node.mapStream('logs-ikev2.charon', 'logs-ikev2.charon-*');
    const events = await engineEvents([
      'Nov 24 06:00:00 gw charon[1]: 07[NET] sending packet: from 203.0.113.10[500] to 198.51.100.11[500] (80 bytes)',
    ]);
    const items = await node.bulk('logs-ikev2.charon-default', events);
    expect(items.map(({ status }) => status)).toEqual([201]);
    expect(await node.count('logs-ikev2.charon-default', { term: { 'ikev2.peer.ip': '198.51.100.11' } })).toBe(1);
  });
});
