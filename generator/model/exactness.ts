import type { Detection } from './detection.js';
import type { Pack } from './pack.js';

/** How far a target's translation of a detection keeps its meaning. A target never changes it in silence: what differs is said here, and in the docs. */
export interface Exactness {
  verdict: 'exact' | 'approximate' | 'not expressible';
  /** for `approximate` in which direction and by how much, for `not expressible` why; '' for `exact` */
  why: string;
  /** of raw lines, where the target is told more of records that the engine has stitched */
  raw?: Exactness;
}

export const EXACT: Exactness = { verdict: 'exact', why: '' };

/** What each target says of a detection, by the target's name. */
export type ExactnessOf = Record<string, (detection: Detection, pack: Pack) => Exactness>;
