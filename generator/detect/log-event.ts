/** What detections see of a record: neutral fields, and where it stands. */
export interface LogEvent {
  /** milliseconds since 1970, UTC */
  time: number;
  /** number in the order of the input: decides among records of equal time */
  order: number;
  /** index of the file in the order of the audit, and the physical line, from 1 */
  file: number;
  line: number;
  fields: Record<string, unknown>;
  /** the record as it was logged; '' where nobody asked for it */
  raw: string;
}

/** @returns the field as text; undefined where the record does not have it. Of a list, the first value */
export function textOf({ fields }: LogEvent, field: string): string | undefined {
  const value = fields[field];
  if (value === undefined || value === null || value === '') return undefined;
  return Array.isArray(value) ? (value.length ? String(value[0]) : undefined) : String(value);
}
