/** Groups: what records are counted by. */
import { type Key, readKey } from '../model/detection.js';
import { numberedField, type NumberedField } from '../model/field-numbers.js';
import { type EventRow, textOf } from './log-event.js';

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
  private readonly keys: readonly NumberedField[][];
  private readonly event: EventRow;

  constructor(id: string, keys: readonly NumberedField[][], event: EventRow) {
    this.id = id;
    this.keys = keys;
    this.event = event;
  }

  get group(): Group {
    const group: Group = {};
    for (const fields of this.keys) {
      const found = firstOf(fields, this.event);
      if (found !== undefined) group[found.name] = textOf(this.event, found.number)!;
    }
    return group;
  }
}

function firstOf(fields: NumberedField[], event: EventRow): NumberedField | undefined {
  for (let i = 0; i < fields.length; i++) if (textOf(event, fields[i]!.number) !== undefined) return fields[i];
  return undefined;
}

function fieldsOf(key: Key): NumberedField[] {
  return readKey(key).fields.map(numberedField);
}

/** @returns a function that finds a record's group; undefined where the record lacks a key that it must have */
export function compileGrouping(keys: Key[]): (event: EventRow) => Grouped | undefined {
  const named = keys.map(fieldsOf);
  const optional = keys.map((key) => readKey(key).optional);
  if (keys.length === 1 && !optional[0]) {
    const [fields] = named as [NumberedField[]];
    return (event) => {
      const found = firstOf(fields, event);
      if (found === undefined) return undefined;
      const value = textOf(event, found.number)!;
      return new RecordGroup(found === fields[0] ? value : `${found.name}\0${value}`, named, event);
    };
  }
  return (event) => {
    let id = '';
    for (let i = 0; i < named.length; i++) {
      const found = firstOf(named[i]!, event);
      if (found === undefined && !optional[i]) return undefined;
      id += found === undefined ? '\0' : `${found.name}\0${textOf(event, found.number)!}\0`;
    }
    return new RecordGroup(id, named, event);
  };
}

/** @returns the value of a key, whichever of its fields gives it */
export function compileKey(key: Key): (event: EventRow) => string | undefined {
  const fields = fieldsOf(key);
  return (event) => {
    const found = firstOf(fields, event);
    return found && textOf(event, found.number);
  };
}
