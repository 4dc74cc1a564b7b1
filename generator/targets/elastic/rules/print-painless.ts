/** Conditions in Painless, over a document's values in the index: for records that a search tells apart while it collects them. */
import { comparisonsOf, type Condition } from './condition.js';

/** What the printed conditions call. Texts compare without regard to case. */
export const IS_ONE_OF =
  'boolean isOneOf(def found, List values) {' +
  ' for (one in found) { if (values.contains(one.toString().toLowerCase(Locale.ROOT))) return true; } return false; } ';

/** @returns whether `printPainless` says exactly this */
export function painlessCanSay(condition: Condition): boolean {
  return comparisonsOf(condition).every(({ op }) => op === 'is' || op === 'exists');
}

export function printPainless(condition: Condition): string {
  switch (condition.kind) {
    case 'all':
      return condition.of.length ? `(${condition.of.map(printPainless).join(' && ')})` : 'true';
    case 'any':
      return condition.of.length ? `(${condition.of.map(printPainless).join(' || ')})` : 'false';
    case 'not':
      return `!${printPainless(condition.of)}`;
    case 'compare':
      return printComparison(condition);
  }
}

function printComparison({ field, op, values }: Extract<Condition, { kind: 'compare' }>): string {
  const found = `doc[${quote(field.ecs)}]`;
  if (op === 'exists') return values[0] === false ? `(${found}.size() == 0)` : `(${found}.size() > 0)`;
  return `isOneOf(${found}, [${values.map((value) => quote(String(value).toLowerCase())).join(', ')}])`;
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
