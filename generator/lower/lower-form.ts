/** Lowers what content says of structured records: forms, conditions, and what becomes of the texts at paths. */
import { type ContentDocument, placeOf } from '../load/load-content.js';
import type { Envelope } from '../model/pack.js';
import {
  type Condition,
  RECORD_FORMATS,
  type RecordFormat,
  type RecordForm,
  type Structured,
  type Table,
  type Take,
} from '../model/record-form.js';
import type { Template } from '../model/template.js';

type Raw = Record<string, unknown>;
type Path = (string | number)[];
export type LineReader = (document: ContentDocument, path: Path) => Template | undefined;

/** @param list path of a list of envelopes: in mappings/envelopes.yml, or a parser's own */
export function lowerEnvelopes(document: ContentDocument, list: string, readLine: LineReader): Envelope[] {
  const raw = ((document.data as Raw | undefined)?.[list] as Raw[] | undefined) ?? [];
  return raw.map((envelope, index) => ({
    name: envelope.envelope as string,
    means: envelope.means as string,
    lines: ((envelope.lines as string[]) ?? []).flatMap((_, line) => readLine(document, [list, index, 'lines', line]) ?? []),
    form: RECORD_FORMATS.map((format) => lowerForm(format, envelope[format] as Raw | undefined)).find(Boolean),
    joins: envelope.joins as Envelope['joins'],
    indented: envelope.indented as Envelope['indented'],
  }));
}

function lowerForm(format: RecordFormat, raw: Raw | undefined): RecordForm | undefined {
  if (!raw) return undefined;
  return {
    format,
    has: (raw.has as string[]) ?? [],
    where: lowerConditions(raw.where),
    fields: lists(raw.fields),
    names: lists(raw.names),
    inside: (raw.inside as string) ?? '',
    each: (raw.each as string) ?? '',
    members: (raw.members as Record<string, string>) ?? {},
    assign: (raw.assign as string) ?? '=',
    between: (raw.between as string) ?? ' ',
    begins: (raw.begins as string) ?? '',
    separator: (raw.separator as string) ?? ',',
    columns: (raw.columns as string[]) ?? [],
    header: (raw.header as string) ?? '',
  };
}

/** @param raw path → a text or number, or a list of them */
export function lowerConditions(raw: unknown): Condition[] {
  return Object.entries(lists(raw)).map(([path, values]) => ({ path, values }));
}

/** @param path of the map in the document */
export function lowerTakes(document: ContentDocument, path: Path, raw: unknown, readLine: LineReader): Take[] {
  return Object.entries((raw as Raw | undefined) ?? {}).flatMap(([from, specs]) =>
    (Array.isArray(specs) ? specs : [specs]).flatMap((spec: string | Raw, index): Take[] => {
      if (typeof spec !== 'string') return [{ path: from, ...(spec as Omit<Take, 'path'>) }];
      if (!spec.includes('%{')) return [{ path: from, field: spec }];
      const line = readLine(document, Array.isArray(specs) ? [...path, from, index] : [...path, from]);
      return line ? [{ path: from, line }] : [];
    }),
  );
}

/** @returns what a parser says of all its structured records; its entries are added by the caller */
export function lowerStructured(document: ContentDocument, raw: Raw, readLine: LineReader): Structured {
  const select = (raw.select as Raw | undefined) ?? {};
  return {
    where: lowerConditions(select.where),
    empty: ((raw.empty as unknown[]) ?? []).map(String),
    take: lowerTakes(document, ['take'], raw.take, readLine),
    tables: (raw.tables as Record<string, Table>) ?? {},
    codes: [],
    samples: ((raw.samples as unknown[]) ?? []).map((text, index) => ({
      text: String(text),
      place: placeOf(document, ['samples', index]),
    })),
  };
}

function lists(raw: unknown): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries((raw as Raw | undefined) ?? {}).map(([key, value]) => [key, ([] as unknown[]).concat(value).map(String)]),
  );
}
