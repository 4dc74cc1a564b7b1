/** The reference pages of docs/, made from the content, so that they cannot say anything else than it does. */
import type { ExactnessOf } from '../model/exactness.js';
import type { Pack } from '../model/pack.js';
import { emitDetectionPages } from './detections.js';
import { emitEvents } from './events.js';
import { emitAdvice } from './advice.js';
import { emitFields } from './fields.js';
import { emitMutation, type MutationResult } from './mutation.js';
import { emitParity, type Parity } from './parity.js';
import { emitPlaybooks } from './playbooks.js';
import { type BackendResults, emitSigmaBackends } from './sigma-backends.js';
import { emitSources } from './sources.js';
import { emitSourceDetections } from './source-detections.js';

/** What tests have found out, and pages tell. */
export interface TestResults {
  parity: Parity;
  backends: BackendResults;
  mutation: Record<string, MutationResult[]>;
}

/** @returns pages by path below docs/ */
export function emitDocs(pack: Pack, exactness: ExactnessOf, { parity, backends, mutation }: TestResults): Map<string, string> {
  return new Map([
    ['sources.md', emitSources(pack)],
    ['events.md', emitEvents(pack)],
    ['fields.md', emitFields(pack)],
    ['parity.md', emitParity(pack, parity)],
    ['playbooks.md', emitPlaybooks(pack)],
    ['advice.md', emitAdvice(pack)],
    ['mutation.md', emitMutation(mutation)],
    ['sigma-backends.md', emitSigmaBackends(pack, backends)],
    ['source-detections.md', emitSourceDetections(pack)],
    ...emitDetectionPages(pack, exactness),
  ]);
}
