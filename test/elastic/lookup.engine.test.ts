/** The look-up of algorithm levels, joined by ES|QL on a real node: each record finds what the profile thinks of its algorithms. */
import { beforeAll, expect, it } from 'vitest';
import { ALGORITHM_FIELDS, judgeAlgorithm } from '../../generator/model/algorithm-levels.js';
import { LOOKUP } from '../../generator/targets/elastic/emit-lookup.js';
import { emitted, install, type Json, Node } from './support/node.js';
import { pack } from './support/rule-runs.js';

const STREAM = `logs-ikev2.lookup-${Date.now()}`;
const node = new Node('elasticsearch-8.19.21');

const CASES: [field: string, value: string | number][] = [
  ['encryption', 'AES_GCM_16_256'],
  ['encryption', 'AES_CBC_128'],
  ['encryption', '3DES_CBC'],
  ['integrity', 'HMAC_SHA1_96'],
  ['integrity', 'HMAC_SHA2_256_128'],
  ['prf', 'HMAC_MD5'],
  ['dh_group', 2],
  ['dh_group', 14],
  ['dh_group', 31],
  ['auth_method', 'psk'],
  ['encryption', 'no-such-algorithm'],
];

beforeAll(async () => {
  await install(node, ['pipelines', 'index']);
  await node.mapStream('lookup', 'logs-ikev2.lookup-*');
  await node.must('PUT', `/${LOOKUP}`, emitted.get(`lookup/${LOOKUP}.json`));
  const answer = await node.must('POST', `/${LOOKUP}/_bulk?refresh=true`, emitted.get(`lookup/${LOOKUP}.ndjson`));
  expect(answer.errors).toBe(false);
  const documents = CASES.map(([field, value], index) => ({
    '@timestamp': new Date(Date.UTC(2026, 2, 1, 12, 0, index)).toISOString(),
    [pack.fields.get(field)!.ecs]: value,
  }));
  const items = await node.bulk(STREAM, documents);
  expect(items.filter(({ status }) => status !== 201)).toEqual([]);
});

it.each(Object.keys(ALGORITHM_FIELDS))('%s', async (field) => {
  const { ecs } = pack.fields.get(field)!;
  const query = `FROM ${STREAM} | WHERE ${ecs} IS NOT NULL | LOOKUP JOIN ${LOOKUP} ON ${ecs} | SORT @timestamp | KEEP ${ecs}, algorithm_level, algorithm_reason`;
  const { values } = await node.must('POST', '/_query', { query });
  const wanted = CASES.filter(([name]) => name === field).map(([, value]) => {
    const { level, reason } = judgeAlgorithm(pack, pack.settings.profile, field, value);
    // what no list holds is not in the look-up
    return [value, ...(value === 'no-such-algorithm' ? [null, null] : [level, reason])];
  });
  expect(values.map((row: Json[]) => row)).toEqual(wanted);
  expect(wanted.length).toBeGreaterThan(0);
});

it('tells weak ones apart', async () => {
  const { ecs } = pack.fields.get('encryption')!;
  const { values } = await node.must('POST', '/_query', {
    query: `FROM ${STREAM} | LOOKUP JOIN ${LOOKUP} ON ${ecs} | WHERE algorithm_level IN ("weak", "forbidden") | KEEP ${ecs}`,
  });
  expect(values).toEqual([['3DES_CBC']]);
});
