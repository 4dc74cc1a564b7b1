/** Records that are runs of pairs, columns, or RFC 5424: each becomes a tree of named members. */
import type { RecordForm } from '../model/record-form.js';
import { strip, type Tree } from './find-path.js';

const END = Number.MAX_SAFE_INTEGER;

/** `key=value key="a value"`. A key that comes twice has its first value. @returns undefined where the text has no pair */
export function decodePairs(text: string, { assign, between }: Pick<RecordForm, 'assign' | 'between'>): Tree | undefined {
  const tree: Tree = Object.create(null) as Tree;
  let at = 0;
  let some = false;
  let next = -1;
  let equal = -1;
  while (at < text.length) {
    if (text.startsWith(between, at)) {
      at += between.length;
      continue;
    }
    // what was found ahead of here is not looked for again
    if (equal < at) equal = text.indexOf(assign, at);
    if (equal < 0) break;
    if (next < at && next !== END) next = indexOrEnd(text, between, at);
    if (next < equal) {
      at = next; // a word that is no pair
      continue;
    }
    const key = strip(text.slice(at, equal));
    const [value, end] = readValue(text, equal + assign.length, between);
    if (key !== '' && !(key in tree)) {
      tree[key] = value;
      some = true;
    }
    at = end;
  }
  return some ? tree : undefined;
}

function indexOrEnd(text: string, part: string, from: number): number {
  const found = text.indexOf(part, from);
  return found < 0 ? END : found;
}

function readValue(text: string, from: number, between: string): [value: string, end: number] {
  if (text[from] === '"') {
    const quoted = readQuoted(text, from);
    if (quoted) return quoted;
  }
  const end = text.indexOf(between, from);
  return end < 0 ? [text.slice(from), text.length] : [text.slice(from, end), end];
}

/** A text in double quotes in which `\` escapes. @returns undefined where it does not end */
function readQuoted(text: string, from: number): [value: string, end: number] | undefined {
  let value = '';
  let at = from + 1;
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 34) return [value + text.slice(at, i), i + 1];
    if (code === 92 && i + 1 < text.length) {
      const next = text[i + 1]!;
      // RFC 5424: a backslash before another character stands for itself
      value += text.slice(at, i) + (next === '"' || next === '\\' || next === ']' ? '' : '\\');
      at = i + 1;
      i++;
    }
  }
  return undefined;
}

/** Columns by name, and by number from 1. Quotes are doubled inside of quotes. @returns undefined where there is but one column */
export function decodeColumns(text: string, separator: string, columns: string[]): Tree | undefined {
  const values = splitColumns(text, separator);
  if (values.length < 2) return undefined;
  const tree: Tree = Object.create(null) as Tree;
  for (let i = 0; i < values.length; i++) {
    tree[String(i + 1)] = values[i];
    const name = columns[i];
    if (name) tree[name] = values[i];
  }
  return tree;
}

export function splitColumns(text: string, separator: string): string[] {
  const values: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      let value = '';
      let from = at + 1;
      let quote = text.indexOf('"', from);
      while (quote >= 0 && text[quote + 1] === '"') {
        value += text.slice(from, quote + 1);
        from = quote + 2;
        quote = text.indexOf('"', from);
      }
      const closed = quote >= 0 && (quote + 1 === text.length || text.startsWith(separator, quote + 1));
      if (closed) {
        values.push(value + text.slice(from, quote));
        if (quote + 1 === text.length) return values;
        at = quote + 1 + separator.length;
        continue;
      }
    }
    const end = text.indexOf(separator, at);
    if (end < 0) {
      values.push(text.slice(at));
      return values;
    }
    values.push(text.slice(at, end));
    at = end + separator.length;
  }
}

const HEADER = /^<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) (?=\[)/;

/**
 * A syslog record with structured data that is not nil. Its members: `pri`, `timestamp`, `host`, `program`, `pid`, `msgid`; `data` with all parameters whatever
 * their element, `ids` with the elements by name; `message`.
 * @returns undefined where it is no such record
 */
export function decodeSyslog(text: string): Tree | undefined {
  const header = HEADER.exec(text);
  if (!header) return undefined;
  const [head, pri, timestamp, host, program, pid, msgid] = header;
  const data: Tree = Object.create(null) as Tree;
  const ids: Tree = Object.create(null) as Tree;
  let at = head.length;
  while (text[at] === '[') {
    const end = readElement(text, at + 1, data, ids);
    if (end === undefined) return undefined;
    at = end;
  }
  if (at < text.length && text[at] !== ' ') return undefined;
  const known = Object.entries({ pri, timestamp, host, program, pid, msgid }).filter(([, value]) => value !== '-');
  return { ...Object.fromEntries(known), data, ids, message: text.slice(at + 1).replace(/^\ufeff/, '') };
}

/** @returns after the element's `]` */
function readElement(text: string, from: number, data: Tree, ids: Tree): number | undefined {
  let at = from;
  while (at < text.length && text[at] !== ' ' && text[at] !== ']') at++;
  const own: Tree = Object.create(null) as Tree;
  ids[text.slice(from, at)] = own;
  for (;;) {
    while (text[at] === ' ') at++;
    if (text[at] === ']') return at + 1;
    const equal = text.indexOf('="', at);
    if (equal < 0) return undefined;
    const name = text.slice(at, equal);
    const quoted = readQuoted(text, equal + 1);
    if (!quoted || name.includes(' ')) return undefined;
    own[name] ??= quoted[0];
    data[name] ??= quoted[0];
    at = quoted[1];
  }
}
