/**
 * Proof that no text matches both of two lines. Transforms that read the same field must never both match: REPORT keeps the first value of a
 * field, but takes what only the second transform sets, so that a record would get fields of two lines (props.conf.spec, MV_ADD = false).
 *
 * The proof is one-sided: "false" says that none was found.
 */
import { captureType, inCharset } from '../../model/capture-types.js';
import type { Line, Token } from './line-tokens.js';

/** Tokens of lines agree up to `from`. */
export function areDisjoint(a: Line, b: Line, from: number): boolean {
  return tailsDiffer(a.tail, b.tail) || tokensDiffer(a.tokens, b.tokens, from);
}

/** Both lines end with literal text, and neither end is the end of the other. */
function tailsDiffer(a: string, b: string): boolean {
  return a !== '' && b !== '' && !a.endsWith(b) && !b.endsWith(a);
}

/** Walks while both take the same bytes for certain; then one must stop where the other goes on, or go on with another byte. */
export function tokensDiffer(a: Token[], b: Token[], from = 0): boolean {
  for (let i = from; ; i++) {
    const x = a[i];
    const y = b[i];
    if (!x || !y) return !x !== !y && !mayBeEmpty((x ?? y)!);
    if (x.key === y.key) continue;
    if (x.char !== undefined && y.char !== undefined) return true;
    if (x.char !== undefined) return !mayStart(y, a, i);
    if (y.char !== undefined) return !mayStart(x, b, i);
    if (datesDiffer(a, b, i) || datesDiffer(b, a, i)) return true;
    return beginnings(a, i).every((x) => beginnings(b, i).every((y) => runsDiffer(x, y) || runsDiffer(y, x)));
  }
}

/** A header's time stamp and a date with its year agree up to the clock: behind it, or behind an ISO date, what follows the one does not follow the other. */
function datesDiffer(a: Token[], b: Token[], at: number): boolean {
  if (a[at]!.step!.type !== 'timestamp' || b[at]!.step!.type !== 'time') return false;
  const [next, other] = [a[at + 1]?.char, b[at + 1]?.char];
  return next !== undefined && other !== undefined && next !== ' ' && next !== other;
}

function mayBeEmpty(token: Token): boolean {
  return token.step?.tail === true && token.step.stop === '';
}

/** @returns whether the hole could take the text that stands at `at` in the other line */
function mayStart(hole: Token, other: Token[], at: number): boolean {
  const text = textAt(other, at);
  const { type, stop } = hole.step!;
  const { takes, charset } = captureType(type);
  switch (takes) {
    case 'class':
      return inCharset(charset!, text.charCodeAt(0));
    case 'class-or-stop':
      return text[0] !== stop[0] && inCharset(charset!, text.charCodeAt(0));
    case 'int':
      return /^[-0-9]/.test(text);
    case 'ip':
      return /^[0-9A-Fa-f]*(?:[:.]|$)/.test(text);
    case 'address':
      return /^(?:\[|[0-9A-Fa-f]*(?:[:.]|$))/.test(text);
    case 'service':
      return /^[0-9UT]/.test(text);
    case 'time':
    case 'timestamp':
      return /^[*.]?(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|[A-Z][a-z]?$|[0-9]{1,3}$|[0-9]{2}:|[0-9]{4}|$)/.test(
        text,
      );
    default:
      return true;
  }
}

/** The literal characters from `at` on, up to the next hole. */
function textAt(tokens: Token[], at: number): string {
  let text = '';
  for (let i = at; tokens[i]?.char !== undefined; i++) text += tokens[i]!.char;
  return text;
}

interface Run {
  charset: string;
  /** what the first byte can be, where that is not the whole class */
  first?: string;
  /** the literal character after the run, where one is known */
  next: string | undefined;
}

/** Every way in which the text of a hole can begin, as a run of a class; none is known for most types. */
function beginnings(tokens: Token[], at: number): (Run | undefined)[] {
  const { takes, charset } = captureType(tokens[at]!.step!.type);
  const next = tokens[at + 1]?.char;
  switch (takes) {
    case 'class':
      return [{ charset: charset!, next }];
    case 'int':
      return [
        { charset: '0-9', next },
        { charset: '0-9-', first: '-', next },
      ];
    case 'time':
    case 'timestamp':
      return [
        { charset: 'A-Za-z*.', next: ' ' },
        { charset: '0-9', next: '-' },
      ];
    default:
      return [undefined];
  }
}

/**
 * Two runs at the same place: every byte of the narrow one, and none of the byte that ends it, belongs to the wide one; so the wide one ends there
 * too at the latest, and then wants another byte.
 */
function runsDiffer(wide: Run | undefined, narrow: Run | undefined): boolean {
  if (!wide || !narrow) return false;
  const begins = (run: Run, byte: number) => inCharset(run.first ?? run.charset, byte);
  if (BYTES.every((byte) => !(begins(wide, byte) && begins(narrow, byte)))) return true;
  if (wide.next === undefined || narrow.next === undefined || wide.next === narrow.next) return false;
  const inside = BYTES.every((byte) => !inCharset(narrow.charset, byte) || inCharset(wide.charset, byte));
  return inside && !inCharset(wide.charset, narrow.next.charCodeAt(0)) && !inCharset(wide.charset, wide.next.charCodeAt(0));
}

const BYTES = [...Array(256).keys()];
