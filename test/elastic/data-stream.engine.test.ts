/** Documents through templates and default pipeline into a data stream: what a shipper sends, and what must not break a bulk request. */
import { beforeAll, describe, expect, it } from 'vitest';
import { HOSTILE, LINE } from './support/hostile-documents.js';
import { type Document, install, type Json, Node } from './support/node.js';

let node: Node;
beforeAll(async () => {
  node = new Node();
  await install(node);
});

/** @returns the document as it was stored in a data stream of its own */
async function store(namespace: string, document: Document): Promise<Json> {
  const stream = `logs-ikev2.charon-${namespace}`;
  const [item] = await node.bulk(stream, [document]);
  expect(item).toMatchObject({ status: 201 });
  return (await node.must('POST', `/${stream}/_search`, {})).hits.hits[0]._source;
}

describe('the data stream', () => {
  it('reads by its default pipeline, with searchable types', async () => {
    const stream = 'logs-ikev2.charon-types';
    await node.bulk(stream, [{ message: LINE, '@timestamp': '2026-12-01T00:00:00Z' }]);
    const matches = (query: Json) => node.count(stream, query);
    expect(await matches({ term: { 'source.ip': '198.51.100.0/24' } })).toBe(1);
    expect(await matches({ range: { 'network.bytes': { gte: 500, lt: 501 } } })).toBe(1);
    expect(await matches({ range: { '@timestamp': { gte: '2026-11-24T06:00:00.000Z', lte: '2026-11-24T06:00:00.000Z' } } })).toBe(
      1,
    );
    expect(await matches({ term: { 'event.action': 'packet_received' } })).toBe(1);
  });

  it('takes a message without header, where the shipper names the program', async () => {
    const source = await store('shipped', {
      '@timestamp': '2026-11-24T06:00:00.000Z',
      message: 'peer supports MOBIKE',
      process: { name: 'charon-systemd', pid: 7 },
    });
    expect(source).toMatchObject({
      event: { action: 'mobike_supported' },
      process: { name: 'charon-systemd', pid: 7 },
      '@timestamp': '2026-11-24T06:00:00.000Z',
    });
  });

  it('does not take the header of another program from a message that a shipper has unpacked', async () => {
    const source = await store('unpacked', { message: 'Nov 24 06:00:00 gw sshd[1]: x', log: { syslog: { appname: 'charon' } } });
    expect(source).toMatchObject({ event: { action: 'unparsed' }, process: { name: 'charon' } });
  });

  it('reads in the zone that the shipper tells', async () => {
    const source = await store('zone', { '@timestamp': '2026-12-01T00:00:00Z', message: LINE, event: { timezone: '+01:00' } });
    expect(source['@timestamp']).toBe('2026-11-24T05:00:00.000Z');
  });

  it("leaves another program's message alone", async () => {
    const source = await store('other', { message: 'peer supports MOBIKE', process: { name: 'sshd' } });
    expect(source).toMatchObject({ event: { action: 'other' }, message: 'peer supports MOBIKE' });
  });

  it('leaves an event of the engine as it is', async () => {
    const event = { '@timestamp': '2026-11-24T06:00:00.000Z', 'event.action': 'packet_received', 'source.ip': '198.51.100.11' };
    expect(await store('engine', event)).toEqual({ ...event, event: {} });
  });

  it('reads a document again from the line that it kept', async () => {
    const once = await node.simulate('ikeaudit-charon', [{ message: LINE, '@timestamp': '2026-12-01T00:00:00Z' }]);
    expect(await node.simulate('ikeaudit-charon', once as Document[])).toEqual(once);
  });

  it('keeps a host that an older shipper writes as a text', async () => {
    expect(await store('host', { message: LINE, host: 'collector' })).toMatchObject({
      labels: { host: 'collector' },
      observer: { hostname: 'gw' },
    });
  });

  it('has a time, even if nothing tells one', async () => {
    expect((await store('timeless', { message: 'peer supports MOBIKE' }))['@timestamp']).toMatch(/^\d{4}-/);
  });
});

describe('hostile documents', () => {
  it.each(HOSTILE)('%s: stored, with its line', async (name, document, kind) => {
    const namespace = `hostile.${name.replace(/\W+/g, '')}`.toLowerCase();
    const source = await store(namespace, document);
    expect(source.event.kind).toBe(kind);
    expect(source['@timestamp']).toBeDefined();
    if (typeof document.message === 'string') expect(source.event.original).toBeDefined();
    if (kind === 'pipeline_error') expect(source.error.message).toBeTruthy();
  });

  it('does not lose the documents beside it in a bulk request', async () => {
    const items = await node.bulk('logs-ikev2.charon-beside', [...HOSTILE.map(([, document]) => document), { message: LINE }]);
    expect(items.filter(({ status }) => status !== 201)).toEqual([]);
  });

  it('that is no JSON fails alone, where the node is told to take documents one by one', async () => {
    // OpenSearch 2.19 fails the whole batch of such a document before any pipeline runs, whatever the pipeline is
    const invalid = Buffer.from('{"message":"Nov 24 06:00:00 gw charon[1]: 07[IKE] received EAP identity \xff\xfe"}', 'latin1');
    const items = await node.bulk('logs-ikev2.charon-invalid', [{ message: LINE }, invalid, { message: LINE }], 'batch_size=1');
    expect(items.map(({ status }) => status)).toEqual([201, 400, 201]);
  });
});
