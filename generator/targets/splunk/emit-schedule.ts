/** When a saved search runs, and over which time. */
import { createHash } from 'node:crypto';
import type { Detection, Form } from '../../model/detection.js';
import type { Settings } from '../../model/settings.js';

export interface Schedule {
  cron: string;
  /** seconds between two runs */
  every: number;
  /** minutes that the search leaves to late records */
  lag: number;
  /** minutes that it looks back from there */
  lookBack: number;
}

/** A deadline that a record tells is expected within this time: the usual lifetimes of an IKE SA end by then. */
const LONGEST_DEADLINE = 86_400;
/** A quiet time longer than this is kept by the alert's suppression alone: looking back for a day each quarter of an hour costs more than it tells. */
const LONGEST_QUIET = 3600;
/** Minutes that forwarders and indexers need, beside what the settings allow. */
const INDEXING = 4;

/**
 * Each run reports the findings that opened since the last one, and must see what they are made of (the window) and whether an older finding covers them
 * (the silence before).
 */
export function scheduleOf(detection: Detection, { lateBy }: Pick<Settings, 'lateBy'>): Schedule {
  const nested = Object.values(detection.matches).reduce((sum, { form }) => sum + needed(form), 0);
  const quiet = 'quiet' in detection.form ? Math.min(detection.form.quiet, LONGEST_QUIET) : detection.form.within;
  const seen = needed(detection.form) + nested + quiet;
  const every = seen <= 1800 ? 300 : seen <= 10_800 ? 900 : 3600;
  return {
    cron: cronOf(detection.id, every),
    every,
    lag: Math.ceil(lateBy / 60) + INDEXING,
    lookBack: Math.ceil((seen + every) / 60),
  };
}

/** @returns once a day, in the small hours, each at its own minute */
export function dailyCron(id: string): string {
  const number = spread(id);
  return `${number % 60} ${2 + (Math.floor(number / 60) % 3)} * * *`;
}

function needed(form: Form): number {
  const window = 'within' in form ? form.within : 0;
  return window + (form.form === 'absence' && form.after ? LONGEST_DEADLINE : 0);
}

/** Off the round minutes, at which everybody else's searches run. */
function cronOf(id: string, every: number): string {
  const step = every / 60;
  const free = Array.from({ length: step }, (_, minute) => minute).filter((minute) => minute % 5 !== 0);
  const first = free[spread(id) % free.length]!;
  if (step === 60) return `${first} * * * *`;
  return `${Array.from({ length: 60 / step }, (_, index) => first + index * step).join(',')} * * * *`;
}

function spread(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0);
}
