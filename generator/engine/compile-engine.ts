/** The pack as tables for the engine: a matcher for envelopes, and for each parser one for its headers and one for its lines. */
import { captureType, type ValueKind } from '../model/capture-types.js';
import {
  type Entry,
  type Envelope,
  type Field,
  isIndented,
  type Pack,
  type Parser,
  peerControlledFields,
  readsEnvelope,
  type Stitch,
} from '../model/pack.js';
import { type Template, templateFields } from '../model/template.js';
import type { CodeEntry } from '../model/record-form.js';
import { templateChoices, templateVariants } from '../lower/variants.js';
import { compileMatcher, type Matcher } from './compile-matcher.js';
import {
  type CompiledForm,
  compileForm,
  fieldsOfTake,
  planRecords,
  type RecordPlan,
  type RoleLeaves,
} from './compile-records.js';
import { vocabularyOf, type Vocabulary } from './vocabulary.js';

export interface LeafCapture {
  slot: number;
  field: Field;
  kind: ValueKind;
}

/** What a match of one variant of a line means. */
export interface Leaf {
  /** number within its parser; targets and renderers keep their tables by it */
  id: number;
  entry: Entry | CodeEntry;
  /** the entry's constants and the choices made in this variant */
  constants: Record<string, string | number | boolean>;
  captures: LeafCapture[];
}

export interface HeaderLeaf {
  id: number;
  captures: LeafCapture[];
  /** the header is nothing but the message */
  bare: boolean;
}

export interface EnvelopeLeaf {
  envelope: Envelope;
  has: { timestamp: boolean; host: boolean; program: boolean; pid: boolean };
  readers: Readers;
}

/** The parsers of records in an envelope. */
export interface Readers {
  all: CompiledParser[];
  byProgram: Map<string, CompiledParser>;
}

export interface CompiledParser {
  parser: Parser;
  headers: Matcher;
  headerLeaves: HeaderLeaf[];
  lines: Matcher;
  leaves: Leaf[];
  vocabulary: Vocabulary;
  /** see `Parser.begins` */
  begins: Buffer[];
  stitch?: Stitch;
  /** spellings of structured records that it reads */
  reads: ReadonlySet<CompiledForm>;
  /** how it reads them */
  records: Map<CompiledForm, RecordPlan>;
  /** by the number of a line's leaf: the leaves of the same line in a record that says more than its message */
  inRecords: RoleLeaves[];
  /** its records may stand in the message of a syslog record */
  readsRuns: boolean;
  /** its records may have further lines, which are indented */
  indented: boolean;
  /** texts that stand for nothing */
  empty: ReadonlySet<string>;
}

export interface Engine {
  pack: Pack;
  slotNames: string[];
  slots: {
    timestamp: number;
    host: number;
    program: number;
    pid: number;
    message: number;
    repeat: number;
  };
  slotOf: (field: string) => number;
  envelopes: Matcher;
  envelopeLeaves: EnvelopeLeaf[];
  forms: CompiledForm[];
  wrappers: Matcher;
  parsers: CompiledParser[];
  readersOf: (envelope: Envelope) => Readers;
}

/** The matchers alone: what takes long to make. */
export interface EngineTables {
  envelopes: Matcher;
  wrappers: Matcher;
  parsers: { headers: Matcher; lines: Matcher }[];
}

export function engineTables(engine: Engine): EngineTables {
  const { envelopes, wrappers, parsers } = engine;
  return { envelopes, wrappers, parsers: parsers.map(({ headers, lines }) => ({ headers, lines })) };
}

/** Fields that envelopes and wrappers capture, whatever fields.yml says of them. */
const ENVELOPE_FIELDS = ['timestamp', 'host', 'program', 'pid', 'message', 'pri', 'repeat'];

/**
 * @param tables the matchers of this very pack, where they were kept
 * @throws never for a pack that passes `check`; entries with unknown fields are skipped field by field
 */
