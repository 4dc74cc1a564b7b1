/** Check: each line reads its own sample, and no other line takes it. */
import type { Engine } from '../engine/compile-engine.js';
import { Core } from '../engine/core.js';
import { traceTemplate } from '../engine/trace.js';
import { type ContentDocument, placeWithin } from '../load/load-content.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { type Entry, peerControlledFields } from '../model/pack.js';

/** @param engine of the pack that the documents became */
export function checkSamples(documents: ContentDocument[], engine: Engine): Diagnostic[] {
  const peerControlled = peerControlledFields(engine.pack);
  return misreadSamples(engine).map(({ entry, by }) => {
    const trace = traceTemplate(entry.template, entry.sample, peerControlled);
    return trace.matches && by ? taken(entry, by) : missed(documentOf(documents, entry), entry, trace.stop, trace.expected);
  });
}

/** @returns the entries whose sample another line reads (`by`), or none */
function misreadSamples(engine: Engine): { entry: Entry; by: Entry | undefined }[] {
  const core = new Core();
  return engine.parsers.flatMap((compiled) =>
    compiled.parser.entries.flatMap((entry) => {
      const bytes = Buffer.from(entry.sample);
      // leaves of lines come first, and a match has no other
      const by = compiled.leaves[core.matchText(compiled.lines, bytes)]?.entry as Entry | undefined;
      return by === entry ? [] : [{ entry, by }];
    }),
  );
}

function documentOf(documents: ContentDocument[], entry: Entry): ContentDocument {
  return documents.find(({ file }) => file === entry.place.entry.file)!;
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
