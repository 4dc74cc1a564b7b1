/**
 * Source types of structured records. Their fields are EVALs over raw members; where a member holds a text, that is cut out of the record as it stands there (with
 * JSON's escapes, which the lines' regexes have too) and read as any other message.
 */
import type { Envelope, Pack, Parser } from '../../model/pack.js';
import type { RecordForm } from '../../model/record-form.js';
import type { Part, Template } from '../../model/template.js';
import { wayOf } from '../../engine/find-path.js';
import { templateVariants } from '../../lower/variants.js';
import { escapeRegex } from '../../regex/variant-regex.js';
import type { Stanza } from './conf-file.js';
import { deriveFields, withCommonNames } from './derive-fields.js';
import type { Header } from './emit-header.js';
import { factorForms } from './factor-forms.js';
import { inEngineOrder, tokensOf } from './line-tokens.js';
import { type ParserPlan, planParser, type Transform, transformsOf } from './parser-plan.js';
import { coalesce, type RecordFields, recordFields } from './record-fields.js';
import { conditionOf, recordValues } from './record-values.js';

export interface RecordsPlan {
  parser: Parser;
  prefix: string;
  fields: RecordFields;
  /** what is calculated of raw members */
  values: Map<string, string>;
  /** lines that read a member's text */
  text: ParserPlan | undefined;
}

/** @returns whether the parser's records are known by their members alone: no header names a program */
export function isRecordParser({ programs }: Parser): boolean {
  return programs.length === 0;
}

export function planRecords(pack: Pack, parser: Parser): RecordsPlan {
  const prefix = recordPrefix(parser);
  const fields = fieldsOfRecord(pack, parser);
  const message = messageHeader(pack, parser);
  const text = message && parser.entries.length ? planParser(pack, asInJson(parser), prefix, message) : undefined;
  return { parser, prefix, fields, values: recordValues(pack, parser, fields), text };
}

export function fieldsOfRecord(pack: Pack, parser: Parser): RecordFields {
  const { where, take, codes } = parser.records;
  const paths = [...where, ...take, ...codes.flatMap((code) => [...code.when, ...code.take])].map(({ path }) => path);
  return recordFields(pack, parser, recordPrefix(parser), [...new Set(paths)]);
}

/** @returns the transforms of a line in a record's member */
export function transformsInRecord(pack: Pack, parser: Parser, entry: string): Transform[] {
  return messageHeader(pack, parser) ? transformsOf(pack, asInJson(parser), entry, recordPrefix(parser)) : [];
}

function recordPrefix(parser: Parser): string {
  return `ikeaudit_${parser.name.replace(/[^a-z0-9]+/g, '_')}`;
}

/** @returns the EVALs of one source type, whose records several parsers read */
export function recordEvals(pack: Pack, plans: RecordsPlan[], shared: boolean): [string, string][] {
  const merged = new Map<string, string[]>();
  for (const plan of plans) {
    const own = withCommonNames(pack, plan.parser, plan.values);
    if (shared) for (const name of ['app', 'dvc', 'vendor_product']) own.set(name, ofOurs(plan, own.get(name)!));
    const read = plan.text ? deriveFields(pack, plan.text) : new Map<string, string>();
    for (const name of new Set([...own.keys(), ...read.keys()])) {
      // an entry that codes choose has the word before a line; what a line says of itself has it before the record
      const line = read.get(name) ?? (plan.text?.lineFields.has(name) || (plan.text && name === 'msg_type') ? name : undefined);
      const record = own.get(name);
      const both = name === 'msg_type' ? [record, line] : [line, record];
      const known = both.flatMap((expression) => expression ?? []);
      merged.set(name, [...(merged.get(name) ?? []), ...known.filter((expression) => !merged.get(name)?.includes(expression))]);
    }
  }
  const named = [...merged].map(([name, expressions]): [string, string] => [
    `EVAL-${name}`,
    coalesce([...new Set(shared ? [...expressions, name] : expressions)]),
  ]);
  return named.sort(([a], [b]) => (a < b ? -1 : 1));
}

function ofOurs({ parser, fields }: RecordsPlan, expression: string): string {
  return `if(${conditionOf(parser.records.where, fields.read)}, ${expression}, null())`;
}

