import { type Attack, techniqueOf } from '../../../model/attack.js';

const SITE = 'https://attack.mitre.org';

/** @returns the techniques as a rule names them, by tactic */
export function threatOf({ tactics, techniques }: Attack, ids: string[]): object[] {
  const below = new Map<string, Map<string, string[]>>();
  for (const id of ids) {
    const technique = techniqueOf(id);
    const tactic = techniques[technique]!.tactic!;
    const found = below.get(tactic) ?? new Map<string, string[]>();
    below.set(tactic, found);
    found.set(technique, [...(found.get(technique) ?? []), ...(id === technique ? [] : [id])]);
  }
  return [...below].map(([tactic, found]) => ({
    framework: 'MITRE ATT&CK',
    tactic: { ...tactics[tactic], reference: `${SITE}/tactics/${tactics[tactic]!.id}/` },
    technique: [...found].map(([id, subs]) => ({
      id,
      name: techniques[id]!.name,
      reference: `${SITE}/techniques/${id}/`,
      subtechnique: subs.map((sub) => ({
        id: sub,
        name: techniques[sub]!.name,
        reference: `${SITE}/techniques/${sub.replace('.', '/')}/`,
      })),
    })),
  }));
}
