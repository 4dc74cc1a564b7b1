/** Check: each line reads its own sample, and no other line takes it. */
import { compileEngine } from '../engine/compile-engine.js';
import { match } from '../engine/match.js';
import { traceTemplate } from '../engine/trace.js';
import { type ContentDocument, placeWithin } from '../load/load-content.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Entry, Pack } from '../model/pack.js';

export function checkSamples(documents: ContentDocument[], pack: Pack): Diagnostic[] {
  const engine = compileEngine(pack);
  const peerControlled = new Set([...pack.fields.values()].filter((field) => field.peerControlled).map((field) => field.name));
  const starts = new Int32Array(engine.slotNames.length);
  const ends = new Int32Array(engine.slotNames.length);
  const found: Diagnostic[] = [];
  for (const compiled of engine.parsers) {
    const document = documents.find(({ file }) => file === compiled.parser.file)!;
    for (const entry of compiled.parser.entries) {
      const bytes = Buffer.from(entry.sample);
      const leaf = compiled.leaves[match(compiled.lines, bytes, 0, bytes.length, starts, ends)];
      if (leaf?.entry === entry) continue;
      const trace = traceTemplate(entry.template, entry.sample, peerControlled);
      if (trace.matches && leaf) found.push(taken(entry, leaf.entry));
      else found.push(missed(document, entry, trace.stop, trace.expected));
    }
  }
  return found;
}

function missed(document: ContentDocument, entry: Entry, stop: number, expected: string): Diagnostic {
  const path = pathOf(document, entry);
  return {
    code: 'line-matches-sample',
    place: path ? placeWithin(document, path, stop, entry.sample.length) : entry.place.sample,
    message: `The line stops matching its sample here. Expected ${expected}.`,
  };
}

function taken(entry: Entry, by: Entry): Diagnostic {
  const same = by.template.source === entry.template.source;
  return {
    code: same ? 'distinct-lines' : 'sample-matches-its-line',
    place: same ? entry.place.line : entry.place.sample,
    message: same
      ? `The line stands twice: "${by.template.source}".`
      : `This sample is read by the more specific line "${by.template.source}". Choose a sample that only its own line reads, or delete one of the lines.`,
  };
}

function pathOf(document: ContentDocument, entry: Entry): (string | number)[] | undefined {
  const list = entry.kind === 'event' ? 'events' : 'ignored';
  const entries = (document.data as Record<string, { line: string; sample: string }[]>)[list]!;
  const index = entries.findIndex(({ line, sample }) => line === entry.template.source && sample === entry.sample);
  return index < 0 ? undefined : [list, index, 'sample'];
}
