/** What is normal, as `ikeaudit baseline` has learnt it. */
import type { BaselineName } from '../model/detection.js';

export interface Range {
  least: number;
  greatest: number;
}

/** @see learnBaseline for how it is made; groups are found by their id */
export interface Baseline {
  /** values that a group has shown; undefined for a group that was not learnt */
  values(name: BaselineName, group: string): ReadonlySet<string> | undefined;
  range(name: BaselineName, group: string): Range | undefined;
  /** the usual share of failures of a group */
  failureRate(group: string): number | undefined;
}

/** Nothing was learnt: no group has a baseline. */
export const NO_BASELINE: Baseline = { values: () => undefined, range: () => undefined, failureRate: () => undefined };
