/** Which fault was caught on which target, for docs/mutation.md. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MutationResult } from '../../generator/docs/mutation.js';

const PATH = fileURLToPath(new URL('./results.json', import.meta.url));

/**
 * Keeps the results of one part; those of targets that were not run this time stay as they were.
 * @returns all of the part, as they are kept now
 */
export function keepResults(part: string, results: MutationResult[]): MutationResult[] {
  const kept = existsSync(PATH) ? (JSON.parse(readFileSync(PATH, 'utf8')) as Record<string, MutationResult[]>) : {};
  const before = new Map((kept[part] ?? []).map(({ fault, where, caught }) => [`${fault} ${where}`, caught]));
  const merged = results.map(({ fault, where, caught }) => ({
    fault,
    where,
    caught: { ...before.get(`${fault} ${where}`), ...caught },
  }));
  writeFileSync(PATH, `${JSON.stringify({ ...kept, [part]: merged }, null, 1)}\n`);
  return merged;
}
