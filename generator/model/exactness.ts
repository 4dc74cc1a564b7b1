/** How far a target's translation of a detection keeps its meaning. A target never changes it in silence: what differs is said here, and in the docs. */
export interface Exactness {
  verdict: 'exact' | 'approximate' | 'not expressible';
  /** for `approximate` in which direction and by how much, for `not expressible` why; '' for `exact` */
  why: string;
}

export const EXACT: Exactness = { verdict: 'exact', why: '' };
