/** One failed attempt is one `auth_failed`, whose peer is the one that tried: in every log of every recording, as `truth.json` has it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { charonLog, parseText } from '../support/parse-text.js';
import { countPeers, failedAttempts, UNCOUNTED } from '../support/truth.js';

const FOLDERS = ['samples/strongswan', 'samples/libreswan'];

const LOGS = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .sort()
    .map((scenario) => join(folder, scenario))
    .filter((scenario) => !UNCOUNTED.includes(scenario))
    .flatMap((scenario) =>
      readdirSync(scenario)
        // the facility authpriv has no answers
        .filter((name) => name.startsWith('gateway.') && name !== 'gateway.authpriv.log')
        .map((name) => join(scenario, name)),
    ),
);

test.each(LOGS)('%s: as many failed attempts as there were', async (file) => {
  const { events } = await parseText(readFileSync(file));
  const failed = events.filter(({ msg_type }) => msg_type === 'auth_failed');
  expect(countPeers(failed.map(({ peer_ip }) => String(peer_ip)))).toEqual(failedAttempts(join(file, '..')));
});

test('there is something to count', () => {
  const all = FOLDERS.flatMap((folder) => readdirSync(folder).map((scenario) => failedAttempts(join(folder, scenario))));
  expect(all.filter((counts) => Object.keys(counts).length).length).toBeGreaterThan(25);
});

describe("the peer's own AUTHENTICATION_FAILED", () => {
  const PEER = '198.51.100.66';
  const begin = [
    `05[NET] received packet: from ${PEER}[500] to 203.0.113.10[500] (500 bytes)`,
    '05[ENC] parsed IKE_SA_INIT request 0 [ SA KE No ]',
    `05[IKE] ${PEER} is initiating an IKE_SA`,
    `05[NET] sending packet: from 203.0.113.10[500] to ${PEER}[500] (80 bytes)`,
    `06[NET] received packet: from ${PEER}[500] to 203.0.113.10[500] (500 bytes)`,
    '06[ENC] parsed IKE_AUTH request 1 [ IDi SA TSi TSr ]',
  ];
  const end = [
    `06[NET] sending packet: from 203.0.113.10[500] to ${PEER}[500] (80 bytes)`,
    `07[NET] received packet: from ${PEER}[500] to 203.0.113.10[500] (80 bytes)`,
    '07[ENC] parsed INFORMATIONAL request 4 [ N(AUTH_FAILED) ]',
  ];
  const verdicts = async (...between: string[]) => {
    const { events } = await parseText(charonLog(...begin, ...between, ...end));
    return events.filter(({ msg_type }) => /^auth_failed/.test(msg_type)).map(({ msg_type, outcome }) => [msg_type, outcome]);
  };

  test('after a reason of ours is a failed attempt', async () => {
    expect(await verdicts('06[IKE] EAP-MS-CHAPv2 verification failed, retry (1)')).toEqual([['auth_failed', 'failure']]);
  });

  test('without one says that the peer rejected us', async () => {
    expect(await verdicts()).toEqual([['auth_failed_by_peer', 'failure']]);
  });

  test('after a success says so too', async () => {
    expect(
      await verdicts(
        '06[IKE] EAP-MS-CHAPv2 verification failed, retry (1)',
        '06[IKE] EAP method EAP_MSCHAPV2 succeeded, MSK established',
      ),
    ).toEqual([['auth_failed_by_peer', 'failure']]);
  });

  test('counts once, though we have answered so before', async () => {
    const answer = '06[ENC] generating IKE_AUTH response 1 [ N(AUTH_FAILED) ]';
    const types = await verdicts("06[IKE] no shared key found for 'gw.example.com' - 'eve@example.com'", answer);
    expect(types.filter(([type]) => type === 'auth_failed')).toHaveLength(1);
  });
});
