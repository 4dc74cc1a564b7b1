/** The configuration files that docs/delivery.md shows, as a test runs them. */
import { readFileSync } from 'node:fs';

/**
 * @param changes what is another one in a test: paths, ports, hosts
 * @returns the recipe's text with these changes
 * @throws where a recipe does not hold what is to be changed any more
 */
export function recipe(name: string, changes: Record<string, string> = {}): string {
  let text = readFileSync(`docs/delivery/${name}`, 'utf8');
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`docs/delivery/${name} has no "${from}"`);
    text = text.replaceAll(from, to);
  }
  return text;
}
