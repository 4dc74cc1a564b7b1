/** The order in which the matcher tries its lines, without the matcher: other targets' alternations must keep it. */
import { runsToStop } from '../model/capture-types.js';
import type { Literal, Step, Variant } from '../model/template.js';
import { bySpecificity, holeKey, stopLength } from './compile-matcher.js';

/** A variant, read up to a place. */
interface Reader {
  index: number;
  parts: (Literal | Step)[];
  part: number;
  /** how many bytes of a literal are read */
  offset: number;
}

/** @returns places in `variants`, in the order of `Matcher.leafOrder`; one of the same shape as an earlier one is never reached, and left out */
export function variantOrder(variants: Variant[]): number[] {
  const order: number[] = [];
  readOn(
    variants.map(({ parts }, index) => ({
      index,
      parts: parts.filter((_, at) => !isTaken(parts, at)).map(inBytes),
      part: 0,
      offset: 0,
    })),
    order,
  );
  return order;
}

/** A capture that runs to its stop takes the stop with it. */
function isTaken(parts: (Literal | Step)[], at: number): boolean {
  const before = parts[at - 1];
  return parts[at]!.kind === 'literal' && before?.kind === 'step' && runsToStop(before.type);
}

/** The matcher goes by bytes: a literal becomes a text of one character for each. */
function inBytes(part: Literal | Step): Literal | Step {
  if (part.kind === 'step' || !/[^ -~]/.test(part.text)) return part;
  return { kind: 'literal', text: Buffer.from(part.text).toString('latin1') };
}

/** Literals come first, then captures by specificity, then a line's end. */
function readOn(readers: Reader[], order: number[]): void {
  if (readers.length <= 1) return void order.push(...readers.map(({ index }) => index));
  skipShared(readers);
  const bytes = new Map<string, Reader[]>();
  const holes = new Map<string, { step: Step; readers: Reader[] }>();
  let ended: Reader | undefined;
  for (const reader of readers) {
    const part = reader.parts[reader.part];
    if (!part) ended ??= reader;
    else if (part.kind === 'literal') {
      const byte = part.text[reader.offset]!;
      const others = bytes.get(byte);
      if (others) others.push(reader);
      else bytes.set(byte, [reader]);
    } else {
      const key = holeKey(part);
      const others = holes.get(key);
      if (others) others.readers.push(reader);
      else holes.set(key, { step: part, readers: [reader] });
    }
  }
  for (const one of bytes.values()) {
    for (const reader of one) readByte(reader);
    readOn(one, order);
  }
  const weighed = [...holes.values()].map(({ step, readers: one }) => {
    for (const reader of one) reader.part++;
    return { step, readers: one, node: { weight: Math.max(...one.map(weightOf)) } };
  });
  for (const { readers: one } of weighed.sort(bySpecificity)) readOn(one, order);
  if (ended) order.push(ended.index);
}

/** Reads bytes that are next in all of them. */
function skipShared(readers: Reader[]): void {
  const nextOf = ({ parts, part, offset }: Reader) => {
    const next = parts[part];
    return next?.kind === 'literal' ? next.text.charCodeAt(offset) : undefined;
  };
  for (;;) {
    const byte = nextOf(readers[0]!);
    if (byte === undefined || readers.some((reader) => nextOf(reader) !== byte)) return;
    for (const reader of readers) readByte(reader);
  }
}

function readByte(reader: Reader): void {
  reader.offset++;
  if (reader.offset < (reader.parts[reader.part] as Literal).text.length) return;
  reader.part++;
  reader.offset = 0;
}

/** Literal bytes that are left. */
function weightOf({ parts, part, offset }: Reader): number {
  let weight = -offset;
  for (let at = part; at < parts.length; at++) {
    const one = parts[at]!;
    weight += one.kind === 'literal' ? one.text.length : stopLength(one);
  }
  return weight;
}
