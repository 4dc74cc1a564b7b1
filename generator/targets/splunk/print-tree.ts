/** Lines → one regex: a tree of their tokens, with a named group where a group's field begins. */
import { escapeRegex } from '../../regex/variant-regex.js';
import type { Group } from './group-lines.js';
import type { Line, Token } from './line-tokens.js';
import { runsBy } from './runs.js';

/** A shorter common end is not worth a group of its own. */
const SHORTEST_END = 4;
/** ASCII, escaped once: the same characters come again and again. */
const ESCAPED = Array.from({ length: 128 }, (_, code) => escapeRegex(String.fromCharCode(code)));

/**
 * @param lines in the engine's order; alternatives keep it, and no alternative is tried twice, so that the first whole match is the engine's
 * @param depth how many tokens are read already
 * @param groupOf the group of a line, if groups are wanted
 */
export function printTree(lines: Line[], depth: number, groupOf?: ReadonlyMap<Line, Group>): string {
  const ways = runsBy(lines, (line) => {
    const group = groupOf?.get(line);
    return group?.open === depth ? `group ${group.field}` : wayOn(line, depth);
  });
  const printed: string[] = [];
  for (let i = 0; i < ways.length;) {
    const group = groupOf?.get(ways[i]![0]!);
    if (group?.open === depth) printed.push(`(?<${group.field}>${printTree(ways[i++]!, depth)})`);
    else {
      const alike = groupOf ? 1 : countAlike(ways, i, depth);
      printed.push(alike > 1 ? printAlike(ways.slice(i, i + alike).flat(), depth) : printWay(ways[i]!, depth, groupOf));
      i += alike;
    }
  }
  return printed.length === 1 ? printed[0]! : `(?:${printed.join('|')})`;
}

function wayOn({ tokens }: Line, depth: number): string {
  const token = tokens[depth];
  return token ? token.key + (tokens.length === depth + 1 ? 'end' : '') : 'end';
}

/** Lines that go on with the same token. */
function printWay(lines: Line[], depth: number, groupOf?: ReadonlyMap<Line, Group>): string {
  const { tokens } = lines[0]!;
  const text = printToken(tokens[depth]!);
  if (tokens.length === depth + 1) return text + closing(tokens);
  return text + printTree(lines, depth + 1, groupOf);
}

export function printToken(token: Token): string {
  const { char } = token;
  if (char === undefined) return token.key.slice(1);
  return ESCAPED[char.charCodeAt(0)] ?? escapeRegex(char);
}

export function closing(tokens: Token[]): string {
  return tokens.at(-1)!.closes ? '' : '\\z';
}

/** How many of the ways from `start` on are single lines with a common end. */
function countAlike(ways: Line[][], start: number, depth: number): number {
  const [first] = ways[start]!;
  let count = 1;
  while (
    ways[start]!.length === 1 &&
    ways[start + count]?.length === 1 &&
    commonEnd([first!, ways[start + count]![0]!], depth) >= SHORTEST_END
  ) {
    count++;
  }
  return count;
}

function commonEnd(lines: Line[], depth: number): number {
  const [first] = lines;
  let end = 0;
  while (lines.every(({ tokens }) => tokens.length - end > depth && tokens.at(-1 - end)!.key === first!.tokens.at(-1 - end)!.key))
    end++;
  return end;
}

/** `aX|bX` as `(?:a|b)X`, which tries the same in the same order. */
function printAlike(lines: Line[], depth: number): string {
  const end = commonEnd(lines, depth);
  const { tokens } = lines[0]!;
  const middles = lines.map((line) =>
    line.tokens
      .slice(depth, line.tokens.length - end)
      .map(printToken)
      .join(''),
  );
  return `(?:${middles.join('|')})${tokens
    .slice(tokens.length - end)
    .map(printToken)
    .join('')}${closing(tokens)}`;
}
