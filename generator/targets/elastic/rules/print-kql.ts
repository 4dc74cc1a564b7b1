/** Conditions in KQL. A field of a data stream is a keyword, which KQL compares letter by letter: what must ignore case is left to other languages. */
import { comparisonsOf, type Condition, hasOneSpelling, isNumeric } from './condition.js';

const RANGES: Record<string, string> = { lt: '<', lte: '<=', gt: '>', gte: '>=' };

/** @returns whether KQL says exactly this */
export function kqlCanSay(condition: Condition): boolean {
  return comparisonsOf(condition).every(
    ({ field, op }) => op === 'exists' || op === 'cidr' || op in RANGES || (op === 'is' && hasOneSpelling(field)),
  );
}

export function printKql(condition: Condition): string {
  switch (condition.kind) {
    case 'all':
      return join(condition.of, 'and', '*: *');
    case 'any':
      return join(condition.of, 'or', 'not *: *');
    case 'not':
      return `not ${nested(condition.of)}`;
    case 'compare':
      return printComparison(condition);
  }
}

/** Values are not grouped (`field: (a or b)`): Elasticsearch's own KQL does not read that. */
function printComparison({ field, op, values }: Extract<Condition, { kind: 'compare' }>): string {
  if (op === 'exists') return values[0] === false ? `not ${field.ecs}: *` : `${field.ecs}: *`;
  const range = RANGES[op];
  const alternatives = values.map((value) => (range ? `${field.ecs} ${range} ${quote(value)}` : `${field.ecs}: ${quote(value)}`));
  return alternatives.length === 1 ? alternatives[0]! : `(${alternatives.join(' or ')})`;

  function quote(value: string | number | boolean): string {
    if (isNumeric(field) || field.type === 'bool') return String(value);
    return `"${String(value).replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t')}"`;
  }
}

function join(of: Condition[], word: string, none: string): string {
  return of.length === 0 ? none : of.map(nested).join(` ${word} `);
}

function nested(condition: Condition): string {
  const text = printKql(condition);
  return condition.kind === 'compare' || text.startsWith('not ') ? text : `(${text})`;
}
