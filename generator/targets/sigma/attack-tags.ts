import { type Attack, techniqueOf } from '../../model/attack.js';

/** @returns Sigma tags of ATT&CK 19, tactics first: SigmaHQ wants every tactic of a technique named */
export function attackTags({ techniques }: Attack, ids: string[]): string[] {
  const own = [...new Set(ids.map((id) => techniques[id]?.renumbered ?? id))];
  const tactics = new Set(own.flatMap((id) => techniques[techniqueOf(id)]?.tactics ?? []));
  return [...[...tactics].sort(), ...own.map((id) => id.toLowerCase())].map((name) => `attack.${name}`);
}
