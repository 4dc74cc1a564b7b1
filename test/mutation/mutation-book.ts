/** Which fault was caught on which target, for docs/mutation.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MutationResult } from '../../generator/docs/mutation.js';

const PATH = fileURLToPath(new URL('./results.json', import.meta.url));

/** Replaces the results of one part, and keeps those of the others. */
export function keepResults(part: string, results: MutationResult[]): void {
  const kept = existsSync(PATH) ? (JSON.parse(readFileSync(PATH, 'utf8')) as Record<string, MutationResult[]>) : {};
  writeFileSync(PATH, `${JSON.stringify({ ...kept, [part]: results }, null, 1)}\n`);
}
