/** All that the .conf files say of one parser, worked out once: which regex reads what, and which field comes from where. */
import { captureType, type ValueKind } from '../../model/capture-types.js';
import type { Entry, Pack, Parser } from '../../model/pack.js';
import { captureLine, type Extraction } from './capture-line.js';
import { emitHeader, type Header } from './emit-header.js';
import { type Group, groupLines } from './group-lines.js';
import { type Line, orderedLines } from './line-tokens.js';
import { splitDispatch } from './split-dispatch.js';

/** What one transform reads. */
export interface Reading {
  /** the stanza's name */
  name: string;
  group: Group;
  reading: Line[];
}

export type Transform = Reading & Extraction;

export interface ParserPlan {
  parser: Parser;
  /** short name for stanzas, e.g. `ikeaudit_charon` */
  prefix: string;
  header: Header;
  dispatch: { literal: string[]; generic: string[] };
  transforms: Transform[];
  /** fields that lines capture or set, with the kinds of value they take */
  lineFields: Map<string, Set<ValueKind | 'constant'>>;
}

/** @param own a header that is not that of text envelopes */
export function planParser(pack: Pack, parser: Parser, prefix = prefixOf(parser), own?: Header): ParserPlan {
  const lineFields = fieldsOfLines(parser.entries);
  const header = own ?? emitHeader(pack, parser, (field) => (lineFields.has(field) ? `header_${field}` : field));
  const lines = orderedLines(pack, parser);
  const groups = groupLines(lines);
  const groupOf = new Map(groups.flatMap((group) => group.readings.flat().map((line) => [line, group] as const)));
  const dispatch = splitDispatch(inGroupOrder(lines, groups), groupOf);
  return { parser, prefix, header, dispatch, transforms: readingsOf(prefix, groups).map(toTransform), lineFields };
}

export function prefixOf(parser: Parser): string {
  return `ikeaudit_${parser.name.split('.').at(-1)!}`;
}

/** The transforms of one entry, as the parser's plan has them, without all the rest of it. */
export function transformsOf(pack: Pack, parser: Parser, entry: string, prefix: string): Transform[] {
  return readingsOf(prefix, groupLines(orderedLines(pack, parser)))
    .filter(({ reading }) => reading.some((line) => line.entry.id === entry))
    .map(toTransform);
}

function toTransform(reading: Reading): Transform {
  return { ...reading, ...captureLine(reading.reading, reading.group.open) };
}

/** Groups one after the other, each in the engine's order: what the dispatch needs to give each group one place. */
export function inGroupOrder(lines: Line[], groups: Group[]): Line[] {
  const rank = new Map(lines.map((line, index) => [line, index]));
  return groups.flatMap(({ readings }) => readings.flat().sort((a, b) => rank.get(a)! - rank.get(b)!));
}

function readingsOf(prefix: string, groups: Group[]): Reading[] {
  const counts = new Map<string, number>();
  return groups.flatMap((group) =>
    group.readings.map((reading): Reading => {
      const base = `${prefix}_${reading[0]!.entry.id.replace(/[^A-Za-z0-9]+/g, '_')}`;
      const count = (counts.get(base) ?? 0) + 1;
      counts.set(base, count);
      return { name: count === 1 ? base : `${base}__${count}`, group, reading };
    }),
  );
}

/** @param entries some of a parser's, or all */
export function fieldsOfLines(entries: Entry[]): Map<string, Set<ValueKind | 'constant'>> {
  const fields = new Map<string, Set<ValueKind | 'constant'>>();
  const add = (field: string, kind: ValueKind | 'constant') => fields.set(field, (fields.get(field) ?? new Set()).add(kind));
  for (const { template, set } of entries) {
    for (const field of Object.keys(set)) add(field, 'constant');
    for (const part of template.parts) {
      if (part.kind === 'literal' || !part.field || part.field === '_') continue;
      add(part.field, part.kind === 'choice' ? 'constant' : captureType(part.type).value);
    }
  }
  return fields;
}
