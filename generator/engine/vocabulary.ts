/**
 * From a vendor's words to neutral values: notify names, algorithms, payload lists, dates. Pure look-ups over the pack; the targets build
 * their look-up tables from the same functions.
 */
import type { ValueKind } from '../model/capture-types.js';
import type { Notify, Pack, Parser, TransformType } from '../model/pack.js';
import { parseTime } from './time.js';

export type Value = string | number | boolean | (string | number)[];
export type Values = Record<string, Value>;

export interface Algorithm {
  type: TransformType;
  /** our neutral value, e.g. `AES_CBC_256` */
  value: string;
  /** IANA's transform id */
  number: number;
}

export interface Vocabulary {
  notify(word: string): Notify | undefined;
  algorithm(word: string): Algorithm | undefined;
  /** @returns the registered name, or the word as it stands */
  exchange(word: string): string;
}

const vocabularies = new WeakMap<Pack, WeakMap<Parser, Vocabulary>>();

/** @returns the look-ups for one parser: the registered names, the common spellings and the parser's own. Built once: a pack does not change. */
export function vocabularyOf(pack: Pack, parser: Parser): Vocabulary {
  const known = vocabularies.get(pack) ?? new WeakMap<Parser, Vocabulary>();
  vocabularies.set(pack, known);
  const vocabulary = known.get(parser) ?? buildVocabulary(pack, parser);
  known.set(parser, vocabulary);
  return vocabulary;
}

function buildVocabulary(pack: Pack, parser: Parser): Vocabulary {
  const byName = new Map(pack.notifies.map((notify) => [notify.name, notify]));
  const byNumber = new Map(pack.notifies.map((notify) => [notify.number, notify]));
  const notifies = new Map<string, Notify>(byName);
  for (const [word, name] of [...Object.entries(pack.notifySpellings), ...Object.entries(parser.spellings.notify)]) {
    const notify = byName.get(name);
    if (notify) notifies.set(word, notify);
  }
  const exchanges = new Map(Object.entries(pack.exchangeSpellings));
  const algorithms = new Map<string, Algorithm>();
  for (const { type, number, spellings } of pack.transforms) {
    for (const [spelling, value] of Object.entries(spellings)) algorithms.set(spelling.toUpperCase(), { type, value, number });
  }
  for (const [word, value] of Object.entries(parser.spellings.transform)) {
    const algorithm = algorithms.get(value.toUpperCase());
    if (algorithm) algorithms.set(word.toUpperCase(), algorithm);
  }
  return {
    notify(word) {
      const found = notifies.get(word);
      if (found) return found;
      const number = /^\(?(\d{1,5})\)?$/.exec(word)?.[1];
      return number === undefined ? undefined : byNumber.get(Number(number));
    },
    algorithm: (word) => algorithms.get(word.toUpperCase()),
    exchange: (word) => exchanges.get(word) ?? word,
  };
}

/** @returns what a captured text becomes: the field itself, and fields derived from it. An empty text gives nothing. */
export function readValue(kind: ValueKind, field: string, text: string, vocabulary: Vocabulary): Values {
  if (text === '') return {};
  switch (kind) {
    case 'text':
      return { [field]: text };
    case 'number':
      return { [field]: Number(text) };
    case 'size': {
      const bytes = readSize(text);
      return bytes === undefined ? {} : { [field]: bytes };
    }
    case 'exchange':
      return { [field]: vocabulary.exchange(text) };
    case 'lower':
      return { [field]: text.toLowerCase() };
    case 'time': {
      const milliseconds = parseTime(text);
      return milliseconds === undefined ? {} : { [field]: new Date(milliseconds).toISOString() };
    }
    case 'list-blank':
      return { [field]: text.split(' ').filter(Boolean) };
    case 'list-comma':
      return { [field]: text.split(/, ?/).filter(Boolean) };
    case 'list-line':
      return { [field]: text.split('\n') };
    case 'bool':
      return { [field]: text === 'true' };
    case 'payloads': {
      const payloads = splitPayloads(text);
      return {
        [field]: payloads,
        ...notifies(
          payloads.flatMap((payload) => /^N\((.+)\)$/.exec(payload)?.[1] ?? []),
          vocabulary,
        ),
      };
    }
    case 'notify':
      return notifies([text], vocabulary);
    case 'proposal':
      return { [field]: text, ...readProposal(text, vocabulary) };
    case 'suite':
      return { [field]: text, ...algorithmsOf(text.split(SUITE_ENDS), vocabulary) };
    case 'key-exchange': {
      const algorithm = vocabulary.algorithm(text);
      return algorithm?.type === 'key_exchange' ? { [field]: algorithm.number } : {};
    }
  }
}

/** What a number of bytes may have behind it; each is 1024 of the one before. */
export const SIZE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

function readSize(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,15})([KMGTP]?B)?$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * 1024 ** Math.max(0, SIZE_UNITS.indexOf(unit ?? ''));
}

/** Splits `SA KE No N(COOKIE) CPRQ(ADDR DNS)` at the blanks or commas outside of parentheses. */
function splitPayloads(text: string): string[] {
  return text.match(/[^ ,(]+(?:\((?:[^()]|\([^()]*\))*\))?/g) ?? [];
}

function notifies(words: string[], vocabulary: Vocabulary): Values {
  const found = words.map((word) => vocabulary.notify(word) ?? word);
  const names = [...new Set(found.map((notify) => (typeof notify === 'string' ? notify : notify.name)))];
  const error = found.find((notify): notify is Notify => typeof notify !== 'string' && notify.class === 'error');
  return { ...(names.length ? { notify: names } : {}), ...(error ? { error_code: error.number } : {}) };
}

const PROPOSAL_FIELDS: Partial<Record<TransformType, string>> = { encryption: 'encryption', integrity: 'integrity', prf: 'prf' };

/** Reads `IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048`: the first algorithm of each type is the one that counts. */
function readProposal(text: string, vocabulary: Vocabulary): Values {
  return algorithmsOf(
    text
      .replace(/^[A-Z]+:/, '')
      .split('/')
      .map((word) => word.replace(/^KE\d_/, '')),
    vocabulary,
  );
}

/** What ends a word of a suite: `AES_CBC_256-HMAC_SHA2_256-MODP2048`, `cipher=AES_CBC_256 integ=HMAC_SHA2_256_128`, `ENCR=AES_CBC_256;DH=ECP_256`. */
const SUITE_ENDS = /[-;,/= ]/;

function algorithmsOf(words: string[], vocabulary: Vocabulary): Values {
  const values: Values = {};
  for (const word of words) {
    const algorithm = vocabulary.algorithm(word);
    if (!algorithm) continue;
    const field = PROPOSAL_FIELDS[algorithm.type];
    if (field) values[field] ??= algorithm.value;
    if (algorithm.type === 'key_exchange') values.dh_group ??= algorithm.number;
  }
  return values;
}
