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
}

/** @returns the look-ups for one parser: the registered names, the common spellings and the parser's own. */
export function buildVocabulary(pack: Pack, parser: Parser): Vocabulary {
  const byName = new Map(pack.notifies.map((notify) => [notify.name, notify]));
  const byNumber = new Map(pack.notifies.map((notify) => [notify.number, notify]));
  const notifies = new Map<string, Notify>(byName);
  for (const [word, name] of [...Object.entries(pack.notifySpellings), ...Object.entries(parser.spellings.notify)]) {
    const notify = byName.get(name);
    if (notify) notifies.set(word, notify);
  }
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
    case 'key-exchange': {
      const algorithm = vocabulary.algorithm(text);
      return algorithm?.type === 'key_exchange' ? { [field]: algorithm.number } : {};
    }
  }
}

/** Splits `SA KE No N(COOKIE) CPRQ(ADDR DNS)` at the blanks outside of parentheses. */
function splitPayloads(text: string): string[] {
  return text.match(/[^ (]+(?:\((?:[^()]|\([^()]*\))*\))?/g) ?? [];
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
  const values: Values = {};
  for (const word of text.replace(/^[A-Z]+:/, '').split('/')) {
    const algorithm = vocabulary.algorithm(word.replace(/^KE\d_/, ''));
    if (!algorithm) continue;
    const field = PROPOSAL_FIELDS[algorithm.type];
    if (field) values[field] ??= algorithm.value;
    if (algorithm.type === 'key_exchange') values.dh_group ??= algorithm.number;
  }
  return values;
}
