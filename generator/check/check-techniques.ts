/** Check: techniques of ATT&CK are known, so that every target can name them. */
import { type ContentDocument, placeOf } from '../load/load-content.js';
import { type Diagnostic, didYouMean } from '../model/diagnostic.js';
import { techniqueOf } from '../model/attack.js';
import type { Pack } from '../model/pack.js';

export function checkTechniques(documents: ContentDocument[], { attack: { tactics, techniques } }: Pack): Diagnostic[] {
  // what version 19 alone has is no name that version 18 knows
  const known = Object.keys(techniques).filter((id) => techniques[techniqueOf(id)]?.tactic);
  const check = (document: ContentDocument, path: (string | number)[], ids: unknown): Diagnostic[] =>
    ((ids as string[] | undefined) ?? []).flatMap((id, index) =>
      known.includes(id)
        ? []
        : [
            {
              code: 'known-technique',
              place: placeOf(document, [...path, index]),
              message: `Unknown technique "${id}".${didYouMean(id, known)} mappings/attack.yml has those with names.`,
            },
          ],
    );
  return documents.flatMap((document) => {
    const data = document.data as Record<string, Record<string, Record<string, unknown>>>;
    switch (document.kind) {
      case 'detection':
        return check(document, ['attack'], data.attack);
      case 'events':
        return Object.entries(data.events ?? {}).flatMap(([name, event]) =>
          check(document, ['events', name, 'attack'], event.attack),
        );
      case 'attack':
        return Object.entries(data.techniques ?? {}).flatMap(([id, { tactic }]): Diagnostic[] =>
          tactic === undefined || Object.hasOwn(tactics, tactic as string)
            ? []
            : [
                {
                  code: 'known-tactic',
                  place: placeOf(document, ['techniques', id, 'tactic']),
                  message: `Unknown tactic "${tactic as string}".${didYouMean(tactic as string, Object.keys(tactics))}`,
                },
              ],
        );
      default:
        return [];
    }
  });
}
