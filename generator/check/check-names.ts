/** Check: every event, field and value that a parser names is in the vocabulary. */
import { type ContentDocument, placeOf, placeWithin } from '../load/load-content.js';
import { readTemplate } from '../lower/read-template.js';
import { CAPTURE_TYPES } from '../model/capture-types.js';
import { type Diagnostic, didYouMean } from '../model/diagnostic.js';
import type { Pack } from '../model/pack.js';
import { TAKE_TYPES } from '../model/record-form.js';

type Path = (string | number)[];
type Raw = Record<string, unknown>;

/** Fields that only headers and envelopes capture. */
const OUTER = new Set(['message', 'pri', 'repeat', '_']);

export function checkNames(documents: ContentDocument[], pack: Pack): Diagnostic[] {
  return documents
    .filter((document) => document.kind === 'parser' && document.data)
    .flatMap((document) => checkParser(document, pack));
}

function checkParser(document: ContentDocument, pack: Pack): Diagnostic[] {
  const found: Diagnostic[] = [];
  const raw = document.data as Raw;
  const event = (name: unknown, path: Path) => {
    if (typeof name !== 'string' || pack.events.has(name)) return;
    const message = `Unknown event "${name}".${didYouMean(name, pack.events.keys())}`;
    found.push({ code: 'known-event', place: placeOf(document, path), message });
  };
  const captures = (path: Path, source: unknown) => {
    if (typeof source !== 'string') return;
    for (const part of readTemplate(source).template.parts) {
      if (part.kind === 'literal' || !part.field || pack.fields.has(part.field) || OUTER.has(part.field)) continue;
      const message = `Unknown field "${part.field}".${didYouMean(part.field, pack.fields.keys())}`;
      const place = placeWithin(document, path, part.at + 2, part.at + 2 + part.field.length);
      found.push({ code: 'known-field', place, message });
    }
  };
  const takes = (path: Path, take: unknown) => {
    for (const [from, specs] of Object.entries((take as Raw | undefined) ?? {})) {
      for (const [index, spec] of (Array.isArray(specs) ? specs : [specs]).entries()) {
        const at = Array.isArray(specs) ? [...path, from, index] : [...path, from];
        if (typeof spec === 'string' && spec.includes('%{')) captures(at, spec);
        else checkSpec(document, at, typeof spec === 'string' ? { field: spec } : (spec as Raw), pack, found);
      }
    }
  };
  takes(['take'], raw.take);
  checkTables(document, (raw.tables as Record<string, Raw>) ?? {}, pack, found);
  if (raw.lines_of !== undefined && !pack.parsers.some(({ name, file }) => name === raw.lines_of && file !== document.file)) {
    const others = pack.parsers.filter(({ file }) => file !== document.file).map(({ name }) => name);
    const message = `Unknown parser "${String(raw.lines_of)}".${didYouMean(String(raw.lines_of), others)}`;
    found.push({ code: 'known-parser', place: placeOf(document, ['lines_of']), message });
  }
  for (const [index, line] of ((raw.header as unknown[]) ?? []).entries()) captures(['header', index], line);
  for (const list of ['events', 'ignored'] as const) {
    for (const [index, entry] of ((raw[list] as Raw[]) ?? []).entries()) {
      if (typeof entry !== 'object' || entry === null) continue;
      if (list === 'events') event(entry.event, [list, index, 'event']);
      captures([list, index, 'line'], entry.line);
      if ((entry.line === undefined) === (entry.when === undefined)) {
        const message = 'An entry has either a "line", which reads a text, or "when", which a record\'s codes must meet.';
        found.push({ code: 'line-or-when', place: placeOf(document, [list, index]), message });
      }
      takes([list, index, 'take'], entry.take);
      checkSet(document, [list, index, 'set'], (entry.set as Raw | undefined) ?? {}, pack, found);
    }
  }
  const envelopeAt = (envelope: string, path: Path, of: 'key' | 'value') => {
    const names = pack.envelopes.map(({ name }) => name);
    if (names.includes(envelope)) return;
    const place = placeOf(document, path, of);
    found.push({ code: 'known-envelope', place, message: `Unknown envelope "${envelope}".${didYouMean(envelope, names)}` });
  };
  for (const [index, envelope] of ((raw.select as { envelope?: string[] } | undefined)?.envelope ?? []).entries())
    envelopeAt(envelope, ['select', 'envelope', index], 'value');
  if (typeof raw.code === 'string' && !pack.fields.has(raw.code)) {
    const message = `Unknown field "${raw.code}".${didYouMean(raw.code, pack.fields.keys())}`;
    found.push({ code: 'known-field', place: placeOf(document, ['code']), message });
  }
  for (const [envelope, fields] of Object.entries((raw.structured as Record<string, Raw>) ?? {})) {
    envelopeAt(envelope, ['structured', envelope], 'key');
    for (const [path, field] of Object.entries(fields)) {
      if (typeof field !== 'string' || pack.fields.has(field) || OUTER.has(field)) continue;
      const message = `Unknown field "${field}".${didYouMean(field, pack.fields.keys())}`;
      found.push({ code: 'known-field', place: placeOf(document, ['structured', envelope, path]), message });
    }
  }
  const notifies = new Set(pack.notifies.map(({ name }) => name));
  for (const [word, name] of Object.entries(((raw.spellings as Raw | undefined)?.notify as Record<string, string>) ?? {})) {
    if (notifies.has(name)) continue;
    const place = placeOf(document, ['spellings', 'notify', word]);
    found.push({ code: 'known-notify', place, message: `Unknown notify "${name}".${didYouMean(name, notifies)}` });
  }
  checkStitch(raw.stitch as Raw | undefined, event, (name, path) => {
    if (typeof name !== 'string' || pack.fields.has(name)) return;
    const message = `Unknown field "${name}".${didYouMean(name, pack.fields.keys())}`;
    found.push({ code: 'known-field', place: placeOf(document, path), message });
  });
  return found;
}

