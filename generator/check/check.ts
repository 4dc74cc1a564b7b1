/** Check: all checks, in the order in which a later one relies on an earlier one. All errors are shown at once. */
import type { Engine } from '../engine/compile-engine.js';
import type { ContentDocument } from '../load/load-content.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Pack } from '../model/pack.js';
import { checkAdvice } from './check-advice.js';
import { checkAddresses } from './check-addresses.js';
import { checkBegins } from './check-begins.js';
import { checkDetections } from './check-detections.js';
import { checkHosts } from './check-hosts.js';
import { checkFields } from './check-fields.js';
import { checkLines } from './check-lines.js';
import { checkNames } from './check-names.js';
import { checkOrigins } from './check-origins.js';
import { checkRecords } from './check-records.js';
import { checkSamples } from './check-samples.js';
import { checkTechniques } from './check-techniques.js';
import { checkSchema } from './check-schema.js';

const SCHEMAS = new URL('../../generator/schemas/', import.meta.url);

/**
 * @param engineOf compiles the pack's engine, once: a pack that breaks its schemas has none
 * @returns every problem of the content; an empty list means that every target can be made from the pack
 */
export async function check(documents: ContentDocument[], pack: Pack, engineOf: () => Engine): Promise<Diagnostic[]> {
  const shape = await checkSchema(documents, SCHEMAS);
  if (shape.length) return shape; // later checks read what the schemas promise
  const engine = engineOf();
  return [
    ...checkFields(documents, pack),
    ...checkNames(documents, pack),
    ...checkAdvice(documents, pack),
    ...checkTechniques(documents, pack),
    ...checkLines(pack),
    ...checkBegins(pack),
    ...checkSamples(documents, engine),
    ...checkRecords(documents, engine),
    ...checkAddresses(pack),
    ...checkHosts(pack),
    ...checkOrigins(pack),
    ...checkDetections(documents, pack),
  ];
}
