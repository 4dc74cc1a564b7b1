/** Packages as Splunk installs them: each app's folder as a .spl, which is a gzipped tar. The same content gives the same bytes. */
import { gzipSync } from 'fflate';
import { createTar } from 'nanotar';

/** @returns the files, and beside them a package for each of their folders */
export function packageApps(files: ReadonlyMap<string, string>): Map<string, string | Buffer> {
  const apps = [...new Set([...files.keys()].map((path) => path.split('/')[0]!))];
  return new Map<string, string | Buffer>([
    ...files,
    ...apps.map((app): [string, Buffer] => [`${app}.spl`, packFolder(files, app)]),
  ]);
}

/** AppInspect wants no executable file, and none whose path begins with a dot. */
function packFolder(files: ReadonlyMap<string, string>, app: string): Buffer {
  const own = [...files].filter(([path]) => path.startsWith(`${app}/`)).sort(([a], [b]) => (a < b ? -1 : 1));
  const tar = createTar(
    own.map(([name, data]) => ({ name, data })),
    { attrs: { mode: '644', uid: 0, gid: 0, mtime: 0, user: 'root', group: 'root' } },
  );
  // not Node's zlib, which packs differently from one processor and version to the next
  return Buffer.from(gzipSync(tar, { level: 9, mtime: 0 }));
}
