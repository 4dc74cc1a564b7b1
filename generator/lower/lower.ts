/** Lower: documents become the pack, plain data with every template read. */
import { type ContentDocument, type DocumentKind, placeWithin } from '../load/load-content.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Pack } from '../model/pack.js';
import type { Template } from '../model/template.js';
import { lowerDetection, lowerPlaybook } from './lower-detection.js';
import { lowerMappings } from './lower-mappings.js';
import { lowerParser } from './lower-parser.js';
import { lowerSettings } from './lower-settings.js';
import { readTemplate } from './read-template.js';

/** @returns the pack, and a diagnostic for each template that cannot be read (its entry is left out). */
export function lower(documents: ContentDocument[]): { pack: Pack; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const readLine = (document: ContentDocument, path: (string | number)[]): Template | undefined => {
    const source = path.reduce<unknown>(
      (value, step) => (value as Record<string | number, unknown> | undefined)?.[step],
      document.data,
    );
    if (typeof source !== 'string') return undefined;
    const { template, problems } = readTemplate(source);
    for (const problem of problems) {
      const place = placeWithin(document, path, problem.start, problem.end);
      diagnostics.push({ code: problem.code, place, message: problem.message });
    }
    return problems.length ? undefined : template;
  };
  const mappings = lowerMappings(documents, readLine);
  const parsers = documents
    .filter((document) => document.kind === 'parser' && document.data !== null && typeof document.data === 'object')
    .map((document) => lowerParser(document, readLine));
  const shaped = (kind: DocumentKind) => documents.filter((document) => document.kind === kind && isShaped(document));
  const detections = shaped('detection').map(lowerDetection);
  const playbooks = shaped('playbook').map(lowerPlaybook);
  const settings = lowerSettings(documents.find(({ kind }) => kind === 'settings')?.data);
  return { pack: { ...mappings, parsers, detections, playbooks, settings }, diagnostics };
}

/** A detection or playbook that has the parts which lowering reads: of others, the check of the schema tells. */
function isShaped({ kind, data }: ContentDocument): boolean {
  const raw = data as Record<string, unknown> | null;
  if (raw === null || typeof raw !== 'object') return false;
  const isMap = (value: unknown) => value !== null && typeof value === 'object';
  if (kind === 'playbook') return Array.isArray(raw.steps);
  return isMap(raw.detect) && Object.values(raw.detect as object).every(isMap) && isMap(raw.response) && isMap(raw.tests);
}
