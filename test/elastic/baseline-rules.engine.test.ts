/** Rules that learn from what the data streams hold: what was there before, and what a run finds new. */
import { beforeAll, describe, expect, it } from 'vitest';
import { planRules } from '../../generator/targets/elastic/rules/plan-rules.js';
import { install, type Json, Node } from './support/node.js';
import { pack, runEsqlAt } from './support/rule-runs.js';

const STREAM = `logs-ikev2.baseline-${Date.now()}`;
const NOW = Date.parse('2026-03-10T12:00:00Z');
const DAY = 86_400_000;
const node = new Node('elasticsearch-8.19.21');

const login = (user: string, peer: string, age: number): Json => ({
  '@timestamp': new Date(NOW - age).toISOString(),
  'event.action': 'ike_established',
  'user.name': user,
  'ikev2.peer.ip': peer,
  'observer.hostname': 'vpn-gw1',
});
const lifetime = (connection: string, seconds: number, age: number): Json => ({
  '@timestamp': new Date(NOW - age).toISOString(),
  'event.action': 'ike_lifetime',
  'ikev2.connection': connection,
  'observer.hostname': 'vpn-gw1',
  'ikev2.lifetime': seconds,
});

beforeAll(async () => {
  await install(node, ['pipelines', 'index']);
  await node.mapStream('baseline', 'logs-ikev2.baseline-*');
  const items = await node.bulk(STREAM, [
    login('alice', '198.51.100.7', 3 * DAY),
    login('alice', '198.51.100.9', 60_000), // the network that she has
    login('bob', '198.51.100.7', 3 * DAY),
    login('bob', '203.0.113.5', 60_000), // another one
    login('bob6', '2001:db8:1::5', 3 * DAY),
    login('bob6', '2001:db8:1:2::5', 60_000), // the same /48
    login('carol', '192.0.2.1', 60_000), // never seen before: learnt
    lifetime('site1', 14_400, 3 * DAY),
    lifetime('site1', 13_000, 60_000), // within a fifth
    lifetime('site2', 14_400, 3 * DAY),
    lifetime('site2', 600, 60_000),
    lifetime('site3', 600, 60_000),
  ]);
  expect(items.filter(({ status }) => status !== 201)).toEqual([]);
});

async function run(name: string): Promise<Json[]> {
  const detection = pack.detections.find((one) => one.name === name)!;
  const { query } = planRules(pack, detection)[0]!;
  const then = query.replaceAll('NOW()', `TO_DATETIME("${new Date(NOW).toISOString()}")`).replace(/^FROM \S+/, `FROM ${STREAM}`);
  return (await runEsqlAt(node, then, [])).map(({ group }) => group);
}

describe('rules with a baseline', () => {
  it('find the network that is new for an identity', async () => {
    expect(await run('baseline/new-network-for-identity')).toEqual([{ 'user.name': 'bob' }]);
  });

  it('find the lifetime outside the usual', async () => {
    expect(await run('baseline/unusual-lifetime')).toEqual([{ 'observer.hostname': 'vpn-gw1', 'ikev2.connection': 'site2' }]);
  });
});
