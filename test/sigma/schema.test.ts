import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadPack } from '../../generator/compile.js';
import { emitSigma } from '../../generator/targets/sigma/emit.js';

const ajv = new Ajv({ allErrors: true, strict: true });
const validators = { rules: compileSchema('rule'), pipelines: compileSchema('pipeline') };
const files = [...emitSigma(loadPack())].map(([path, text]) => ({ path, document: parse(text) }));
const rules = files.filter(({ path }) => path.startsWith('rules/'));

describe('each emitted file fits its schema', () => {
  it.each(files)('$path', ({ path, document }) => {
    const validate = validators[path.split('/')[0] as keyof typeof validators];
    validate(document);
    expect(validate.errors ?? []).toEqual([]);
  });
});

describe('the rules together', () => {
  it.each(['title', 'id'])('have no %s twice', (key) => {
    const values = rules.map(({ document }) => document[key]);
    expect(new Set(values).size).toBe(values.length);
  });

  it('are named after what they select', () => {
    for (const { path, document } of rules) expect(path).toBe(`rules/net_ike_${document.detection.selection.msg_type}.yml`);
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
