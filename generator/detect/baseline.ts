/** What is normal, as `ikeaudit baseline` has learnt it: a readable file with one list for each thing that is learnt, and one entry for each group. */
import { BASELINES, type BaselineName } from '../model/detection.js';
import type { Group } from './group.js';

export interface Range {
  least: number;
  greatest: number;
}

export interface Baseline {
  /** values that a group has shown; undefined for a group that was not learnt */
  values(name: BaselineName, group: Group): ReadonlySet<string> | undefined;
  range(name: BaselineName, group: Group): Range | undefined;
  /** the usual share of failures of a group */
  failureRate(group: Group): number | undefined;
}

/** Nothing was learnt: no group has a baseline. */
export const NO_BASELINE: Baseline = { values: () => undefined, range: () => undefined, failureRate: () => undefined };

/** The form of the file. Another version is another form. */
export const BASELINE_VERSION = 1;

/** One group's entry: `values` of a list of names, `least` and `greatest` of numbers, or `rate`. */
export interface BaselineEntry {
  group: Group;
  /** records, or attempts, from which it was learnt */
  records?: number;
  values?: (string | number)[];
  least?: number;
  greatest?: number;
  rate?: number;
}

export type BaselineLists = Partial<Record<BaselineName, BaselineEntry[]>>;

/** A baseline file cannot be used; the message says why. */
export class BaselineError extends Error {}

/** @param text of a file that `ikeaudit baseline` has written */
export function readBaseline(text: string): Baseline {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new BaselineError('It is not JSON.');
  }
  const { ikeaudit_baseline: version } = (document ?? {}) as { ikeaudit_baseline?: unknown };
  if (version === undefined) throw new BaselineError('It is not a baseline: there is no "ikeaudit_baseline".');
  if (version !== BASELINE_VERSION)
    throw new BaselineError(
      `Its version is ${String(version)}, and this program reads version ${BASELINE_VERSION}. Learn it again.`,
    );
  const problem = problemOf(document as Record<string, unknown>);
  if (problem) throw new BaselineError(problem);
  return makeBaseline(document as BaselineLists);
}

/** @returns the lists as something that detections can ask */
export function makeBaseline(lists: BaselineLists): Baseline {
  const entries = new Map<string, BaselineEntry & { set?: Set<string> }>();
  for (const name of BASELINES) {
    for (const entry of lists[name] ?? []) {
      const set = entry.values && new Set(entry.values.map(String));
      entries.set(entryKey(name, entry.group), { ...entry, set });
    }
  }
  return {
    values: (name, group) => entries.get(entryKey(name, group))?.set,
    range: (name, group) => {
      const { least, greatest } = entries.get(entryKey(name, group)) ?? {};
      return least === undefined || greatest === undefined ? undefined : { least, greatest };
    },
    failureRate: (group) => entries.get(entryKey('failure_rate', group))?.rate,
  };
}

/** @returns what tells entries apart, whatever the order of the group's keys */
export function entryKey(name: BaselineName, group: Group): string {
  const fields = Object.keys(group);
  if (fields.length > 1) fields.sort();
  let key: string = name;
  for (const field of fields) key += `\0${field}\0${group[field]}`;
  return key;
}

/** @returns what is wrong with the form of the document, in one sentence; undefined where nothing is */
function problemOf(document: Record<string, unknown>): string | undefined {
  for (const name of BASELINES) {
    const list = document[name];
    if (list === undefined) continue;
    if (!Array.isArray(list)) return `"${name}" is no list.`;
    for (const [index, entry] of (list as BaselineEntry[]).entries()) {
      const at = `Entry ${index + 1} of "${name}"`;
      if (entry === null || typeof entry !== 'object' || entry.group === null || typeof entry.group !== 'object')
        return `${at} has no group.`;
      const numbers = [entry.least, entry.greatest, entry.rate].filter((value) => value !== undefined);
      if (numbers.some((value) => typeof value !== 'number')) return `${at} has a number that is none.`;
      if (entry.values !== undefined && !Array.isArray(entry.values)) return `${at} has values that are no list.`;
    }
  }
  return undefined;
}
