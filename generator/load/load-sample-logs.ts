import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContentFolder } from './content-files.js';

/** What stands beside logs: who did what, and what the folders are. */
const OTHERS = /(?:^|\/)truth\.json$|\.md$/;

/** @returns the logs below samples/ of the folders */
export function loadSampleLogs(folders: readonly ContentFolder[]): { file: string; text: string }[] {
  return folders.flatMap(({ path, shown }) => {
    const samples = join(path, 'samples');
    if (!existsSync(samples)) return [];
    return readdirSync(samples, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !OTHERS.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => ({ file: join(shown, file.slice(path.length)), text: readFileSync(file, 'utf8') }));
  });
}
