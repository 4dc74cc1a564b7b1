/** Members of a decoded record by their paths, and conditions on them. */
import type { Condition } from '../model/record-form.js';

export type Tree = Record<string, unknown>;

/** A path as alternatives, each as steps; a step is a member's name or a place in a list. */
export type Way = string[][];

/**
 * @param names short names of the record's form: `data.RemoteAddress` with `{ data: ['winlog.event_data'] }`
 * @returns the ways that a path stands for
 */
export function wayOf(path: string, names: Record<string, string[]>): Way {
  const dot = path.indexOf('.');
  const first = dot < 0 ? path : path.slice(0, dot);
  const rest = dot < 0 ? [] : path.slice(dot + 1).split('.');
  const known = Object.hasOwn(names, first) ? names[first]! : [first];
  return known.map((prefix) => [...(prefix === '' ? [] : prefix.split('.')), ...rest]);
}

/** @returns the text at the first of the ways that leads to one; '' where none does */
export function textAt(tree: unknown, way: Way): string {
  for (let i = 0; i < way.length; i++) {
    const text = textOf(follow(tree, way[i]!, 0));
    if (text !== '') return text;
  }
  return '';
}

/** @returns whether one of the ways leads to something */
export function isAt(tree: unknown, way: Way): boolean {
  return way.some((steps) => follow(tree, steps, 0) !== undefined);
}

/** @returns what the first of the ways leads to */
export function valueAt(tree: unknown, way: Way): unknown {
  return way.map((steps) => follow(tree, steps, 0)).find((value) => value !== undefined);
}

/** A shipper may write a name with dots as one key: what steps alone do not find is looked for so. `*` is any member. */
function follow(at: unknown, steps: string[], from: number): unknown {
  if (from === steps.length) return at;
  if (at === null || typeof at !== 'object') return undefined;
  let key = steps[from]!;
  if (key === '*') {
    for (const member of Object.values(at)) {
      const found = follow(member, steps, from + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  for (let next = from + 1; ; next++) {
    if (Object.hasOwn(at, key)) {
      const found = follow((at as Tree)[key], steps, next);
      if (found !== undefined) return found;
    }
    if (next === steps.length) return undefined;
    key += `.${steps[next]}`;
  }
}

/** Text of a member. A journal field that is not valid UTF-8 is exported as an array of bytes. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null || typeof value !== 'object') return '';
  if (Array.isArray(value)) {
    return value.every((byte) => typeof byte === 'number') ? Buffer.from(value).toString('utf8') : '';
  }
  const text = (value as Tree)['#text'];
  return typeof text === 'string' ? text : '';
}

/** A condition whose path is a way of one form. */
export interface Test {
  way: Way;
  values: string[];
}

export function testOf({ path, values }: Condition, names: Record<string, string[]>): Test {
  return { way: wayOf(path, names), values };
}

export function holds(tree: unknown, { way, values }: Test): boolean {
  const text = textAt(tree, way);
  return text !== '' && values.some((value) => matches(text, value));
}

/** @param value a text; `*` at its beginning or end is anything */
export function matches(text: string, value: string): boolean {
  if (value === '*') return true;
  if (value.endsWith('*')) return text.startsWith(value.slice(0, -1));
  if (value.startsWith('*')) return text.endsWith(value.slice(1));
  return text === value;
}

/** @returns the text without blanks, tabs and ends of lines around it */
export function strip(text: string): string {
  let from = 0;
  let end = text.length;
  while (from < end && isSpace(text.charCodeAt(from))) from++;
  while (end > from && isSpace(text.charCodeAt(end - 1))) end--;
  return from === 0 && end === text.length ? text : text.slice(from, end);
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}
