import type { Detection } from './detection.js';

/** How far a target's translation of a detection keeps its meaning. A target never changes it in silence: what differs is said here, and in the docs. */
export interface Exactness {
  verdict: 'exact' | 'approximate' | 'not expressible';
  /** for `approximate` in which direction and by how much, for `not expressible` why; '' for `exact` */
  why: string;
}

export const EXACT: Exactness = { verdict: 'exact', why: '' };

/** What each target says of a detection, by the target's name. */
export type ExactnessOf = Record<string, (detection: Detection) => Exactness>;
