/**
 * Structured records: neutral fields as EVALs. props.conf.spec: all of them are computed from one snapshot, as if in parallel; so each has its conditions itself,
 * and none uses another one's result. The order of `case` is the engine's: most conditions first.
 */
import { areDisjoint, bySpecificity, fieldsOfTake, kindOf } from '../../engine/compile-records.js';
import { vocabularyOf, readValue, type Value } from '../../engine/vocabulary.js';
import { templateVariants } from '../../lower/variants.js';
import type { Field, Pack, Parser } from '../../model/pack.js';
import type { CodeEntry, Condition, Take } from '../../model/record-form.js';
import { captureType } from '../../model/capture-types.js';
import { variantRegex } from '../../regex/variant-regex.js';
import { coalesce, quote, type RecordFields } from './record-fields.js';

type Read = (path: string) => string;

/** @returns what the parser's records say, by neutral field; `ike_noise` and `msg_type` among them */
export function recordValues(pack: Pack, parser: Parser, { read }: RecordFields): Map<string, string> {
  const { records } = parser;
  const codes = bySpecificity(records.codes);
  const selected = conditionOf(records.where, read);
  const guard = (expression: string) => (selected === 'true()' ? expression : `if(${selected}, ${expression}, null())`);
  const conditions = new Map(codes.map((code) => [code, conditionOf(code.when, read)]));
  const values = new Map<string, string>();
  const cases = (expressionOf: (code: CodeEntry) => string, otherwise: string) =>
    caseOf(
      withoutDefaults(
        codes.map((code) => ({ code, expression: expressionOf(code) })),
        otherwise,
      ).map(({ code, expression }) => [conditions.get(code)!, expression]),
      otherwise,
    );
  if (codes.length) values.set('msg_type', guard(cases(({ event }) => (event ? quote(event) : 'null()'), 'null()')));
  const noise = codes.filter(({ kind }) => kind === 'ignored');
  if (noise.length) values.set('ike_noise', guard(`if(${noise.map((code) => conditions.get(code)!).join(' OR ')}, 1, null())`));

  for (const field of fieldsOf(pack, parser, codes)) {
    const take = (takes: Take[]) => takes.flatMap((each) => takeExpression(pack, parser, each, field, read) ?? []);
    const common = take(records.take);
    const ownOf = ({ set, take: own }: CodeEntry) =>
      field.name in set ? constant(set[field.name]!) : coalesceOr([...take(own), ...common]);
    const expression = cases(ownOf, coalesceOr(common));
    if (expression !== 'null()') values.set(field.name, guard(expression));
  }
  addRoles(values);
  return values;
}

interface Case {
  code: CodeEntry;
  expression: string;
}

/** A case that says what the default says is needed only where a later one would take its records. */
function withoutDefaults(cases: Case[], otherwise: string): Case[] {
  return cases.filter(
    ({ code, expression }, index) =>
      expression !== otherwise ||
      cases.slice(index + 1).some((later) => later.expression !== otherwise && !mayNotMeet(code, later.code)),
  );
}

function mayNotMeet(one: CodeEntry, two: CodeEntry): boolean {
  const exact = (when: Condition[]) => when.every(({ values }) => values.every((value) => !/^\*|\*$/.test(value)));
  return exact(one.when) && exact(two.when) && areDisjoint(one.when, two.when);
}

/** Cases that end as the default does are none; neighbours that say the same are one. */
function caseOf(cases: [condition: string, expression: string][], otherwise: string): string {
  const merged: [string[], string][] = [];
  for (const [condition, expression] of cases) {
    const last = merged.at(-1);
    if (last?.[1] === expression) last[0].push(condition);
    else merged.push([[condition], expression]);
  }
  while (merged.at(-1)?.[1] === otherwise) merged.pop();
  if (merged.length === 0) return otherwise;
  const arms = merged.map(([conditions, expression]) => `${conditions.map((each) => `(${each})`).join(' OR ')}, ${expression}`);
  return `case(${arms.join(', ')}${otherwise === 'null()' ? '' : `, true(), ${otherwise}`})`;
}

function coalesceOr(expressions: string[]): string {
  return expressions.length === 0 ? 'null()' : coalesce(expressions);
}

function constant(value: string | number | boolean): string {
  return typeof value === 'number' ? String(value) : quote(String(value));
}

export function conditionOf(conditions: Condition[], read: Read): string {
  const tests = conditions.map(({ path, values }) => {
    const text = read(path);
    const exact = values.filter((value) => !/^\*|\*$/.test(value));
    const open = values.filter((value) => !exact.includes(value));
    return [
      ...(exact.length ? [`${text} IN (${exact.map(quote).join(', ')})`] : []),
      ...open.map((value) => (value === '*' ? `isnotnull(${text})` : `match(${text}, ${quote(openRegex(value))})`)),
    ].join(' OR ');
  });
  if (tests.length === 0) return 'true()';
  return tests.length === 1 ? tests[0]! : tests.map((test) => `(${test})`).join(' AND ');
}

function openRegex(value: string): string {
  return value.endsWith('*') ? `^${plainRegex(value.slice(0, -1))}` : `${plainRegex(value.slice(1))}$`;
}

