/** Firewalls that write one record for each step, by number or by name, among all else that they tell; and charon in a firewall's wrapping. */
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { parseText } from '../support/parse-text.js';

const log = (path: string) => readFileSync(new URL(`../../samples/${path}`, import.meta.url), 'utf8');
const read = (path: string) => parseText(log(path));

describe('FortiGate', () => {
  test('is read behind any header, old or new, between blanks or commas; its other records are another program’s', async () => {
    const { events, counts } = await read('fortinet/fortigate/gateway.log');
    expect(counts).toMatchObject({ read: 8, events: 6, other: 2, unparsed: 0 });
    expect(events).toMatchObject([
      {
        msg_type: 'no_proposal_chosen',
        src_ip: '198.51.100.66',
        ike_spi_i: 'c95cac1d58bdb2a1',
        timestamp: '2020-04-18T17:32:48.339Z',
      },
      { msg_type: 'child_state_changed', exchange: 'CREATE_CHILD_SA', connection: 'azure-1', role: 'responder' },
      { msg_type: 'peer_dead', src_ip: '198.51.100.66', timestamp: '2016-06-15T10:42:31.000Z' },
      { msg_type: 'ike_state_changed', state: 'tunnel-up', user_identity: 'C = US, O = Example, CN = alice', src_port: 64_916 },
      {},
      {},
    ]);
    for (const field of ['peer_ip', 'local_ip', 'user_identity', 'assigned_ip']) expect(events[1]).not.toHaveProperty(field);
  });
  test('is read where the parser is named', async () => {
    const { counts } = await parseText(log('fortinet/fortigate/gateway.log'), { parser: 'fortinet.fortigate' });
    expect(counts).toMatchObject({ read: 8, events: 6, unparsed: 0 });
  });
  test('tells of one failed attempt twice, which counts once', async () => {
    const { events } = await read('fortinet/fortigate/gateway.log');
    expect(events.slice(-2)).toMatchObject([
      { msg_type: 'auth_failed', src_ip: '198.51.100.66', exchange: 'IKE_AUTH' },
      { msg_type: 'auth_failure_reason', reason: 'mac-mismatch' },
    ]);
    expect(events.at(-1)!.sa_id).toBe(events.at(-2)!.sa_id);
  });
});

describe('PAN-OS', () => {
  test('is read by the event’s id, with the exact time where there is one; what no entry knows is unparsed', async () => {
    const { events, counts } = await read('paloalto/panos/gateway.log');
    expect(counts).toMatchObject({ read: 7, events: 3, unparsed: 2, other: 2 });
    expect(events).toMatchObject([
      {
        msg_type: 'child_delete_sent',
        esp_spi: 'a1cd910f',
        connection: 'branch-9',
        host: 'fw2',
        timestamp: '2019-10-19T15:39:29.000Z',
      },
      { msg_type: 'unparsed', timestamp: '2024-01-12T11:47:27.652Z' },
      {
        msg_type: 'ike_failed',
        src_ip: '198.51.100.66',
        src_port: 51_435,
        dst_ip: '203.0.113.10',
        ike_spi_i: '0239b91635ed0e98',
      },
      { msg_type: 'auth_failure_reason', peer_id: '10.2.3.4', id_type: 'ipaddr' },
      { msg_type: 'unparsed' },
    ]);
  });
  test('is in the zone that is named', async () => {
    const { events } = await parseText(log('paloalto/panos/gateway.log'), { zone: 'America/New_York' });
    expect(events.slice(0, 2).map(({ timestamp }) => timestamp)).toEqual([
      '2019-10-19T19:39:29.000Z',
      '2024-01-12T11:47:27.652Z',
    ]);
  });
});

describe('charon on pfSense and OPNsense', () => {
  it.each(log('freebsd/charon/forms.log').trimEnd().split('\n'))('%s', async (line) => {
    const { events } = await parseText(line);
    expect(events).toMatchObject([
      { msg_type: 'packet_received', src_ip: '198.51.100.66', subsystem: 'NET', dst_ip: '203.0.113.10' },
    ]);
    if (line.includes('<con')) expect(events).toMatchObject([{ connection: 'con1000', ike_sa: 39 }]);
    if (/51742|42281/.test(line)) expect(events[0]!.pid).toBeGreaterThan(42_000);
  });
});
