/** What lines mean beyond what they capture: variants that say the same share one meaning. */
import { fieldsOfTake } from '../../engine/compile-records.js';
import { outputFormat } from '../../engine/formats.js';
import { templateVariants } from '../../lower/variants.js';
import { type Entry, type Pack, type Parser, peerControlledFields } from '../../model/pack.js';
import { templateFields, type Variant } from '../../model/template.js';
import { nest, type Nested } from './nest.js';

export interface Meaning {
  /** absent for declared noise */
  event?: string;
  /** constants, at their places in the document */
  set?: Nested;
  /** fields of the header that the line tells itself */
  own?: string[];
  /** the line tells the gateway's role: a record's other members do not */
  role?: true;
  /** the gateway began the SA: it is the source */
  initiator?: true;
  /** the field that names the user, where the line captures none as such */
  user?: string;
}

export interface MeaningOfLines {
  meanings: Meaning[];
  variants: Variant[];
  /** for each variant the place of its meaning */
  numbers: number[];
}

export function meaningsOfLines(pack: Pack, parser: Parser): MeaningOfLines {
  const outer = new Set([...parser.headers.flatMap(templateFields), ...structuredFields(parser), ...takenFields(parser)]);
  const places = new Map<string, number>();
  const all = parser.entries.flatMap((entry) =>
    templateVariants(entry.template, peerControlledFields(pack)).map((variant) => {
      const text = JSON.stringify(meaningOf(pack, entry, variant, outer));
      if (!places.has(text)) places.set(text, places.size);
      return { variant, number: places.get(text)! };
    }),
  );
  return {
    meanings: [...places.keys()].map((text) => JSON.parse(text)),
    variants: all.map(({ variant }) => variant),
    numbers: all.map(({ number }) => number),
  };
}

export function structuredFields(parser: Parser): string[] {
  return Object.values(parser.structured).flatMap((fields) => Object.values(fields));
}

/** @returns the fields that paths of the parser's records fill, whatever their entry */
export function takenFields(parser: Parser): string[] {
  return parser.records.take.flatMap((take) => fieldsOfTake(parser, take));
}

function meaningOf(pack: Pack, entry: Entry, variant: Variant, outer: Set<string>): Meaning {
  if (entry.kind === 'ignored') return {};
  const constants = { ...entry.set, ...variant.chosen };
  const captured = variant.parts.flatMap((part) => (part.kind === 'step' && pack.fields.has(part.field) ? [part.field] : []));
  const names = [...new Set([...captured, ...Object.keys(constants)])];
  const own = names.filter((name) => outer.has(name));
  return {
    event: entry.event,
    ...(Object.keys(constants).length ? { set: placeConstants(pack, constants) } : {}),
    ...(own.length ? { own } : {}),
    ...(names.includes('role') ? { role: true as const } : {}),
    ...(constants.role === 'initiator' ? { initiator: true } : {}),
    // a user is known by the identity that the peer claims, where there is no other
    ...(captured.includes('peer_id') && !names.includes('user_identity') ? { user: 'peer_id' } : {}),
  };
}

export function placeConstants(pack: Pack, constants: Entry['set']): Nested {
  const format = outputFormat(pack, 'ecs');
  const places = Object.entries(constants).map(([name, value]) => [
    format.key(name),
    pack.fields.get(name)?.list ? [value] : value,
  ]);
  return nest(Object.fromEntries(places));
}
