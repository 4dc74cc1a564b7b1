/** What the content says of structured records, as tables (`params.forms`, `params.records`) of the pipeline's script. */
import { bySpecificity, kindOf } from '../../engine/compile-records.js';
import { wayOf } from '../../engine/find-path.js';
import { vocabularyOf, readValue } from '../../engine/vocabulary.js';
import { templateVariants } from '../../lower/variants.js';
import type { Envelope, Pack, Parser } from '../../model/pack.js';
import type { CodeEntry, Condition, Table, Take } from '../../model/record-form.js';
import { growTree } from './line-tree.js';
import { placeConstants } from './line-meanings.js';
import { packNode } from './pack-tree.js';

const FIELDS = ['timestamp', 'host', 'program', 'pid', 'message'];

export function recordTables(pack: Pack, parser: Parser) {
  const { where, take, tables, empty, codes } = parser.records;
  const forms = pack.envelopes.flatMap((envelope) => (envelope.form && !envelope.form.each ? [formTable(parser, envelope)] : []));
  return {
    forms: {
      json: forms.filter(({ format }) => format === 'json'),
      xml: forms.filter(({ format }) => format === 'xml'),
      rfc5424: forms.filter(({ format }) => format === 'rfc5424'),
      // pairs and columns are looked for in one order
      run: forms.filter(({ format }) => format === 'kv' || format === 'csv'),
    },
    ...unpackedAt(forms),
    records: {
      where: where.map(conditionTable),
      empty,
      take: take.map((each) => takeTable(pack, each)),
      tables: Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, rowsOf(pack, parser, table)])),
      codes: bySpecificity(codes).map((entry) => codeTable(pack, entry)),
    },
  };
}

/**
 * A document in which none of these members is holds nothing that a shipper has unpacked for this parser: most hold a text, and need not be asked for each
 * form. Nothing where the members may have any name.
 */
function unpackedAt(forms: ReturnType<typeof formTable>[]): { unpacked_at?: string[] } {
  const own = forms.filter(({ format, own: ours }) => format === 'json' && ours);
  const names = own.flatMap(({ inside, has, where, ways }) => {
    if (inside) return [inside];
    const path = has[0] ?? (where[0]?.[0] as string | undefined);
    return path === undefined
      ? ['*']
      : ways[path]!.flatMap((steps) => steps.map((_, index) => steps.slice(0, index + 1).join('.')));
  });
  return names.includes('*') ? {} : { unpacked_at: [...new Set(names)] };
}

function formTable(parser: Parser, { name, form }: Envelope) {
  const { format, has, where, fields, names, inside, members, assign, between, begins, separator, columns } = form!;
  const header = Object.entries(parser.structured[name] ?? {});
  const own = Object.hasOwn(parser.structured, name);
  const { records } = parser;
  const paths = [
    ...has,
    ...where.map(({ path }) => path),
    ...Object.values(fields).flatMap((alternatives) => alternatives.flatMap((path) => path.split(' '))),
    ...header.map(([path]) => path),
    ...(own
      ? [
          ...records.where.map(({ path }) => path),
          ...records.take.map(({ path }) => path),
          ...records.codes.flatMap((entry) => [...entry.when, ...entry.take].map(({ path }) => path)),
        ]
      : []),
  ];
  return {
    format,
    ...(own ? { own } : {}),
    has,
    where: where.map(conditionTable),
    fields: Object.fromEntries(FIELDS.map((field) => [field, (fields[field] ?? []).map((path) => path.split(' '))])),
    header,
    ways: Object.fromEntries([...new Set(paths)].sort().map((path) => [path, wayOf(path, names)])),
    ...(inside ? { inside } : {}),
    ...(format === 'xml' ? { members } : {}),
    ...(format === 'kv' ? { assign, between, begins } : {}),
    ...(format === 'csv' ? { separator, columns, begins } : {}),
  };
}

function conditionTable({ path, values }: Condition) {
  return [path, values];
}

function codeTable(pack: Pack, { event, when, take, set }: CodeEntry) {
  return {
    when: when.map(conditionTable),
    ...(event ? { event } : {}),
    take: take.map((each) => takeTable(pack, each)),
    ...(Object.keys(set).length ? { set: placeConstants(pack, set), own: Object.keys(set) } : {}),
    ...('role' in set ? { role: true } : {}),
    ...(set.role === 'initiator' ? { initiator: true } : {}),
  };
}

function takeTable(pack: Pack, { path, field, type, table, times, line }: Take) {
  const known = field === undefined ? undefined : pack.fields.get(field);
  const kind = kindOf(type);
  const variants = line ? templateVariants(line, new Set()) : [];
  const choices = variants.map(({ chosen }) => chosen);
  return {
    path,
    ...(field ? { field } : {}),
    ...(known ? { type: typeOf(known.type) } : {}),
    ...(known?.values ? { values: known.values } : {}),
    ...(kind && kind !== 'time' ? { kind } : {}),
    ...(table ? { table } : {}),
    ...(known && typeOf(known.type) === 'number' ? { times: times ?? 1 } : {}),
    ...(line
      ? {
          line: packNode(
            growTree(
              variants,
              variants.map((_, index) => index),
            ),
          ),
          // by the variant that fits: the fields that its words choose
          ...(choices.some((chosen) => Object.keys(chosen).length) ? { choices } : {}),
        }
      : {}),
  };
}

function typeOf(type: string): string {
  return type === 'int' || type === 'long' || type === 'float' ? 'number' : type === 'keyword' ? 'text' : type;
}

/** Rows as values of fields: a notify brings its number. */
function rowsOf(pack: Pack, parser: Parser, table: Table): Record<string, unknown> {
  const vocabulary = vocabularyOf(pack, parser);
  return Object.fromEntries(
    Object.entries(table).map(([word, row]) => {
      if (typeof row !== 'object') return [word, String(row)];
      const { notify, ...others } = row;
      return [word, { ...others, ...(notify === undefined ? {} : readValue('notify', 'notify', String(notify), vocabulary)) }];
    }),
  );
}
