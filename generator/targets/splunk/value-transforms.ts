/** Transforms that read what a line's transform captured: payload lists, the first error in them, the algorithms of a proposal. */

import { vocabularyOf } from '../../engine/vocabulary.js';
import type { Pack } from '../../model/pack.js';
import { ERROR_WORD, NOTIFY_WORD, textOf, wordOf } from './capture-line.js';
import type { Stanza } from './conf-file.js';
import { ALGORITHM_FIELDS, type AlgorithmType, algorithmWords, notifyWords } from './lookup-tables.js';
import type { ParserPlan, Transform } from './parser-plan.js';
import { wordTree } from './word-tree.js';

type Values = Pick<ParserPlan, 'parser' | 'prefix' | 'lineFields'>;

export interface ValueTransform {
  stanza: Stanza;
  /** the field that it reads */
  source: string;
}

/** `N(COOKIE)`, `CPRQ(ADDR DNS)`: parentheses one level deep belong to the word before them, as in the engine. */
const INSIDE = '(?:[^()\\n]++|\\([^()\\n]*+\\))';
const PAYLOAD = `([^ ,(\\n]++(?:\\(${INSIDE}*+\\))?)`;
const BEGINS = '(?<![^ ,)])';

/** @param plan of a parser, or of some of its fields */
export function valueTransforms(pack: Pack, plan: Values): ValueTransform[] {
  return [...plan.lineFields].flatMap(([field, kinds]) => {
    if (kinds.has('notify')) return notifyTransforms(pack, plan, field);
    if (kinds.has('payloads')) return payloadTransforms(pack, plan, field);
    if (kinds.has('suite')) return suiteTransforms(pack, plan, field);
    return kinds.has('proposal') ? proposalTransforms(pack, plan, field) : [];
  });
}

/** @returns names of the transforms that must run after one of these, in order: what reads a field that one of them may give */
export function valuesAfter(values: ValueTransform[], transforms: Transform[]): string[] {
  const given = new Set(transforms.flatMap(({ format }) => format.split(' ').map((pair) => pair.split('::')[0]!)));
  return values.filter(({ source }) => given.has(source)).map(({ stanza }) => stanza.name);
}

/** A word that is no notify's name is the value as it stands: the look-up would take it away. */
function notifyTransforms(pack: Pack, { parser, prefix }: Values, field: string): ValueTransform[] {
  const words = wordTree(notifyWords(pack, parser));
  const source = textOf(field);
  const stanza = (name: string, regex: string, format: string): ValueTransform => ({
    source,
    stanza: {
      name: `${prefix}_${field}_${name}`,
      settings: [
        ['SOURCE_KEY', source],
        ['REGEX', regex],
        ['FORMAT', format],
      ],
    },
  });
  return [
    stanza('registered', `\\A(${words})\\z`, `${NOTIFY_WORD}::$1 ${ERROR_WORD}::$1`),
    stanza('unregistered', `\\A(?!${words}\\z)([^\\n]+)\\z`, `${field}::$1`),
  ];
}

/** transforms.conf.spec: with MV_ADD the regex is applied again and again, and each value is added to a multivalue field. */
function payloadTransforms(pack: Pack, { parser, prefix }: Values, field: string): ValueTransform[] {
  const { notify } = vocabularyOf(pack, parser);
  const errors = wordTree(notifyWords(pack, parser).filter((word) => notify(word)!.class === 'error'));
  const source = textOf(field);
  const stanza = (name: string, regex: string, format: string, many: boolean): ValueTransform => ({
    source,
    stanza: {
      name: `${prefix}_${field}_${name}`,
      settings: [
        ['SOURCE_KEY', source],
        ['REGEX', regex],
        ['FORMAT', format],
        ...(many ? [['MV_ADD', 'true'] as [string, string]] : []),
      ],
    },
  });
  return [
    stanza('list', PAYLOAD, `${field}::$1`, true),
    stanza('notifies', `${BEGINS}N\\((${INSIDE}++)\\)`, `${NOTIFY_WORD}::$1`, true),
    stanza('first_error', `${BEGINS}N\\((${errors})\\)`, `${ERROR_WORD}::$1`, false),
  ];
}

/** The first algorithm of each type counts. */
function proposalTransforms(pack: Pack, plan: Values, field: string): ValueTransform[] {
  return algorithmTransforms(
    pack,
    plan,
    field,
    /[ /]/,
    (words) => `(?i)\\A(?-i:[A-Z]++:)?(?:[^/\\n]*+/)*?(?:KE[0-9]_)?(${words})(?:/|\\z)`,
  );
}

/** Words between hyphens, semicolons, blanks and the like. */
function suiteTransforms(pack: Pack, plan: Values, field: string): ValueTransform[] {
  return algorithmTransforms(
    pack,
    plan,
    field,
    /[-;,/= ]/,
    (words) => `(?i)\\A(?:[^-;,/= \\n]*+[-;,/= ])*?(${words})(?:[-;,/= ]|\\z)`,
  );
}

/** @param apart what no word may hold. @param regexOf the regex around a choice of words */
function algorithmTransforms(
  pack: Pack,
  { parser, prefix }: Values,
  field: string,
  apart: RegExp,
  regexOf: (words: string) => string,
): ValueTransform[] {
  const algorithms = algorithmWords(pack, parser);
  return (Object.keys(ALGORITHM_FIELDS) as AlgorithmType[]).map((type) => {
    const words = (algorithms.get(type) ?? []).filter(({ word }) => !apart.test(word));
    const settings: [string, string][] = [
      ['SOURCE_KEY', field],
      ['REGEX', regexOf(wordTree(words.map(({ word }) => word)))],
      ['FORMAT', `${wordOf(ALGORITHM_FIELDS[type])}::$1`],
    ];
    return { source: field, stanza: { name: `${prefix}_${field}_${type}`, settings } };
  });
}
