/** The vendor's words as look-up tables: every word that the engine's vocabulary knows for a parser, asked of that vocabulary itself. */
import { vocabularyOf } from '../../engine/vocabulary.js';
import type { Pack, Parser } from '../../model/pack.js';

export interface WordTables {
  /** word, or registered number, → registered name */
  notifies: Record<string, string>;
  /** registered name → number, for notifies of the error class */
  errors: Record<string, number>;
  /** word in upper case → the field that it fills, and its value */
  algorithms: Record<string, [field: string, value: string | number]>;
}

export function wordTables(pack: Pack, parser: Parser): WordTables {
  const vocabulary = vocabularyOf(pack, parser);
  const words = [
    ...pack.notifies.flatMap(({ name, number }) => [name, String(number)]),
    ...Object.keys(pack.notifySpellings),
    ...Object.keys(parser.spellings.notify),
  ];
  const spellings = [
    ...pack.transforms.flatMap((transform) => Object.keys(transform.spellings)),
    ...Object.keys(parser.spellings.transform),
  ];
  return {
    notifies: Object.fromEntries(words.flatMap((word) => pairs(word, vocabulary.notify(word)?.name))),
    errors: Object.fromEntries(
      pack.notifies.flatMap((notify) => (notify.class === 'error' ? [[notify.name, notify.number]] : [])),
    ),
    algorithms: Object.fromEntries(
      spellings.flatMap((word): [string, [string, string | number]][] => {
        const algorithm = vocabulary.algorithm(word);
        switch (algorithm?.type) {
          case 'encryption':
          case 'integrity':
          case 'prf':
            return [[word.toUpperCase(), [algorithm.type, algorithm.value]]];
          case 'key_exchange':
            return [[word.toUpperCase(), ['dh_group', algorithm.number]]];
          default:
            return []; // no field holds the other kinds
        }
      }),
    ),
  };
}

function pairs<T>(key: string, value: T | undefined): [string, T][] {
  return value === undefined ? [] : [[key, value]];
}
