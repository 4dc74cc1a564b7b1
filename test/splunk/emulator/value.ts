/** Values of fields and of expressions, as Splunk's eval and stats see them. null() is undefined. */

export type Value = string | number | string[] | undefined;
/** What an expression yields on the way: a condition is no value of a field. */
export type Computed = Value | boolean;
export type Row = Record<string, Value>;

/** Search Reference, eval: "If the expression references a field name that contains values that are numbers, the values are treated as numbers." */
export function toNumber(value: Computed): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(value)) return undefined;
  return Number(value);
}

/** @returns the value as text; numbers print without an exponent, as `tostring` does */
export function toText(value: Computed): string | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return value.join('\n');
  return typeof value === 'number' ? printNumber(value) : String(value);
}

function printNumber(value: number): string {
  return Number.isInteger(value) ? value.toFixed(0) : String(value);
}

/** @returns the values of a field: none, one or several */
export function listOf(value: Value): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [toText(value)!];
}

/** @returns the value as a field holds it: one value is no list, and no value is no field */
export function fromList(values: string[]): Value {
  return values.length > 1 ? values : values[0];
}

/**
 * Order of two values. Search Reference, sort: "Numeric data is sorted as you would expect for numbers … alphanumeric … lexicographically"; both must look
 * like numbers to be compared so.
 */
export function compareValues(a: Computed, b: Computed): number {
  const [x, y] = [toNumber(a), toNumber(b)];
  if (x !== undefined && y !== undefined) return x - y;
  const [s, t] = [toText(a)!, toText(b)!];
  return s < t ? -1 : s > t ? 1 : 0;
}
