/** Fields that detections compare and that no record has: computed from the record, as COMPUTED_FIELDS says. */
import type { LogEvent } from './log-event.js';

const DAY = 86_400_000;

/** Puts the computed fields into the record. */
export function compute({ time, fields }: LogEvent): void {
  if (fields.cert_not_after === undefined) return;
  const left = Math.floor((Date.parse(String(fields.cert_not_after)) - time) / DAY);
  if (!Number.isNaN(left)) fields.cert_days_left = left;
}