/** Without backslashes, of which a text of eval and a regex have different opinions. */
function plainRegex(text: string): string {
  return text.replace(/[.*+?()[{|$]/g, '[$&]');
}

function fieldsOf(pack: Pack, parser: Parser, codes: CodeEntry[]): Field[] {
  const takes = [...parser.records.take, ...codes.flatMap(({ take }) => take)];
  const names = new Set([
    ...takes.flatMap((take) => fieldsOfTake(parser, take)),
    ...codes.flatMap(({ set }) => Object.keys(set)),
  ]);
  // an entry that sets a notify has its number too, where it does not say another
  return [...names].flatMap((name) => pack.fields.get(name) ?? []);
}

/** @returns undefined where the take does not fill the field */
function takeExpression(pack: Pack, parser: Parser, take: Take, field: Field, read: Read): string | undefined {
  if (!fieldsOfTake(parser, take).includes(field.name)) return undefined;
  const { empty, tables } = parser.records;
  const text = empty.reduce((inner, word) => `nullif(${inner}, ${quote(word)})`, read(take.path));
  if (take.line) return lineExpression(take, field, text);
  const table = take.table === undefined ? undefined : tables[take.table];
  if (!table) return typed(field, text, take, hasXml(pack, parser));
  const rows = new Map<string, string[]>();
  for (const [word, row] of Object.entries(table)) {
    const value =
      typeof row === 'object'
        ? rowValue(pack, parser, row)[field.name]
        : field.name === take.field
          ? tableValue(pack, parser, row, take)
          : undefined;
    if (value === undefined) continue;
    const printed = constant(Array.isArray(value) ? value[0]! : value);
    rows.set(printed, [...(rows.get(printed) ?? []), word]);
  }
  const arms = [...rows].map(([value, words]) => `${text} IN (${words.map(quote).join(', ')}), ${value}`);
  const rest = take.field === field.name && !field.values ? `, true(), ${text}` : '';
  return arms.length ? `case(${arms.join(', ')}${rest})` : undefined;
}

function hasXml(pack: Pack, parser: Parser): boolean {
  return pack.envelopes.some(({ name, form }) => form?.format === 'xml' && Object.hasOwn(parser.structured, name));
}

function rowValue(pack: Pack, parser: Parser, row: Record<string, string | number | boolean>): Record<string, Value> {
  const { notify, ...others } = row;
  const vocabulary = vocabularyOf(pack, parser);
  return { ...others, ...(notify === undefined ? {} : readValue('notify', 'notify', String(notify), vocabulary)) };
}

/** A word of a table may be an algorithm in the vendor's spelling. */
function tableValue(pack: Pack, parser: Parser, row: string | number | boolean, { type }: Take): string | number | boolean {
  if (kindOf(type) !== 'algorithm') return row;
  const algorithm = vocabularyOf(pack, parser).algorithm(String(row));
  return algorithm?.type === 'key_exchange' ? algorithm.number : (algorithm?.value ?? row);
}

/** @param isXml the text may have entities */
function typed(field: Field, text: string, { type, times = 1 }: Take, isXml: boolean): string {
  switch (kindOf(type)) {
    case 'lower':
      return `lower(replace(${text}, "^0[xX]", ""))`;
    case 'decimal':
      return `lower(replace(tostring(tonumber(${text}), "hex"), "^0[xX]", ""))`;
    default:
  }
  switch (field.type) {
    case 'ip':
      return `if(match(${text}, "^[0-9A-Fa-f:.]+$"), ${text}, null())`;
    case 'port':
    case 'int':
    case 'long':
    case 'float':
      return times === 1 ? `tonumber(${text})` : `tonumber(${text})*${times}`;
    case 'bool':
      return `case(lower(${text}) IN ("true", "1", "yes"), "true", lower(${text}) IN ("false", "0", "no"), "false")`;
    default:
      return field.values
        ? `if(${text} IN (${field.values.map(quote).join(', ')}), ${text}, null())`
        : isXml
          ? `replace(${text}, "&amp;", "&")`
          : text;
  }
}

function lineExpression({ line }: Take, field: Field, text: string): string {
  const arms = templateVariants(line!, new Set()).map((variant) => {
    const chosen = variant.chosen[field.name];
    const regex = `^${variantRegex(variant, (step) => (step.field === field.name ? 'x' : ''), '$')}`
      .replace(/\(\?<x>/, '(')
      .replace(/\\([^A-Za-z0-9^\\])/g, '[$1]');
    const hole = variant.parts.find((part) => part.kind === 'step' && part.field === field.name);
    const captured = `replace(${text}, ${quote(regex)}, "\\\\1")`;
    const isLower = hole?.kind === 'step' && captureType(hole.type).value === 'lower';
    // what follows from another field of the line, as an error's number from its name, is not read here
    const value = chosen !== undefined ? quote(chosen) : !hole ? 'null()' : isLower ? `lower(${captured})` : captured;
    return `match(${text}, ${quote(regex)}), ${value}`;
  });
  return `case(${arms.join(', ')})`;
}

/** The peer is the source, except where the gateway began; who claims an identity is the user, where no other is named. */
function addRoles(values: Map<string, string>): void {
  const of = (name: string) => values.get(name) ?? 'null()';
  for (const what of ['ip', 'port']) {
    const [peer, local] = [of(`peer_${what}`), of(`local_${what}`)];
    if (peer === 'null()' && local === 'null()') continue;
    const byRole = (initiator: string, other: string) =>
      values.has('role') ? `if(coalesce(${of('role')}, "")=="initiator", ${initiator}, ${other})` : other;
    values.set(`src_${what}`, byRole(local, peer)).set(`dst_${what}`, byRole(peer, local));
  }
  if (values.has('peer_id'))
    values.set('user_identity', coalesceOr([...(values.has('user_identity') ? [of('user_identity')] : []), of('peer_id')]));
}
