/** Groups: what records are counted by. */
import { KEYS, type Key } from '../model/detection.js';
import { type LogEvent, textOf } from './log-event.js';

/** The value of each key, by the name of the field that gave it. */
export type Group = Record<string, string>;

export interface Grouped {
  /** tells groups apart */
  id: string;
  group: Group;
}

const WHOLE_LOG: Group = {};

/** @returns a function that finds a record's group; undefined where the record lacks a key */
export function compileGrouping(keys: Key[]): (event: LogEvent) => Grouped | undefined {
  const fields = keys.map((key) => KEYS[key] ?? [key]);
  // a log that names no host is of one gateway
  const optional = keys.map((key) => key === 'gateway');
  if (fields.length === 1 && !optional[0]) {
    const [names] = fields as [string[]];
    return (event) => {
      for (const field of names) {
        const value = textOf(event, field);
        if (value !== undefined) return { id: field === names[0] ? value : `${field}\0${value}`, group: { [field]: value } };
      }
      return undefined;
    };
  }
  return (event) => {
    let id = '';
    let group = WHOLE_LOG;
    for (let i = 0; i < fields.length; i++) {
      const found = fields[i]!.find((field) => textOf(event, field) !== undefined);
      if (found === undefined && !optional[i]) return undefined;
      if (found === undefined) continue;
      const value = textOf(event, found)!;
      id += `${found}\0${value}\0`;
      group = { ...group, [found]: value };
    }
    return { id, group };
  };
}

/** @returns the value of a key, whichever of its fields gives it */
export function compileKey(key: Key): (event: LogEvent) => string | undefined {
  const fields = KEYS[key] ?? [key];
  return (event) => {
    for (const field of fields) {
      const value = textOf(event, field);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}
