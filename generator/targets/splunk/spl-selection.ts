/** Selections as conditions of eval. Comparisons mean what the model says: texts without regard to case, of a list any value. */
import type { Comparison, Detection, Of, Selection } from '../../model/detection.js';
import type { Pack } from '../../model/pack.js';
import { thresholdMacro } from './spl-names.js';
import { splRegex, splString } from './spl-text.js';

/** The field that tells whether a record fits a selection. */
export const flagOf = (name: string) => `ikeaudit_is_${name}`;

/**
 * @returns the assignment of a selection's flag. `case` takes the first condition that is true; one that compares a missing field is null, and is passed
 * over, on both sides.
 */
export function emitSelection(pack: Pack, { name, any, not }: Selection, detection: Detection): string {
  const arms = [
    ...not.map((comparisons) => `${emitAll(pack, comparisons, detection)}, 0`),
    ...any.map((comparisons) => `${emitAll(pack, comparisons, detection)}, 1`),
    'true(), 0',
  ];
  return `${flagOf(name)}=case(${arms.join(', ')})`;
}

/** @returns a condition over flags */
export function emitOf({ any, not }: Of): string {
  const wanted = any.map((name) => `${flagOf(name)}==1`);
  const refused = not.map((name) => `${flagOf(name)}==0`);
  const some = wanted.length > 1 && refused.length ? `(${wanted.join(' OR ')})` : wanted.join(' OR ');
  return [some, ...refused].join(' AND ');
}

/** @returns the events that the selections can match, in order of name; undefined where one does not say */
export function eventsOf(selections: Selection[]): string[] | undefined {
  const named = selections.flatMap(({ any }) =>
    any.map((comparisons) => comparisons.find(({ field, op }) => field === 'msg_type' && op === 'is')?.values),
  );
  return named.every((values) => values !== undefined) ? [...new Set(named.flat().map(String))].sort() : undefined;
}

/** @returns the fields that the detection compares */
export function comparedFields({ selections }: Pick<Detection, 'selections'>): string[] {
  const all = Object.values(selections).flatMap(({ any, not }) => [...any, ...not].flat());
  return all.flatMap(({ field, op, values }) => (op === 'fieldref' ? [field, ...values.map(String)] : [field]));
}

/** @returns why Splunk cannot say the comparison; undefined where it can */
export function inexpressible(pack: Pack, { field, op, values }: Comparison): string | undefined {
  const lists = [field, ...(op === 'fieldref' ? values.map(String) : [])].filter((name) => pack.fields.get(name)?.list);
  return op === 'fieldref' && lists.length
    ? `two fields are compared of which ${lists.join(' and ')} can have several values`
    : undefined;
}

function emitAll(pack: Pack, comparisons: Comparison[], detection: Detection): string {
  return comparisons.map((comparison) => emitComparison(pack, comparison, detection)).join(' AND ') || 'true()';
}

/** mvfilter: "filters a multivalue field based on an arbitrary Boolean expression"; a list is there where one of its values fits. */
function emitComparison(pack: Pack, comparison: Comparison, detection: Detection): string {
  const { field, op, values } = comparison;
  if (op === 'exists') return values[0] === false ? `isnull(${splField(field)})` : `isnotnull(${splField(field)})`;
  const test = emitTest(comparison, detection);
  return pack.fields.get(field)?.list ? `isnotnull(mvfilter(${test}))` : test;
}

function emitTest({ field: name, op, values }: Comparison, detection: Detection): string {
  const field = splField(name);
  const texts = values.map((value) => String(value).toLowerCase());
  const matching = (pattern: (text: string) => string) =>
    `match(${field}, ${regexString(`(?i)${oneOf(texts.map((text) => pattern(splRegex(text))))}`)})`;
  const numbers = (operator: string) =>
    either(values.map((value) => `tonumber(${field})${operator}${numberOf(detection, Number(value))}`));
  switch (op) {
    case 'is':
      return texts.length === 1
        ? `lower(${field})==${splString(texts[0]!)}`
        : `in(lower(${field}), ${texts.map(splString).join(', ')})`;
    case 'startswith':
      return matching((text) => `^${text}`);
    case 'endswith':
      return matching((text) => `${text}$`);
    case 'contains':
      return matching((text) => text);
    case 'lt':
      return numbers('<');
    case 'lte':
      return numbers('<=');
    case 'gt':
      return numbers('>');
    case 'gte':
      return numbers('>=');
    case 'cidr':
      return either(values.map((network) => `cidrmatch(${splString(String(network))}, ${field})`));
    case 'fieldref':
      return either(values.map((other) => `lower(${field})==lower(${splField(String(other))})`));
    default:
      throw new Error(`Unexpected comparison "${op}"`);
  }
}

/** A number that the detection names, and that settings have been applied to already, is a macro for those who change it in Splunk. */
function numberOf(detection: Detection, value: number): string {
  const named = namedNumbers(detection).filter(([, number]) => number === value);
  return named.length === 1 ? thresholdMacro(detection, named[0]![0]) : String(value);
}

/** @returns the named numbers that some comparison asks for */
export function namedNumbers({ numbers, selections }: Pick<Detection, 'numbers' | 'selections'>): [string, number][] {
  const asked = Object.values(selections)
    .flatMap(({ any, not }) => [...any, ...not].flat())
    .filter(({ op }) => ['lt', 'lte', 'gt', 'gte'].includes(op))
    .flatMap(({ values }) => values.map(Number));
  return Object.entries(numbers).filter(([, value]) => asked.includes(value));
}

/** The host of a record is `dvc` to the Common Information Model; Splunk's own `host` may be a relay's. */
export function splField(field: string): string {
  return field === 'host' ? 'dvc' : field;
}

function either(conditions: string[]): string {
  return conditions.length === 1 ? conditions[0]! : `(${conditions.join(' OR ')})`;
}

function oneOf(patterns: string[]): string {
  return patterns.length === 1 ? patterns[0]! : `(?:${patterns.join('|')})`;
}

/** A blank is part of a regex, and stays as it is. */
function regexString(regex: string): string {
  return `"${regex.replace(/[\\"]/g, '\\$&')}"`;
}
