/** Cisco's devices: every form of header, which records are ours, and what is counted. */
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { parsePieces, parseText } from '../support/parse-text.js';

const log = (name: string) => readFileSync(new URL(`../../samples/cisco/${name}`, import.meta.url), 'utf8');

describe('a header', () => {
  const forms = log('asa/forms.log').trimEnd().split('\n');

  it.each(forms)('%s', async (line) => {
    const { events } = await parseText(line);
    expect(events).toMatchObject([{ msg_type: 'ike_established', message_code: '750006', user_identity: 'alice' }]);
    const { src_ip, src_port, timestamp, program } = events[0]!;
    expect([src_ip, src_port]).toEqual(line.includes('db8:100') ? ['2001:db8:100::66', 500] : ['198.51.100.66', 55_543]);
    expect(program).toBe(line.includes('%FTD') ? 'FTD' : 'ASA');
    // a relay's time, where there is one
    const relayed = /10:00:02 |10:00:02\t/.test(line);
    if (/\d\d:\d\d:\d\d/.test(line)) expect(timestamp).toMatch(relayed ? /T10:00:02/ : /^2026-11-24T(10|09):00:01\.\d{3}Z$/);
  });

  test.each([
    ['Nov 24 2026 10:00:01 fw1 : %ASA-6-750006: x', { host: 'fw1', timestamp: '2026-11-24T10:00:01.000Z' }],
    ['Nov 24 10:00:02 10.0.0.1 : Nov 24 2026 10:00:01 EDT: %ASA-5-750006: x', { host: '10.0.0.1' }],
    ['Nov 24 10:00:01 west: %ASA-5-750006: x', { host: 'west' }],
    ['Nov 24 2026 10:00:01 CEST: %ASA-5-750006: x', { host: undefined }],
    ['<165>: %ASA-vpn-5-750006: x', { subsystem: 'vpn', log_level: 5, host: undefined, timestamp: undefined }],
    ['<165>1 2026-11-24T10:00:01.5+01:00 fw1 %ASA-5-750006 - - - x', { host: 'fw1', timestamp: '2026-11-24T09:00:01.500Z' }],
  ])('%s says %j', async (line, expected) => {
    const [event] = (await parseText(line)).events;
    for (const [name, value] of Object.entries(expected)) expect([name, event?.[name]]).toEqual([name, value]);
  });

  test.each([
    ['UTC', '10:00:01'],
    ['Europe/Zurich', '09:00:01'],
  ])('without a zone is read in %s', async (zone, clock) => {
    const { events } = await parseText('Nov 24 2026 10:00:01: %ASA-5-750006: x', { zone });
    expect(events[0]?.timestamp).toBe(`2026-11-24T${clock}.000Z`);
  });
  test('that names UTC is in UTC, whatever the zone', async () => {
    const { events } = await parseText('Nov 24 2026 10:00:01 UTC: %ASA-5-750006: x', { zone: 'Europe/Zurich' });
    expect(events[0]?.timestamp).toBe('2026-11-24T10:00:01.000Z');
  });
});

describe('the records of a firewall', () => {
  test('that do not concern IKE are another program’s', async () => {
    expect((await parseText(log('asa/other.log'))).counts).toMatchObject({ read: 5, other: 5, unparsed: 0 });
  });
  test('that concern it are reported where nobody reads them', async () => {
    const { events } = await parseText('Nov 24 2026 10:00:01 fw1 : %ASA-5-750099: something new');
    expect(events).toMatchObject([{ msg_type: 'unparsed', host: 'fw1', message: '750099: something new' }]);
  });
  test.each([
    'Nov 24 10:00:01 gw sshd[1]: Invalid user %ASA-4-750003: Local:203.0.113.10:500 Remote:192.0.2.99:500 Username:x',
    'Nov 24 10:00:01 gw ASA: 5-750006: Local:203.0.113.10:500 Remote:192.0.2.99:500 Username:x',
    "2026-11-24 10:00:01 05[IKE] no shared key found for 'gw' - ': %ASA-5-750006: Local:203.0.113.10:500 Remote:192.0.2.99:500'",
  ])('cannot be imitated from inside of others: %s', async (line) => {
    const { events } = await parseText(line, { include: ['other'] });
    expect(events).toMatchObject([{ msg_type: expect.stringMatching(/^(other|auth_failure_reason)$/) }]);
    expect(events[0]?.peer_ip).not.toBe('192.0.2.99');
  });
});

