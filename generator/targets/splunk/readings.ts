/** What one transform can read: lines that say the same, told apart by nothing but literal text. */
import type { Line, Token } from './line-tokens.js';

/** Lines by the transform that reads them, in the order of their first lines. */
export class Readings {
  readonly all: Line[][] = [];
  private readonly bySaying = new Map<string, Line[]>();

  /** A copy that grows on its own. */
  static from(others: Readings): Readings {
    const copy = new Readings();
    for (const reading of others.all) copy.begin([...reading]);
    return copy;
  }

  /** @returns what the line is read with now, itself included */
  add(line: Line): Line[] {
    const like = this.bySaying.get(line.saying);
    if (like && (!line.captures || mergeable([...like, line]))) {
      like.push(line);
      return like;
    }
    return this.begin([line]);
  }

  private begin(reading: Line[]): Line[] {
    const { saying } = reading[0]!;
    this.all.push(reading);
    if (!this.bySaying.has(saying)) this.bySaying.set(saying, reading);
    return reading;
  }
}

/** Variants of one line that differ in one literal place can share their captures: `P(?:a|b)S`. */
function mergeable(lines: Line[]): boolean {
  const all = lines.map(({ tokens }) => tokens);
  const { start, end } = sharedEnds(all);
  return all.every((tokens) => {
    for (let i = start; i < tokens.length - end; i++) if (tokens[i]!.char === undefined) return false;
    return true;
  });
}

export interface Difference {
  before: Token[];
  middles: Token[][];
  after: Token[];
}

/** @returns what the lines have in common at both ends, and what is between. @param from tokens to leave out at the beginning */
export function splitAtDifference(lines: Line[], from = 0): Difference {
  const all = lines.map(({ tokens }) => tokens.slice(from));
  const { start, end } = sharedEnds(all);
  const [first] = all;
  return {
    before: first!.slice(0, start),
    middles: all.map((tokens) => tokens.slice(start, tokens.length - end)),
    after: first!.slice(first!.length - end),
  };
}

/** How many tokens all have in common at both ends. */
function sharedEnds(all: Token[][]): { start: number; end: number } {
  const [first] = all as [Token[], ...Token[][]];
  const shortest = Math.min(...all.map((tokens) => tokens.length));
  let start = 0;
  while (start < shortest && all.every((tokens) => tokens[start]!.key === first[start]!.key)) start++;
  let end = 0;
  while (
    end < shortest - start &&
    all.every((tokens) => tokens[tokens.length - 1 - end]!.key === first[first.length - 1 - end]!.key)
  )
    end++;
  return { start, end };
}
