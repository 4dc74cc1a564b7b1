/**
 * The members of structured records as raw fields, and expressions that read them. JSON: what KV_MODE=json extracts, under the member's whole path; that stops at
 * 5,000 bytes (limits.conf.spec: extraction_cutoff), so that a transform finds members by their last name too, wherever they stand. Everything else: transforms.
 */
import { wayOf } from '../../engine/find-path.js';
import type { Envelope, Pack, Parser } from '../../model/pack.js';
import type { Stanza } from './conf-file.js';
import { escapeRegex } from '../../regex/variant-regex.js';

export interface RecordFields {
  reports: Stanza[];
  /** a path as an expression: the first of its ways, in all spellings, that has a text */
  read(path: string): string;
  hasJson: boolean;
}

/** @param paths all that the parser asks for */
export function recordFields(pack: Pack, parser: Parser, prefix: string, paths: string[]): RecordFields {
  // a member whose text is JSON again is nothing that a search-time extraction could read; Splunk's inputs unpack such records
  const envelopes = pack.envelopes.filter(({ name, form }) => form && !form.inside && Object.hasOwn(parser.structured, name));
  const reports = envelopes.flatMap((envelope) => reportsOf(envelope, prefix, paths));
  return {
    reports: reports.filter(({ name }, index) => reports.findIndex((other) => other.name === name) === index),
    read: (path) => coalesce(inOrder(envelopes.flatMap((envelope) => expressionsOf(envelope, path)))),
    hasJson: envelopes.some(({ form }) => form!.format === 'json'),
  };
}

/** Names that say where a member stands come before those that do not. */
function inOrder(expressions: string[]): string[] {
  const distinct = [...new Set(expressions)];
  return [...distinct.filter((each) => each.startsWith("'")), ...distinct.filter((each) => !each.startsWith("'"))];
}

export function coalesce(expressions: string[]): string {
  return expressions.length === 1 ? expressions[0]! : `coalesce(${expressions.join(', ')})`;
}

export function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** Splunk makes names of [A-Za-z0-9_] of the keys that a transform finds (CLEAN_KEYS). */
function cleanKey(key: string): string {
  return key.replace(/[^A-Za-z0-9]/g, '_').replace(/^[_0-9]+/, '');
}

/** A column's name may have dots; one without a name is known by its number. */
function columnField(column: string): string {
  return `ikeaudit_${cleanKey(column) || column}`;
}

function expressionsOf({ form }: Envelope, path: string): string[] {
  const ways = wayOf(path, form!.names);
  switch (form!.format) {
    case 'json':
      return ways.flatMap(jsonNames);
    case 'xml':
      return ways.flatMap((steps) => xmlName(form!.members, steps) ?? []);
    case 'rfc5424':
      return ways.map((steps) => (steps.length === 1 ? `ikeaudit_${steps[0]}` : cleanKey(steps.at(-1)!)));
    default:
      return ways.map((steps) => (form!.format === 'csv' ? columnField(steps.join('.')) : cleanKey(steps[0]!)));
  }
}

/** What KV_MODE=json calls a member, and what a transform calls it where the record is longer. The values of an array are those of `name{}`. */
function jsonNames(steps: string[]): string[] {
  const last = steps.at(-1)!;
  if (/^[0-9]+$/.test(last)) return [`mvindex('${steps.slice(0, -1).join('.')}{}', ${last})`];
  return [`'${steps.join('.')}'`, cleanKey(last)].filter((name) => name !== '');
}

/** A member that is known by an attribute has that attribute's text as its name; others that of their place. */
function xmlName(members: Record<string, string>, steps: string[]): string | undefined {
  const leaf = steps.at(-1)!;
  const group = steps.at(-2) ?? '';
  if (leaf === '*') return undefined;
  if (Object.hasOwn(members, group)) return cleanKey(leaf);
  if (group === '*') return cleanKey(leaf);
  return `ikeaudit_${cleanKey(group)}_${cleanKey(leaf)}`;
}

