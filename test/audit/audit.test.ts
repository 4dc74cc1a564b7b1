import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { reportJson } from '../../generator/report/report-json.js';
import { builtInEngine, charonLog } from '../support/parse-text.js';
import { auditSample, auditTexts, truthOf } from './support.js';

beforeAll(() => void builtInEngine(), 60_000);

type Json = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any
const json = (audit: Awaited<ReturnType<typeof auditSample>>) => JSON.parse(JSON.stringify(reportJson(audit))) as Json;

const A = '198.51.100.66';
const B = '198.51.100.11';

/** One refused attempt of a peer, on a thread of its own, `at` seconds after six o'clock. */
function refused(peer: string, thread: number, at: number, id = 'x.example.net'): string {
  const t = String(thread).padStart(2, '0');
  return charonLog(
    `+${at} ${t}[NET] received packet: from ${peer}[500] to 203.0.113.10[500] (336 bytes)`,
    `+${at} ${t}[ENC] parsed IKE_SA_INIT request 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) ]`,
    `+${at} ${t}[IKE] ${peer} is initiating an IKE_SA`,
    `+${at} ${t}[NET] sending packet: from 203.0.113.10[500] to ${peer}[500] (344 bytes)`,
    `+${at} ${t}[NET] received packet: from ${peer}[4500] to 203.0.113.10[4500] (336 bytes)`,
    `+${at} ${t}[CFG] looking for peer configs matching 203.0.113.10[gw.example.com]...${peer}[${id}]`,
    `+${at} ${t}[IKE] tried 1 shared key for 'gw.example.com' - '${id}', but MAC mismatched`,
    `+${at} ${t}[ENC] generating IKE_AUTH response 1 [ N(AUTH_FAILED) ]`,
    `+${at} ${t}[NET] sending packet: from 203.0.113.10[4500] to ${peer}[4500] (80 bytes)`,
  );
}

describe('the JSON object is as it was promised', () => {
  test('its records, period, peers and findings', async () => {
    const report = json(await auditSample('strongswan/psk-brute'));
    expect(report.records).toEqual({ read: 211, events: 200, ignored: 10, unparsed: 0, other: 1 });
    expect(report.period).toEqual({ from: '2026-11-24T06:03:58.000Z', to: '2026-11-24T06:04:39.000Z' });
    expect(
      report.peers.map(({ peer_ip, auth_failed, auth_succeeded, established }: Json) => [
        peer_ip,
        auth_failed,
        auth_succeeded,
        established,
      ]),
    ).toEqual([
      [A, 12, 0, 0],
      [B, 0, 1, 1],
    ]);
    const finding = report.findings.find(({ detection }: Json) => detection === 'authentication/auth-failures-from-one-peer');
    expect(finding).toMatchObject({ level: 'high', group: { peer_ip: A }, first_seen: '2026-11-24T06:04:20.000Z', count: 12 });
    expect(finding.evidence[0]).toEqual({
      file: 'gateway.log',
      line: 28,
      time: '2026-11-24T06:04:20.000Z',
      record: readFileSync('samples/strongswan/psk-brute/gateway.log', 'utf8').split('\n')[27],
    });
    expect(finding.response).toMatchObject({ playbook: 'throttle-peer', guards: expect.any(Array), steps: expect.any(Array) });
    expect(finding.pivots).toMatchObject({ peer_ip: [A], from: '2026-11-24T05:59:20.000Z' });
  });

  test('of each finding, how sure it is: a peer that was found by order alone is told', async () => {
    const sure = async (scenario: string) =>
      json(await auditSample(scenario)).findings.find(({ detection }: Json) => /failures-from-one-peer/.test(String(detection)));
    const { sure: certain, evidence } = await sure('strongswan/psk-brute');
    expect(certain).toBe('12 where 10 in 5 m are enough.');
    expect(evidence.map(({ stitched_by }: Json) => stitched_by)).toEqual(Array(12).fill(undefined));
    const byOrder = await sure('strongswan/psk-brute.journal');
    expect(byOrder.sure).toContain('The peer of 12 of 12 records was found by the order of the file');
    expect(byOrder.evidence[0].stitched_by).toBe('order');
  });

  test('of each finding, what exactly was weak, and which findings are of the same records', async () => {
    const found = async (scenario: string, detection: RegExp) =>
      json(await auditSample(scenario)).findings.filter(({ detection: name }: Json) => detection.test(String(name)));
    const weak = (await found('strongswan/weak-crypto', /weak-algorithm/)).sort((a: Json, b: Json) =>
      a.group.peer_ip < b.group.peer_ip ? -1 : 1,
    );
    expect(weak.map(({ group, measured }: Json) => [group.peer_ip, measured.map(({ name }: Json) => name)])).toEqual([
      ['198.51.100.41', ['3DES_CBC', 'HMAC_SHA1_96', 'HMAC_SHA1', 'MODP_1024']],
      ['198.51.100.42', ['HMAC_MD5_96', 'HMAC_MD5', 'MODP_768']],
      ['198.51.100.43', ['MODP_2048']],
      ['198.51.100.44', ['HMAC_SHA1_96', 'HMAC_SHA1', 'MODP_1536']],
    ]);
    expect(weak[2].measured).toEqual([
      { field: 'dh_group', value: 14, name: 'MODP_2048', level: 'weak', reason: expect.stringContaining('112 bits') },
    ]);
    const [byIdentity, byPeer] = await found('strongswan/psk-brute', /failures-f.*one/);
    expect(byIdentity.related).toEqual([{ id: byPeer.id, detection: byPeer.detection }]);
    expect(byPeer.related).toEqual([{ id: byIdentity.id, detection: byIdentity.detection }]);
    expect(byPeer.measured).toBe(undefined);
  });

  test('an empty log is a report without findings', async () => {
    const report = json(await auditTexts({ 'empty.log': '' }));
    expect(report.records.read).toBe(0);
    expect(report).toMatchObject({ findings: [], peers: [], period: {} });
  });
});

