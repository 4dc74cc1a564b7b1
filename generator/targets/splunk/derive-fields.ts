/**
 * Fields that come from captured ones: EVALs, and look-ups. props.conf.spec: all EVALs are computed from one snapshot, as if in parallel, and
 * before the look-ups; so no EVAL here uses another EVAL's result, and nothing is computed from what a look-up gives.
 *
 * No FIELDALIAS: with AS it removes the new field where the original is missing. No EVAL gives an empty text.
 */
import type { ValueKind } from '../../model/capture-types.js';
import type { Pack } from '../../model/pack.js';
import type { ParserPlan } from './parser-plan.js';

/** @returns calculated fields by name, in the order of the file */
export function deriveFields(pack: Pack, plan: ParserPlan): Map<string, string> {
  const own = ownExpressions(plan);
  const has = (field: string) => plan.lineFields.has(field);
  const known = new Map(own);
  for (const field of plan.lineFields.keys()) if (!own.has(field) && isExtracted(plan, field)) known.set(field, field);
  for (const { fields } of plan.headers)
    for (const field of fields) if (pack.fields.has(field) && field !== 'message') known.set(field, field);
  known.set('msg_type', 'msg_type').set('host', 'host');
  // a program's own file does not name it
  if (known.has('program')) known.set('program', `if(isnull(message), null(), coalesce(program, "${plan.parser.programs[0]}"))`);
  if (has('peer_ip') || has('local_ip')) addEnds(known, plan);
  if (has('peer_id')) known.set('user_identity', has('user_identity') ? 'coalesce(user_identity, peer_id)' : 'peer_id');

  const calculated = new Map([...known].filter(([field, expression]) => field !== expression));
  for (const [field, expression] of known) {
    const cim = pack.fields.get(field)?.cim ?? field;
    if (cim === field || cim === '_time') continue;
    const other = calculated.get(cim);
    calculated.set(cim, other ? `coalesce(${other}, ${expression})` : expression);
  }
  for (const [field, expression] of commonFields(plan, known)) calculated.set(field, expression);
  return new Map([...calculated].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Fields that need more than their capture. */
function ownExpressions(plan: ParserPlan): Map<string, string> {
  const expressions = new Map<string, string>();
  for (const [field, kinds] of plan.lineFields) {
    const expression = evalOf(field, kinds);
    const header = plan.renamed.get(field);
    if (header) expressions.set(field, `coalesce(${expression}, ${header})`);
    else if (expression !== field) expressions.set(field, expression);
  }
  return expressions;
}

/** The engine's reading of a captured text, as an eval expression. */
function evalOf(field: string, kinds: ReadonlySet<ValueKind | 'constant'>): string {
  if (kinds.has('lower')) return `lower(${field})`;
  if (kinds.has('list-comma')) return `split(trim(replace(${field}, "(?:, ?)+", ","), ","), ",")`;
  if (kinds.has('list-blank')) return `split(trim(replace(${field}, " +", " ")), " ")`;
  return field;
}

/** Payload lists, notifies and key exchange groups are filled by other transforms or by look-ups. */
function isExtracted({ lineFields }: ParserPlan, field: string): boolean {
  const kinds = lineFields.get(field)!;
  return !kinds.has('payloads') && !kinds.has('notify') && !kinds.has('key-exchange');
}

/** The peer is the source, except where the record says that the gateway began. */
function addEnds(known: Map<string, string>, { lineFields }: ParserPlan): void {
  const field = (name: string) => (lineFields.has(name) ? name : 'null()');
  for (const what of ['ip', 'port']) {
    if (!lineFields.has(`peer_${what}`) && !lineFields.has(`local_${what}`)) continue;
    const [peer, local] = [field(`peer_${what}`), field(`local_${what}`)];
    const byRole = (initiator: string, other: string) =>
      lineFields.has('role') ? `if(role=="initiator", ${initiator}, ${other})` : other;
    known.set(`src_${what}`, byRole(local, peer)).set(`dst_${what}`, byRole(peer, local));
  }
}

/** What CIM's data sets want of every record of an IKE daemon. */
function commonFields({ parser }: ParserPlan, known: ReadonlyMap<string, string>): [string, string][] {
  const destination = known.get('dst_ip');
  const assigned = known.get('assigned_ip');
  return [
    ['app', '"ike"'],
    ['vendor_product', `"${parser.vendor} ${parser.product}"`],
    ...(destination ? [['dest_ip', assigned ? `coalesce(${assigned}, ${destination})` : destination] as [string, string]] : []),
  ];
}