function checkSpec(document: ContentDocument, path: Path, spec: Raw, pack: Pack, found: Diagnostic[]): void {
  const { field, type, table } = spec;
  const tables = Object.keys((document.data as { tables?: Raw }).tables ?? {});
  const types = [...Object.keys(CAPTURE_TYPES), ...TAKE_TYPES];
  const place = (key: string) => placeOf(document, 'field' in spec || path.length === 0 ? [...path, key] : path);
  if (typeof field === 'string' && !pack.fields.has(field)) {
    const message = `Unknown field "${field}".${didYouMean(field, pack.fields.keys())}`;
    found.push({ code: 'known-field', place: place('field'), message });
  }
  if (typeof type === 'string' && !types.includes(type)) {
    const message = `Unknown type "${type}".${didYouMean(type, types)}`;
    found.push({ code: 'known-capture-type', place: place('type'), message });
  }
  if (typeof table === 'string' && !tables.includes(table)) {
    const message = `Unknown table "${table}".${didYouMean(table, tables)}`;
    found.push({ code: 'known-table', place: place('table'), message });
  }
  if (field === undefined && table === undefined) {
    found.push({ code: 'known-field', place: placeOf(document, path), message: 'This names no field to fill, and no table.' });
  }
}

/** Rows with fields; rows with one value are held to the field where they are used. */
function checkTables(document: ContentDocument, tables: Record<string, Raw>, pack: Pack, found: Diagnostic[]): void {
  const notifies = new Set(pack.notifies.map(({ name }) => name));
  for (const [table, rows] of Object.entries(tables)) {
    for (const [word, row] of Object.entries(rows)) {
      if (typeof row !== 'object' || row === null) continue;
      checkSet(document, ['tables', table, word], row as Raw, pack, found);
      const { notify } = row as Raw;
      if (notify === undefined || notifies.has(notify as string)) continue;
      const message = `Unknown notify "${String(notify)}".${didYouMean(String(notify), notifies)}`;
      found.push({ code: 'known-notify', place: placeOf(document, ['tables', table, word, 'notify']), message });
    }
  }
}

function checkSet(document: ContentDocument, path: Path, set: Raw, pack: Pack, found: Diagnostic[]): void {
  for (const [name, value] of Object.entries(set)) {
    const field = pack.fields.get(name);
    if (!field) {
      const message = `Unknown field "${name}".${didYouMean(name, pack.fields.keys())}`;
      found.push({ code: 'known-field', place: placeOf(document, [...path, name], 'key'), message });
    } else if (field.values && !field.values.includes(value as string)) {
      const message = `"${String(value)}" is no value of "${name}".${didYouMean(String(value), field.values.map(String))}`;
      found.push({ code: 'known-value', place: placeOf(document, [...path, name]), message });
    }
  }
}

/** Lists of fields and of decisions; all others are lists of events. */
const FIELD_LISTS = ['learns', 'among'];
const FIELDS = ['key', 'parent', 'replaced'];

function checkStitch(
  stitch: Raw | undefined,
  event: (name: unknown, path: Path) => void,
  field: (name: unknown, path: Path) => void,
): void {
  const walk = (value: unknown, path: Path) => {
    const last = path.at(-1)!;
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        if (FIELD_LISTS.includes(String(last))) field(item, [...path, index]);
        else if (last === 'decides') walk(item, [...path, index]);
        else if (typeof item === 'string') event(item, [...path, index]);
        else event((item as Raw | null)?.event, [...path, index, 'event']);
      }
    } else if (FIELDS.includes(String(last))) field(value, path);
    else if (last === 'event' || last === 'becomes') event(value, path);
    else if (value && typeof value === 'object') {
      for (const [key, child] of Object.entries(value)) walk(child, [...path, key]);
    }
  };
  walk(stitch, ['stitch']);
}
