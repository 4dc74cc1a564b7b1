/**
 * The dispatch: regexes over the message that find the line and give its group's field the rest of it. They are several, because PCRE2 refuses a
 * regex whose compiled form is larger than 64 KB. Each has a guard on the line's beginning, and the guards exclude each other, so that one of them
 * at most matches and no field is set twice (which value wins between two EXTRACTs is not documented).
 *
 * Lines that begin with a hole come after all others, and on what no other line took: the field `unread`.
 */
import type { Group } from './group-lines.js';
import type { Line } from './line-tokens.js';
import { type Members, printGroups, printTree } from './print-tree.js';
import { runsBy } from './runs.js';
import { escapeClass } from './skim-hole.js';
import { wordTree } from './word-tree.js';

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
  /** the message begins with one of these */
  begins: string[];
  lines: Line[];
  regex: string;
}

/** @param lines in an order that keeps the engine's wherever two lines can meet */
export function splitDispatch(lines: Line[], groupOf: ReadonlyMap<Line, Group>): Dispatch {
  const print = dispatchPrinter(lines, groupOf);
  const whole = (some: Iterable<Line>) => print(some, Number.POSITIVE_INFINITY)!;
  const isLiteral = ({ tokens }: Line) => tokens[0]!.char !== undefined;
  const rest = new Set<Line>();
  const parts = join(split(lines.filter(isLiteral), '', print, rest), print);
  const begins = parts.flatMap((part) => part.begins);
  const generic = lines.filter((line) => !isLiteral(line));
  return {
    literal: [
      ...parts.map((part) => `\\A(?=${oneOf(part.begins)})(?:${part.regex}|${REST})`),
      `\\A${begins.length ? `(?!${oneOf(begins)})` : ''}(?:${rest.size ? `${whole(rest)}|` : ''}${REST})`,
    ],
    generic: generic.length ? [`\\A${whole(generic)}`] : [],
  };
}

/** @returns undefined where the regex would be longer than `most` */
type Print = (lines: Iterable<Line>, most: number) => string | undefined;

/** Prints the same lines of a group once: whether a part is too long is seen when it is printed, and most parts are. */
function dispatchPrinter(lines: Line[], groupOf: ReadonlyMap<Line, Group>): Print {
  const rank = new Map(lines.map((line, index) => [line, index]));
  const known = new Map<string, string>();
  const printRest = ({ group, lines: own }: Members) => {
    const key = `${group.field} ${own.map((line) => rank.get(line)).join()}`;
    let printed = known.get(key);
    if (printed === undefined) known.set(key, (printed = printTree(own, group.open)));
    return printed;
  };
  return (some, most) => {
    const sorted = [...some].sort((a, b) => rank.get(a)! - rank.get(b)!);
    const members = runsBy(sorted, (line) => groupOf.get(line)!.field).map((own) => ({
      group: groupOf.get(own[0]!)!,
      lines: own,
    }));
    // most parts that are too long are so by their ends alone
    if (members.reduce((sum, one) => sum + printRest(one).length, 0) > most) return undefined;
    const regex = printGroups(members, 0, printRest);
    return regex.length > most ? undefined : regex;
  };
}

/**
 * @param lines that begin with `beginning`, or have a hole before its end
 * @param rest takes the lines that can match what begins as no part does
 */
function split(lines: Line[], beginning: string, print: Print, rest: Set<Line>): Part[] {
  const depth = beginning.length;
  const goesOn = ({ tokens }: Line) =>
    tokens.slice(0, depth + 1).every(({ char }) => char !== undefined) && depth + 1 < tokens.length;
  const own = lines.filter(goesOn);
  if (beginning) {
    const regex = print(lines, own.length <= 1 ? Number.POSITIVE_INFINITY : LONGEST);
    if (regex !== undefined) return [{ begins: [beginning], lines, regex }];
  }
  for (const line of lines) if (!goesOn(line)) rest.add(line);
  return [...new Set(own.map(({ tokens }) => beginning + tokens[depth]!.char!))].flatMap((next) =>
    split(
      lines.filter((line) => !goesOn(line) || line.tokens[depth]!.char === next.at(-1)),
      next,
      print,
      rest,
    ),
  );
}

/** Small parts become one, as long as it is not too long. */
function join(parts: Part[], print: Print): Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    const lines = last ? [...new Set([...last.lines, ...part.lines])] : [];
    const regex = last && print(lines, LONGEST);
    if (last && regex !== undefined) joined[joined.length - 1] = { begins: [...last.begins, ...part.begins], lines, regex };
    else joined.push(part);
  }
  return joined;
}

function oneOf(texts: string[]): string {
  return texts.every(({ length }) => length === 1) ? `[${texts.map(escapeClass).join('')}]` : wordTree(texts);
}
