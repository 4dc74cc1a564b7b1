/** What one transform can read: lines that say the same, told apart by nothing but literal text. */
import type { Line, Token } from './line-tokens.js';

/** @returns the lines by transform, in the order of their first lines */
export function readingsOf(lines: Line[]): Line[][] {
  const silent = new Map<string, Line[]>();
  const readings: Line[][] = [];
  for (const line of lines) {
    const saying = JSON.stringify([line.entry.event, line.constants]);
    const like = captures(line)
      ? readings.find(([first]) => captures(first!) && first!.entry === line.entry && mergesInto(first!, line))
      : silent.get(saying);
    if (like && captures(line) ? mergeable([...like, line]) : like) {
      like!.push(line);
      continue;
    }
    const reading = [line];
    readings.push(reading);
    if (!captures(line)) silent.set(saying, reading);
  }
  return readings;
}

export function captures(line: Line): boolean {
  return line.variant.parts.some((part) => part.kind === 'step' && part.field !== '_');
}

function mergesInto(first: Line, line: Line): boolean {
  return JSON.stringify(first.constants) === JSON.stringify(line.constants);
}

/** Variants of one line that differ in one literal place can share their captures: `P(?:a|b)S`. */
function mergeable(lines: Line[]): boolean {
  return splitAtDifference(lines).middles.every((middle) => middle.every(({ char }) => char !== undefined));
}

export interface Difference {
  before: Token[];
  middles: Token[][];
  after: Token[];
}

/** @returns what the lines have in common at both ends, and what is between. @param from tokens to leave out at the beginning */
export function splitAtDifference(lines: Line[], from = 0): Difference {
  const all = lines.map(({ tokens }) => tokens.slice(from));
  const shortest = Math.min(...all.map((tokens) => tokens.length));
  const [first] = all;
  let start = 0;
  while (start < shortest && all.every((tokens) => tokens[start]!.key === first![start]!.key)) start++;
  let end = 0;
  while (end < shortest - start && all.every((tokens) => tokens.at(-1 - end)!.key === first!.at(-1 - end)!.key)) end++;
  return {
    before: first!.slice(0, start),
    middles: all.map((tokens) => tokens.slice(start, tokens.length - end)),
    after: first!.slice(first!.length - end),
  };
}
