/** Conditions in EQL. A comparison with a field that a record lacks is null, and so is its negation: what is refused must say that the field is there. */
import { comparisonsOf, type Condition, hasOneSpelling, isNumeric } from './condition.js';

const RANGES: Record<string, string> = { lt: '<', lte: '<=', gt: '>', gte: '>=' };
const FUNCTIONS: Record<string, string> = { startswith: 'startsWith~', endswith: 'endsWith~', contains: 'stringContains~' };

/** @returns whether EQL says exactly this: it does not compare two fields */
export function eqlCanSay(condition: Condition): boolean {
  return comparisonsOf(condition).every(({ op, field }) => op !== 'fieldref' && !(op in FUNCTIONS && field.list));
}

export function printEql(condition: Condition): string {
  switch (condition.kind) {
    case 'all':
      return join(condition.of, 'and', 'true');
    case 'any':
      return join(condition.of, 'or', 'false');
    case 'not':
      return `not ${refused(condition.of)}`;
    case 'compare':
      return printComparison(condition);
  }
}

/** @returns text between quotes of EQL */
export function quoteEql(value: string): string {
  const escapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return `"${value.replace(/["\\]/g, '\\$&').replace(/[\n\r\t]/g, (found) => escapes[found]!)}"`;
}

function printComparison({ field, op, values }: Extract<Condition, { kind: 'compare' }>): string {
  const name = field.ecs;
  const literal = (value: string | number | boolean) =>
    isNumeric(field) || field.type === 'bool' ? String(value) : quoteEql(String(value));
  if (op === 'exists') return values[0] === false ? `${name} == null` : `${name} != null`;
  if (op === 'cidr') return `cidrMatch(${name}, ${values.map((value) => quoteEql(String(value))).join(', ')})`;
  if (op === 'is' && field.type === 'ip')
    return `cidrMatch(${name}, ${values.map((value) => quoteEql(asNetwork(String(value)))).join(', ')})`;
  if (op === 'is') {
    const tilde = hasOneSpelling(field) ? '' : '~';
    if (values.length === 1 && tilde === '') return `${name} == ${literal(values[0]!)}`;
    return `${name} in${tilde} (${values.map(literal).join(', ')})`;
  }
  const range = RANGES[op];
  if (range) return either(values.map((value) => `${name} ${range} ${literal(value)}`));
  return `${FUNCTIONS[op]}(${name}, ${values.map((value) => quoteEql(String(value))).join(', ')})`;
}

/** Within a negation every comparison is true or false, never null. */
function refused(condition: Condition): string {
  const certain = (inner: Condition): string => {
    switch (inner.kind) {
      case 'compare':
        return inner.op === 'exists' ? printComparison(inner) : `(${inner.field.ecs} != null and ${printComparison(inner)})`;
      case 'not':
        return `not ${certain(inner.of)}`;
      default:
        return inner.of.length === 0
          ? String(inner.kind === 'all')
          : `(${inner.of.map(certain).join(inner.kind === 'all' ? ' and ' : ' or ')})`;
    }
  };
  const text = certain(condition);
  return text.startsWith('(') ? text : `(${text})`;
}

function either(alternatives: string[]): string {
  return alternatives.length === 1 ? alternatives[0]! : `(${alternatives.join(' or ')})`;
}

function join(of: Condition[], word: string, none: string): string {
  if (of.length === 0) return none;
  return of
    .map((inner) => (inner.kind === 'all' || inner.kind === 'any' ? `(${printEql(inner)})` : printEql(inner)))
    .join(` ${word} `);
}

function asNetwork(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}
