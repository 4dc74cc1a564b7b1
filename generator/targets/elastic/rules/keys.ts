/** What ES|QL groups by: a column for each field of each key; a later field of a key counts only where the record lacks the earlier ones. */
import { type Key, readKey } from '../../../model/detection.js';
import type { Field, Pack } from '../../../model/pack.js';
import { fieldOf } from './condition.js';
import { textExpression } from './print-esql.js';

export interface Column {
  /** in the query, as long as it counts */
  name: string;
  field: Field;
  /** ES|QL: the record's own value as a text */
  own: string;
}

export interface KeyColumns {
  columns: Column[];
  /** a record may lack the key, and belongs to the group without it */
  optional: boolean;
}

export function keyColumns(pack: Pick<Pack, 'fields'>, key: Key): KeyColumns {
  const { fields, optional } = readKey(key);
  const columns = fields.map((name, rank): Column => {
    const field = fieldOf(pack, name);
    const earlier = fields.slice(0, rank).map((before) => `${fieldOf(pack, before).ecs} IS NULL`);
    const own = textExpression(field);
    return rank === 0 ? { name, field, own } : { name: `${name}_else`, field, own: `CASE(${earlier.join(' AND ')}, ${own})` };
  });
  return { columns, optional };
}

/** @returns each column once */
export function columnsOf(keys: KeyColumns[]): Column[] {
  return [...new Map(keys.flatMap(({ columns }) => columns).map((column) => [column.name, column])).values()];
}

/** @returns the condition that a record has every key that it must have; undefined where it need have none */
export function requiredKeys(keys: KeyColumns[]): string | undefined {
  const required = keys.filter(({ optional }) => !optional);
  if (required.length === 0) return undefined;
  const present = required.map(({ columns }) => columns.map(({ name }) => `${name} IS NOT NULL`).join(' OR '));
  return present.length === 1 ? present[0]! : present.map((one) => `(${one})`).join(' AND ');
}

/** @returns the first columns that a record must have to name its group by itself; a key of one field that may be missing says enough without it */
export function namingColumns(keys: KeyColumns[]): Column[] {
  return columnsOf(
    keys
      .filter(({ columns, optional }) => !(optional && columns.length === 1))
      .map(({ columns, optional }) => ({ columns: columns.slice(0, 1), optional })),
  );
}
