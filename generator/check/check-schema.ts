/** Check: each document has the keys and types of its kind. Told in our words: ajv's own are never shown. */
import { readFileSync } from 'node:fs';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { DocumentKind } from '../load/content-files.js';
import { type ContentDocument, placeOf } from '../load/load-content.js';
import { type Diagnostic, didYouMean } from '../model/diagnostic.js';

/** @param schemas folder of `<kind>.schema.json` */
export async function checkSchema(documents: ContentDocument[], schemas: URL): Promise<Diagnostic[]> {
  const { Ajv } = await import('ajv');
  // each schema is used once or for a few documents: code that is compiled fast is better than fast code
  const ajv = new Ajv({ allErrors: true, strict: false, verbose: true, code: { optimize: false } });
  const compiled = new Map<DocumentKind, ValidateFunction>();
  return documents.flatMap((document) => {
    if (document.data === undefined) return [];
    let validate = compiled.get(document.kind);
    if (!validate) {
      validate = ajv.compile(JSON.parse(readFileSync(new URL(`${document.kind}.schema.json`, schemas), 'utf8')));
      compiled.set(document.kind, validate);
    }
    return validate(document.data) ? [] : (validate.errors ?? []).flatMap((error) => describe(document, error) ?? []);
  });
}

function describe(document: ContentDocument, error: ErrorObject): Diagnostic | undefined {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replace(/~1/g, '/').replace(/~0/g, '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  const where = path.length ? `"${path.at(-1)}"` : `The ${document.kind}`;
  const at = placeOf(document, path);
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = error.params.additionalProperty as string;
      const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
      const place = placeOf(document, [...path, key], 'key');
      return { code: 'known-key', place, message: `Unknown key "${key}".${didYouMean(key, known)}` };
    }
    case 'required':
      return { code: 'schema', place: shorten(at), message: `The key "${error.params.missingProperty}" is missing here.` };
    case 'enum':
      return {
        code: 'schema',
        place: at,
        message: `"${String(error.data)}" is none of ${(error.params.allowedValues as unknown[]).map((value) => `"${value}"`).join(', ')}.${didYouMean(String(error.data), (error.params.allowedValues as unknown[]).map(String))}`,
      };
    case 'type':
      return { code: 'schema', place: shorten(at), message: `${where} must be ${plural(error.params.type)}.` };
    case 'pattern':
      return { code: 'schema', place: at, message: `"${String(error.data)}" does not have the form ${error.params.pattern}.` };
    case 'propertyNames':
      return {
        code: 'schema',
        place: at,
        message: `"${error.params.propertyName}" is no name: write small letters, digits and _.`,
      };
    case 'oneOf':
    case 'if':
      return undefined;
    default:
      return {
        code: 'schema',
        place: shorten(at),
        message: `${where} is not as it must be: ${error.keyword} ${JSON.stringify(error.schema)}.`,
      };
  }
}

function plural(type: unknown): string {
  return ([] as unknown[])
    .concat(type)
    .map(
      (name) =>
        ({
          object: 'a map',
          array: 'a list',
          string: 'a text',
          number: 'a number',
          integer: 'a whole number',
          boolean: 'true or false',
        })[String(name)] ?? String(name),
    )
    .join(' or ');
}

/** A missing key is marked at the first character of its parent, not over all of it. */
function shorten(place: Diagnostic['place']): Diagnostic['place'] {
  return { ...place, end: place.start + 1 };
}
