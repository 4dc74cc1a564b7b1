/** Groups: what records are counted by. */
import { type Key, readKey } from '../model/detection.js';
import { type LogEvent, textOf } from './log-event.js';

/** The value of each key, by the name of the field that gave it. */
export type Group = Record<string, string>;

export interface Grouped {
  /** tells groups apart */
  id: string;
  group: Group;
}

const WHOLE_LOG: Group = {};

/** @returns a function that finds a record's group; undefined where the record lacks a key that it must have */
export function compileGrouping(keys: Key[]): (event: LogEvent) => Grouped | undefined {
  const parts = keys.map(readKey);
  if (parts.length === 1 && !parts[0]!.optional) {
    const { fields } = parts[0]!;
    return (event) => {
      for (const field of fields) {
        const value = textOf(event, field);
        if (value !== undefined) return { id: field === fields[0] ? value : `${field}\0${value}`, group: { [field]: value } };
      }
      return undefined;
    };
  }
  return (event) => {
    let id = '';
    let group = WHOLE_LOG;
    for (const { fields, optional } of parts) {
      const found = fields.find((field) => textOf(event, field) !== undefined);
      if (found === undefined && !optional) return undefined;
      if (found === undefined) {
        id += '\0';
        continue;
      }
      const value = textOf(event, found)!;
      id += `${found}\0${value}\0`;
      group = { ...group, [found]: value };
    }
    return { id, group };
  };
}

/** @returns the value of a key, whichever of its fields gives it */
export function compileKey(key: Key): (event: LogEvent) => string | undefined {
  const { fields } = readKey(key);
  return (event) => {
    for (const field of fields) {
      const value = textOf(event, field);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}
