/** One reading as a transform: a regex with numbered groups over the group's field, and a FORMAT that says what each group is. */
import { captureType, type ValueKind } from '../../model/capture-types.js';
import type { Step } from '../../model/template.js';
import { escapeRegex, variantRegex } from '../../regex/variant-regex.js';
import type { Line, Token } from './line-tokens.js';
import { closing, printToken, printTree } from './print-tree.js';
import { splitAtDifference } from './readings.js';

export interface Extraction {
  regex: string;
  /** transforms.conf.spec: at search time a FORMAT is a list of <field-name>::<field-value>; values may be constants or $n */
  format: string;
}

/** Words for the look-ups; the fields themselves come from there. */
export const NOTIFY_WORD = 'notify_word';
export const ERROR_WORD = 'error_word';
export const wordOf = (field: string) => `${field}_word`;
export const textOf = (field: string) => `${field}_text`;

/** @param open how many literal characters the field leaves out */
export function captureLine(reading: Line[], open: number): Extraction {
  const [line] = reading as [Line, ...Line[]];
  const constants = line.entry.kind === 'event' ? { msg_type: line.entry.event!, ...line.constants } : { ike_noise: 1 };
  const safe = Object.entries(constants).filter(([, value]) => isSafe(value));
  const written = Object.entries(constants).filter(([, value]) => !isSafe(value));
  const format = safe.map(([field, value]) => `${field}::${value}`);
  if (!line.captures && !written.length) return { regex: `\\A(${printTree(reading, open)})`, format: format.join(' ') };

  const { before, middles, after } = splitAtDifference(reading, open);
  const groups: string[][] = [];
  const print = (tokens: Token[]) => printCaptures(tokens, written as [string, string][], groups);
  const choice = reading.length > 1 ? `(?:${middles.map((middle) => middle.map(printToken).join('')).join('|')})` : '';
  const regex = `\\A${print(before)}${choice}${print(after)}${closing(line.tokens)}`;
  return {
    regex,
    format: [...format, ...groups.flatMap((fields, index) => fields.map((field) => `${field}::$${index + 1}`))].join(' '),
  };
}

/** The specification does not say how to write a blank inside a value; such a constant is captured where the line says it. */
function isSafe(value: string | number | boolean): boolean {
  return /^[A-Za-z0-9_.-]+$/.test(String(value));
}

function printCaptures(tokens: Token[], written: [string, string][], groups: string[][]): string {
  const text = tokens.map(({ char }) => char ?? '\0').join('');
  let regex = '';
  for (let i = 0; i < tokens.length; i++) {
    const word = written.find(([, value]) => text.startsWith(value, i));
    const step = tokens[i]!.step;
    const inStop = written.find(([, value]) => step?.stop.includes(value));
    if (word) {
      groups.push([word[0]]);
      regex += `(${escapeRegex(word[1])})`;
      i += word[1].length - 1;
    } else if (step && (step.field !== '_' || inStop)) {
      if (step.field !== '_') groups.push(fieldsOf(step.field, captureType(step.type).value));
      if (inStop) groups.push([inStop[0]]);
      regex += captureHole(step, tokens[i]!.closes, inStop?.[1]);
    } else regex += printToken(tokens[i]!);
  }
  return regex;
}

/** The fields that a captured text fills before anything is derived from it. */
function fieldsOf(field: string, kind: ValueKind): string[] {
  switch (kind) {
    case 'payloads':
      return [textOf(field)];
    case 'notify':
      return [textOf(field)];
    case 'key-exchange':
      return [wordOf(field)];
    default:
      return [field];
  }
}

/** @param inStop a word of the stop that is a value too */
function captureHole(step: Step, closes: boolean, inStop?: string): string {
  const name = step.field === '_' ? '' : 'g';
  const regex = variantRegex({ parts: [step], chosen: {} }, () => name, closes ? '\\z' : '').replace('(?<g>', '(');
  return inStop ? regex.replace(escapeRegex(inStop), (word) => `(${word})`) : regex;
}
