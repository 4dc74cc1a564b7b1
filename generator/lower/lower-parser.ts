/** Lowers one parser: its lines become templates, its names are resolved. Problems are diagnostics; nothing is thrown. */
import { type ContentDocument, placeOf } from '../load/load-content.js';
import type { Entry, Parser, Stitch } from '../model/pack.js';
import type { Template } from '../model/template.js';
import type { CodeEntry } from '../model/record-form.js';
import { readTemplate } from './read-template.js';
import { type LineReader, lowerConditions, lowerStructured, lowerTakes } from './lower-form.js';

type Raw = Record<string, unknown>;

export function lowerParser(document: ContentDocument, readLine: LineReader): Parser {
  const raw = document.data as Raw;
  const select = (raw.select as Raw | undefined) ?? {};
  const spellings = (raw.spellings as Parser['spellings'] | undefined) ?? { notify: {}, transform: {} };
  const ids = new Map<string, number>();
  const code = raw.code as string | undefined;
  const entries = (['events', 'ignored'] as const).flatMap((list) =>
    ((raw[list] as Raw[] | undefined) ?? []).flatMap((entry, index): Entry[] => {
      const template = readLine(document, [list, index, 'line']);
      if (!template) return [];
      return [
        {
          id: entryId(entry.event as string | undefined, wordsOf(template), ids),
          kind: list === 'events' ? 'event' : 'ignored',
          event: entry.event as string | undefined,
          template,
          sample: String(entry.sample ?? ''),
          ...originOf(entry, raw),
          set: { ...codeOf(code, template), ...(entry.set as Entry['set']) },
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
    sourcetypes: (raw.sourcetypes as Record<string, string>) ?? {},
    hosts: ((raw.hosts as string[] | undefined) ?? []).map((name) => name.toLowerCase()),
    programs: ([] as string[]).concat((select.program as string | string[]) ?? []),
    envelopes: (select.envelope as string[] | undefined) ?? [],
    begins: (select.begins as string[] | undefined) ?? [],
    headers: raw.header
      ? (raw.header as string[]).flatMap((_, index) => readLine(document, ['header', index]) ?? [])
      : [readTemplate('%{message:rest}').template],
    structured: (raw.structured as Parser['structured']) ?? {},
    records: { ...lowerStructured(document, raw, readLine), codes: lowerCodes(document, raw, ids, readLine) },
    spellings: { notify: spellings.notify ?? {}, transform: spellings.transform ?? {} },
    entries,
    stitch: raw.stitch as Stitch | undefined,
    file: document.file,
  };
}

/** An entry that names an origin does not have the parser's source. */
function originOf(entry: Raw, parser: Raw): Pick<Entry, 'origin' | 'source'> {
  const { origin, source } = entry.origin ? entry : { ...entry, origin: parser.origin, source: entry.source ?? parser.source };
  return { origin, source } as Pick<Entry, 'origin' | 'source'>;
}

/** What a product that numbers or names its messages begins each one with; a line that begins with a hole captures it. */
function codeOf(field: string | undefined, { source }: Template): Entry['set'] {
  const [word] = /^\w*/.exec(source)!;
  return field && word ? { [field]: word } : {};
}

/** Entries that codes choose. */
function lowerCodes(document: ContentDocument, raw: Raw, ids: Map<string, number>, readLine: LineReader): CodeEntry[] {
  return (['events', 'ignored'] as const).flatMap((list) =>
    ((raw[list] as Raw[] | undefined) ?? []).flatMap((entry, index): CodeEntry[] => {
      if (!entry.when) return [];
      const when = lowerConditions(entry.when);
      return [
        {
          id: entryId(entry.event as string | undefined, when.map(({ values }) => values.join(' ')).join(' '), ids),
          kind: list === 'events' ? 'event' : 'ignored',
          event: entry.event as string | undefined,
          when,
          take: lowerTakes(document, [list, index, 'take'], entry.take, readLine),
          set: (entry.set as Entry['set']) ?? {},
          sample: String(entry.sample ?? ''),
          ...originOf(entry, raw),
          place: { sample: placeOf(document, [list, index, 'sample']), entry: placeOf(document, [list, index]) },
        },
      ];
    }),
  );
}

function wordsOf({ parts }: Template): string {
  return parts
    .map((part) => (part.kind === 'literal' ? part.text : part.kind === 'choice' && !part.field ? part.options[0] : ' '))
    .join(' ');
}

/** @returns a name that stays the same while the entry's words do: `ike_init_received.is-initiating-an-ike-sa`. */
function entryId(event: string | undefined, text: string, ids: Map<string, number>): string {
  const words = text
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
