/**
 * XML as it is written by programs: elements, attributes, text, CDATA, comments. The scanner goes once over the text, knows the five entities and character
 * numbers, and refuses document types, so that nothing expands and nothing is fetched. It is small because the same one runs inside of Elastic's pipelines.
 */
import { strip, type Tree } from './find-path.js';

const DEEPEST = 32;
/** Text of an element that also has attributes. */
export const TEXT = '#text';

interface Open {
  name: string;
  tree: Tree;
  text: string;
  /** it has attributes or children: its text is one member among others */
  compound: boolean;
  /** by what its parent knows it, where that is an attribute's text */
  known: string | undefined;
  /** how many members its elements have become that are known by an attribute */
  named: number;
}

/**
 * @param members elements that are known by an attribute's text: `{ Data: 'Name' }`; those without are `param1`, `param2` …
 * @returns the root element as a member of a tree, or undefined where the text is not well-formed
 */
export function decodeXml(text: string, members: Record<string, string>): Tree | undefined {
  const root: Open = { name: '', tree: {}, text: '', compound: true, known: undefined, named: 0 };
  const open: Open[] = [root];
  let at = 0;
  while (at < text.length) {
    const top = open[open.length - 1]!;
    const less = text.indexOf('<', at);
    if (less < 0) break;
    if (less > at) top.text += decodeText(text.slice(at, less));
    if (text.startsWith('<!--', less)) {
      at = after(text, '-->', less + 4);
    } else if (text.startsWith('<![CDATA[', less)) {
      const end = text.indexOf(']]>', less + 9);
      if (end < 0) return undefined;
      top.text += text.slice(less + 9, end);
      at = end + 3;
    } else if (text[less + 1] === '?') {
      at = after(text, '?>', less + 2);
    } else if (text[less + 1] === '/') {
      const end = text.indexOf('>', less);
      if (end < 0 || open.length === 1 || localName(strip(text.slice(less + 2, end))) !== top.name) return undefined;
      open.pop();
      close(open[open.length - 1]!, top, members);
      at = end + 1;
    } else {
      if (open.length > DEEPEST) return undefined;
      at = readTag(text, less + 1, open, members);
    }
    if (at === 0) return undefined;
  }
  const rest = text.slice(at);
  return open.length === 1 && strip(rest) === '' && strip(root.text) === '' ? root.tree : undefined;
}

/** @returns where the text goes on, or 0 */
function after(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from);
  return found < 0 ? 0 : found + end.length;
}

/** Reads a start tag from behind its `<`. @returns where the text goes on, or 0 */
function readTag(text: string, from: number, open: Open[], members: Record<string, string>): number {
  let at = endOfName(text, from);
  if (at === from) return 0;
  const name = localName(text.slice(from, at));
  const element: Open = { name, tree: {}, text: '', compound: false, known: undefined, named: 0 };
  for (;;) {
    at = skipSpace(text, at);
    if (text[at] === '>') {
      open.push(element);
      return at + 1;
    }
    if (text[at] === '/' && text[at + 1] === '>') {
      close(open[open.length - 1]!, element, members);
      return at + 2;
    }
    const end = endOfName(text, at);
    if (end === at || text[end] !== '=') return 0;
    const quote = text[end + 1];
    if (quote !== '"' && quote !== "'") return 0;
    const last = text.indexOf(quote, end + 2);
    if (last < 0) return 0;
    const attribute = text.slice(at, end);
    const value = decodeText(text.slice(end + 2, last));
    if (members[name] === attribute) element.known = value;
    else if (!attribute.startsWith('xmlns')) {
      put(element.tree, attribute, value);
      element.compound = true;
    }
    at = last + 1;
  }
}

function close(parent: Open, element: Open, members: Record<string, string>): void {
  parent.compound = true;
  let value: unknown = element.text;
  if (element.compound) {
    if (strip(element.text) !== '') element.tree[TEXT] = element.text;
    value = element.tree;
  }
  if (!Object.hasOwn(members, element.name)) {
    add(parent.tree, element.name, value);
    return;
  }
  if (!Object.hasOwn(parent.tree, element.name)) put(parent.tree, element.name, {});
  const group = parent.tree[element.name];
  if (group === null || typeof group !== 'object') return; // an attribute has the element's name
  if (element.known !== undefined) parent.named++;
  put(group as Tree, element.known ?? `param${++parent.named}`, value);
}

/** Several elements of one name become a list. */
function add(tree: Tree, name: string, value: unknown): void {
  if (!Object.hasOwn(tree, name)) put(tree, name, value);
  else if (Array.isArray(tree[name])) (tree[name] as unknown[]).push(value);
  else tree[name] = [tree[name], value];
}

/** The first of a name counts; `__proto__` is a name like others. */
function put(tree: Tree, name: string, value: unknown): void {
  if (Object.hasOwn(tree, name)) return;
  if (name === '__proto__') Object.defineProperty(tree, name, { value, enumerable: true, writable: true, configurable: true });
  else tree[name] = value;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** A name ends at a blank, `=`, `/`, `>`, a quote or `<`. */
function endOfName(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isSpace(code) || code === 61 || code === 47 || code === 62 || code === 34 || code === 39 || code === 60 || code === 33)
      break;
  }
  return at;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeText(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[0-9A-Fa-f]{1,6}|#[0-9]{1,7}|[a-z]{2,4});/g, (whole, name: string) => {
    if (name[0] !== '#') return ENTITIES[name] ?? whole;
    const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
