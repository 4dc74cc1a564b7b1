/**
 * A line as tokens: characters and holes. Two lines whose tokens agree up to a point take the same bytes up to that point, because a hole's end
 * depends on nothing but its start; so a tree of tokens reads a line as the engine does.
 */
import { variantOrder } from '../../engine/variant-order.js';
import { templateVariants } from '../../lower/variants.js';
import { captureType, runsToStop } from '../../model/capture-types.js';
import { type Entry, type Pack, type Parser, peerControlledFields } from '../../model/pack.js';
import type { Step, Variant } from '../../model/template.js';
import { skimHole } from './skim-hole.js';

export interface Token {
  /** equal keys take equal bytes */
  key: string;
  /** the literal character; undefined for a hole */
  char?: string;
  step?: Step;
  /** carries the end of the line with it */
  closes: boolean;
}

/** One variant of an entry's line. */
export interface Line {
  entry: Entry;
  variant: Variant;
  tokens: Token[];
  /** the entry's constants and the choices made in this variant */
  constants: Record<string, string | number | boolean>;
  /** literal text at the end of the line; '' after a hole */
  tail: string;
  captures: boolean;
  /** what the line says, its captures apart: equal for lines that one transform might read */
  saying: string;
}

/** @returns every variant of the parser's lines, in the order in which the engine tries them */
export function orderedLines(pack: Pack, parser: Parser): Line[] {
  const peerControlled = peerControlledFields(pack);
  const lines = parser.entries.flatMap((entry, index) =>
    templateVariants(entry.template, peerControlled).map((variant): Line => {
      const constants = { ...entry.set, ...variant.chosen };
      const captures = variant.parts.some((part) => part.kind === 'step' && part.field !== '_');
      return {
        entry,
        variant,
        tokens: tokensOf(variant),
        constants,
        tail: tailOf(variant),
        captures,
        // what is captured is the entry's own
        saying: JSON.stringify([captures ? index : entry.event, constants]),
      };
    }),
  );
  return inEngineOrder(lines);
}

/** @returns the same variants in the order in which the engine tries them; a variant of the same shape as an earlier one is never reached */
export function inEngineOrder<T extends { variant: Variant }>(lines: T[]): T[] {
  return variantOrder(lines.map(({ variant }) => variant)).map((index) => lines[index]!);
}

/** ASCII's: the same characters come again and again. */
const CHARACTERS = Array.from({ length: 128 }, (_, code) => characterToken(String.fromCharCode(code)));

function characterToken(char: string): Token {
  return { key: char, char, closes: false };
}

export function tokensOf(variant: Variant): Token[] {
  const tokens: Token[] = [];
  let consumed = false;
  for (const part of variant.parts) {
    if (part.kind === 'literal') {
      if (!consumed) for (const char of part.text) tokens.push(CHARACTERS[char.charCodeAt(0)] ?? characterToken(char));
      consumed = false;
      continue;
    }
    const { takes } = captureType(part.type);
    consumed = runsToStop(part.type);
    const regex = skimHole(part);
    tokens.push({ key: `\0${regex}`, step: part, closes: part.tail || takes === 'rest' });
  }
  return tokens;
}

function tailOf(variant: Variant): string {
  const last = variant.parts.at(-1);
  return last?.kind === 'literal' ? last.text : '';
}
