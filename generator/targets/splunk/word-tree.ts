/** Words → a regex that takes one of them, as a tree of their letters. */
import { escapeRegex } from '../../regex/variant-regex.js';

/** What follows must not go on with the word: alternatives are in no particular order. */
export function wordTree(words: Iterable<string>): string {
  return print([...new Set(words)].sort());
}

function print(words: string[]): string {
  const ends = words.includes('');
  const firsts = [...new Set(words.filter(Boolean).map((word) => word[0]!))];
  const ways = firsts.map((first) => {
    const rests = words.filter((word) => word[0] === first).map((word) => word.slice(1));
    return escapeRegex(first) + print(rests);
  });
  if (ways.length === 0) return '';
  if (ways.length === 1 && !ends) return ways[0]!;
  return `(?:${ways.join('|')})${ends ? '?' : ''}`;
}
