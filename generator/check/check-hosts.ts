/** Check: samples hold names of hosts that are reserved for examples, or that the product itself writes. */
import { foreignNames } from '../anonymize/foreign-names.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Pack } from '../model/pack.js';
import { samplesOf } from './check-addresses.js';

export function checkHosts(pack: Pack): Diagnostic[] {
  return pack.parsers.flatMap((parser) => {
    const own = new Set(parser.hosts);
    return samplesOf(parser).flatMap(({ text, place }) =>
      foreignNames(text, own).map(({ name }): Diagnostic => ({
        code: 'sample-hosts',
        place,
        message: `The sample holds the name "${name}", which may be somebody's. Use example.com, .net or .org; where the product itself writes it, say so in "hosts".`,
      })),
    );
  });
}
