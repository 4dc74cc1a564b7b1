/** Load: the only step that reads content from the disk. YAML files become documents; nothing is interpreted yet. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isCollection, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { Diagnostic, Place } from '../model/diagnostic.js';

export type DocumentKind =
  | 'parser'
  | 'detection'
  | 'playbook'
  | 'advice'
  | 'settings'
  | 'fields'
  | 'events'
  | 'notifies'
  | 'exchanges'
  | 'transforms'
  | 'profiles'
  | 'envelopes';

export interface ContentDocument {
  kind: DocumentKind;
  /** path to show, relative to the content's root */
  file: string;
  text: string;
  root: Node | null;
  data: unknown;
}

/** Files of mappings/, in the order in which later ones refer to earlier ones. */
const MAPPINGS: DocumentKind[] = ['fields', 'events', 'notifies', 'exchanges', 'transforms', 'profiles', 'envelopes'];

/** Folders of detections/ that hold something else. */
const FOLDERS: Record<string, DocumentKind> = { playbooks: 'playbook', hardening: 'advice', limits: 'advice' };

/** What a user decides: profile, thresholds, exclusions. */
const SETTINGS = 'settings.yml';

/** The folder that holds parsers/, detections/ and mappings/ of the package itself. */
export const BUILT_IN_CONTENT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Reads every content file below `root`.
 * @returns the documents, and a diagnostic for each syntax error of YAML
 */
export function loadContent(root: string = BUILT_IN_CONTENT): { documents: ContentDocument[]; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const read = (kind: DocumentKind, file: string) => readDocument(kind, root, file, diagnostics);
  const documents = MAPPINGS.filter((kind) => existsSync(join(root, 'mappings', `${kind}.yml`))).map((kind) =>
    read(kind, join(root, 'mappings', `${kind}.yml`)),
  );
  for (const file of yamlFiles(join(root, 'parsers'))) documents.push(read('parser', file));
  for (const file of yamlFiles(join(root, 'detections'))) {
    const folder = relative(join(root, 'detections'), file).replaceAll('\\', '/').split('/')[0]!;
    documents.push(read(FOLDERS[folder] ?? 'detection', file));
  }
  if (existsSync(join(root, SETTINGS))) documents.push(read('settings', join(root, SETTINGS)));
  return { documents, diagnostics };
}

/** @returns the paths of all content files below `root`, in a fixed order */
export function contentFiles(root: string): string[] {
  const settings = join(root, SETTINGS);
  return [
    ...['mappings', 'parsers', 'detections'].flatMap((folder) => yamlFiles(join(root, folder))),
    ...(existsSync(settings) ? [settings] : []),
  ];
}

/** Reads a file of settings that is not the content's own. */
export function loadSettings(path: string): { document: ContentDocument; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  return { document: readDocument('settings', dirname(path), path, diagnostics), diagnostics };
}

function yamlFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yml'))
    .sort()
    .map((name) => join(folder, name));
}

function readDocument(kind: DocumentKind, root: string, path: string, diagnostics: Diagnostic[]): ContentDocument {
  const text = readFileSync(path, 'utf8');
  const file = relative(root, path);
  const document = parseDocument(text, { lineCounter: new LineCounter(), prettyErrors: false });
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
