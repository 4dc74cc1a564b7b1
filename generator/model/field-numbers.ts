/**
 * Fields have numbers, so that the values of a record stand in an array: to make one costs a tenth of an object with as many names. Whoever looks at a field
 * asks for its number before the first record comes; of fields without a number, no values are made.
 */
const numbers = new Map<string, number>();
const names: string[] = [];

/** @returns the field's number, which it keeps */
export function fieldNumber(name: string): number {
  let number = numbers.get(name);
  if (number === undefined) {
    number = names.push(name) - 1;
    numbers.set(name, number);
  }
  return number;
}

/** A field by both. */
export interface NumberedField {
  name: string;
  number: number;
}

export function numberedField(name: string): NumberedField {
  return { name, number: fieldNumber(name) };
}

/** @returns the number of a field that somebody looks at */
export function knownNumber(name: string): number | undefined {
  return numbers.get(name);
}

/** @returns values for a record that has none yet */
export function emptyValues(): unknown[] {
  return new Array<unknown>(names.length).fill(undefined);
}

/** @returns values by their fields' numbers */
export function numberValues(fields: Record<string, unknown>): unknown[] {
  const named = Object.entries(fields).map(([name, value]) => [fieldNumber(name), value] as const);
  const values = emptyValues();
  for (const [number, value] of named) values[number] = value;
  return values;
}

/** @returns values by their fields' names */
export function nameValues(values: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(values.flatMap((value, number) => (value === undefined ? [] : [[names[number]!, value]])));
}
