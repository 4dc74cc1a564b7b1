/** The products whose records a log holds: what each has told, and what it has words for. */
import type { Engine } from '../engine/compile-engine.js';
import type { Seen } from '../engine/parse-records.js';
import type { Parser } from '../model/pack.js';
import { templateFields } from '../model/template.js';

export interface Product {
  parser: Parser;
  records: number;
  /** records to which stitching has lent their peer */
  joined: number;
  /** what was told, and how often */
  events: Map<string, number>;
  fields: Set<string>;
  /** of the fields, those that headers told */
  headerFields: Set<string>;
}

/** @returns what each parser has read of the log */
export function productsOf(engine: Engine, seen: Seen[]): Product[] {
  return seen.map(({ compiled, lines, headerSlots, joined }) => {
    const events = new Map<string, number>();
    const headerFields = new Set([...headerSlots].map((slot) => engine.slotNames[slot]!));
    const fields = new Set(headerFields);
    let records = 0;
    for (const leaf of compiled.leaves) {
      const count = lines[leaf.id]!;
      if (count === 0) continue;
      records += count;
      events.set(leaf.entry.event!, (events.get(leaf.entry.event!) ?? 0) + count);
      for (const { field } of leaf.captures) fields.add(field.name);
      for (const name of Object.keys(leaf.constants)) fields.add(name);
    }
    return { parser: compiled.parser, records, joined, events, fields, headerFields };
  });
}

/** Names for which a parser has words. */
export interface Words {
  events: ReadonlySet<string>;
  fields: ReadonlySet<string>;
  headerFields: ReadonlySet<string>;
}

export function wordsOf(parser: Parser): Words {
  const entries = parser.entries.filter(({ kind }) => kind === 'event');
  const headerFields = [
    ...parser.headers.flatMap(templateFields),
    ...Object.values(parser.structured).flatMap((fields) => Object.values(fields)),
  ];
  const told = entries.flatMap(({ template, set }) => [...templateFields(template), ...Object.keys(set)]);
  return {
    events: new Set(entries.map(({ event }) => event!)),
    headerFields: new Set(headerFields),
    fields: new Set([...headerFields, ...told]),
  };
}
