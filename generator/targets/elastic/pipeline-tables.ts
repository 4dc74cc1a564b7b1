/** What the content says of one parser, as the tables (`params`) of the pipeline's script. */
import { outputFormat } from '../../engine/formats.js';
import { templateVariants } from '../../lower/variants.js';
import { type CaptureTypeName, captureType, inCharset } from '../../model/capture-types.js';
import { isIndented, type Pack, type Parser, peerControlledFields, readsEnvelope } from '../../model/pack.js';
import { type Template, templateFields } from '../../model/template.js';
import { growTree, type TreeNode } from './line-tree.js';
import { fieldsOfTake } from '../../engine/compile-records.js';
import { recordTables } from './record-tables.js';
import { type MeaningOfLines, meaningsOfLines, structuredFields } from './line-meanings.js';
import { objectNames } from './mappings.js';
import { nest, pathOf } from './nest.js';
import { CLASSES, packNode } from './pack-tree.js';
import { wordTables } from './word-tables.js';

/** Where shippers put the program's name when they have unpacked a record: Filebeat's syslog and journald inputs, and whoever follows ECS. */
const PROGRAM_AT = ['log.syslog.appname', 'syslog.identifier', 'process.name'];
/** Where a shipper says the zone of its host's clock (Filebeat's add_locale). */
const ZONE_AT = ['event.timezone'];

/** The addresses of an exchange: as what each is written again, where the gateway responds and where it initiates. */
const ENDS = {
  peer_ip: ['src_ip', 'dst_ip'],
  peer_port: ['src_port', 'dst_port'],
  local_ip: ['dst_ip', 'src_ip'],
  local_port: ['dst_port', 'src_port'],
};

/** Fields that the script fills though no line captures them by name. */
const OF_RECORD = ['timestamp', 'host', 'program', 'pid', 'msg_type', 'repeat'];
const DERIVED = [
  ...Object.values(ENDS).flat(),
  'user_identity',
  'notify',
  'error_code',
  'encryption',
  'integrity',
  'prf',
  'dh_group',
];

/** @param zone of times that have none, where the document does not say one */
export function pipelineTables(pack: Pack, parser: Parser, zone: string) {
  const lines = meaningsOfLines(pack, parser);
  const trees = Object.entries(parserTrees(pack, parser, lines)).map(([name, tree]) => [name, packNode(tree)]);
  return {
    zone,
    zone_at: ZONE_AT.map(pathOf),
    ...(parser.programs.length ? { program: parser.programs[0] } : {}),
    programs: Object.fromEntries(parser.programs.map((program) => [program, true])),
    program_at: PROGRAM_AT.map(pathOf),
    no_event: { event: { kind: 'event', module: 'ikev2', dataset: `ikev2.${parser.dataset}` } },
    begins: parser.begins,
    ...(isIndented(pack, parser) ? { indented: true } : {}),
    ...recordTables(pack, parser),
    objects: Object.fromEntries(objectNames(pack).map((name) => [name, true])),
    ends: ENDS,
    fields: fieldTable(pack, parser),
    events: eventTable(pack, parser),
    meanings: lines.meanings,
    classes: classFlags(),
    exchanges: pack.exchangeSpellings,
    ...wordTables(pack, parser),
    ...Object.fromEntries(trees),
  };
}

/** @returns the four trees; the lines' ends with the number of their meaning */
export function parserTrees(
  pack: Pack,
  parser: Parser,
  { variants, numbers }: MeaningOfLines,
): Record<'envelopes' | 'headers' | 'wrappers' | 'lines', TreeNode> {
  return {
    envelopes: envelopeTree(pack, parser),
    headers: treeOf(pack, parser.headers),
    wrappers: treeOf(
      pack,
      pack.wrappers.map(({ line }) => line),
    ),
    lines: growTree(variants, numbers),
  };
}

function treeOf(pack: Pack, templates: Template[]): TreeNode {
  const variants = templates.flatMap((template) => templateVariants(template, peerControlledFields(pack)));
  return growTree(
    variants,
    variants.map((_, index) => index),
  );
}

/** Its ends say whether the parser reads such records: 1, or 0. */
function envelopeTree(pack: Pack, parser: Parser): TreeNode {
  const all = pack.envelopes.flatMap((envelope) =>
    envelope.lines
      .flatMap((template) => templateVariants(template, peerControlledFields(pack)))
      .map((variant) => ({ variant, number: readsEnvelope(pack, parser, envelope) ? 1 : 0 })),
  );
  return growTree(
    all.map(({ variant }) => variant),
    all.map(({ number }) => number),
  );
}

/** One flag for each ASCII character, and one for all others. */
function classFlags(): string[] {
  return CLASSES.map((name) => {
    const charset = captureType(name as CaptureTypeName).charset!;
    return Array.from({ length: 129 }, (_, byte) => (inCharset(charset, byte) ? 1 : 0)).join('');
  });
}

/** How each field that this parser can fill is held, and the names on the way to where it is written. */
function fieldTable(pack: Pack, parser: Parser): Record<string, string[]> {
  const format = outputFormat(pack, 'ecs');
  const named = [...parser.headers, ...parser.entries.map(({ template }) => template)].flatMap(templateFields);
  const { take, codes } = parser.records;
  const taken = [...take, ...codes.flatMap((entry) => entry.take)].flatMap((each) => fieldsOfTake(parser, each));
  const names = new Set([...named, ...structuredFields(parser), ...OF_RECORD, ...DERIVED]);
  names.delete('message');
  for (const name of taken) names.add(name);
  return Object.fromEntries(
    [...names].sort().flatMap((name) => {
      const field = pack.fields.get(name);
      if (!field && !OF_RECORD.includes(name)) return [];
      const number = field && ['int', 'long', 'port', 'float'].includes(field.type);
      const held = field?.list ? 'list' : number ? 'number' : field?.type === 'ip' ? 'ip' : '';
      return [[name, [held, ...pathOf(format.key(name))]]];
    }),
  );
}

/** What every record of an event says, at its place in the document. */
function eventTable(pack: Pack, parser: Parser) {
  const format = outputFormat(pack, 'ecs');
  const names = new Set([...parser.entries, ...parser.records.codes].flatMap(({ event }) => event ?? []));
  return Object.fromEntries(
    [...names].sort().map((name) => {
      const type = pack.events.get(name);
      return [name, nest({ [format.key('msg_type')]: name, ...(type ? format.constants(type, parser.dataset) : {}) })];
    }),
  );
}
