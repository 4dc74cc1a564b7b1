/** The pack as tables for the engine: a matcher for envelopes, and for each parser one for its headers and one for its lines. */
import { captureType, type ValueKind } from '../model/capture-types.js';
import {
  type Entry,
  type Envelope,
  type Field,
  type Pack,
  type Parser,
  peerControlledFields,
  type Stitch,
} from '../model/pack.js';
import { type Template, templateFields } from '../model/template.js';
import { templateVariants } from '../lower/variants.js';
import { compileMatcher, type Matcher } from './compile-matcher.js';
import { buildVocabulary, type Vocabulary } from './vocabulary.js';

export interface LeafCapture {
  slot: number;
  field: Field;
  kind: ValueKind;
}

/** What a match of one variant of a line means. */
export interface Leaf {
  /** number within its parser; targets and renderers keep their tables by it */
  id: number;
  entry: Entry;
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
}

export interface CompiledParser {
  parser: Parser;
  headers: Matcher;
  headerLeaves: HeaderLeaf[];
  lines: Matcher;
  leaves: Leaf[];
  vocabulary: Vocabulary;
  stitch?: Stitch;
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
  jsonEnvelopes: Envelope[];
  wrappers: Matcher;
  parsers: CompiledParser[];
  byProgram: Map<string, CompiledParser>;
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
  const parsers = pack.parsers.map((parser, index) =>
    compileParser(pack, parser, slotOf, peerControlled, tables?.parsers[index]),
  );
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
      return { envelope, has: { timestamp: has('timestamp'), host: has('host'), program: has('program'), pid: has('pid') } };
    }),
    jsonEnvelopes: pack.envelopes.filter((envelope) => envelope.json),
    wrappers: tables?.wrappers ?? compile(pack.wrappers.map(({ line }, leaf) => ({ template: line, leaf }))),
    parsers,
    byProgram: new Map(parsers.flatMap((compiled) => compiled.parser.programs.map((program) => [program, compiled]))),
  };
}

function compileParser(
  pack: Pack,
  parser: Parser,
  slotOf: (field: string) => number,
  peerControlled: ReadonlySet<string>,
  tables: EngineTables['parsers'][number] | undefined,
): CompiledParser {
  const leaves: Leaf[] = [];
  const captures = (template: Template) => templateCaptures(pack, template, slotOf);
  const lineVariants = parser.entries.flatMap((entry) => {
    const own = captures(entry.template);
    return templateVariants(entry.template, peerControlled).map((variant) => {
      const id = leaves.length;
      leaves.push({ id, entry, constants: { ...entry.set, ...variant.chosen }, captures: own });
      return { variant, leaf: id };
    });
  });
  const headerVariants = parser.headers.flatMap((template, leaf) =>
    templateVariants(template, peerControlled).map((variant) => ({ variant, leaf })),
  );
  return {
    parser,
    headers: tables?.headers ?? compileMatcher(headerVariants, slotOf),
    headerLeaves: parser.headers.map((template, id) => ({
      id,
      captures: captures(template).filter((capture) => capture.field.name !== 'message'),
      bare: template.parts.length === 1,
    })),
    lines: tables?.lines ?? compileMatcher(lineVariants, slotOf),
    leaves,
    vocabulary: buildVocabulary(pack, parser),
    stitch: parser.stitch,
  };
}

function templateCaptures(pack: Pack, template: Template, slotOf: (field: string) => number): LeafCapture[] {
  return template.parts.flatMap((part): LeafCapture[] => {
    if (part.kind !== 'capture' || part.field === '_') return [];
    const field = pack.fields.get(part.field);
    return field ? [{ slot: slotOf(part.field), field, kind: captureType(part.type).value }] : [];
  });
}
