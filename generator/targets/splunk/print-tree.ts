/** Lines → one regex: a tree of their tokens. */
import { escapeRegex } from '../../regex/variant-regex.js';
import type { Group } from './group-lines.js';
import type { Line, Token } from './line-tokens.js';
import { runsBy } from './runs.js';

/** A shorter common end is not worth a group of its own. */
const SHORTEST_END = 4;
/** ASCII, escaped once: the same characters come again and again. */
const ESCAPED = Array.from({ length: 128 }, (_, code) => escapeRegex(String.fromCharCode(code)));

/** Neighbouring lines of one group. */
export interface Members {
  group: Group;
  lines: Line[];
}

/**
 * The tree down to where groups' fields begin. All of a group's lines begin with the same characters.
 * @param members in the engine's order; no group twice
 * @param depth how many characters are read already
 * @param printRest prints a group's lines from where its field begins
 */
export function printGroups(members: Members[], depth: number, printRest: (members: Members) => string): string {
  const wayOn = ({ group, lines }: Members, at: number) =>
    group.open === at ? `group ${group.field}` : lines[0]!.tokens[at]!.key;
  let text = '';
  let at = depth;
  for (; ; at++) {
    const way = wayOn(members[0]!, at);
    if (members.some((one) => wayOn(one, at) !== way)) break;
    if (members[0]!.group.open === at) return `${text}(?<${members[0]!.group.field}>${printRest(members[0]!)})`;
    text += printToken(members[0]!.lines[0]!.tokens[at]!);
  }
  const ways = runsBy(members, (one) => wayOn(one, at));
  return `${text}(?:${ways.map((way) => printGroups(way, at, printRest)).join('|')})`;
}

/**
 * @param lines in the engine's order; alternatives keep it, and no alternative is tried twice, so that the first whole match is the engine's
 * @param depth how many tokens are read already
 */
export function printTree(lines: Line[], depth: number): string {
  const { tokens } = lines[0]!;
  let text = '';
  let at = depth;
  for (; lines.every((line) => goOnAlike(line.tokens, tokens, at)); at++) {
    text += printToken(tokens[at]!);
    if (tokens.length === at + 1) return text + closing(tokens);
  }
  const ways = runsBy(lines, (line) => line.tokens[at]!.key + (line.tokens.length === at + 1 ? 'end' : ''));
  const printed: string[] = [];
  for (let i = 0; i < ways.length;) {
    const alike = countAlike(ways, i, at);
    printed.push(alike > 1 ? printAlike(ways.slice(i, i + alike).flat(), at) : printTree(ways[i]!, at));
    i += alike;
  }
  return text + (printed.length === 1 ? printed[0]! : `(?:${printed.join('|')})`);
}

/** Both take the same next, and end there or do not. */
function goOnAlike(a: Token[], b: Token[], at: number): boolean {
  return a === b || (a[at]!.key === b[at]!.key && (a.length === at + 1) === (b.length === at + 1));
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
  while (
    lines.every(
      ({ tokens }) =>
        tokens.length - end > depth &&
        tokens[tokens.length - 1 - end]!.key === first!.tokens[first!.tokens.length - 1 - end]!.key,
    )
  )
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
