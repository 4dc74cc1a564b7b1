/** Check: a sample that somebody published or documented says where, so that it can be looked up. */
import type { Diagnostic } from '../model/diagnostic.js';
import type { Pack } from '../model/pack.js';

export function checkOrigins(pack: Pack): Diagnostic[] {
  return pack.parsers.flatMap(({ entries, records }) =>
    [...entries, ...records.codes].flatMap(({ origin, source, place }): Diagnostic[] => {
      if (source || (origin !== 'public' && origin !== 'documented')) return [];
      return [{ code: 'sample-origin', place: place.sample, message: `The sample is ${origin}, but no "source" says where.` }];
    }),
  );
}
