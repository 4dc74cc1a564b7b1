/** When a rule runs and how far it looks back: at least its interval, its window, and the time that a record may come late. */
import { type Detection, type Form, type Match, silenceOf } from '../../../model/detection.js';

/** Seconds by which a run may start late, and a document may take from the log to the index. */
const SLACK = 60;
const MINUTE = 60;
const HOUR = 3600;
/** How far back a value counts as known. */
const HISTORY = 30 * 24 * HOUR;

export interface Schedule {
  /** seconds between two runs */
  interval: number;
  /** findings of a run open in the last so many seconds: the interval, and what comes late */
  fresh: number;
  /** seconds of data that a run reads */
  lookBack: number;
  /** seconds in which alerts of one group are one */
  quiet: number;
}

/** @returns the schedule; `lateBy` is how late a record may be */
export function scheduleOf({ form, matches }: Pick<Detection, 'form' | 'matches'>, lateBy: number): Schedule {
  const quiet = silenceOf(form);
  const window = 'within' in form ? form.within : 0;
  const interval = window > 6 * HOUR ? HOUR : window > HOUR ? 15 * MINUTE : 5 * MINUTE;
  const nested = Object.values(matches).reduce((most, match: Match) => Math.max(most, match.form.within), 0);
  const fresh = interval + lateBy + SLACK + nested;
  // a window before the one that opens tells whether the finding goes on; a long silence is left to the suppression of alerts
  const learns = form.form === 'first_seen' || form.form === 'deviation';
  const before = learns ? HISTORY : window > 0 ? window * 2 : Math.min(quiet, HOUR);
  const deadline = form.form === 'absence' ? deadlineOf(form) : 0;
  return { interval, fresh, lookBack: fresh + before + nested + deadline, quiet };
}

/** @returns a duration as rules write it: `5m`, `90s` */
export function printDuration(seconds: number): string {
  if (seconds % HOUR === 0) return `${seconds / HOUR}h`;
  return seconds % MINUTE === 0 ? `${seconds / MINUTE}m` : `${seconds}s`;
}

/** A deadline that a field of the record tells may be far: a day of lifetime is looked back. */
function deadlineOf(form: Extract<Form, { form: 'absence' }>): number {
  return form.after === undefined ? 0 : 24 * HOUR;
}
