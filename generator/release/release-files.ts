/** A release: each target's packages, what changed, and checksums. The same content gives the same bytes, on every system. */
import { createHash } from 'node:crypto';
import { type Zippable, zipSync } from 'fflate';

export type Files = ReadonlyMap<string, string | Buffer>;

/** A file of a release; several files become a zip. */
export type Released = string | Buffer | Files;

/** The first day that a zip can say. Zips have no zone: fflate writes the local time, and this is the same text in every zone. */
const DATE = new Date(1980, 0, 1, 12);

/**
 * @param released what the targets release, by file name
 * @param texts what stands in every zip beside its files, such as the licence
 * @param changes the changelog's section of this version
 * @returns the files of the release, with their checksums as `sha256sum --check` reads them
 */
export function releaseFiles(released: ReadonlyMap<string, Released>, texts: Files, changes: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const [name, content] of released)
    files.set(name, content instanceof Map ? zipFiles(name, new Map([...texts, ...content])) : Buffer.from(content as string));
  files.set('CHANGES.md', Buffer.from(changes));
  return files.set('SHA256SUMS', Buffer.from(checksums(files)));
}

/**
 * @param changelog text with a heading `## <version>` for each version
 * @returns what stands below this version's heading; undefined where it has none
 */
export function changesOf(changelog: string, version: string): string | undefined {
  const [, ...sections] = changelog.split(/^## /m);
  const section = sections.find((text) => text.split(/\s/, 1)[0] === version);
  return section === undefined ? undefined : `## ${section.trim()}\n`;
}

/** All below one folder, so that unpacking it litters nothing. */
function zipFiles(name: string, files: Files): Buffer {
  const folder = name.replace(/\.zip$/, '');
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  const tree: Zippable = Object.fromEntries(
    sorted.map(([path, content]) => [`${folder}/${path}`, Buffer.from(content as string)]),
  );
  return Buffer.from(zipSync(tree, { level: 9, mtime: DATE, os: 3, attrs: 0o100644 << 16 }));
}

function checksums(files: ReadonlyMap<string, Buffer>): string {
  return [...files]
    .map(([name, content]) => `${createHash('sha256').update(content).digest('hex')}  ${name}\n`)
    .sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1))
    .join('');
}
