import { describe, expect, test } from 'vitest';
import { charonLog, type Event, parseText, plutoLog } from '../support/parse-text.js';

const RECEIVED = (peer: string, port = 500) =>
  `[NET] received packet: from ${peer}[${port}] to 203.0.113.10[${port}] (500 bytes)`;
const SENT = (peer: string, port = 500) => `[NET] sending packet: from 203.0.113.10[${port}] to ${peer}[${port}] (80 bytes)`;
const A = '198.51.100.11';
const B = '198.51.100.12';

/** @returns `event peer` for each event, `-` where there is no peer */
async function peers(...lines: string[]): Promise<string[]> {
  const { events, counts } = await parseText(charonLog(...lines));
  expect(counts.unparsed).toBe(0);
  return events.map((event) => `${event.msg_type} ${event.peer_ip ?? '-'}`);
}

describe('an exchange joins the lines of one thread', () => {
  test('from the packet that opens it to the answer that closes it, beside another one', async () => {
    expect(
      await peers(
        `05${RECEIVED(A)}`,
        `06${RECEIVED(B)}`,
        '05[IKE] received proposals unacceptable',
        '06[IKE] peer supports MOBIKE',
        `06${SENT(B)}`,
        '06[IKE] peer supports MOBIKE',
        `05${SENT(A)}`,
      ),
    ).toEqual([
      `packet_received ${A}`,
      `packet_received ${B}`,
      `no_proposal_chosen ${A}`,
      `mobike_supported ${B}`,
      `packet_sent ${B}`,
      'mobike_supported -',
      `packet_sent ${A}`,
    ]);
  });

  test('a fragment that waits for more gets no answer', async () => {
    expect(
      await peers(
        `05${RECEIVED(A, 4500)}`,
        '05[ENC] parsed IKE_AUTH request 1 [ EF(1/2) ]',
        '05[ENC] received fragment #1 of 2, waiting for complete IKE message',
        '05[IKE] peer supports MOBIKE',
      ),
    ).toEqual([`packet_received ${A}`, `message_received ${A}`, `fragment_received ${A}`, 'mobike_supported -']);
  });

  test('a response gets no answer: what a job starts afterwards has the peer of its own packet', async () => {
    expect(
      await peers(
        `05${RECEIVED(A, 4500)}`,
        '05[ENC] parsed INFORMATIONAL response 3 [ ]',
        '+1 05[IKE] sending DPD request',
        '+1 05[ENC] generating INFORMATIONAL request 4 [ ]',
        `+1 05${SENT(B, 4500)}`,
      ),
    ).toEqual([`packet_received ${A}`, `message_received ${A}`, `dpd_sent ${B}`, `message_sent ${B}`, `packet_sent ${B}`]);
  });

  test('a job that sends nothing within a second has no peer', async () => {
    expect(await peers('05[IKE] giving up after 5 retransmits', '+5 05[IKE] sending DPD request', `+5 05${SENT(B)}`)).toEqual([
      'peer_dead -',
      `dpd_sent ${B}`,
      `packet_sent ${B}`,
    ]);
  });

  test('a COOKIE under load has only the packet that follows', async () => {
    expect(await peers('02[ENC] generating IKE_SA_INIT response 0 [ N(COOKIE) ]', `02${SENT(A)}`)).toEqual([
      `cookie_requested ${A}`,
      `packet_sent ${A}`,
    ]);
  });

  test('two peers in one second are kept apart by their threads', async () => {
    const lines = [A, B].flatMap((peer, index) => [
      `0${index + 5}${RECEIVED(peer, 4500)}`,
      `0${index + 5}[IKE] tried 1 shared key for 'gw.example.com' - 'site${index}.example.net', but MAC mismatched`,
      `0${index + 5}[ENC] generating IKE_AUTH response 1 [ N(AUTH_FAILED) ]`,
    ]);
    const interleaved = [0, 3, 1, 4, 2, 5].map((index) => lines[index]!);
    const { events } = await parseText(charonLog(...interleaved));
    const failed = events.filter((event) => event.msg_type === 'auth_failed');
    expect(failed.map((event) => [event.peer_ip, event.peer_id])).toEqual([
      [A, 'site0.example.net'],
      [B, 'site1.example.net'],
    ]);
  });

  test("a daemon's start clears all state", async () => {
    expect(
      await peers(
        `05${RECEIVED(A)}`,
        '00[DMN] Starting IKE charon daemon (strongSwan 5.9.8, Linux 6.1.176, x86_64)',
        '05[IKE] peer supports MOBIKE',
      ),
    ).toEqual([`packet_received ${A}`, 'daemon_started -', 'mobike_supported -']);
  });

  test('a configuration line on the same thread has no peer, and does not take one', async () => {
    expect(await peers(`05${RECEIVED(A)}`, '05[CFG] added vici connection: site-psk')).toEqual([
      `packet_received ${A}`,
      'config_loaded -',
    ]);
  });

  test('the note after the answer belongs to the exchange that was just closed', async () => {
    expect(
      await peers(
        `05${RECEIVED(A)}`,
        '05[IKE] message parsing failed',
        `05${SENT(A)}`,
        '05[IKE] IKE_SA_INIT request with message ID 0 processing failed',
      ),
    ).toEqual([`packet_received ${A}`, `message_invalid ${A}`, `packet_sent ${A}`, `message_invalid ${A}`]);
  });

  test('with ike_name = yes a line that only names its SA has its peer', async () => {
    expect(
      await peers(
        `05[NET] <1> received packet: from ${A}[4500] to 203.0.113.10[4500] (80 bytes)`,
        `05[IKE] <site|1> IKE_SA site[1] established between 203.0.113.10[gw.example.com]...${A}[site1.example.net]`,
        `05[NET] <site|1> sending packet: from 203.0.113.10[4500] to ${A}[4500] (80 bytes)`,
        '+40 09[IKE] <site|1> giving up after 5 retransmits',
      ),
    ).toEqual([`packet_received ${A}`, `ike_established ${A}`, `packet_sent ${A}`, `peer_dead ${A}`]);
  });
});

