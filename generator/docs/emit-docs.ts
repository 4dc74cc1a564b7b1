/** The reference pages of docs/, made from the content, so that they cannot say anything else than it does. */
import type { ExactnessOf } from '../model/exactness.js';
import type { Pack } from '../model/pack.js';
import { emitDetectionPages } from './detections.js';
import { emitEvents } from './events.js';
import { emitFields } from './fields.js';
import { emitParity, type Parity } from './parity.js';
import { type BackendResults, emitSigmaBackends } from './sigma-backends.js';
import { emitSources } from './sources.js';
import { emitSourceDetections } from './source-detections.js';

/** @returns pages by path below docs/ */
export function emitDocs(pack: Pack, exactness: ExactnessOf, parity: Parity, backends: BackendResults): Map<string, string> {
  return new Map([
    ['sources.md', emitSources(pack)],
    ['events.md', emitEvents(pack)],
    ['fields.md', emitFields(pack)],
    ['parity.md', emitParity(pack, parity)],
    ['sigma-backends.md', emitSigmaBackends(pack, backends)],
    ['source-detections.md', emitSourceDetections(pack)],
    ...emitDetectionPages(pack, exactness),
  ]);
}
