/** Lower: documents become the pack, plain data with every template read. */
import type { DocumentKind } from '../load/content-files.js';
import { type ContentDocument, placeWithin } from '../load/load-content.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Pack, Parser } from '../model/pack.js';
import type { Template } from '../model/template.js';
import { lowerAdvice } from './lower-advice.js';
import { inherit, lowerDetection, lowerPlaybook } from './lower-detection.js';
import { lowerEnvelopes } from './lower-form.js';
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
  const parserDocuments = documents.filter(
    (document) => document.kind === 'parser' && document.data !== null && typeof document.data === 'object',
  );
  const parsers = parserDocuments.map((document) => lowerParser(document, readLine));
  for (const [index, document] of parserDocuments.entries()) borrowLines(parsers, parsers[index]!, document);
  // a parser's own envelopes are envelopes like all others
  const own = parserDocuments.flatMap((document) => lowerEnvelopes(document, 'envelopes', readLine));
  const envelopes = [...mappings.envelopes, ...own];
  const shaped = (kind: DocumentKind) => documents.filter((document) => document.kind === kind && isShaped(document));
  const detections = inherit(shaped('detection').map(lowerDetection));
  const playbooks = shaped('playbook').map(lowerPlaybook);
  const advice = shaped('advice').map(lowerAdvice);
  const settings = lowerSettings(documents.find(({ kind }) => kind === 'settings')?.data);
  return { pack: { ...mappings, envelopes, parsers, detections, playbooks, advice, settings }, diagnostics };
}

/** A detection or playbook that has the parts which lowering reads: of others, the check of the schema tells. */
function isShaped({ kind, data }: ContentDocument): boolean {
  const raw = data as Record<string, unknown> | null;
  if (raw === null || typeof raw !== 'object') return false;
  const isMap = (value: unknown) => value !== null && typeof value === 'object';
  if (kind === 'advice') return isMap(raw.when) && isMap(raw.tests);
  if (kind === 'playbook') return Array.isArray(raw.steps);
  return isMap(raw.detect) && Object.values(raw.detect as object).every(isMap) && isMap(raw.response) && isMap(raw.tests);
}

/** A product that wraps another one's log reads its lines too. */
function borrowLines(parsers: Parser[], parser: Parser, document: ContentDocument): void {
  const lender = parsers.find(({ name }) => name === (document.data as { lines_of?: string }).lines_of);
  if (!lender || lender === parser) return;
  parser.entries.push(...lender.entries);
  parser.spellings = {
    notify: { ...lender.spellings.notify, ...parser.spellings.notify },
    transform: { ...lender.spellings.transform, ...parser.spellings.transform },
  };
  parser.stitch ??= lender.stitch;
}
