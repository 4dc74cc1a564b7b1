/** What detections see of a record: neutral fields, and where it stands. */
import { fieldNumber, nameValues, numberValues } from '../model/field-numbers.js';

interface Standing {
  /** milliseconds since 1970, UTC */
  time: number;
  /** number in the order of the input: decides among records of equal time */
  order: number;
  /** index of the file in the order of the audit, and the physical line, from 1 */
  file: number;
  line: number;
  /** the record as it was logged; '' where nobody asked for it */
  raw: string;
}

export interface LogEvent extends Standing {
  fields: Record<string, unknown>;
}

/** A record as it is judged: values by their fields' numbers, undefined where it does not have the field. */
export interface EventRow extends Standing {
  values: unknown[];
}

export function toRow({ fields, ...standing }: LogEvent): EventRow {
  return { ...standing, values: numberValues(fields) };
}

export function fromRow({ values, ...standing }: EventRow): LogEvent {
  return { ...standing, fields: nameValues(values) };
}

export const MSG_TYPE = fieldNumber('msg_type');

/** @returns the field as text; undefined where the record does not have it. Of a list, the first value */
export function textOf({ values }: EventRow, field: number): string | undefined {
  const value = values[field];
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) ? (value.length ? String(value[0]) : undefined) : String(value);
}
