/** A parser's structured records as tables for the engine: what selects them, and what their paths fill. */
import { CAPTURE_TYPES, captureType, type CaptureTypeName, type ValueKind } from '../model/capture-types.js';
import type { Envelope, Field, Pack, Parser } from '../model/pack.js';
import type { CodeEntry, Condition, RecordForm, Table, Take } from '../model/record-form.js';
import { templateVariants } from '../lower/variants.js';
import { compileMatcher, type Matcher } from './compile-matcher.js';
import { matches, type Test, testOf, type Way, wayOf } from './find-path.js';

/** A spelling of records, for all parsers. */
export interface CompiledForm {
  envelope: Envelope;
  form: RecordForm;
  has: Way[];
  where: Test[];
  inside: string;
  each: Way | undefined;
  /** per field alternatives, each of one or more ways whose texts are joined */
  fields: Record<'timestamp' | 'host' | 'program' | 'pid' | 'message', Way[][]>;
}

/** What one parser reads in one spelling. */
export interface RecordPlan {
  where: Test[];
  /** fields of the header, as a text's header has them */
  header: { way: Way; slot: number }[];
  take: CompiledTake[];
  codes: CompiledCode[];
}

export interface CompiledTake {
  way: Way;
  field: Field | undefined;
  kind: ValueKind | 'algorithm' | 'decimal' | undefined;
  table: Map<string, Table[string]> | undefined;
  times: number;
  line:
    | {
        matcher: Matcher;
        chosen: Record<string, string>[];
        captures: { slot: number; field: Field | undefined; kind: ValueKind }[];
      }
    | undefined;
}

export interface CompiledCode {
  entry: CodeEntry;
  when: Test[];
  take: CompiledTake[];
  /** numbers of its leaves: for a role that is not known, the initiator's and the responder's */
  leaves: RoleLeaves;
}

/** Numbers of leaves that differ in the gateway's role alone. */
export interface RoleLeaves {
  unknown: number;
  initiator: number;
  responder: number;
}

const FORM_FIELDS = ['timestamp', 'host', 'program', 'pid', 'message'] as const;

export function compileForm(envelope: Envelope): CompiledForm {
  const form = envelope.form!;
  const ways = (paths: string[] | undefined) =>
    (paths ?? []).map((path) => path.split(' ').map((each) => wayOf(each, form.names)));
  return {
    envelope,
    form,
    inside: form.inside,
    each: form.each === '' ? undefined : wayOf(form.each, form.names),
    has: form.has.map((path) => wayOf(path, form.names)),
    where: form.where.map((condition) => testOf(condition, form.names)),
    fields: Object.fromEntries(FORM_FIELDS.map((field) => [field, ways(form.fields[field])])) as CompiledForm['fields'],
  };
}

/** @param leavesOf the leaves of a code's entry */
export function planRecords(
  pack: Pack,
  parser: Parser,
  envelope: Envelope,
  slotOf: (field: string) => number,
  leavesOf: (entry: CodeEntry) => RoleLeaves,
): RecordPlan {
  const { names } = envelope.form!;
  const { where, take, codes } = parser.records;
  const takes = (list: Take[]) => list.map((each) => compileTake(pack, parser, each, names, slotOf));
  return {
    where: where.map((condition) => testOf(condition, names)),
    header: Object.entries(parser.structured[envelope.name] ?? {}).map(([path, field]) => ({
      way: wayOf(path, names),
      slot: slotOf(field),
    })),
    take: takes(take),
    codes: bySpecificity(codes).map((entry) => ({
      entry,
      when: entry.when.map((condition) => testOf(condition, names)),
      take: takes(entry.take),
      leaves: leavesOf(entry),
    })),
  };
}

/** Most conditions first; among as many, exact texts before open ones. */
export function bySpecificity(codes: CodeEntry[]): CodeEntry[] {
  const open = ({ when }: CodeEntry) => when.filter(({ values }) => values.some((value) => /^\*|\*$/.test(value))).length;
  return [...codes].sort((a, b) => b.when.length - a.when.length || open(a) - open(b));
}

/** @returns whether no record meets both; an exact text is more specific than an open one: they do not compete */
export function areDisjoint(a: Condition[], b: Condition[]): boolean {
  return a.some(({ path, values }) => {
    const other = b.find((condition) => condition.path === path);
    return other !== undefined && !values.some((one) => other.values.some((two) => one === two || bothOpen(one, two)));
  });
}

function bothOpen(one: string, two: string): boolean {
  const isOpen = (value: string) => value.startsWith('*') || value.endsWith('*');
  return isOpen(one) && isOpen(two) && (matches(one, two) || matches(two, one));
}

function compileTake(
  pack: Pack,
  parser: Parser,
  take: Take,
  names: Record<string, string[]>,
  slotOf: (field: string) => number,
): CompiledTake {
  const table = take.table === undefined ? undefined : parser.records.tables[take.table];
  const variants = take.line ? templateVariants(take.line, new Set()) : [];
  return {
    way: wayOf(take.path, names),
    field: take.field === undefined ? undefined : pack.fields.get(take.field),
    kind: kindOf(take.type),
    table: table && new Map(Object.entries(table)),
    times: take.times ?? 1,
    line: take.line && {
      matcher: compileMatcher(
        variants.map((variant, leaf) => ({ variant, leaf })),
        slotOf,
      ),
      chosen: variants.map(({ chosen }) => chosen),
      captures: take.line.parts.flatMap((part) =>
        part.kind === 'capture' && part.field !== '_'
          ? [{ slot: slotOf(part.field), field: pack.fields.get(part.field), kind: captureType(part.type).value }]
          : [],
      ),
    },
  };
}

/** @returns what becomes of a taken text; undefined where its field's type decides */
export function kindOf(type: string | undefined): CompiledTake['kind'] {
  if (type === 'algorithm' || type === 'decimal') return type;
  return type !== undefined && Object.hasOwn(CAPTURE_TYPES, type) ? captureType(type as CaptureTypeName).value : undefined;
}

const DERIVED: Partial<Record<ValueKind, string[]>> = {
  notify: ['notify', 'error_code'],
  payloads: ['notify', 'error_code'],
  proposal: ['encryption', 'integrity', 'prf', 'dh_group'],
};

/** @returns every field that a take can fill */
export function fieldsOfTake({ records }: Parser, take: Take): string[] {
  const kind = kindOf(take.type);
  const own = take.field === undefined || kind === 'notify' ? [] : [take.field];
  const derived = kind && kind !== 'algorithm' && kind !== 'decimal' ? (DERIVED[kind] ?? []) : [];
  const rows = Object.values(records.tables[take.table ?? ''] ?? {}).flatMap((row) =>
    typeof row === 'object' ? Object.keys(row).flatMap((field) => (field === 'notify' ? DERIVED.notify! : [field])) : [],
  );
  const parts = take.line?.parts ?? [];
  const captured = parts.flatMap((part) =>
    part.kind === 'literal' || !part.field || part.field === '_'
      ? []
      : [part.field, ...(part.kind === 'capture' ? (DERIVED[captureType(part.type).value] ?? []) : [])],
  );
  return [...new Set([...own, ...derived, ...rows, ...captured])];
}
