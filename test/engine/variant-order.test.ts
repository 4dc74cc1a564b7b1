/** The order that targets keep is the matcher's. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileMatcher } from '../../generator/engine/compile-matcher.js';
import { variantOrder } from '../../generator/engine/variant-order.js';
import { readTemplate } from '../../generator/lower/read-template.js';
import { templateVariants } from '../../generator/lower/variants.js';
import { peerControlledFields } from '../../generator/model/pack.js';
import type { Variant } from '../../generator/model/template.js';
import { builtInEngine } from '../support/parse-text.js';

const { pack } = builtInEngine();
const variantsOf = (parser: (typeof pack.parsers)[number]) =>
  parser.entries.flatMap(({ template }) => templateVariants(template, peerControlledFields(pack)));
const matcherOrder = (variants: Variant[]) =>
  compileMatcher(
    variants.map((variant, leaf) => ({ variant, leaf })),
    () => -1,
  ).leafOrder;

test.each(pack.parsers.map((parser) => [parser.name, variantsOf(parser)] as const))('of the lines of %s', (_, variants) => {
  expect(variantOrder(variants)).toEqual(matcherOrder(variants));
});

test('of any lines', () => {
  const piece = fc.constantFrom(
    'a',
    'ab',
    'b',
    'é',
    'ë ',
    '%{n:int}x',
    '%{w:word} ',
    '%{v:word} ',
    '%{t:text}a',
    '%{t:text}ab',
    '%{i:identity}b',
    'c%{s?}',
  );
  fc.assert(
    fc.property(fc.array(fc.array(piece, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 12 }), (lines) => {
      const variants = lines.flatMap((pieces) => {
        const { template, problems } = readTemplate(pieces.join(''));
        return problems.length ? [] : templateVariants(template, new Set());
      });
      if (variants.length) expect(variantOrder(variants)).toEqual(matcherOrder(variants));
    }),
  );
});
