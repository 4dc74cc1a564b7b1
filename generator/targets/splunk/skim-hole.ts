/**
 * Holes as regexes that take the same bytes as the engine and capture nothing: for the dispatch, which only has to know where a hole ends.
 *
 * transforms.conf.spec and props.conf.spec set MATCH_LIMIT 100000 and DEPTH_LIMIT 1000. PCRE2 counts every byte of `[^\n]+?`, so that a handful of
 * such holes fails on a line of 10,000 bytes. A run of "not the stop's first byte" counts once, whatever its length.
 */
import { captureType } from '../../model/capture-types.js';
import type { Step } from '../../model/template.js';
import { escapeRegex, typeRegex } from '../../regex/variant-regex.js';

/** @returns the hole, together with its stop where it consumes one, and with the line's end where it reaches that */
export function skimHole(step: Step): string {
  const type = captureType(step.type);
  switch (type.takes) {
    case 'class':
      return `[${type.charset}]{1,${type.max}}+`;
    case 'int':
      return `-?+[0-9]{1,${type.max}}+`;
    case 'class-or-stop':
      return `[${type.charset}${step.stop ? escapeClass(step.stop[0]!) : ''}]++`;
    case 'address':
    case 'service':
    case 'ip':
    case 'timestamp':
    case 'time':
      return typeRegex(type.takes);
    case 'rest':
      return '[^\\n]+\\z';
    case 'first':
      return step.tail ? skimTail(step.stop) : skimFirst(step.stop) + (step.unique ? isLast(step.stop) : '');
    case 'last':
      if (step.tail) return skimTail(step.stop);
      return step.unique ? skimFirst(step.stop) + isLast(step.stop) : skimLast(step.stop);
    default:
      throw new Error(`Unexpected way to take bytes: ${type.takes satisfies never}`);
  }
}

/** Everything up to a literal tail: the look-behind is one comparison. The length keeps it from looking at bytes before the hole. */
function skimTail(tail: string): string {
  return tail === '' ? '[^\\n]*+\\z' : `(?=[^\\n]{${tail.length}})[^\\n]*+(?<=${escapeRegex(tail)})\\z`;
}

/** Up to the first occurrence of the stop, and the stop. */
function skimFirst(stop: string): string {
  const first = escapeClass(stop[0]!);
  if (stop.length === 1) return `[^\\n${first}]*+${escapeRegex(stop)}`;
  return `(?>(?:[^\\n${first}]++|${escapeRegex(stop[0]!)}(?!${escapeRegex(stop.slice(1))}))*+${escapeRegex(stop)})`;
}

function isLast(stop: string): string {
  return `(?!${skimFirst(stop)})`;
}

/** Up to the last occurrence of the stop: over one occurrence after the other, which is the same unless occurrences can overlap. */
function skimLast(stop: string): string {
  return overlapsItself(stop) ? `(?>[^\\n]*${escapeRegex(stop)})` : `(?:${skimFirst(stop)})++`;
}

function overlapsItself(stop: string): boolean {
  for (let length = 1; length < stop.length; length++) if (stop.startsWith(stop.slice(-length))) return true;
  return false;
}

export function escapeClass(character: string): string {
  return /[\\\]^-]/.test(character) ? `\\${character}` : character === '\t' ? '\\t' : character;
}