function reportsOf({ form, name }: Envelope, prefix: string, paths: string[]): Stanza[] {
  const stanza = (what: string, settings: [string, string][]): Stanza => ({
    name: `${prefix}_${what}`,
    comment: [`Envelope ${name}.`],
    settings,
  });
  const ways = paths.flatMap((path) => wayOf(path, form!.names));
  switch (form!.format) {
    case 'json':
      return [
        stanza('json_text', [
          // a text with escapes is left to KV_MODE, which knows them
          ['REGEX', '"([A-Za-z0-9_@.]+)"[ ]*:[ ]*"([^"\\\\\\n]+)"'],
          ['FORMAT', '$1::$2'],
        ]),
        stanza('json_number', [
          ['REGEX', '"([A-Za-z0-9_@.]+)"[ ]*:[ ]*(-?[0-9][0-9.]*|true|false)'],
          ['FORMAT', '$1::$2'],
        ]),
      ];
    case 'xml':
      return xmlReports(form!.members, ways, stanza);
    case 'rfc5424':
      return [
        stanza('data', [
          ['REGEX', '([A-Za-z0-9_.-]+)="((?:[^"\\\\\\]]|\\\\[^\\n])+)"'],
          ['FORMAT', '$1::$2'],
        ]),
        stanza('msgid', [
          ['REGEX', '\\A<[0-9]{1,3}>1 [^ ]+ [^ ]+ [^ ]+ [^ ]+ ([^ ]+) '],
          ['FORMAT', 'ikeaudit_msgid::$1'],
        ]),
      ];
    case 'kv': {
      const [assign, between] = [escapeRegex(form!.assign), escapeRegex(form!.between)];
      return [
        stanza('quoted', [
          ['REGEX', `([A-Za-z0-9_.-]+)${assign}"((?:[^"\\\\]|\\\\[^\\n])+)"`],
          ['FORMAT', '$1::$2'],
        ]),
        stanza('bare', [
          ['REGEX', `([A-Za-z0-9_.-]+)${assign}((?!")(?:(?!${between})[^\\n])+)`],
          ['FORMAT', '$1::$2'],
        ]),
      ];
    }
    case 'csv': {
      const names = ways.map((steps) => steps.join('.'));
      const used = Math.max(...names.map((name) => form!.columns.indexOf(name) + 1 || Number(name) || 0));
      const column = (index: number) => {
        return `"?(?<${columnField(form!.columns[index] || String(index + 1))}>(?<=")[^"]*|[^"${escapeRegex(form!.separator)}\\n]*)"?`;
      };
      const regex = Array.from({ length: used }, (_, index) => column(index)).join(escapeRegex(form!.separator));
      return [stanza('columns', [['REGEX', `\\A${regex}`]])];
    }
  }
}

function xmlReports(
  members: Record<string, string>,
  ways: string[][],
  stanza: (what: string, settings: [string, string][]) => Stanza,
): Stanza[] {
  const plain = new Map<string, string>();
  for (const steps of ways) {
    const [group = '', leaf] = steps.slice(-2) as [string, string];
    if (Object.hasOwn(members, group) || group === '*' || leaf === '*' || steps.length < 2) continue;
    const name = xmlName(members, steps)!;
    const [tag, inside] = [escapeRegex(group), escapeRegex(leaf)];
    plain.set(name, `<(?:${inside}(?:[ ][^>]*)?>|${tag}[ ](?:[^>]*[ ])?${inside}=['"])([^<'"]+)`);
  }
  const numbers = ways.flatMap((steps) => /^param([0-9]+)$/.exec(steps.at(-1)!)?.[1] ?? []).map(Number);
  const unnamed = Array.from({ length: Math.max(0, ...numbers) }, (_, index) => `<Data>(?<param${index + 1}>[^<]*)</Data>`);
  return [
    ...[...plain].map(([name, regex]) =>
      stanza(name.replace(/^ikeaudit_/, 'xml_'), [
        ['REGEX', regex],
        ['FORMAT', `${name}::$1`],
      ]),
    ),
    ...Object.entries(members).map(([element, attribute]) =>
      stanza(`xml_${element}`, [
        ['REGEX', `<${element}[ ]${attribute}=['"]([^'"]+)['"]>([^<]+)</${element}>`],
        ['FORMAT', '$1::$2'],
      ]),
    ),
    ...(unnamed.length
      ? [
          stanza('xml_unnamed', [
            [
              'REGEX',
              `<EventData>[ \\r\\n\\t]*${unnamed.reduceRight((rest, one) => `${one}(?:[ \\r\\n\\t]*${rest})?`, '').replace(/\(\?:\[ \\r\\n\\t\]\*\)\?$/, '')}`,
            ],
          ]),
        ]
      : []),
  ];
}
