/** All that the .conf files say of one parser, worked out once: which regex reads what, and which field comes from where. */
import { captureType, type ValueKind } from '../../model/capture-types.js';
import type { Pack, Parser } from '../../model/pack.js';
import { captureLine, type Extraction } from './capture-line.js';
import { emitHeader, type Header } from './emit-header.js';
import { type Group, groupLines } from './group-lines.js';
import { type Line, orderedLines } from './line-tokens.js';
import { splitDispatch } from './split-dispatch.js';

export interface Transform extends Extraction {
  /** the stanza's name */
  name: string;
  group: Group;
  reading: Line[];
}

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
export function planParser(
  pack: Pack,
  parser: Parser,
  prefix = `ikeaudit_${parser.name.split('.').at(-1)!}`,
  own?: Header,
): ParserPlan {
  const lineFields = fieldsOfLines(parser);
  const header = own ?? emitHeader(pack, parser, (field) => (lineFields.has(field) ? `header_${field}` : field));
  const lines = orderedLines(pack, parser);
  const groups = groupLines(lines);
  const groupOf = new Map(groups.flatMap((group) => group.readings.flat().map((line) => [line, group] as const)));
  const dispatch = splitDispatch(inGroupOrder(lines, groups), groupOf);
  return { parser, prefix, header, dispatch, transforms: transformsOf(prefix, groups), lineFields };
}

/** Groups one after the other, each in the engine's order: what the dispatch needs to give each group one place. */
export function inGroupOrder(lines: Line[], groups: Group[]): Line[] {
  const rank = new Map(lines.map((line, index) => [line, index]));
  return groups.flatMap(({ readings }) => readings.flat().sort((a, b) => rank.get(a)! - rank.get(b)!));
}

function transformsOf(prefix: string, groups: Group[]): Transform[] {
  const counts = new Map<string, number>();
  return groups.flatMap((group) =>
    group.readings.map((reading): Transform => {
      const base = `${prefix}_${reading[0]!.entry.id.replace(/[^A-Za-z0-9]+/g, '_')}`;
      const count = (counts.get(base) ?? 0) + 1;
      counts.set(base, count);
      return { name: count === 1 ? base : `${base}__${count}`, group, reading, ...captureLine(reading, group.open) };
    }),
  );
}

function fieldsOfLines(parser: Parser): Map<string, Set<ValueKind | 'constant'>> {
  const fields = new Map<string, Set<ValueKind | 'constant'>>();
  const add = (field: string, kind: ValueKind | 'constant') => fields.set(field, (fields.get(field) ?? new Set()).add(kind));
  for (const { template, set } of parser.entries) {
    for (const field of Object.keys(set)) add(field, 'constant');
    for (const part of template.parts) {
      if (part.kind === 'literal' || !part.field || part.field === '_') continue;
      add(part.field, part.kind === 'choice' ? 'constant' : captureType(part.type).value);
    }
  }
  return fields;
}
