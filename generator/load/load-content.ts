/** Load: the only step that reads content from the disk. YAML files become documents; nothing is interpreted yet. */
import { readFileSync } from 'node:fs';
import { isCollection, isScalar, type Node, parseDocument } from 'yaml';
import type { Diagnostic, Place } from '../model/diagnostic.js';
import { BUILT_IN_CONTENT, type ContentFolder, contentFiles, type DocumentKind } from './content-files.js';

export interface ContentDocument {
  kind: DocumentKind;
  /** path to show: as a user who gave the folder would write it */
  file: string;
  text: string;
  root: Node | null;
  data: unknown;
}

export interface LoadedContent {
  documents: ContentDocument[];
  /** one for each syntax error of YAML */
  diagnostics: Diagnostic[];
}

/** Reads every content file below the folders. Of files with the same path, the one of the later folder counts. */
export function loadContent(folders: readonly ContentFolder[] = [BUILT_IN_CONTENT]): LoadedContent {
  const diagnostics: Diagnostic[] = [];
  const documents = contentFiles(folders).map(({ kind, path, shown }) => readDocument(kind, path, shown, diagnostics));
  return { documents, diagnostics };
}

/** Reads a file of settings that is not the content's own. */
export function loadSettings(path: string): { document: ContentDocument; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  return { document: readDocument('settings', path, path, diagnostics), diagnostics };
}

function readDocument(kind: DocumentKind, path: string, file: string, diagnostics: Diagnostic[]): ContentDocument {
  const text = readFileSync(path, 'utf8');
  const document = parseDocument(text, { prettyErrors: false });
  for (const error of document.errors) {
    diagnostics.push({ code: 'yaml-syntax', place: { file, start: error.pos[0], end: error.pos[1] }, message: error.message });
  }
  return { kind, file, text, root: document.contents, data: document.errors.length ? undefined : document.toJS() };
}

/**
 * @param path keys and indexes from the document's root, e.g. `['events', 3, 'line']`
 * @returns where the value stands; a missing value has the place of its parent
 */
export function placeOf(document: ContentDocument, path: readonly (string | number)[], on: 'value' | 'key' = 'value'): Place {
  let node: Node | null = document.root;
  let range = node?.range ?? [0, 0, 0];
  for (const [depth, step] of path.entries()) {
    if (!isCollection(node)) break;
    if (on === 'key' && depth === path.length - 1) {
      const pair = (node.items as { key?: unknown }[]).find((item) => isScalar(item.key) && item.key.value === step);
      if (isScalar(pair?.key) && pair.key.range) range = pair.key.range;
      break;
    }
    const child = node.get(step, true) as Node | undefined;
    if (!child?.range) break;
    node = child;
    range = child.range;
  }
  return { file: document.file, start: range[0], end: range[1] };
}

/**
 * @param start offset in the scalar's value
 * @param end offset in the scalar's value
 * @returns the place of a part of a string value, with quotes and escapes accounted for
 */
export function placeWithin(document: ContentDocument, path: readonly (string | number)[], start: number, end: number): Place {
  const whole = placeOf(document, path);
  const offsets = valueOffsets(document.text.slice(whole.start, whole.end));
  const at = (offset: number) => whole.start + (offsets[Math.min(offset, offsets.length - 1)] ?? 0);
  return { file: whole.file, start: at(start), end: Math.max(at(end), at(start) + 1) };
}

/** @returns for each character of a flow scalar's value (and its end) the offset in its source. */
function valueOffsets(source: string): number[] {
  const offsets: number[] = [];
  const quote = source[0];
  let i = quote === '"' || quote === "'" ? 1 : 0;
  const stop = i === 1 ? source.length - 1 : source.length;
  while (i < stop) {
    offsets.push(i);
    if (quote === '"' && source[i] === '\\') {
      const width = { x: 4, u: 6, U: 10 }[source[i + 1]!] ?? 2;
      i += width;
    } else if (quote === "'" && source[i] === "'") i += 2;
    else i += 1;
  }
  offsets.push(stop);
  return offsets;
}
