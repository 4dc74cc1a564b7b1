/**
 * Lines that begin alike become a group: the dispatch gives a group's field what follows the common beginning, and only the group's own
 * transforms read that field. So a handful of the many transforms runs on an event.
 *
 * The dispatch itself decides which line it is, whole, in the engine's order. Within a group the readings are disjoint, so that one transform at
 * most fires; lines that could meet are in different groups.
 */
import { areDisjoint } from './disjoint-lines.js';
import type { Line, Token } from './line-tokens.js';
import { nameGroup } from './name-group.js';
import { Readings } from './readings.js';
import { runsBy } from './runs.js';

export interface Group {
  /** the field that holds the rest of the line */
  field: string;
  /** how many literal characters the lines share; the field begins after them */
  open: number;
  /** what one transform reads each */
  readings: Line[][];
}

/** More transforms on one field cost time for each event, fewer make more fields. */
const MOST_READINGS = 8;
const MOST_LINES = 60;

/** @param lines in the engine's order */
export function groupLines(lines: Line[]): Group[] {
  const taken = new Set<string>();
  return divide(lines, 0).map(({ members, depth, readings }) => {
    const open = openingOf(members, depth);
    const beginning = members[0]!.tokens.slice(0, open).map(({ char }) => char!);
    return { field: nameGroup(beginning.join(''), taken), open, readings };
  });
}

interface Bundle {
  members: Line[];
  /** literal characters that set these lines apart from all others */
  depth: number;
  readings: Line[][];
}

/** Lines that agree up to `depth`: one group where they may be one, else a group for what is small and fits together, and more for the rest. */
function divide(lines: Line[], depth: number): Bundle[] {
  if (lines.length === 0) return [];
  const whole = bundle(lines, depth);
  if (whole) return [whole];
  const runs = runsByNext(lines, depth);
  const literals = runs.filter((run) => run[0]!.tokens[depth]!.char !== undefined);
  const holes = runs.filter((run) => run[0]!.tokens[depth]!.char === undefined).flat();
  const small = new Set(literals.filter((run) => endsHere(run, depth) || bundle(run, depth)));
  const large = literals.filter((run) => !small.has(run));
  return [
    ...pack([...small], depth),
    ...large.flatMap((run) => divide(run, depth + 1)),
    ...pack(
      holes.map((line) => [line]),
      depth,
    ),
  ];
}

/** A line whose last character comes next: its field must begin before it, or it would be empty. */
function endsHere(run: Line[], depth: number): boolean {
  return run[0]!.tokens.length === depth + 1;
}

/** Neighbours with the same next token. */
function runsByNext(lines: Line[], depth: number): Line[][] {
  return runsBy(lines, ({ tokens }) => tokens[depth]!.key + (tokens.length === depth + 1 ? 'end' : ''));
}

/** Puts runs together, in order, as long as they fit. */
function pack(runs: Line[][], depth: number): Bundle[] {
  const bundles: Bundle[] = [];
  for (const run of runs) {
    const last = bundles.at(-1);
    const both = last && bundle([...last.members, ...run], depth);
    if (both) bundles[bundles.length - 1] = both;
    else bundles.push(bundle(run, depth) ?? { members: run, depth, readings: readingsOf(run) });
  }
  return bundles;
}

/** @returns undefined where the lines cannot be one group: too many, or two readings that one text might match */
function bundle(members: Line[], depth: number): Bundle | undefined {
  if (members.length > MOST_LINES) return undefined;
  const readings = new Readings();
  for (const line of members) {
    const own = readings.add(line);
    if (readings.all.length > MOST_READINGS) return undefined;
    for (const other of readings.all) {
      if (other !== own && !other.every((b) => areDisjoint(line, b, depth))) return undefined;
    }
  }
  return { members, depth, readings: readings.all };
}

function readingsOf(lines: Line[]): Line[][] {
  const readings = new Readings();
  for (const line of lines) readings.add(line);
  return readings.all;
}

/** The end of the common literal text, cut back to a whole word where that leaves the lines apart from others; every line keeps something after it. */
function openingOf(lines: Line[], depth: number): number {
  const [first] = lines;
  let open = depth;
  const same = (token: Token | undefined, at: number) =>
    token?.char !== undefined && lines.every(({ tokens }) => tokens[at]?.key === token.key && at + 1 < tokens.length);
  while (same(first!.tokens[open], open)) open++;
  let word = open;
  while (word > depth && first!.tokens[word - 1]!.char !== ' ') word--;
  return word > depth ? word : open;
}