describe('an SA joins its records from first sight', () => {
  const handshake = (peer: string, number: number) => [
    `05${RECEIVED(peer)}`,
    '05[ENC] parsed IKE_SA_INIT request 0 [ SA KE No ]',
    `05[IKE] ${peer} is initiating an IKE_SA`,
    `05${SENT(peer)}`,
    `06${RECEIVED(peer, 4500)}`,
    '06[ENC] parsed IKE_AUTH request 1 [ IDi AUTH SA TSi TSr ]',
    `06[IKE] IKE_SA site[${number}] established between 203.0.113.10[gw.example.com]...${peer}[site1.example.net]`,
    `06${SENT(peer, 4500)}`,
  ];
  const sas = (events: Event[]) => events.map((event) => event.sa_id);

  test('one id for the whole handshake, and another one for the next', async () => {
    const { events } = await parseText(charonLog(...handshake(A, 1), ...handshake(A, 2)));
    expect(new Set(sas(events.slice(0, 8))).size).toBe(1);
    expect(new Set(sas(events.slice(8))).size).toBe(1);
    expect(events[0]!.sa_id).not.toBe(events[8]!.sa_id);
    expect(events[0]!.sa_id).toMatch(/^gw\/\d+\//);
  });

  test('a rekeyed IKE SA is a new one that says where it comes from', async () => {
    const { events } = await parseText(
      charonLog(
        ...handshake(A, 1),
        `+30 07${RECEIVED(A, 4500)}`,
        '+30 07[ENC] parsed CREATE_CHILD_SA request 2 [ SA No KE ]',
        `+30 07[IKE] IKE_SA site[2] rekeyed between 203.0.113.10[gw.example.com]...${A}[site1.example.net]`,
        `+30 07${SENT(A, 4500)}`,
      ),
    );
    const rekeyed = events.find((event) => event.msg_type === 'ike_rekeyed')!;
    expect(rekeyed.rekeyed_from).toBe(events[0]!.sa_id);
    expect(rekeyed.sa_id).not.toBe(events[0]!.sa_id);
  });

  test('a new boot has new ids, though the process id is the same', async () => {
    const start = '+50 00[DMN] Starting IKE charon daemon (strongSwan 5.9.8, Linux 6.1.176, x86_64)';
    const { events } = await parseText(charonLog(...handshake(A, 1), start, ...handshake(A, 1).map((line) => `+55 ${line}`)));
    expect(new Set(sas(events).filter(Boolean)).size).toBe(2);
  });

  test('where the gateway is the initiator, it is the source', async () => {
    const { events } = await parseText(
      charonLog(
        `05[IKE] initiating IKE_SA site[1] to ${B}`,
        '05[ENC] generating IKE_SA_INIT request 0 [ SA KE No ]',
        `05${SENT(B)}`,
        `06${RECEIVED(B)}`,
        '06[ENC] parsed IKE_SA_INIT response 0 [ SA KE No ]',
      ),
    );
    expect(events.map((event) => [event.src_ip, event.dst_ip])).toContainEqual(['203.0.113.10', B]);
    expect(events.at(-1)).toMatchObject({ src_ip: '203.0.113.10', dst_ip: B, peer_ip: B, role: 'initiator' });
  });

  test('what was stitched is marked, what the line says itself is not', async () => {
    const { events } = await parseText(charonLog(...handshake(A, 1)));
    const init = events.find((event) => event.msg_type === 'ike_init_received')!;
    expect(init.stitched).toContain('local_ip');
    expect(init.stitched).not.toContain('peer_ip');
  });
});

describe('numbers of one series for IKE SAs and CHILD SAs', () => {
  const init = (number: number, name: string, peer: string) => [
    `${name} #${number}: processing IKE_SA_INIT request from ${peer}:UDP/500 containing SA,KE,Ni`,
    `${name} #${number}: proposal 1:IKE=AES_CBC_256-HMAC_SHA2_256-HMAC_SHA2_256_128-MODP2048 chosen from remote proposals 1:IKE:ENCR=AES_CBC_256`,
    `${name} #${number}: responder established IKE SA; authenticated peer using authby=secret and ID_FQDN '@site1.example.net'`,
  ];
  const esp = (number: number, name: string) =>
    `${name} #${number}: proposal 1:ESP=AES_GCM_16_256-ESN:NO SPI=c25953af chosen from remote proposals 1:ESP:ENCR=AES_GCM_16_256`;
  const closed = (number: number, name: string) => `${name} #${number}: ESP traffic information: in=84B out=2KB`;
  const read = async (...lines: string[]) => {
    const { events, counts } = await parseText(plutoLog(...lines));
    expect(counts.unparsed).toBe(0);
    return events;
  };

  test('a CHILD SA has the peer of the IKE SA that it names, and before that of the latest one of its connection', async () => {
    const events = await read(
      ...init(1, '"site1"', A),
      ...init(2, '"site2"', B),
      esp(3, '"site1"'),
      esp(4, '"site2"'),
      '"site3" #5: initiator established Child SA using #1; IPsec tunnel [10.10.0.0/24===10.20.1.0/24] {ESP=>0xc25953af <0xf7dca208 xfrm=AES_GCM_16_256-NONE DPD=passive}',
      closed(5, '"site3"'),
      closed(4, '"site2"'),
    );
    expect(events.slice(6).map((event) => [event.ike_sa, event.peer_ip])).toEqual([
      [1, A],
      [2, B],
      [1, A],
      [1, A],
      [2, B],
    ]);
    expect(events.at(-1)).toMatchObject({
      bytes_in: 84,
      bytes_out: 2048,
      stitched: expect.arrayContaining(['peer_ip', 'ike_sa']),
    });
  });

  test('instances of one connection are kept apart', async () => {
    const events = await read(
      ...init(1, `"rw"[1] ${A}`, A),
      ...init(2, `"rw"[2] ${B}`, B),
      esp(3, `"rw"[1] ${A}`),
      esp(4, `"rw"[2] ${B}`),
    );
    expect(events.slice(6).map((event) => event.ike_sa)).toEqual([1, 2]);
  });

  test('what a packet has told once holds for the life of the SA, its port too', async () => {
    const events = await read(
      ...init(1, '"site1"', A),
      `"site1" #1: processing decrypted INFORMATIONAL request from ${A}:UDP/4500 containing SK{D}`,
      '"site1" #1: deleting IKE SA (established IKE SA)',
    );
    expect(events.map((event) => event.peer_port)).toEqual([500, 500, 500, 4500, 4500]);
    expect(events.at(-1)).toMatchObject({ peer_ip: A, src_ip: A, role: 'responder', peer_id: 'site1.example.net' });
  });

  test('an instance is named after where its peer was first seen, which a packet corrects for good', async () => {
    const name = `"rw"[1] ${A}`;
    const events = await read(
      ...init(1, name, A),
      `${name} #1: processing decrypted INFORMATIONAL request from ${B}:UDP/4500 containing SK{D}`,
    );
    expect(events.at(-1)).toMatchObject({ peer_ip: B, src_ip: B, peer_port: 4500 });
  });

  test('an IKE SA keeps its number when it goes over to another connection', async () => {
    const events = await read(
      `"rw"[1] ${A} #1: processing IKE_SA_INIT request from ${A}:UDP/500 containing SA,KE,Ni`,
      `"rw"[1] ${A} #1: switched to "site1"`,
      `"site1" #1: responder established IKE SA; authenticated peer using authby=secret and ID_FQDN '@site1.example.net'`,
      esp(2, '"site1"'),
    );
    expect(new Set(events.map((event) => event.sa_id)).size).toBe(1);
    expect(events.map((event) => [event.connection, event.peer_ip])).toEqual([
      ['rw', A],
      ['site1', A],
      ['site1', A],
      ['site1', A],
    ]);
  });

  test('a rekeyed IKE SA hands on its CHILD SAs; the old one keeps what is left of its own', async () => {
    const events = await read(
      ...init(1, '"site1"', A),
      esp(2, '"site1"'),
      '"site1" #3: initiating rekey to replace IKE SA #1',
      '"site1" #3: sent CREATE_CHILD_SA request to rekey IKE SA',
      '"site1" #3: initiator rekeyed IKE SA #1 {cipher=AES_CBC_256 integ=HMAC_SHA2_256_128 prf=HMAC_SHA2_256 group=MODP2048}',
      '"site1" #1: deleting IKE SA (established IKE SA)',
      closed(2, '"site1"'),
    );
    expect(events.slice(4).map((event) => event.ike_sa)).toEqual([3, 3, 3, 1, 3]);
    expect(events.every((event) => event.peer_ip === A && event.src_ip === A && event.sa_root === events[0]!.sa_id)).toBe(true);
  });

  test("what a rekeying that failed began is nobody's heir", async () => {
    const events = await read(
      ...init(1, '"site1"', A),
      esp(2, '"site1"'),
      '"site1" #3: initiating rekey to replace IKE SA #1',
      closed(2, '"site1"'),
    );
    expect(events.at(-1)!.ike_sa).toBe(1);
  });

  test('a packet without an SA has its own address and no other', async () => {
    const [event] = await read(`packet from [2001:db8:100::66]:UDP/4500: too small packet (2)`);
    expect(event).toMatchObject({ peer_ip: '2001:db8:100::66', peer_port: 4500, src_ip: '2001:db8:100::66' });
    expect(event!.sa_id).toBeUndefined();
  });

  test("a daemon's start begins all numbers anew", async () => {
    const events = await read(
      ...init(1, '"site1"', A),
      '+9 Starting Pluto (Libreswan Version 5.2 IKEv2 IKEv1 XFRM) pid:1',
      '+9 "site2" #1: deleting IKE SA (established IKE SA)',
    );
    expect(events.at(-1)!.peer_ip).toBeUndefined();
    expect(events.at(-1)!.sa_id).not.toBe(events[0]!.sa_id);
  });
});
