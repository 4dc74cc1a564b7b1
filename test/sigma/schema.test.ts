import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { loadPack } from '../../generator/compile.js';
import { emitSigma } from '../../generator/targets/sigma/emit.js';

const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true });
const validators = { rules: compileSchema('rule'), pipelines: compileSchema('pipeline'), detections: compileSchema('detection') };
const documents = [...emitSigma(loadPack())]
  .filter(([path]) => path.endsWith('.yml'))
  .flatMap(([path, text]) => parseAllDocuments(text).map((document, index) => ({ path, index, document: document.toJS() })));
const all = documents.filter(({ path }) => path.startsWith('rules/'));
const rules = all.filter(({ path }) => path.startsWith('rules/events/'));
const kindOf = (path: string) =>
  path.startsWith('pipelines/') ? 'pipelines' : path.startsWith('rules/events/') ? 'rules' : 'detections';

describe('each emitted document fits its schema', () => {
  it.each(documents)('$path $index', ({ path, document }) => {
    const validate = validators[kindOf(path)];
    validate(document);
    expect(validate.errors ?? []).toEqual([]);
  });
});

describe('the rules together', () => {
  it.each(['title', 'id'])('have no %s twice', (key) => {
    const values = all.map(({ document }) => document[key]);
    expect(values.filter((value, index) => values.indexOf(value) !== index)).toEqual([]);
  });

  it('are named after what they select', () => {
    for (const { path, document } of rules)
      expect(path).toBe(`rules/events/net_ike_event_${document.detection.selection.msg_type}.yml`);
  });
});

describe('what must not pass', () => {
  it.each([
    ['a title of 51 characters', { title: `IKE ${'A'.repeat(47)}` }],
    ['a title in lower case', { title: 'IKE authentication failed' }],
    ['an id of another version', { id: '0691f9ad-6c99-4b78-ae91-f3b6fb36287e' }],
    ['a tactic that ATT&CK 19 took away', { tags: ['attack.defense-evasion', 'attack.t1600'] }],
    ['a technique without its tactic', { tags: ['attack.t1110'] }],
    [
      'a product',
      { logsource: { product: 'strongswan', category: 'network', service: 'ike', definition: 'Requirements: none' } },
    ],
    ['a wildcard', { detection: { selection: { msg_type: 'auth_*' }, condition: 'selection' } }],
    ['a level of our own', { level: 'severe' }],
    ['a key of our own', { severity: 'low' }],
  ])('%s', (_, change) => {
    expect(validators.rules({ ...rules[0]!.document, ...change })).toBe(false);
  });
});

function compileSchema(name: string) {
  return ajv.compile(JSON.parse(readFileSync(new URL(`${name}.schema.json`, import.meta.url), 'utf8')));
}