describe('failed attempts and established SAs per peer are as the driver of each recording knows', () => {
  const REFUSED = /^(?:AUTHENTICATION_FAILED|EAP failure|failed \(NUL)/;
  const EXCEPTIONS: Record<string, string> = { 'strongswan/reload': 'refused earlier, for want of a proposal' };
  const scenarios = readdirSync('samples/strongswan')
    .map((name) => `strongswan/${name}`)
    .filter((name) => truthOf(name) && !(name in EXCEPTIONS));

  test.each(scenarios)('%s', async (scenario) => {
    const failed = new Map<string, number>();
    for (const { src, outcome, expect: wanted = '' } of truthOf(scenario)!.events) {
      if (outcome !== 'failed' || !REFUSED.test(wanted)) continue;
      failed.set(src!, (failed.get(src!) ?? 0) + 1);
    }
    const { peers } = (await auditSample(scenario)).observer;
    const counted = peers.rows.filter(({ authFailed }) => authFailed > 0).map(({ peer, authFailed }) => [peer, authFailed]);
    expect(counted.sort()).toEqual([...failed].sort());
  });
});

describe('a daemon that logs to syslog and to the journal says each line twice, and is heard once', () => {
  const THREAD = /charon(\[\d+\]: )\d\d\[\w{3}\] /;
  const twice = (scenario: string, order: (line: string, bare: string) => string[]) => {
    const lines = readFileSync(`samples/${scenario}/gateway.log`, 'latin1').split('\n').filter(Boolean);
    const said = lines.flatMap((line) =>
      THREAD.test(line) ? order(line.replace('charon[', 'charon-systemd['), line.replace(THREAD, 'charon-systemd$1')) : [line],
    );
    return Buffer.from(said.join('\n'), 'latin1');
  };
  const counted = (report: Json) => report.findings.map(({ detection, group, count }: Json) => [detection, group, count]);

  test.each(['strongswan/psk-brute', 'strongswan/rekey', 'strongswan/replay', 'strongswan/half-bin'])('%s', async (scenario) => {
    const once = json(await auditSample(scenario));
    const both = json(await auditTexts({ 'gateway.log': twice(scenario, (line, bare) => [line, bare]) }));
    expect(counted(both)).toEqual(counted(once));
    expect(both.records.events).toBeLessThan(once.records.events * 1.1);
    const turned = json(await auditTexts({ 'gateway.log': twice(scenario, (line, bare) => [bare, line]) }));
    expect(turned.peers.map(({ peer_ip, auth_failed }: Json) => [peer_ip, auth_failed])).toEqual(
      once.peers.map(({ peer_ip, auth_failed }: Json) => [peer_ip, auth_failed]),
    );
  });

  test('what one line says again and again counts each time', async () => {
    const line = '+0 05[NET] ignoring IKE_SA setup from 198.51.100.66, per-IP half-open IKE_SA limit of 5 reached';
    const report = json(await auditTexts({ 'gateway.log': charonLog(...Array(30).fill(line)) }));
    expect(report.records.events).toBe(30);
  });
});

describe('several files are one log', () => {
  const lines = readFileSync('samples/strongswan/benign/gateway.log', 'utf8').split('\n').filter(Boolean);
  const whole = async () => json(await auditTexts({ 'gateway.log': lines.join('\n') }));
  const comparable = ({ files: _, findings, hardening: __, limits: ___, ...rest }: Json) => ({
    ...rest,
    findings: findings.map(({ id, count }: Json) => [id, count]),
  });

  test.each([
    ['in order', ['a', 'b', 'c']],
    ['in the order in which a shell lists them', ['c', 'b', 'a']],
  ])('rotated parts, given %s, give what the whole gives', async (_, names) => {
    const parts: Record<string, string> = {
      a: lines.slice(0, 777).join('\n'),
      b: lines.slice(777, 1800).join('\n'),
      c: lines.slice(1800).join('\n'),
    };
    const report = json(await auditTexts(Object.fromEntries(names.map((name) => [name, parts[name]!]))));
    expect(comparable(report)).toEqual(comparable(await whole()));
  });

  test('logs of the same time are merged by time, however much of one stands before the other', async () => {
    const first = Array.from({ length: 9 }, (_, n) => refused(A, 1, n * 60)).join('\n');
    const second = Array.from({ length: 9 }, (_, n) =>
      refused(A, 2, n * 60 + 30).replaceAll('gw charon[1]', 'gw2 charon[7]'),
    ).join('\n');
    const report = json(await auditTexts({ 'gw.log': first, 'gw2.log': second }));
    // nine of each lie in eight minutes; only together there are ten in five
    const finding = report.findings.find(({ detection }: Json) => detection === 'authentication/auth-failures-from-one-peer');
    expect(finding).toMatchObject({ count: 18, group: { peer_ip: A } });
    expect(finding.evidence.slice(0, 4).map(({ file }: Json) => file)).toEqual(['gw.log', 'gw2.log', 'gw.log', 'gw2.log']);
    expect(report.forgotten.late).toBe(0);
  });

  test('a file of other programs does not hold back the others', async () => {
    const report = json(
      await auditTexts({ syslog: 'Nov 24 06:00:00 gw sshd[1]: hello\n'.repeat(1000), 'gw.log': refused(A, 1, 0) }),
    );
    expect(report.records).toMatchObject({ other: 1000, events: 9 });
  });
});

describe('what was assumed, left out or came late is said', () => {
  test('zone and year', async () => {
    expect((await auditSample('strongswan/psk-ok')).assumed).toEqual({ zone: true, year: true });
    expect((await auditSample('strongswan/psk-ok', 'gateway.rfc5424.log')).assumed).toEqual({ zone: false, year: false });
  });

  test('records later than the settings allow', async () => {
    const log = [refused(A, 1, 0), refused(A, 1, 600), refused(A, 1, 700), refused(B, 2, 300)].join('\n');
    expect((await auditTexts({ log })).forgotten.late).toBeGreaterThan(0);
    expect((await auditTexts({ log }, { settings: { late_by: '10m' } })).forgotten.late).toBe(0);
  });

  test('--since and --until', async () => {
    const log = Array.from({ length: 10 }, (_, n) => refused(A, 1, n * 60)).join('\n');
    const { observer } = await auditTexts(
      { log },
      { since: Date.parse('2026-11-24T06:02:00Z'), until: Date.parse('2026-11-24T06:05:59Z') },
    );
    expect(observer.peers.rows.map(({ peer, authFailed }) => [peer, authFailed])).toEqual([[A, 4]]);
  });

  test('peers beyond the table', async () => {
    const address = (n: number) => `198.18.${n >> 8}.${n & 255}`;
    const log = Array.from(
      { length: 25_000 },
      (_, n) =>
        `Nov 24 06:00:${String(Math.floor(n / 500)).padStart(2, '0')} gw charon[1]: 07[IKE] ${address(n)} is initiating an IKE_SA`,
    );
    const { observer, forgotten } = await auditTexts({ log: log.join('\n') });
    expect(observer.peers.rows).toHaveLength(20_000);
    expect(forgotten.peers).toBe(5000);
  });
});
