import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Event, parseText } from '../support/parse-text.js';

const radius = () => parseText(readFileSync('samples/strongswan/radius/radius.log'));
const gateway = () => parseText(readFileSync('samples/strongswan/radius/gateway.log'));
const of = (events: Event[], type: string) => events.filter(({ msg_type }) => msg_type === type);
const HEAD = 'Nov 24 06:39:42 aaa1 freeradius[815]: ';

async function one(line: string): Promise<Event> {
  const { events } = await parseText(line);
  expect(events).toHaveLength(1);
  return events[0]!;
}

describe("a gateway's log and its RADIUS server's", () => {
  test('each rejection is one failed attempt of the gateway, by peer, and adds none', async () => {
    const { events } = await radius();
    const rejected = of(events, 'radius_rejected');
    const down = of(events, 'daemon_stopped')[0]!.timestamp as string;
    const failed = of((await gateway()).events, 'auth_failed');
    const peers = (some: Event[]) => some.map(({ peer_ip }) => peer_ip);
    expect(rejected).toHaveLength(6);
    expect(peers(failed.filter(({ timestamp }) => (timestamp as string) <= down))).toEqual(peers(rejected));
    const both = await parseText(
      Buffer.concat(['gateway.log', 'radius.log'].map((name) => readFileSync(`samples/strongswan/radius/${name}`))),
    );
    expect(of(both.events, 'auth_failed')).toHaveLength(failed.length);
  });

  test('meet in the address and port of the IKE peer, and in the address that the session got', async () => {
    const started = (await radius()).events.filter(
      ({ msg_type, state }) => msg_type === 'radius_accounting' && state === 'start',
    );
    const established = of((await gateway()).events, 'ike_established');
    expect(started.map(({ peer_ip, peer_port, local_ip }) => [peer_ip, peer_port, local_ip])).toEqual(
      established.map(({ peer_ip, local_ip }) => [peer_ip, 4500, local_ip]),
    );
    expect(started.map(({ assigned_ip }) => assigned_ip)).toEqual(['10.99.0.1', '10.99.0.2']);
  });
});

test('every line of the recording and of the sample is read', async () => {
  for (const { counts } of [await radius(), await parseText(readFileSync('samples/freeradius/radiusd/radius.log'))]) {
    expect(counts.unparsed + counts.other).toBe(0);
  }
});

test.each([
  [
    '(2) Login OK: [alice] (from client gw port 1 cli 2001:db8::31[4500])',
    { msg_type: 'radius_accepted', peer_ip: '2001:db8::31', peer_port: 4500 },
  ],
  ['(2) Login OK: [alice] (from client gw port 1 cli 198.51.100.31)', { msg_type: 'radius_accepted', peer_ip: '198.51.100.31' }],
  [
    '(2) Login OK: [alice] (from client gw port 1 cli 198.51.100.31[4500] via TLS tunnel)',
    { msg_type: 'eap_succeeded', user_identity: 'alice' },
  ],
  [
    '(2) Login OK: [host/pc1.example.com] (from client wlan port 1 cli 00-11-22-33-44-55)',
    { msg_type: 'radius_accepted', user_identity: 'host/pc1.example.com' },
  ],
  [
    '(2) Login OK: [host/pc1.example.com] (from client wlan port 1 cli 02:00:5e:10:00:01)',
    { msg_type: 'radius_accepted', user_identity: 'host/pc1.example.com' },
  ],
  [
    "(7) Login incorrect (mschap: Program returned code (1) and output 'Account locked out (0xc0000234)'): [bob] (from client gw port 1 cli 198.51.100.31[4500])",
    { msg_type: 'radius_rejected', reason: 'account-locked', user_identity: 'bob', peer_ip: '198.51.100.31' },
  ],
  [
    '(7) Login incorrect (Home Server failed to respond): [bob] (from client gw port 1)',
    { msg_type: 'auth_error', reason: 'radius-timeout' },
  ],
  [
    'Marking home server 10.10.0.20 port 1812 as zombie (it has not responded in 30.000000 seconds).',
    { msg_type: 'auth_error', radius_server: '10.10.0.20' },
  ],
])('%s', async (message, expected) => {
  expect(await one(HEAD + message)).toMatchObject(expected);
});

test('a name that imitates the end of the line gives no address, and none is lost to it', async () => {
  const event = await one(
    `${HEAD}(3) Login incorrect: [bob] (from client gw port 3 cli 192.0.2.99)] (from client gw port 3 cli 198.51.100.66[4500])`,
  );
  expect(event).toMatchObject({ msg_type: 'radius_rejected' });
  expect([event.peer_ip, event.src_ip]).not.toContain('192.0.2.99');
});

test.each(['00-11-22-33-44-55', '02:00:5e:10:00:01'])('a MAC address (%s) is nobody to blame', async (station) => {
  const event = await one(`${HEAD}(2) Login incorrect: [bob] (from client wlan port 1 cli ${station})`);
  expect(event).toMatchObject({ msg_type: 'radius_rejected', user_identity: 'bob' });
  expect(event.peer_ip).toBe(undefined);
});
