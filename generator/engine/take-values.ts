/** What the paths of a record say, as values of fields. */
import { isIP } from 'node:net';
import type { Field } from '../model/pack.js';
import type { CompiledTake } from './compile-records.js';
import { strip, textAt } from './find-path.js';
import type { Core } from './core.js';
import { type Clock, parseStamp } from './time.js';
import { readValue, type Values, type Vocabulary } from './vocabulary.js';

/** What is the same for all records of a reader. */
export interface TakeContext {
  clock: Clock;
  core: Core;
}

/** Fills `values`; a field that is filled already stays as it is, so that the first of several paths counts. */
export function takeValues(
  takes: CompiledTake[],
  tree: unknown,
  empty: ReadonlySet<string>,
  vocabulary: Vocabulary,
  context: TakeContext,
  values: Values,
): void {
  for (let i = 0; i < takes.length; i++) {
    const take = takes[i]!;
    const text = strip(textAt(tree, take.way));
    if (text === '' || empty.has(text)) continue;
    const found = take.line
      ? lineValues(take.line, text, vocabulary, context)
      : takenValues(take, text, vocabulary, context.clock);
    for (const field in found) values[field] ??= found[field]!;
  }
}

function takenValues({ field, kind, table, times }: CompiledTake, text: string, vocabulary: Vocabulary, clock: Clock): Values {
  const row = table?.get(text);
  if (typeof row === 'object') {
    const { notify, ...others } = row;
    return notify === undefined ? others : { ...others, ...readValue('notify', 'notify', String(notify), vocabulary) };
  }
  if (table && row === undefined && field === undefined) return {};
  const word = row === undefined ? text : String(row);
  if (field === undefined) return {};
  switch (kind) {
    case undefined:
      return typedValue(field, word, times, clock);
    case 'algorithm': {
      const algorithm = vocabulary.algorithm(word);
      if (algorithm?.type === 'key_exchange') return { [field.name]: algorithm.number };
      return { [field.name]: algorithm?.value ?? word };
    }
    case 'decimal':
      return /^\d{1,20}$/.test(word) ? { [field.name]: BigInt(word).toString(16).padStart(8, '0') } : {};
    case 'lower':
      return { [field.name]: word.replace(/^0x/i, '').toLowerCase() };
    case 'time':
      return typedValue(field, word, 1, clock);
    default:
      return readValue(kind, field.name, word, vocabulary);
  }
}

/** A text that its field cannot hold says nothing. */
function typedValue({ name, type, list, values }: Field, text: string, times: number, clock: Clock): Values {
  switch (type) {
    case 'ip':
      return isIP(text) ? { [name]: list ? [text] : text } : {};
    case 'port':
      return /^\d{1,5}$/.test(text) ? { [name]: Number(text) } : {};
    case 'int':
    case 'long':
    case 'float': {
      const number = /^-?\d{1,15}(?:\.\d{1,9})?$/.test(text) ? Number(text) * times : Number.NaN;
      return Number.isNaN(number) ? {} : { [name]: Math.round(number) };
    }
    case 'bool': {
      const word = text.toLowerCase();
      return ['true', '1', 'yes'].includes(word)
        ? { [name]: true }
        : ['false', '0', 'no'].includes(word)
          ? { [name]: false }
          : {};
    }
    case 'date': {
      const time = parseStamp(text, clock);
      return time === undefined || Number.isNaN(time) ? {} : { [name]: new Date(time).toISOString() };
    }
    default:
      if (values && !values.includes(text)) return {};
      return { [name]: list ? [text] : text };
  }
}

function lineValues(
  { matcher, chosen, captures }: NonNullable<CompiledTake['line']>,
  text: string,
  vocabulary: Vocabulary,
  { core }: TakeContext,
): Values {
  const leaf = core.matchText(matcher, Buffer.from(text));
  if (leaf < 0) return {};
  const values: Values = { ...chosen[leaf] };
  for (const { slot, field, kind } of captures) {
    const part = core.bytes.toString('utf8', core.starts[slot], core.ends[slot]);
    if (field && (field.type !== 'ip' || isIP(part))) Object.assign(values, readValue(kind, field.name, part, vocabulary));
  }
  return values;
}
