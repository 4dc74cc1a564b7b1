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
  const taken = new Map<string, number>();
  return divide(lines, 0).map(({ members, depth, readings }) => {
    const open = openingOf(members, depth);
    const beginning = members[0]!.tokens.slice(0, open).map(({ char }) => char!);
    return { field: nameGroup(beginning.join(''), taken), open, readings: readings.all };
  });
}

interface Bundle {
  members: Line[];
  /** literal characters that set these lines apart from all others */
  depth: number;
  readings: Readings;
  /** one text can match lines of one reading at most */
  fits: boolean;
}

/** Lines that agree up to `depth`: one group where they may be one, else a group for what is small and fits together, and more for the rest. */
function divide(lines: Line[], depth: number): Bundle[] {
  if (lines.length === 0) return [];
  const whole = bundle(lines, depth);
  if (whole.fits) return [whole];
  const runs = runsByNext(lines, depth);
  const isLiteral = ([line]: Line[]) => line!.tokens[depth]!.char !== undefined;
  const literals = runs.filter(isLiteral).map((run) => bundle(run, depth));
  const isSmall = (one: Bundle) => one.fits || endsHere(one.members, depth);
  return [
    ...pack(literals.filter(isSmall)),
    ...literals.filter((one) => !isSmall(one)).flatMap(({ members }) => divide(members, depth + 1)),
    ...pack(
      runs
        .filter((run) => !isLiteral(run))
        .flat()
        .map((line) => bundle([line], depth)),
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

/** Puts bundles of one depth together, in order, as long as they fit. */
function pack(parts: Bundle[]): Bundle[] {
  const bundles: Bundle[] = [];
  for (const part of parts) {
    const last = bundles.at(-1);
    const both = last?.fits ? bundle(part.members, part.depth, last) : undefined;
    if (both?.fits) bundles[bundles.length - 1] = both;
    else bundles.push(part);
  }
  return bundles;
}

/** @param first lines that fit together and come before */
function bundle(lines: Line[], depth: number, first?: Bundle): Bundle {
  const members = first ? [...first.members, ...lines] : lines;
  const readings = first ? Readings.from(first.readings) : new Readings();
  let fits = members.length <= MOST_LINES;
  for (const line of lines) {
    // nobody asks for the readings of what will be divided
    if (!fits && !endsHere(lines, depth)) break;
    const own = readings.add(line);
    fits &&=
      readings.all.length <= MOST_READINGS &&
      readings.all.every((other) => other === own || other.every((b) => areDisjoint(line, b, depth)));
  }
  return { members, depth, readings, fits };
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
