/** Check: where a parser says how its messages begin, every line begins so: else a target would take its records for another program's. */
import type { Diagnostic } from '../model/diagnostic.js';
import type { Pack } from '../model/pack.js';

export function checkBegins(pack: Pack): Diagnostic[] {
  return pack.parsers.flatMap(({ begins, entries }) =>
    entries.flatMap(({ template, place }): Diagnostic[] => {
      if (begins.length === 0 || begins.some((text) => template.source.startsWith(text))) return [];
      const message = `The line begins with none of the texts of "begins": ${begins.map((text) => `"${text}"`).join(', ')}.`;
      return [{ code: 'line-begins', place: place.line, message }];
    }),
  );
}
