/** Check: field and event names of the vocabulary are usable on every target. */
import { type ContentDocument, placeOf } from '../load/load-content.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Pack } from '../model/pack.js';

/** PCRE2 before 10.43 refuses longer group names, and Splunk's version is not documented. */
const LONGEST_GROUP_NAME = 32;

export function checkFields(documents: ContentDocument[], pack: Pack): Diagnostic[] {
  const document = documents.find(({ kind }) => kind === 'fields');
  if (!document) return [];
  const found: Diagnostic[] = [];
  const owners = new Map<string, string>();
  for (const field of pack.fields.values()) {
    if (field.name.length > LONGEST_GROUP_NAME) {
      const place = placeOf(document, ['fields', field.name], 'key');
      found.push({
        code: 'group-name-length',
        place,
        message: `"${field.name}" has more than ${LONGEST_GROUP_NAME} characters, which PCRE refuses.`,
      });
    }
    const owner = owners.get(field.ecs);
    if (owner) {
      const place = placeOf(document, ['fields', field.name, 'ecs']);
      found.push({ code: 'unique-name', place, message: `"${owner}" has the ECS name "${field.ecs}" already.` });
    } else owners.set(field.ecs, field.name);
  }
  return found;
}