/** Where the text stands that lines read: the member's name, a colon, and a JSON string. */
function messageHeader(pack: Pack, parser: Parser): Header | undefined {
  const keys = pack.envelopes
    .filter(({ name, form }) => form?.format === 'json' && !form.inside && Object.hasOwn(parser.structured, name))
    .flatMap(({ form }: Envelope) =>
      (form!.fields.message ?? []).flatMap((path) => wayOf(path, form!.names).map((steps) => steps.at(-1)!)),
    );
  if (keys.length === 0) return undefined;
  const variants = parser.headers.flatMap((template) => templateVariants(template, new Set()).map((variant) => ({ variant })));
  const forms = inEngineOrder(variants)
    .map(({ variant }) => tokensOf(variant).slice(0, -1))
    .filter((form) => form.length > 0);
  const header = forms.length ? `(?:${factorForms(forms, (token) => token.key.slice(1))})?` : '';
  const regex = `"(?:${[...new Set(keys)].map(escapeRegex).join('|')})"[ ]*:[ ]*"${header}(?<message>(?!")[^"\\\\\\n]*+(?:\\\\[^\\n][^"\\\\\\n]*+)*+)`;
  return { name: 'record', regex, names: new Map([['message', ['message']]]), routes: [] };
}

/** The lines as JSON writes them inside of a string. */
function asInJson(parser: Parser): Parser {
  const escape = (text: string) => JSON.stringify(text).slice(1, -1);
  const part = (each: Part): Part =>
    each.kind === 'literal'
      ? { ...each, text: escape(each.text) }
      : each.kind === 'choice'
        ? { ...each, options: each.options.map(escape) }
        : each;
  const template = ({ source, parts }: Template): Template => ({ source, parts: parts.map(part) });
  return { ...parser, entries: parser.entries.map((entry) => ({ ...entry, template: template(entry.template) })) };
}

/** Index-time settings: a record is a line, or an element of several lines; its time stands behind one of its members. */
export function recordIndexTime(pack: Pack, { parser }: RecordsPlan): [string, string][] {
  const envelopes = pack.envelopes.filter(({ name }) => Object.hasOwn(parser.structured, name));
  const begins = envelopes.flatMap(({ joins }) => (joins ? [escapeRegex(joins.begins)] : []));
  const columns = envelopes.flatMap(({ form }) => (form?.format === 'csv' ? [timeColumn(form)] : []));
  const keys = new Set(
    envelopes.flatMap(({ form }) =>
      form && form.format !== 'csv'
        ? (form.fields.timestamp ?? []).flatMap((path) => wayOf(path.split(' ')[0]!, form.names).map((steps) => steps.at(-1)!))
        : [],
    ),
  );
  const breaker = begins.length ? `((?:\\r?\\n)+)(?=[{]|${begins.join('|')})` : '((?:\\r?\\n)+)';
  return [
    ['SHOULD_LINEMERGE', 'false'],
    ['LINE_BREAKER', breaker],
    ['EVENT_BREAKER_ENABLE', 'true'],
    ['EVENT_BREAKER', breaker],
    ['TRUNCATE', '262144'],
    [
      'TIME_PREFIX',
      [...columns, ...(keys.size ? [`\\b(?:${[...keys].map(escapeRegex).join('|')})["']?[ ]*[:=][ ]*["']?`] : [])].join('|'),
    ],
    ['MAX_TIMESTAMP_LOOKAHEAD', '40'],
  ];
}

/** What stands before the column with the time: that of the last choice, which all records have. */
function timeColumn({ begins, separator, columns, fields, names }: RecordForm): string {
  const name = wayOf(fields.timestamp!.at(-1)!.split(' ')[0]!, names)[0]!.join('.');
  const place = columns.includes(name) ? columns.indexOf(name) : Number(name) - 1;
  const end = escapeRegex(separator);
  const column = `(?:"[^"]*"|[^${separator === '\t' ? '\\t' : end}"]*)${end}`;
  return `${begins === '' ? '\\A' : `(?=${escapeRegex(begins)})`}${place > 0 ? `(?:${column}){${place}}` : ''}"?`;
}

export function recordReports({ fields }: RecordsPlan): Stanza[] {
  return fields.reports;
}
