/** Load: the only step that reads content from the disk. YAML files become documents; nothing is interpreted yet. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isCollection, isScalar, type Node, parseDocument } from 'yaml';
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
  | 'attack'
  | 'transforms'
  | 'profiles'
  | 'envelopes';

export interface ContentDocument {
  kind: DocumentKind;
  /** path to show: as a user who gave the folder would write it */
  file: string;
  text: string;
  root: Node | null;
  data: unknown;
}

/** Files of mappings/, in the order in which later ones refer to earlier ones. */
const MAPPINGS: DocumentKind[] = ['attack', 'fields', 'events', 'notifies', 'exchanges', 'transforms', 'profiles', 'envelopes'];

/** Folders of detections/ that hold something else. */
const FOLDERS: Record<string, DocumentKind> = { playbooks: 'playbook', hardening: 'advice', limits: 'advice' };

const DETECTIONS: DocumentKind[] = ['detection', 'playbook', 'advice'];

/** What a user decides: profile, thresholds, exclusions. */
const SETTINGS = 'settings.yml';

/** A folder with parsers/, detections/, mappings/ and settings.yml, or some of them. */
export interface ContentFolder {
  path: string;
  /** what stands before its files' paths where they are shown */
  shown: string;
}

/** What the package itself holds. */
export const BUILT_IN_CONTENT: ContentFolder = { path: fileURLToPath(new URL('../../', import.meta.url)), shown: '' };

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

interface ContentFile {
  kind: DocumentKind;
  path: string;
  shown: string;
}

/** @returns all content files below the folders, in a fixed order */
export function contentFiles(folders: readonly ContentFolder[]): ContentFile[] {
  const found = new Map<string, ContentFile>();
  for (const { path, shown } of folders) {
    for (const [file, kind] of kindsOf(path)) found.set(file, { kind, path: join(path, file), shown: join(shown, file) });
  }
  // by part, then by path: a folder's additions stand where they would stand in one folder
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  const part = (wanted: (kind: DocumentKind) => boolean) => sorted.map(([, file]) => file).filter(({ kind }) => wanted(kind));
  return [
    ...MAPPINGS.flatMap((kind) => part((one) => one === kind)),
    ...part((kind) => kind === 'parser'),
    ...part((kind) => DETECTIONS.includes(kind)),
    ...part((kind) => kind === 'settings'),
  ];
}

/** @returns the content files of one folder, by their paths in it */
function kindsOf(folder: string): [string, DocumentKind][] {
  const kindOfDetection = (path: string): DocumentKind => FOLDERS[path.split('/')[1]!] ?? 'detection';
  return [
    ...MAPPINGS.map((kind): [string, DocumentKind] => [`mappings/${kind}.yml`, kind]).filter(([path]) =>
      existsSync(join(folder, path)),
    ),
    ...yamlFiles(folder, 'parsers').map((path): [string, DocumentKind] => [path, 'parser']),
    ...yamlFiles(folder, 'detections').map((path): [string, DocumentKind] => [path, kindOfDetection(path)]),
    ...(existsSync(join(folder, SETTINGS)) ? [[SETTINGS, 'settings'] as [string, DocumentKind]] : []),
  ];
}

/** Reads a file of settings that is not the content's own. */
export function loadSettings(path: string): { document: ContentDocument; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  return { document: readDocument('settings', path, path, diagnostics), diagnostics };
}

function yamlFiles(folder: string, part: string): string[] {
  if (!existsSync(join(folder, part))) return [];
  return readdirSync(join(folder, part), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yml'))
    .map((name) => `${part}/${name.replaceAll('\\', '/')}`);
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