export function compileEngine(pack: Pack, tables?: EngineTables): Engine {
  const slotNames = [...new Set([...ENVELOPE_FIELDS, ...pack.fields.keys()])];
  const numbers = new Map(slotNames.map((name, slot) => [name, slot]));
  const slotOf = (field: string) => numbers.get(field) ?? -1;
  const peerControlled = peerControlledFields(pack);
  const compile = (lines: { template: Template; leaf: number }[]) =>
    compileMatcher(
      lines.flatMap(({ template, leaf }) => templateVariants(template, peerControlled).map((variant) => ({ variant, leaf }))),
      slotOf,
    );

  const envelopeLines = pack.envelopes.flatMap((envelope) => envelope.lines.map((template) => ({ envelope, template })));
  const forms = pack.envelopes.filter(({ form }) => form).map(compileForm);
  const parsers = pack.parsers.map((parser, index) =>
    compileParser(pack, parser, forms, slotOf, peerControlled, tables?.parsers[index]),
  );
  const readersOf = groupReaders(pack, parsers);
  return {
    pack,
    slotNames,
    slots: {
      timestamp: slotOf('timestamp'),
      host: slotOf('host'),
      program: slotOf('program'),
      pid: slotOf('pid'),
      message: slotOf('message'),
      repeat: slotOf('repeat'),
    },
    slotOf,
    envelopes: tables?.envelopes ?? compile(envelopeLines.map(({ template }, leaf) => ({ template, leaf }))),
    envelopeLeaves: envelopeLines.map(({ envelope, template }) => {
      const fields = templateFields(template);
      const has = (field: string) => fields.includes(field);
      return {
        envelope,
        has: { timestamp: has('timestamp'), host: has('host'), program: has('program'), pid: has('pid') },
        readers: readersOf(envelope),
      };
    }),
    forms,
    wrappers: tables?.wrappers ?? compile(pack.wrappers.map(({ line }, leaf) => ({ template: line, leaf }))),
    parsers,
    readersOf,
  };
}

/** Envelopes with the same readers share them. */
function groupReaders(pack: Pack, parsers: CompiledParser[]): (envelope: Envelope) => Readers {
  const groups = new Map<string, Readers>();
  return (envelope) => {
    const all = parsers.filter(({ parser }) => readsEnvelope(pack, parser, envelope));
    const key = all.map(({ parser }) => parser.name).join('\0');
    const known = groups.get(key);
    if (known) return known;
    const readers = {
      all,
      byProgram: new Map(all.flatMap((compiled) => compiled.parser.programs.map((program) => [program, compiled] as const))),
    };
    groups.set(key, readers);
    return readers;
  };
}

/** A log has lines of few parsers: what only those need is made when the first one comes. */
function compileParser(
  pack: Pack,
  parser: Parser,
  forms: CompiledForm[],
  slotOf: (field: string) => number,
  peerControlled: ReadonlySet<string>,
  tables: EngineTables['parsers'][number] | undefined,
): CompiledParser {
  const structured = forms.filter(({ envelope }) => Object.hasOwn(parser.structured, envelope.name));
  const variantsOf = (templates: Template[]) =>
    templates.flatMap((template, leaf) => templateVariants(template, peerControlled).map((variant) => ({ variant, leaf })));
  let made: ReturnType<typeof compileLeaves> | undefined;
  const leaves = () => (made ??= compileLeaves(pack, parser, structured, slotOf));
  return {
    parser,
    headers: tables?.headers ?? compileMatcher(variantsOf(parser.headers), slotOf),
    headerLeaves: parser.headers.map((template, id) => ({
      id,
      captures: templateCaptures(pack, template, slotOf).filter((capture) => capture.field.name !== 'message'),
      bare: template.parts.length === 1,
    })),
    lines:
      tables?.lines ??
      compileMatcher(
        variantsOf(parser.entries.map(({ template }) => template)).map(({ variant }, leaf) => ({ variant, leaf })),
        slotOf,
      ),
    get leaves() {
      return leaves().leaves;
    },
    get records() {
      return leaves().records;
    },
    get inRecords() {
      return leaves().inRecords;
    },
    get vocabulary() {
      return vocabularyOf(pack, parser);
    },
    begins: parser.begins.map((text) => Buffer.from(text)),
    stitch: parser.stitch,
    reads: new Set(structured),
    readsRuns: structured.some(({ form: { format } }) => format === 'kv' || format === 'csv'),
    indented: isIndented(pack, parser),
    empty: new Set(parser.records.empty),
  };
}

