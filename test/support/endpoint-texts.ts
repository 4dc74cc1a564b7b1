/** Addresses and ports of every shape, and of none: pieces of them in any order, the same ones each time. */
import fc from 'fast-check';

const PIECES = ['2001', 'db8', ':', '::', '.', '1', '[', ']', 'UDP/', 'TCP/', '500', '198.51.100.66', 'abcde', ' '];

export function endpointTexts(count: number): string[] {
  return fc
    .sample(fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 9 }), { numRuns: count, seed: 1 })
    .map((pieces) => pieces.join(''));
}
