/** Which files are content, and in which order they are read. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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

function yamlFiles(folder: string, part: string): string[] {
  if (!existsSync(join(folder, part))) return [];
  return readdirSync(join(folder, part), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yml'))
    .map((name) => `${part}/${name.replaceAll('\\', '/')}`);
}
