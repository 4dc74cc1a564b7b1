/** Check: logs among the samples are anonymised, whatever their origin: who wants the original of a public one finds it by its source. */
import { foreignNames } from '../anonymize/foreign-names.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Pack } from '../model/pack.js';
import { foreignAddresses } from './check-addresses.js';

/** So many are told of one file: whoever has forgotten to anonymise it has thousands. */
const MOST = 5;

export interface SampleLog {
  /** path to show */
  file: string;
  text: string;
}

export function checkLogs(logs: readonly SampleLog[], pack: Pack): Diagnostic[] {
  const own = new Set(pack.parsers.flatMap(({ hosts }) => hosts));
  return logs.flatMap(({ file, text }) => {
    const found = new Map<string, { what: string; index: number }>();
    const see = (what: string, value: string, index: number) => found.has(value) || found.set(value, { what, index });
    for (const { address, index } of foreignAddresses(text)) see('address', address, index);
    for (const { name, index } of foreignNames(text, own)) see('name', name.toLowerCase(), index);
    return [...found].slice(0, MOST).map(([value, { what, index }], count): Diagnostic => {
      const others = count === MOST - 1 && found.size > MOST ? ` So do ${found.size - MOST} others of this file.` : '';
      return {
        code: 'log-anonymous',
        place: { file, start: index, end: index + value.length },
        message: `The log holds the ${what} "${value}", which may be somebody's. Write it anew with "ikeaudit anonymize".${others}`,
      };
    });
  });
}
