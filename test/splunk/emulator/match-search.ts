/** The `search` command, and the search of an event type: terms that a record must have. */
import { isIP } from 'node:net';
import { endOfQuote } from './expand-macros.js';
import { listOf, type Row, toNumber, toText } from './value.js';

export type Term =
  | { kind: 'all'; of: Term[] }
  | { kind: 'any'; of: Term[] }
  | { kind: 'not'; of: Term }
  | { kind: 'text'; text: string }
  | { kind: 'compare'; field: string; op: string; values: string[]; exact: Set<string> | undefined };

/**
 * @param freeText bare words are texts of the record, without regard to how an index would cut it into tokens: for words that are cut out of records at blanks
 * @throws where the text is not a search: without `freeText` a bare word too, as it would have to be a token of the index, which is not emulated
 */
export function parseSearch(text: string, freeText = false): Term {
  const words = splitWords(text);
  let at = 0;
  // "Boolean operators must be capitalized"
  const isWord = (word: string) => words[at] === word;
  // Search Reference, search: "The AND operator is always implied between terms"; OR binds tighter than AND
  const all = (): Term => {
    const of: Term[] = [];
    while (at < words.length && words[at] !== ')') {
      if (isWord('AND')) at++;
      of.push(any());
    }
    return of.length === 1 ? of[0]! : { kind: 'all', of };
  };
  const any = (): Term => {
    const of = [one()];
    while (isWord('OR')) {
      at++;
      of.push(one());
    }
    return of.length === 1 ? of[0]! : { kind: 'any', of };
  };
  const one = (): Term => {
    if (isWord('NOT')) {
      at++;
      return { kind: 'not', of: one() };
    }
    if (words[at] === '(') {
      at++;
      const inner = all();
      if (words[at++] !== ')') throw new Error(`a parenthesis without end in: ${text}`);
      return inner;
    }
    if (words[at] === '*') {
      at++;
      return { kind: 'all', of: [] };
    }
    const field = words[at++]!;
    if (isWord('IN')) {
      at += 2;
      const values: string[] = [];
      for (; words[at] !== ')'; at++) if (words[at] !== ',') values.push(unquote(words[at]!));
      at++;
      return compareTerm(field, '=', values);
    }
    if (!/^(=|!=|<|>|<=|>=)$/.test(words[at] ?? '')) {
      if (freeText) return { kind: 'text', text: (field.startsWith('"') ? unquote(field) : plain(field)).toLowerCase() };
      throw new Error(`a bare word "${field}" in: ${text}`);
    }
    const op = words[at++]!;
    return compareTerm(field, op, [unquote(words[at++]!)]);
  };
  const found = all();
  if (at !== words.length) throw new Error(`not read from "${words[at]}" in: ${text}`);
  return found;
}

/** Values without an asterisk are looked up at once. */
function compareTerm(field: string, op: string, values: string[]): Term {
  const exact =
    op === '=' && !values.some((value) => /[*/]/.test(value)) ? new Set(values.map((value) => value.toLowerCase())) : undefined;
  return { kind: 'compare', field, op, values, exact };
}

/** @returns the fields that a search asks for */
export function fieldsOfSearch(term: Term): string[] {
  if (term.kind === 'compare') return [term.field];
  if (term.kind === 'text') return ['_raw'];
  return term.kind === 'not' ? fieldsOfSearch(term.of) : term.of.flatMap(fieldsOfSearch);
}

export function matchesSearch(term: Term, row: Row): boolean {
  switch (term.kind) {
    case 'all':
      return term.of.every((one) => matchesSearch(one, row));
    case 'any':
      return term.of.some((one) => matchesSearch(one, row));
    case 'not':
      return !matchesSearch(term.of, row);
    case 'text':
      return toText(row._raw)!.toLowerCase().includes(term.text);
    case 'compare': {
      const found = listOf(row[term.field]);
      const { exact } = term;
      if (exact) return found.some((value) => exact.has(value.toLowerCase()));
      // "field!=value … only the events that have the field"
      if (term.op === '!=') return found.length > 0 && !found.some((value) => term.values.some((wanted) => fits(value, wanted)));
      if (term.op === '=') return found.some((value) => term.values.some((wanted) => fits(value, wanted)));
      return found.some((value) => term.values.some((wanted) => compare(toNumber(value), term.op, toNumber(wanted))));
    }
  }
}

/** "Field values … are not case-sensitive"; "an asterisk … as a wildcard". */
function fits(value: string, wanted: string): boolean {
  if (wanted.includes('/') && isIP(wanted.split('/')[0]!)) throw new Error('networks in search are not emulated');
  if (!wanted.includes('*')) return value.toLowerCase() === wanted.toLowerCase();
  const regex = wanted.split('*').map((part) => part.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${regex.join('.*')}$`, 'is').test(value);
}

function compare(value: number | undefined, op: string, wanted: number | undefined): boolean {
  if (value === undefined || wanted === undefined) return false;
  return op === '<' ? value < wanted : op === '>' ? value > wanted : op === '<=' ? value <= wanted : value >= wanted;
}

function splitWords(text: string): string[] {
  const words: string[] = [];
  for (let at = 0; at < text.length;) {
    const char = text[at]!;
    if (/\s/.test(char)) {
      at++;
    } else if (char === '"') {
      const end = endOfQuote(text, at);
      words.push(text.slice(at, end));
      at = end;
    } else {
      const found = /(?:[(),]|[<>!]?=|[<>]|(?:\\.|[^\s"(),=<>!\\])+)/y;
      found.lastIndex = at;
      const word = found.exec(text)?.[0];
      if (word === undefined) throw new Error(`not understood: ${text.slice(at, at + 40)}`);
      words.push(word);
      at += word.length;
    }
  }
  return words;
}

/** A backslash takes the meaning of what follows. */
function plain(word: string): string {
  return word.replace(/\\(.)/gs, '$1');
}

function unquote(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replace(/\\(["\\])/g, '$1') : word;
}
