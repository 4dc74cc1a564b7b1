/**
 * The dispatch: regexes over the message that find the line and give its group's field the rest of it. They are several, because PCRE2 refuses a
 * regex whose compiled form is larger than 64 KB. Each has a guard on the line's beginning, and the guards exclude each other, so that one of them
 * at most matches and no field is set twice (which value wins between two EXTRACTs is not documented).
 *
 * Lines that begin with a hole come after all others, and on what no other line took: the field `unread`.
 */
import { escapeRegex } from '../../regex/variant-regex.js';
import type { Group } from './group-lines.js';
import type { Line } from './line-tokens.js';
import { printTree } from './print-tree.js';
import { escapeClass } from './skim-hole.js';

export const UNREAD = 'unread';
const LONGEST = 12_000;
const REST = `(?<${UNREAD}>[^\\n]+)`;

export interface Dispatch {
  /** over `message`; one of them at most matches */
  literal: string[];
  /** over `unread` */
  generic: string[];
}

interface Part {
  /** the message begins with one of these … */
  begins: string[];
  /** … and with none of these */
  not: string[];
  lines: Line[];
}

/** @param lines in an order that keeps the engine's wherever two lines can meet */
export function splitDispatch(lines: Line[], groupOf: ReadonlyMap<Line, Group>): Dispatch {
  const rank = new Map(lines.map((line, index) => [line, index]));
  const print = (some: Iterable<Line>) =>
    printTree(
      [...some].sort((a, b) => rank.get(a)! - rank.get(b)!),
      0,
      groupOf,
    );
  const isLiteral = ({ tokens }: Line) => tokens[0]!.char !== undefined;
  const parts = join(split(lines.filter(isLiteral), '', print), print);
  const full = parts.filter((part) => part.lines.length);
  const empty = parts.filter((part) => !part.lines.length).map(guard);
  const generic = lines.filter((line) => !isLiteral(line));
  return {
    literal: [
      ...full.map((part) => `\\A${guard(part)}(?:${print(part.lines)}|${REST})`),
      ...(empty.length ? [`\\A(?:${empty.join('|')})${REST}`] : []),
    ],
    generic: generic.length ? [`\\A${print(generic)}`] : [],
  };
}

type Print = (lines: Iterable<Line>) => string;

/** @param lines that begin with `beginning`, or have a hole before its end */
function split(lines: Line[], beginning: string, print: Print): Part[] {
  const depth = beginning.length;
  const goesOn = ({ tokens }: Line) =>
    tokens.slice(0, depth + 1).every(({ char }) => char !== undefined) && depth + 1 < tokens.length;
  const own = lines.filter(goesOn);
  if (beginning && (own.length <= 1 || print(lines).length <= LONGEST)) return [{ begins: [beginning], not: [], lines }];
  const nexts = [...new Set(own.map(({ tokens }) => beginning + tokens[depth]!.char!))];
  const parts = nexts.flatMap((next) =>
    split(
      lines.filter((line) => !goesOn(line) || line.tokens[depth]!.char === next.at(-1)),
      next,
      print,
    ),
  );
  return [...parts, { begins: [beginning], not: nexts, lines: lines.filter((line) => !goesOn(line)) }];
}

/** Small parts become one, as long as it is not too long. */
function join(parts: Part[], print: Print): Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    const lines = last && !last.not.length && !part.not.length ? [...new Set([...last.lines, ...part.lines])] : [];
    if (lines.length && print(lines).length <= LONGEST)
      joined[joined.length - 1] = { begins: [...last!.begins, ...part.begins], not: [], lines };
    else joined.push(part);
  }
  return joined;
}

function guard({ begins, not }: Part): string {
  const wanted = begins.every(Boolean) ? `(?=${oneOf(begins)})` : '';
  return wanted + (not.length ? `(?!${oneOf(not)})` : '');
}

function oneOf(texts: string[]): string {
  return texts.every(({ length }) => length === 1) ? `[${texts.map(escapeClass).join('')}]` : texts.map(escapeRegex).join('|');
}
