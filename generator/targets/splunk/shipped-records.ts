/**
 * Records that `ikeaudit parse --format cim` has read and stitched before they were shipped: JSON with CIM's names. The add-on gives them the neutral names
 * back, so that every search works on both.
 */
import type { Pack } from '../../model/pack.js';
import { SHIPPED } from '../../model/shipped.js';
import type { Stanza } from './conf-file.js';
import type { Lookup } from './lookup-tables.js';

/** Syslog of a whole host: its records are sorted by program into the source types of the parsers. */
export const SYSLOG = 'ikeaudit:syslog';

/** @returns the source types that hold events */
export function allSourcetypes(pack: Pack): string[] {
  const names = pack.parsers.flatMap(({ sourcetype, sourcetypes }) => [sourcetype, ...Object.keys(sourcetypes)]);
  return [...new Set(names), SHIPPED];
}

/** Which product writes under a program's name. */
export function productLookup(pack: Pack): Lookup {
  const rows = pack.parsers.flatMap(({ programs, vendor, product }) =>
    programs.map((program) => [program, `${vendor} ${product}`]),
  );
  return {
    name: 'ikeaudit_products',
    columns: ['program', 'vendor_product'],
    rows: [...new Map(rows.map((row) => [row[0], row])).values()] as string[][],
  };
}

/** `_time` is not a name for a field of one's own: the key is renamed after it has been read. */
export function emitShippedSourcetype(pack: Pack, indexTime: Stanza['settings'], events: Lookup[]): Stanza {
  return {
    name: SHIPPED,
    comment: ['Records of "ikeaudit parse --format cim", a JSON object on each line.'],
    settings: [
      ['category', 'Network & Security'],
      ['description', 'IKE and IPsec, read by ikeaudit'],
      ['pulldown_type', 'true'],
      ...indexTime,
      ['TZ', 'UTC'],
      ['SEDCMD-ikeaudit', 's/\\A\\{"_time":/{"timestamp":/'],
      ['TRANSFORMS-ikeaudit', 'ikeaudit_shipped_host'],
      ['KV_MODE', 'json'],
      ...emitEvals(pack),
      ...events.map(({ name, columns }): [string, string] => [
        `LOOKUP-${name}`,
        `${name} msg_type OUTPUTNEW ${columns.slice(1).join(' ')}`,
      ]),
      ['LOOKUP-ikeaudit_products', 'ikeaudit_products program OUTPUTNEW vendor_product'],
    ],
  };
}

/** The host in the record is the gateway; the host of the input is the shipper's. */
export function emitShippedTransform(): Stanza {
  return {
    name: 'ikeaudit_shipped_host',
    comment: [
      'The gateway that a shipped record names: its place in the record is fixed, so that no text of a peer can stand there.',
    ],
    settings: [
      ['REGEX', '\\A\\{"[_a-z]+":"[^"]+","dvc":"([^"\\\\]+)"'],
      ['DEST_KEY', 'MetaData:Host'],
      ['FORMAT', 'host::$1'],
    ],
  };
}

/** JSON arrays are named `name{}`; a field with two CIM names' worth of meaning takes the first of fields.yml. */
function emitEvals(pack: Pack): Stanza['settings'] {
  const evals = new Map<string, string>();
  const taken = new Set<string>();
  for (const { name, cim, list } of pack.fields.values()) {
    const known = cim ?? name;
    if (known.startsWith('_') || name === 'host' || (known !== name && taken.has(known))) continue;
    taken.add(known);
    const value = list ? `'${known}{}'` : known;
    if (value === name) continue;
    evals.set(name, value);
    if (list && known !== name) evals.set(known, value);
  }
  evals.set('app', '"ike"').set('dest_ip', 'coalesce(assigned_ip, dest)');
  return [...evals].sort(([a], [b]) => (a < b ? -1 : 1)).map(([field, value]) => [`EVAL-${field}`, value]);
}
