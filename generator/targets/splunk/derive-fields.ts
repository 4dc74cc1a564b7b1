/**
 * Fields that come from captured ones: EVALs, and look-ups. props.conf.spec: all EVALs are computed from one snapshot, as if in parallel, and
 * before the look-ups; so no EVAL here uses another EVAL's result, and nothing is computed from what a look-up gives.
 *
 * No FIELDALIAS: with AS it removes the new field where the original is missing. No EVAL gives an empty text.
 */
import { SIZE_UNITS } from '../../engine/vocabulary.js';
import type { ValueKind } from '../../model/capture-types.js';
import type { Pack, Parser } from '../../model/pack.js';
import type { ParserPlan } from './parser-plan.js';

/** @returns calculated fields by name, in the order of the file */
export function deriveFields(pack: Pack, plan: ParserPlan): Map<string, string> {
  const own = ownExpressions(pack, plan);
  const has = (field: string) => plan.lineFields.has(field);
  const known = new Map(own);
  for (const field of plan.lineFields.keys()) if (!own.has(field) && isExtracted(plan, field)) known.set(field, field);
  for (const [field, names] of plan.header.names)
    if (pack.fields.has(field) && field !== 'message' && !known.has(field)) known.set(field, coalesce(names));
  known.set('msg_type', 'msg_type').set('host', 'host');
  const program = plan.header.names.get('program');
  // a program's own file does not name it
  if (program) known.set('program', `if(isnull(message), null(), ${coalesce([...program, `"${plan.parser.programs[0]}"`])})`);
  if (known.has('peer_ip') || known.has('local_ip')) addEnds(known);
  if (has('peer_id')) known.set('user_identity', has('user_identity') ? 'coalesce(user_identity, peer_id)' : 'peer_id');

  return withCommonNames(pack, plan.parser, known);
}

/** @returns the fields as they are to be calculated, also under the names that the Common Information Model has for them */
export function withCommonNames(pack: Pack, parser: Parser, known: ReadonlyMap<string, string>): Map<string, string> {
  const calculated = new Map([...known].filter(([field, expression]) => field !== expression));
  for (const [field, expression] of known) {
    const cim = pack.fields.get(field)?.cim ?? field;
    if (cim === field || cim === '_time') continue;
    const other = calculated.get(cim);
    calculated.set(cim, other ? `coalesce(${other}, ${expression})` : expression);
  }
  for (const [field, expression] of commonFields(parser, known)) calculated.set(field, expression);
  return new Map([...calculated].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Fields that need more than their capture. */
function ownExpressions(pack: Pack, plan: ParserPlan): Map<string, string> {
  const expressions = new Map<string, string>();
  for (const [field, kinds] of plan.lineFields) {
    const expression = evalOf(pack, field, kinds);
    const header = plan.header.names.get(field);
    if (header) expressions.set(field, coalesce([expression, ...header]));
    else if (expression !== field) expressions.set(field, expression);
  }
  return expressions;
}

/** The engine's reading of a captured text, as an eval expression. */
function evalOf(pack: Pack, field: string, kinds: ReadonlySet<ValueKind | 'constant'>): string {
  if (kinds.has('exchange')) return exchangeOf(pack, field);
  if (kinds.has('size')) return sizeOf(field);
  if (kinds.has('lower')) return `lower(${field})`;
  if (kinds.has('list-comma')) return `split(trim(replace(${field}, "(?:, ?)+", ","), ","), ",")`;
  if (kinds.has('list-blank')) return `split(trim(replace(${field}, " +", " ")), " ")`;
  return field;
}

/** The spellings that hold a blank are no word that a hole of this type takes. */
function exchangeOf({ exchangeSpellings }: Pack, field: string): string {
  const cases = Object.entries(exchangeSpellings).filter(([word]) => /^\w+$/.test(word));
  return `case(${cases.map(([word, name]) => `${field}=="${word}", "${name}"`).join(', ')}, true(), ${field})`;
}

/** `84B`, `12KB`, `84` */
function sizeOf(field: string): string {
  const digits = `tonumber(replace(${field}, "[A-Z]+$", ""))`;
  const cases = SIZE_UNITS.map(
    (unit, power) => `match(${field}, "^[0-9]{1,15}${unit}$"), ${[digits, ...Array(power).fill('1024')].join('*')}`,
  );
  return `case(match(${field}, "^[0-9]{1,15}$"), ${field}, ${cases.join(', ')})`;
}

/** Payload lists, notifies and key exchange groups are filled by other transforms or by look-ups. */
function isExtracted({ lineFields }: ParserPlan, field: string): boolean {
  const kinds = lineFields.get(field)!;
  return !kinds.has('payloads') && !kinds.has('notify') && !kinds.has('key-exchange');
}

/** The peer is the source, except where the record says that the gateway began. */
function addEnds(known: Map<string, string>): void {
  for (const what of ['ip', 'port']) {
    if (!known.has(`peer_${what}`) && !known.has(`local_${what}`)) continue;
    const peer = known.get(`peer_${what}`) ?? 'null()';
    const local = known.get(`local_${what}`) ?? 'null()';
    const byRole = (initiator: string, other: string) =>
      known.has('role') ? `if(role=="initiator", ${initiator}, ${other})` : other;
    known.set(`src_${what}`, byRole(local, peer)).set(`dst_${what}`, byRole(peer, local));
  }
}

function coalesce(expressions: string[]): string {
  return expressions.length === 1 ? expressions[0]! : `coalesce(${expressions.join(', ')})`;
}

/** What CIM's data sets want of every record of an IKE daemon. */
function commonFields(parser: Parser, known: ReadonlyMap<string, string>): [string, string][] {
  const destination = known.get('dst_ip');
  const assigned = known.get('assigned_ip');
  return [
    ['app', '"ike"'],
    // whose log it is, which Splunk knows of every event
    ['dvc', known.get('host') ?? 'host'],
    ['vendor_product', `"${parser.vendor} ${parser.product}"`],
    ...(destination ? [['dest_ip', assigned ? `coalesce(${assigned}, ${destination})` : destination] as [string, string]] : []),
  ];
}
