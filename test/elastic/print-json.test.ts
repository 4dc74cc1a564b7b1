import { describe, expect, it } from 'vitest';
import { printJson } from '../../generator/targets/elastic/print-json.js';

const long = 'x'.repeat(80);

describe('printJson', () => {
  it.each([
    ['what fits a line', { a: [1, { b: null }], c: {}, d: undefined }, '{ "a": [1, { "b": null }], "c": {} }\n'],
    ['members that do not fit', { a: long, b: long }, `{\n "a": "${long}",\n "b": "${long}"\n}\n`],
    ['a list with one compound member', ['a', [long, [1], long, [2]]], `["a", [\n "${long}",\n [1],\n "${long}",\n [2]\n]]\n`],
  ])('%s', (_, value, text) => {
    expect(printJson(value)).toBe(text);
  });
});
