/** What an audit finds out, as plain data: reports are made from it and from nothing else. */
import type { Finding } from '../detect/finding.js';
import type { Counts } from '../engine/parse-records.js';
import type { AlgorithmLevel } from '../model/algorithm-levels.js';
import type { Detection, Playbook } from '../model/detection.js';
import type { Advised } from './advice.js';
import type { AuditContext } from './context.js';
import type { Answer } from './guards.js';
import type { Observer } from './observer.js';
import type { Product } from './products.js';
import type { Unparsed } from './unparsed.js';

/** A finding with what one does about it. */
export interface Judged {
  finding: Finding;
  detection: Detection;
  playbook: Playbook | undefined;
  /** of the playbook's guards, in their order */
  answers: (Answer | undefined)[];
  /** of its records the values that its detection found wrong */
  measured: Measurement[];
  /** findings of mostly the same records: one incident, seen from several sides */
  related: Finding[];
}

/** A value that a detection compares: a weak algorithm, a lifetime, the end of a certificate. */
export interface Measurement {
  field: string;
  value: string | number;
  /** as one says it: `MODP_2048` instead of 14 */
  name: string;
  /** of an algorithm, what the profile calls it and why */
  level?: AlgorithmLevel;
  reason?: string;
}

export interface Audit {
  files: string[];
  profile: string;
  /** when the audit was made, and how times without a zone were read */
  now: number;
  zone: string;
  assumed: { zone: boolean; year: boolean };
  records: Counts;
  period: { from: number; to: number };
  since: number | undefined;
  until: number | undefined;
  /** the most pressing first: level, then count */
  findings: Judged[];
  observer: Observer;
  products: Product[];
  unparsed: Unparsed[];
  advised: Advised[];
  /** detections that no product of this log has words for */
  blind: Detection[];
  checklist: ChecklistItem[];
  context: AuditContext;
  /** what was forgotten for want of room, came too late to be counted, or has no time */
  forgotten: { sas: number; groups: number; peers: number; late: number; timeless: number };
}

export interface ChecklistItem {
  question: string;
  answer: 'yes' | 'partly' | 'no' | 'unknown';
  /** what of the log says so, and what is missing */
  because: string;
}
