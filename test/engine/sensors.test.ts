/** What stands beside a gateway: sensors on the wire, RADIUS servers' files, lists of certificates, and routers whose log is short. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseText } from '../support/parse-text.js';

const NOW = { now: '2026-11-25T00:00:00Z' };
const read = (path: string, parser?: string) => parseText(readFileSync(`samples/${path}`), { ...NOW, parser });

test.each(['zeek/ipsec/ipsec.log', 'zeek/ipsec/ipsec.json.log', 'suricata/ike/eve.json', 'microsoft/ias/IN2611.log'])(
  '%s: every record is an event with a time, and both ends where it has them',
  async (path) => {
    const { events, counts } = await read(path);
    expect(counts.unparsed).toBe(0);
    const own = events.filter(({ msg_type }) => !['ignored', 'other'].includes(msg_type));
    expect(own.length).toBe(counts.events);
    expect(own.filter(({ timestamp }) => timestamp === undefined)).toEqual([]);
    expect(own.filter(({ peer_ip }) => peer_ip === '198.51.100.66').length).toBeGreaterThan(0);
  },
);

test("Zeek's columns are those that the file's head names, in whatever order", async () => {
  const lines = readFileSync('samples/zeek/ipsec/ipsec.log', 'utf8').split('\n');
  const turned = lines.map((line) =>
    line.startsWith('#fields\t')
      ? `#fields\t${line.split('\t').slice(1).reverse().join('\t')}`
      : line.startsWith('#')
        ? line
        : line.split('\t').reverse().join('\t'),
  );
  expect((await parseText(turned.join('\n'), NOW)).events).toEqual((await read('zeek/ipsec/ipsec.log')).events);
});

test('a sensor takes who answers for the gateway: a flood of IKE_SA_INIT is one of the peer, and COOKIE and NO_PROPOSAL_CHOSEN are answers', async () => {
  for (const path of ['zeek/ipsec/ipsec.log', 'suricata/ike/eve.json']) {
    const { events } = await read(path);
    for (const type of ['cookie_requested', 'no_proposal_chosen']) {
      expect(events.find(({ msg_type }) => msg_type === type)).toMatchObject({
        peer_ip: '198.51.100.66',
        local_ip: '203.0.113.10',
        exchange: 'IKE_SA_INIT',
        message_kind: 'response',
      });
    }
  }
});

test("a RADIUS server's rejection is no failed attempt of its own, and its reason code says why", async () => {
  const { events } = await read('microsoft/ias/IN2611.log');
  expect(events.filter(({ msg_type }) => msg_type === 'auth_failed')).toEqual([]);
  expect(events.find(({ msg_type }) => msg_type === 'radius_rejected')).toMatchObject({
    reason: 'bad-password',
    radius_client: 'vpn-gw1',
  });
  expect(events.find(({ state }) => state === 'stop')).toMatchObject({
    duration: 1800,
    bytes_in: 123456,
    assigned_ip: '10.99.0.58',
  });
});

test("certexpire's lines tell when a certificate ends", async () => {
  const text =
    'gw.example.com;2026-12-01T01:00:00+0100;;;;;;2036-01-01T00:00:00+0100\nsite9.example.net,2027-01-01T00:00:00Z,,,,,,\n';
  const { events } = await parseText(text, { ...NOW, parser: 'strongswan.certexpire' });
  expect(events.map(({ msg_type, cert_subject, cert_not_after }) => [msg_type, cert_subject, cert_not_after])).toEqual([
    ['cert_expiring', 'gw.example.com', '2026-12-01T00:00:00.000Z'],
    ['cert_expiring', 'site9.example.net', '2027-01-01T00:00:00.000Z'],
  ]);
});

test('RouterOS names its topics where others name a program, with and without a priority, a host or a colon', async () => {
  const { events, counts } = await read('mikrotik/routeros/gateway.log');
  expect(counts).toMatchObject({ unparsed: 0, other: 0 });
  expect(events[0]).toMatchObject({
    host: 'MikroTik',
    msg_type: 'ike_init_received',
    peer_ip: '198.51.100.66',
    ike_spi_i: 'c95cac1d58bdb2a1',
  });
  expect(events.map(({ msg_type }) => msg_type)).toEqual([
    'ike_init_received',
    'ike_established',
    'ikev1_message',
    'ike_failed',
    'auth_failure_reason',
    'auth_failed',
    'auth_failed',
  ]);
});
