/**
 * Templates as regular expressions that take exactly the bytes that the engine takes. The dialect is what PCRE2 and Oniguruma (joni) share: atomic
 * groups, look-ahead, `\A`, `\z`, named groups. Results do not depend on the flags (?m) and (?s), and no expression backtracks into a capture, so
 * that each is linear in the line.
 */
import { captureType, runsToStop } from '../model/capture-types.js';
import type { Step, Variant } from '../model/template.js';

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const CLOCK = '[0-9]{2}:[0-9]{2}:[0-9]{2}';
const FRACTION = '(?:[.,][0-9]{1,9})?';
const ISO = `[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]${CLOCK}${FRACTION}(?:Z|[+-][0-9]{2}:?[0-9]{2}${FRACTION})?`;

// `[^:]` and not hexadecimal digits again: PCRE2 copies a group seven times, and a compiled regex has 64 KB at most
const IP = '(?>[0-9A-Fa-f:]{1,45}(?:\\.[0-9]{1,3}){3}|(?=[0-9A-Fa-f:]{0,43}::|(?:[^:]{1,4}:){7})[0-9A-Fa-f:]{1,45})';

/** The same grammars as in `core/match.ts`; the property tests hold the two together. */
const GRAMMARS = {
  ip: IP,
  timestamp: `(?>[*.]?${MONTH}[ ]{1,2}[0-9]{1,2} (?:[0-9]{4} )?${CLOCK}${FRACTION}(?: ?(?:UTC|[A-Z]{2,4}T|[a-z]{2}t)(?=:))?|${ISO})`,
  time: `(?>${MONTH}[ ]{1,2}[0-9]{1,2} ${CLOCK}(?: UTC)? [0-9]{4}|${CLOCK} [A-Za-z]{1,5} (?:[A-Za-z]{3} )?${MONTH}[ ]{1,2}[0-9]{1,2} [0-9]{4}|${ISO})`,
};

/** One capture's place in a regex: its name there ('' for none) is the caller's choice. */
export type GroupName = (step: Step, index: number) => string;

/**
 * @param name the group's name for a step; '' makes no group
 * @param close what must follow the last part; `\z` for a whole line
 */
export function variantRegex(variant: Variant, name: GroupName, close = '\\z'): string {
  let regex = '';
  for (const [index, part] of variant.parts.entries()) {
    if (part.kind === 'literal') {
      const before = variant.parts[index - 1];
      // a first or last capture has taken its stop with it
      if (before?.kind === 'step' && runsToStop(before.type)) continue;
      regex += escapeRegex(part.text);
    } else regex += stepRegex(part, name(part, index), close);
  }
  return regex + (closesItself(variant) ? '' : close);
}

/** The bytes of a capture alone, for types that need no neighbour. */
export function typeRegex(type: 'ip' | 'address' | 'service' | 'timestamp' | 'time'): string {
  if (type === 'address') return addressRegex((inside) => inside);
  return type === 'service' ? serviceRegex((inside) => inside) : GRAMMARS[type];
}

/** The brackets and the protocol are no part of the value. */
function addressRegex(group: (inside: string) => string): string {
  return `(?:\\[(?=${IP}\\]))?+${group(`(?>${IP}(?=[\\]:])|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{0,40}(?=:))`)}\\]?+`;
}

function serviceRegex(group: (inside: string) => string): string {
  return `(?:(?:UD|TC)P/)?+(?>${group('[0-9]{1,5}')})`;
}

export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replace(/\t/g, '\\t');
}

/** A tail or rest capture carries the end of the line with it. */
function closesItself(variant: Variant): boolean {
  const last = variant.parts.at(-1);
  const step = last?.kind === 'literal' ? variant.parts.at(-2) : last;
  return step?.kind === 'step' && (step.tail || (step === last && captureType(step.type).takes === 'rest'));
}

function stepRegex(step: Step, name: string, close: string): string {
  const type = captureType(step.type);
  const group = (inside: string) => (name ? `(?<${name}>${inside})` : `(?:${inside})`);
  const stop = escapeRegex(step.stop);
  switch (type.takes) {
    case 'class':
      return `(?>${group(`[${type.charset}]{1,${type.max}}`)})`;
    case 'int':
      return `(?>${group(`-?[0-9]{1,${type.max}}`)})`;
    case 'class-or-stop':
      return `(?>${group(`[${type.charset}${step.stop ? escapeClass(step.stop[0]!) : ''}]+`)})`;
    case 'address':
      return addressRegex(group);
    case 'service':
      return serviceRegex(group);
    case 'ip':
    case 'timestamp':
    case 'time':
      return group(GRAMMARS[type.takes]);
    case 'rest':
      return `${group('[^\\n]+')}${close}`;
    case 'first':
    case 'last': {
      if (step.tail) return `(?>${group('[^\\n]+')}?${stop}${close})`;
      const lazy = type.takes === 'first' || step.unique;
      const once = step.unique ? `(?![^\\n]*${stop})` : '';
      return lazy ? `(?>${group('[^\\n]+?')}??${stop})${once}` : `(?>${group('[^\\n]+')}?${stop})`;
    }
    default:
      throw new Error(`Unexpected way to take bytes: ${type.takes satisfies never}`);
  }
}

function escapeClass(character: string): string {
  return /[\\\]^-]/.test(character) ? `\\${character}` : character === '\t' ? '\\t' : character;
}
