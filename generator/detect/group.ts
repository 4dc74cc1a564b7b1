/** Groups: what records are counted by. */
import { type Key, readKey } from '../model/detection.js';
import { type LogEvent, textOf } from './log-event.js';

/** The value of each key, by the name of the field that gave it. */
export type Group = Record<string, string>;

export interface Grouped {
  /** tells groups apart */
  readonly id: string;
  readonly group: Group;
}

/** Most records need the id alone: the group is made where somebody asks for it. */
class RecordGroup implements Grouped {
  readonly id: string;
  private readonly keys: readonly string[][];
  private readonly event: LogEvent;

  constructor(id: string, keys: readonly string[][], event: LogEvent) {
    this.id = id;
    this.keys = keys;
    this.event = event;
  }

  get group(): Group {
    const group: Group = {};
    for (const fields of this.keys) {
      const found = firstOf(fields, this.event);
      if (found !== undefined) group[found] = textOf(this.event, found)!;
    }
    return group;
  }
}

function firstOf(fields: string[], event: LogEvent): string | undefined {
  for (let i = 0; i < fields.length; i++) if (textOf(event, fields[i]!) !== undefined) return fields[i];
  return undefined;
}

/** @returns a function that finds a record's group; undefined where the record lacks a key that it must have */
export function compileGrouping(keys: Key[]): (event: LogEvent) => Grouped | undefined {
  const parts = keys.map(readKey);
  const named = parts.map(({ fields }) => fields);
  if (parts.length === 1 && !parts[0]!.optional) {
    const [fields] = named as [string[]];
    return (event) => {
      const found = firstOf(fields, event);
      if (found === undefined) return undefined;
      const value = textOf(event, found)!;
      return new RecordGroup(found === fields[0] ? value : `${found}\0${value}`, named, event);
    };
  }
  return (event) => {
    let id = '';
    for (let i = 0; i < parts.length; i++) {
      const found = firstOf(named[i]!, event);
      if (found === undefined && !parts[i]!.optional) return undefined;
      id += found === undefined ? '\0' : `${found}\0${textOf(event, found)!}\0`;
    }
    return new RecordGroup(id, named, event);
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
