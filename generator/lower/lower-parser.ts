/** Lowers one parser: its lines become templates, its names are resolved. Problems are diagnostics; nothing is thrown. */
import { type ContentDocument, placeOf } from '../load/load-content.js';
import type { Entry, Parser, Stitch } from '../model/pack.js';
import type { Template } from '../model/template.js';

type Raw = Record<string, unknown>;

export function lowerParser(
  document: ContentDocument,
  readLine: (document: ContentDocument, path: (string | number)[]) => Template | undefined,
): Parser {
  const raw = document.data as Raw;
  const select = (raw.select as Raw | undefined) ?? {};
  const spellings = (raw.spellings as Parser['spellings'] | undefined) ?? { notify: {}, transform: {} };
  const ids = new Map<string, number>();
  const entries = (['events', 'ignored'] as const).flatMap((list) =>
    ((raw[list] as Raw[] | undefined) ?? []).flatMap((entry, index): Entry[] => {
      const template = readLine(document, [list, index, 'line']);
      if (!template) return [];
      return [
        {
          id: entryId(entry.event as string | undefined, template, ids),
          kind: list === 'events' ? 'event' : 'ignored',
          event: entry.event as string | undefined,
          template,
          sample: String(entry.sample ?? ''),
          set: (entry.set as Entry['set']) ?? {},
          place: {
            line: placeOf(document, [list, index, 'line']),
            sample: placeOf(document, [list, index, 'sample']),
            entry: placeOf(document, [list, index]),
          },
        },
      ];
    }),
  );
  return {
    name: raw.parser as string,
    title: raw.title as string,
    vendor: raw.vendor as string,
    product: raw.product as string,
    dataset: raw.dataset as string,
    sourcetype: raw.sourcetype as string,
    programs: ([] as string[]).concat((select.program as string | string[]) ?? []),
    headers: ((raw.header as string[]) ?? []).flatMap((_, index) => readLine(document, ['header', index]) ?? []),
    structured: (raw.structured as Parser['structured']) ?? {},
    spellings: { notify: spellings.notify ?? {}, transform: spellings.transform ?? {} },
    entries,
    stitch: raw.stitch as Stitch | undefined,
    file: document.file,
  };
}

/** @returns a name that stays the same while the line's words do: `ike_init_received.is-initiating-an-ike-sa`. */
function entryId(event: string | undefined, template: Template, ids: Map<string, number>): string {
  const words = template.parts
    .map((part) => (part.kind === 'literal' ? part.text : part.kind === 'choice' && !part.field ? part.options[0] : ' '))
    .join(' ')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48)
    .replace(/-+$/, '');
  const id = `${event ?? 'ignored'}.${words || 'line'}`;
  const seen = (ids.get(id) ?? 0) + 1;
  ids.set(id, seen);
  return seen === 1 ? id : `${id}-${seen}`;
}
