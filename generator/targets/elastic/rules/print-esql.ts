/** Conditions in ES|QL. A comparison with a field that a record lacks is null, and so is its negation: what is refused is made false first. */
import type { Field } from '../../../model/pack.js';
import { type Condition, hasOneSpelling, isNumeric } from './condition.js';

const RANGES: Record<string, string> = { lt: '<', lte: '<=', gt: '>', gte: '>=' };

export function printEsql(condition: Condition): string {
  switch (condition.kind) {
    case 'all':
      return join(condition.of, 'AND', 'true');
    case 'any':
      return join(condition.of, 'OR', 'false');
    case 'not':
      return `NOT COALESCE(${printEsql(condition.of)}, false)`;
    case 'compare':
      return printComparison(condition);
  }
}

/** @returns text between quotes of ES|QL */
export function quoteEsql(value: string): string {
  const escapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return `"${value.replace(/["\\]/g, '\\$&').replace(/[\n\r\t]/g, (found) => escapes[found]!)}"`;
}

/** @returns the field's value as a text; of a list, the first */
export function textExpression({ ecs, type, list }: Field): string {
  const one = list ? `MV_FIRST(${ecs})` : ecs;
  return type === 'keyword' || type === 'text' ? one : `TO_STRING(${one})`;
}

function printComparison(comparison: Extract<Condition, { kind: 'compare' }>): string {
  const { field, op, values } = comparison;
  const name = field.ecs;
  if (op === 'exists') return values[0] === false ? `${name} IS NULL` : `${name} IS NOT NULL`;
  if (op === 'cidr') return `CIDR_MATCH(${name}, ${values.map((value) => quoteEsql(String(value))).join(', ')})`;
  if (op === 'fieldref')
    return either(comparison.others.map((other) => `TO_LOWER(${asText(other)}) == TO_LOWER(${asText(field)})`));
  const range = RANGES[op];
  if (range) return either(values.map((value) => `${name} ${range} ${isNumeric(field) ? value : quoteEsql(String(value))}`));
  if (field.list) return either(values.map((value) => listComparison(field, op, String(value).toLowerCase())));
  if (op === 'is') return printIs(field, values);
  const text = `TO_LOWER(${asText(field)})`;
  return either(values.map((value) => printText(op, text, quoteEsql(String(value).toLowerCase()))));
}

function printIs(field: Field, values: (string | number | boolean)[]): string {
  const literal = (value: string | number | boolean) => {
    if (isNumeric(field) || field.type === 'bool') return String(value);
    if (field.type === 'ip') return `TO_IP(${quoteEsql(String(value))})`;
    return quoteEsql(hasOneSpelling(field) ? String(value) : String(value).toLowerCase());
  };
  const name = hasOneSpelling(field) ? field.ecs : `TO_LOWER(${asText(field)})`;
  return values.length === 1 ? `${name} == ${literal(values[0]!)}` : `${name} IN (${values.map(literal).join(', ')})`;
}

function printText(op: string, text: string, value: string): string {
  if (op === 'startswith') return `STARTS_WITH(${text}, ${value})`;
  if (op === 'endswith') return `ENDS_WITH(${text}, ${value})`;
  return `LOCATE(${text}, ${value}) > 0`;
}

/** A comparison with a list is null in ES|QL: its values become one text, each on a line of its own. */
function listComparison(field: Field, op: string, value: string): string {
  const text = `CONCAT("\\n", MV_CONCAT(TO_LOWER(${isNumeric(field) ? `TO_STRING(${field.ecs})` : field.ecs}), "\\n"), "\\n")`;
  const edges: Record<string, [string, string]> = { is: ['\n', '\n'], startswith: ['\n', ''], endswith: ['', '\n'] };
  const [before, after] = edges[op] ?? ['', ''];
  return `LOCATE(${text}, ${quoteEsql(before + value + after)}) > 0`;
}

function asText({ ecs, type }: Field): string {
  return type === 'keyword' || type === 'text' ? ecs : `TO_STRING(${ecs})`;
}

function either(alternatives: string[]): string {
  return alternatives.length === 1 ? alternatives[0]! : `(${alternatives.join(' OR ')})`;
}

function join(of: Condition[], word: string, none: string): string {
  if (of.length === 0) return none;
  return of
    .map((inner) => (inner.kind === 'all' || inner.kind === 'any' ? `(${printEsql(inner)})` : printEsql(inner)))
    .join(` ${word} `);
}
