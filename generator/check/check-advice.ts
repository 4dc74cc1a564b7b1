/** Check: advice names events, fields and selections that there are, and its selections say which events they are about. */
import { type ContentDocument, placeOf } from '../load/load-content.js';
import type { Advice } from '../model/advice.js';
import { COMPUTED_FIELDS } from '../model/detection.js';
import { type Diagnostic, type DiagnosticCode, didYouMean } from '../model/diagnostic.js';
import type { Pack } from '../model/pack.js';

type Path = (string | number)[];

export function checkAdvice(documents: ContentDocument[], pack: Pack): Diagnostic[] {
  return documents
    .filter(({ kind }) => kind === 'advice')
    .flatMap((document) => {
      const advice = pack.advice.find(({ file }) => file === document.file);
      return advice ? checkOne(document, advice, pack) : [];
    });
}

function checkOne(document: ContentDocument, advice: Advice, pack: Pack): Diagnostic[] {
  const found: Diagnostic[] = [];
  const known = (code: DiagnosticCode, what: string, name: string, names: string[], path: Path) => {
    if (!names.includes(name))
      found.push({ code, place: placeOf(document, path), message: `Unknown ${what} "${name}".${didYouMean(name, names)}` });
  };
  const events = [...pack.events.keys()];
  const fields = [...pack.fields.keys(), ...Object.keys(COMPUTED_FIELDS)];
  const selections = Object.keys(advice.selections);
  const { when } = advice;
  for (const key of ['seen', 'unseen'] as const) {
    const name = when[key];
    if (name !== undefined) known('known-selection', 'selection', name, selections, ['when', key]);
  }
  for (const [key, names] of [
    ['logged', when.logged],
    ['lacks_events', when.lacksEvents],
    ['never_events', when.neverEvents],
  ] as const)
    for (const [index, name] of names.entries()) known('known-event', 'event', name, events, ['when', key, index]);
  for (const [key, names] of [
    ['lacks_fields', when.lacksFields],
    ['lacks_header', when.lacksHeader],
    ['never_fields', when.neverFields],
  ] as const)
    for (const [index, name] of names.entries()) known('known-field', 'field', name, fields, ['when', key, index]);
  if (when.distinct !== undefined) known('known-field', 'field', when.distinct, fields, ['when', 'distinct']);
  for (const [index, name] of advice.show.entries()) known('known-field', 'field', name, fields, ['show', index]);
  for (const { name, any, not } of Object.values(advice.selections)) {
    const path = ['select', name];
    if (!any.every((all) => all.some(({ field, op }) => field === 'msg_type' && op === 'is'))) {
      const message = `The selection "${name}" does not say which events it is about: give msg_type.`;
      found.push({ code: 'selection-names-event', place: placeOf(document, path), message });
    }
    for (const { field, op, values } of [...any, ...not].flat()) {
      known('known-field', 'field', field, fields, path);
      if (field === 'msg_type' && op === 'is')
        for (const value of values) known('known-event', 'event', String(value), events, path);
    }
  }
  for (const [index, setting] of advice.settings.entries())
    for (const product of setting.products) {
      const products = pack.parsers.flatMap(({ name }) => [name, name.split('.')[0]!]);
      if (!products.includes(product)) known('known-parser', 'parser or vendor', product, products, ['settings', index, 'for']);
    }
  return found;
}