describe('an attempt', () => {
  test('that failed counts once, whatever explains it', async () => {
    const { events, counts } = await parseText(log('asa/attempts.log'));
    expect(counts).toMatchObject({ unparsed: 0, other: 0 });
    const failed = events.filter(({ msg_type }) => msg_type === 'auth_failed');
    const of = (peer: string) => failed.filter(({ src_ip }) => src_ip === peer).length;
    expect([failed.length, of('198.51.100.66'), of('198.51.100.12'), of('198.51.100.11')]).toEqual([13, 12, 1, 0]);
    expect(failed[0]).toMatchObject({
      error_code: 24,
      notify: ['AUTHENTICATION_FAILED'],
      user_identity: 'alice',
      dst_port: 4500,
    });
    expect(failed.at(-1)).not.toHaveProperty('user_identity');
    expect(events.filter(({ msg_type }) => msg_type === 'ike_established')).toHaveLength(1);
    expect(events.filter(({ msg_type }) => msg_type === 'child_established')).toMatchObject([{ esp_spi_in: 'c7c6a2bf' }]);
  });
  test('of a user with a blank in the name keeps it whole', async () => {
    const line =
      'Nov 24 2026 10:00:01: %ASA-4-750003: Local:203.0.113.10:4500 Remote:198.51.100.66:4500 Username:Alice Example IKEv2 Negotiation aborted due to ERROR: Auth exchange failed';
    expect((await parseText(line)).events).toMatchObject([{ msg_type: 'auth_failed', user_identity: 'Alice Example' }]);
  });
  test('in words that nobody has seen is still what its number says', async () => {
    const line =
      'Nov 24 2026 10:00:01: %ASA-3-751011: Local:203.0.113.10:4500 Remote:198.51.100.66:4500 Username:alice IKEv2 The user is not who he says';
    expect((await parseText(line)).events).toMatchObject([{ msg_type: 'auth_failure_reason', src_ip: '198.51.100.66' }]);
  });
});

describe('IOS and IOS-XE', () => {
  it.each(log('ios/forms.log').trimEnd().split('\n'))('%s', async (line) => {
    const { events } = await parseText(line);
    expect(events).toMatchObject([{ msg_type: 'esp_integrity_failed', message_code: 'RECVD_PKT_INV_SPI', log_level: 4 }]);
    expect(events).toMatchObject([{ src_ip: '198.51.100.66', dst_ip: '203.0.113.10', esp_spi_in: '3ea71aed' }]);
    if (/10:00:0/.test(line)) expect(events[0]!.timestamp).toMatch(/^2026-11-24T10:00:01\.\d{3}Z$/);
    if (/rtr1|192\.168/.test(line)) expect(events[0]!.host).toMatch(/^(rtr1(\.example\.com)?|192\.168\.100\.2)$/);
  });
  test('are other programs where they tell of something else', async () => {
    expect((await parseText(log('ios/other.log'))).counts).toMatchObject({ read: 3, other: 3 });
  });
  test('count an attempt once, and a session by the record that names its peer', async () => {
    const { events, counts } = await parseText(log('ios/sessions.log'));
    expect(counts).toMatchObject({ read: 10, events: 9, ignored: 1, unparsed: 0, other: 0 });
    const of = (name: string) => events.filter(({ msg_type }) => msg_type === name);
    expect(of('auth_failed')).toMatchObject([{ message_code: 'NEG_ABORT', error_code: 24 }]);
    expect(of('ike_established')).toMatchObject([{ src_ip: '198.51.100.11', peer_id: 'site1.example.net' }]);
    expect(of('ike_deleted')).toHaveLength(1);
    expect(of('esp_replay_detected')).toMatchObject([
      { src_ip: '198.51.100.66', esp_spi_in: '3ea71aed', program: 'IOSXE' },
      { child_sa: 29 },
    ]);
    expect(of('cert_expired')).toMatchObject([{ cert_not_after: '2026-06-01T11:53:58.000Z' }]);
  });

  const joined = [
    { msg_type: 'esp_replay_detected', child_sa: 29 },
    { msg_type: 'esp_integrity_failed', message_code: 'RECVD_PKT_INV_SPI', src_ip: '198.51.100.66', esp_spi_in: '3ea71aed' },
    { msg_type: 'esp_integrity_failed', message_code: 'RECVD_PKT_MAC_ERR', src_ip: '198.51.100.66', dst_ip: '203.0.113.10' },
    { msg_type: 'esp_integrity_failed', message_code: 'RECVD_PKT_INV_IDENTITY', src_ip: '198.51.100.66' },
    { msg_type: 'cert_expiring', cert_subject: 'cn=gw.example.com', cert_serial: '02' },
    { msg_type: 'esp_replay_detected', child_sa: 30, host: '192.168.100.2' },
  ];
  test('write records of several lines, which are read as one', async () => {
    const { events, counts } = await parseText(log('ios/lines.log'));
    expect(events).toMatchObject(joined);
    expect(counts).toMatchObject({ read: 7, events: 6, other: 1 });
  });
  test.each([1, 7, 100, 4096])('wherever a source is cut: every %i bytes', async (size) => {
    const text = Buffer.from(log('ios/lines.log'));
    const { events, counts } = await parsePieces(text, size);
    expect(events).toMatchObject(joined);
    expect(counts).toMatchObject({ read: 7, events: 6, other: 1 });
  });
  test('take nothing that is not their own: an indented line that makes a record unreadable stands alone', async () => {
    const { events, counts } = await parseText(
      'Nov 24 10:00:01.100: %CRYPTO-4-IKMP_NO_PRESHARED_KEY: Pre-shared key for remote peer at 198.51.100.66 is missing\r\n\tx\r\nNov 24 06:00:00 gw sshd[1]: x\n  y',
    );
    expect(events).toMatchObject([{ msg_type: 'auth_error', src_ip: '198.51.100.66' }]);
    expect(counts).toMatchObject({ read: 3, events: 1, other: 2 });
  });
});
