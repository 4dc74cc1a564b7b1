/** Step 2 of lowering: a template's choices are multiplied out, and every capture learns where it ends. */
import { isAddress, runsToStop } from '../model/capture-types.js';
import type { Literal, Part, Step, Template, Variant } from '../model/template.js';

/**
 * @param peerControlled fields whose text an unauthenticated peer chooses: an address that follows one of them in a template is believed only
 *   if the literal between them occurs once, so that an identity cannot imitate it
 * @returns every way through the template, in the order in which the options are written
 */
export function templateVariants(template: Template, peerControlled: ReadonlySet<string>): Variant[] {
  return multiply(template.parts).map(({ parts, chosen }) => ({
    parts: resolveStops(mergeLiterals(parts), peerControlled),
    chosen,
  }));
}

/** @returns what each way through the template has chosen, in the order of `templateVariants` */
export function templateChoices({ parts }: Template): Record<string, string>[] {
  return multiply(parts.filter(({ kind }) => kind === 'choice')).map(({ chosen }) => chosen);
}

interface Path {
  parts: Part[];
  chosen: Record<string, string>;
}

function multiply(parts: Part[]): Path[] {
  let paths: Path[] = [{ parts: [], chosen: {} }];
  for (const part of parts) {
    if (part.kind !== 'choice') {
      for (const path of paths) path.parts.push(part);
      continue;
    }
    paths = paths.flatMap((path) =>
      part.options.map((text) => ({
        parts: [...path.parts, { kind: 'literal', text } as Literal],
        chosen: part.field && part.field !== '_' ? { ...path.chosen, [part.field]: text } : path.chosen,
      })),
    );
  }
  return paths;
}

function mergeLiterals(parts: Part[]): Part[] {
  const merged: Part[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (part.kind === 'literal' && part.text === '') continue;
    if (part.kind === 'literal' && last?.kind === 'literal')
      merged[merged.length - 1] = { kind: 'literal', text: last.text + part.text };
    else merged.push(part);
  }
  return merged;
}

function resolveStops(parts: Part[], peerControlled: ReadonlySet<string>): (Literal | Step)[] {
  return parts.map((part, index) => {
    if (part.kind !== 'capture') return part as Literal;
    const next = parts[index + 1];
    const stop = next?.kind === 'literal' ? next.text : '';
    const ends = runsToStop(part.type);
    const followedByAddress = parts.slice(index + 1).some((later) => later.kind === 'capture' && isAddress(later.type));
    return {
      kind: 'step',
      field: part.field,
      type: part.type,
      stop,
      tail: ends && index + 2 >= parts.length,
      unique: ends && peerControlled.has(part.field) && followedByAddress,
    } satisfies Step;
  });
}
