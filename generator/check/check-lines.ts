/** Check: no two lines of a parser have the same shape, so that it is never undecidable which one reads a record. */
import { templateVariants } from '../lower/variants.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { type Entry, type Pack, peerControlledFields } from '../model/pack.js';

export function checkLines(pack: Pack): Diagnostic[] {
  const found: Diagnostic[] = [];
  const peerControlled = peerControlledFields(pack);
  for (const parser of pack.parsers) {
    const shapes = new Map<string, Entry>();
    for (const entry of parser.entries) {
      for (const { parts } of templateVariants(entry.template, peerControlled)) {
        const shape = parts.map((part) => (part.kind === 'literal' ? part.text : `\0${part.type}${part.unique}\0`)).join('');
        const other = shapes.get(shape);
        if (!other) shapes.set(shape, entry);
        else if (other !== entry) {
          const message = `This line has the same shape as "${other.template.source}": nothing decides between them.`;
          found.push({ code: 'distinct-lines', place: entry.place.line, message });
          break;
        }
      }
    }
  }
  return found;
}
