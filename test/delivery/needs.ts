/** Programs that the delivery tests run. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/lib/systemd', '/usr/lib/systemd'];

/**
 * @param debian the package that holds the program
 * @returns its path
 * @throws where it is not installed
 */
export function needs(program: string, debian: string): string {
  const found = FOLDERS.map((folder) => join(folder, program)).find((path) => existsSync(path));
  if (!found) throw new Error(`This test runs "${program}". Install it: apt-get install ${debian}`);
  return found;
}
