/**
 * What a report advises beside its findings, as plain data: what to harden, and what a log cannot show. Each piece has conditions on what was seen of the log,
 * and for each product the setting that answers it.
 */
import type { DetectionTest, Selection } from './detection.js';
import type { Place } from './diagnostic.js';
import type { Level } from './level.js';

/** `hardening`: set up the gateway better. `limits`: what this log cannot show. */
export const ADVICE_KINDS = ['hardening', 'limits'] as const;
export type AdviceKind = (typeof ADVICE_KINDS)[number];

/** All that are there must hold. Those on events and fields are asked of each product in the log for itself. */
export interface Condition {
  /** a selection, of which `atLeast` records, or values of `distinct`, were seen */
  seen?: string;
  atLeast: number;
  distinct?: string;
  /** a selection of which no record was seen */
  unseen?: string;
  /** one of these events was logged */
  logged: string[];
  /** none of these events was logged, and none of these fields was told, although the product has words for one of them */
  lacksEvents: string[];
  lacksFields: string[];
  /** the product has no words for any of these, at whatever level */
  neverEvents: string[];
  neverFields: string[];
  /** fields that no record's header told, although the product has a form of header that does */
  lacksHeader: string[];
  /** what the log did not say, and was assumed: times are in one zone, and of the latest year; all records are of one host */
  assumed?: keyof Assumed;
}

export interface Assumed {
  zone: boolean;
  year: boolean;
  host: boolean;
}

/** What to set, and where. */
export interface Setting {
  /** names of parsers, or vendors */
  products: string[];
  /** a file, a menu, a command line */
  where: string;
  set: string;
  note: string;
}

export interface Advice {
  /** folder and file: `hardening/weak-key-exchange` */
  name: string;
  kind: AdviceKind;
  title: string;
  level: Level;
  /** what it means, and what to do, for any product */
  says: string;
  selections: Record<string, Selection>;
  when: Condition;
  /** fields whose values are shown */
  show: string[];
  settings: Setting[];
  references: string[];
  tests: { holds: AdviceTest[]; not: AdviceTest[] };
  file: string;
  place: Place;
}

export interface AdviceTest extends Pick<DetectionTest, 'name' | 'recording' | 'log' | 'lines' | 'settings'> {
  /** least number of records that it must have counted */
  count?: number;
}
