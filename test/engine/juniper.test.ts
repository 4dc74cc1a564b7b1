import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Event, parseText } from '../support/parse-text.js';

const read = (name: string) => parseText(readFileSync(`samples/juniper/srx/${name}`), { now: '2026-08-04T00:00:00Z' });
const HEAD = 'Aug  3 10:18:44 srx1 kmd[14162]: ';
const ALARM =
  'KMD_VPN_UP_ALARM_USER: VPN site-1 from 198.51.100.66 is up. Local-ip: 10.0.1.50, gateway name: gw-site-1, vpn name: site-1, tunnel-id: 131073, local tunnel-if: st0.0, remote tunnel-ip: 192.168.1.2, Local IKE-ID: ';
const failed = (error: string, rest: string) =>
  `${HEAD}IKE negotiation failed with error: ${error}. IKE Version: 2, VPN: site-1 Gateway: gw-site-1, Local: 203.0.113.10/500, Remote: 198.51.100.66/4500, ${rest}`;
const IDS = 'Local IKE-ID: gw.example.com, Remote IKE-ID: site9.example.net, VR-ID: 0';

async function one(line: string | Buffer): Promise<Event> {
  const { events } = await parseText(line, { now: '2026-08-04T00:00:00Z' });
  expect(events).toHaveLength(1);
  return events[0]!;
}

test.each(['gateway.log', 'gateway.rfc5424.log'])('%s: nothing is unparsed', async (name) => {
  const { counts } = await read(name);
  expect(counts.events).toBeGreaterThan(5);
  expect(counts.unparsed).toBe(0);
});

test('every envelope of a Junos device names host, program and time', async () => {
  const { events } = await read('gateway.log');
  const told = events.map(({ host, program, timestamp }) => [host, program, String(timestamp).slice(0, 4)].join(' '));
  expect(new Set(told)).toEqual(new Set(['srx1 kmd 2026', 'srx2 iked 2026', 'srx kmd 2025', 'srx5k kmd 2026']));
});

describe('a failed negotiation', () => {
  test.each([
    [
      'Authentication failed',
      `${IDS}, Role: Responder`,
      { msg_type: 'auth_failed', role: 'responder', peer_id: 'site9.example.net' },
    ],
    ['Authentication failed', IDS, { msg_type: 'auth_failed', peer_id: 'site9.example.net' }],
    ['Authentication failed', `${IDS}, Role: Initiator`, { msg_type: 'auth_rejected_by_peer', src_ip: '203.0.113.10' }],
    ['No proposal chosen', IDS, { msg_type: 'no_proposal_chosen', reason: 'no-common-proposal' }],
    ['Timed out', `${IDS}: Role: Initiator`, { msg_type: 'ike_failed', reason: 'peer-unresponsive', role: 'initiator' }],
    ['Timed out', `${IDS}, Role: Responder`, { msg_type: 'half_open_timeout', role: 'responder' }],
    ['A text that nobody knows', IDS, { msg_type: 'ike_failed', peer_ip: '198.51.100.66' }],
  ])('%s; %s', async (error, rest, expected) => {
    expect(await one(failed(error, rest))).toMatchObject({ ...expected, peer_ip: '198.51.100.66', connection: 'site-1' });
  });

  test('what is Not-Available is absent', async () => {
    const event = await one(
      `${HEAD}IKE negotiation failed with error: No proposal chosen. IKE Version: 2, VPN: Not-Available Gateway: Not-Available, Local: 203.0.113.10/500, Remote: 198.51.100.66/500, Local IKE-ID: Not-Available, Remote IKE-ID: Not-Available, VR-ID: 0: Role: Responder`,
    );
    expect(event).toMatchObject({ msg_type: 'no_proposal_chosen', peer_ip: '198.51.100.66' });
    expect(JSON.stringify(event)).not.toContain('Not-Available');
  });

  test('an identity that imitates the rest of the line changes neither peer nor role', async () => {
    const event = await one(
      failed('Authentication failed', IDS.replace('site9.example.net', 'x, VR-ID: 0, Role: Initiator, Remote: 192.0.2.99/1')),
    );
    expect(event).toMatchObject({ msg_type: 'auth_failed', peer_ip: '198.51.100.66', peer_port: 4500 });
  });
});

describe('an IKE-ID of raw bytes', () => {
  const REST =
    ', Remote IKE-ID: 198.51.100.66, AAA username: Not-Applicable, VR id: 0, Traffic-selector: , Traffic-selector local ID: ipv4_subnet(any:0,[0..7]=0.0.0.0/0), Traffic-selector remote ID: ipv4_subnet(any:0,[0..7]=0.0.0.0/0), SA Type: Static';

  test.each([
    ['not UTF-8', [0xcb, 0x00, 0x71, 0x0a ^ 0x80]],
    ['with a carriage return', [0x0d, 0x44, 0xca, 0xa6]],
  ])('%s leaves the record readable', async (_, bytes) => {
    const line = Buffer.concat([Buffer.from(HEAD + ALARM), Buffer.from(bytes), Buffer.from(REST)]);
    expect(await one(line)).toMatchObject({
      msg_type: 'child_state_changed',
      peer_ip: '198.51.100.66',
      connection: 'site-1',
      peer_id: '198.51.100.66',
    });
  });

  test('with a newline, which 10.0.0.0/8 begins with, cuts the record: its first half still names the tunnel and the peer', async () => {
    const line = Buffer.concat([Buffer.from(HEAD + ALARM), Buffer.from([0x0a, 0x00, 0x01, 0x32]), Buffer.from(REST)]);
    const { events, counts } = await parseText(line);
    expect(events).toMatchObject([{ msg_type: 'child_state_changed', peer_ip: '198.51.100.66', connection: 'site-1' }]);
    expect(counts.read).toBe(2);
  });
});

test('of the two records of a CHILD SA the inbound one counts', async () => {
  const sa = (direction: string, spi: string) =>
    one(
      `${HEAD}KMD_PM_SA_ESTABLISHED: Local gateway: 10.200.0.5, Remote gateway: 198.51.100.5, Local ID: ipv4_subnet(any:0,[0..7]=0.0.0.0/0), Remote ID: ipv4_subnet(any:0,[0..7]=0.0.0.0/0), Direction: ${direction}, SPI: 0x${spi}, AUX-SPI: 0, Mode: Tunnel, Type: dynamic, Traffic-selector:  FC Name:`,
    );
  expect(await sa('inbound', '9CC87CE6')).toMatchObject({ msg_type: 'child_established', esp_spi_in: '9cc87ce6' });
  expect(await sa('outbound', '3bb47cb4')).toMatchObject({
    msg_type: 'child_state_changed',
    state: 'established',
    esp_spi_out: '3bb47cb4',
  });
});

test("structured data: the SPI's decimal number is the hexadecimal one of the text, and what is Not-Available is absent", async () => {
  const { events } = await read('gateway.rfc5424.log');
  const outbound = events.filter(({ esp_spi_out }) => esp_spi_out !== undefined);
  expect(outbound.map(({ esp_spi_out }) => esp_spi_out)).toEqual(['0226b0be', 'dc912544']);
  expect(outbound[1]).toMatchObject({
    ts_local: ['ipv4_subnet(any:0,[0..7]=203.0.113.10/29)'],
    timestamp: '2023-05-04T05:27:26.461Z',
  });
  expect(JSON.stringify(events)).not.toContain('Not-Available');
});