function compileLeaves(
  pack: Pack,
  parser: Parser,
  forms: CompiledForm[],
  slotOf: (field: string) => number,
): Pick<CompiledParser, 'leaves' | 'records' | 'inRecords'> {
  const leaves: Leaf[] = [];
  for (const entry of parser.entries) {
    const captures = templateCaptures(pack, entry.template, slotOf);
    for (const chosen of templateChoices(entry.template))
      leaves.push({ id: leaves.length, entry, constants: { ...entry.set, ...chosen }, captures });
  }
  const taken = (takes: CodeEntry['take']) => takenCaptures(pack, parser, takes, slotOf);
  const addByRole = (leaf: Omit<Leaf, 'id'>): RoleLeaves => addRoleLeaves(leaves, leaf);
  const common = taken(parser.records.take);
  const lines = [...leaves];
  const inRecords =
    common.length === 0 ? [] : lines.map((leaf) => addByRole({ ...leaf, captures: merge(leaf.captures, common) }));
  const codeLeaves = new Map(
    parser.records.codes.map((entry) => [
      entry,
      addByRole({ entry, constants: entry.set, captures: merge(taken(entry.take), common) }),
    ]),
  );
  const records = new Map(
    forms.map((form) => [form, planRecords(pack, parser, form.envelope, slotOf, (entry) => codeLeaves.get(entry)!)]),
  );
  return { leaves, records, inRecords };
}

/** Where the role is not known before the record is read, there is a leaf for each. */
function addRoleLeaves(leaves: Leaf[], { entry, constants, captures }: Omit<Leaf, 'id'>): RoleLeaves {
  const add = (role: string | undefined) => {
    const id = leaves.length;
    const own = role === undefined ? constants : { ...constants, role };
    leaves.push({ id, entry, constants: own, captures: captures.filter(({ field }) => !(field.name in own)) });
    return id;
  };
  const unknown = add(undefined);
  const open = !('role' in constants) && captures.some(({ field }) => field.name === 'role');
  return { unknown, initiator: open ? add('initiator') : unknown, responder: open ? add('responder') : unknown };
}

function merge(own: LeafCapture[], common: LeafCapture[]): LeafCapture[] {
  const slots = new Set(own.map(({ slot }) => slot));
  return [...own, ...common.filter(({ slot }) => !slots.has(slot))];
}

/** What paths fill is no text of the record any more, but a value. */
function takenCaptures(pack: Pack, parser: Parser, takes: CodeEntry['take'], slotOf: (field: string) => number): LeafCapture[] {
  const names = new Set(takes.flatMap((take) => fieldsOfTake(parser, take)));
  return [...names].flatMap((name): LeafCapture[] => {
    const field = pack.fields.get(name);
    return field ? [{ slot: slotOf(name), field, kind: kindOfValue(field) }] : [];
  });
}

function kindOfValue({ type, list }: Field): ValueKind {
  if (list) return 'list-line';
  if (type === 'bool') return 'bool';
  return type === 'int' || type === 'long' || type === 'port' || type === 'float' ? 'number' : 'text';
}

function templateCaptures(pack: Pack, template: Template, slotOf: (field: string) => number): LeafCapture[] {
  return template.parts.flatMap((part): LeafCapture[] => {
    if (part.kind !== 'capture' || part.field === '_') return [];
    const field = pack.fields.get(part.field);
    return field ? [{ slot: slotOf(part.field), field, kind: captureType(part.type).value }] : [];
  });
}
