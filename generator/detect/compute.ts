/** Fields that detections compare and that no record has: computed from the record, as COMPUTED_FIELDS says. */
import { fieldNumber } from '../model/field-numbers.js';
import type { EventRow } from './log-event.js';

const CERT_NOT_AFTER = fieldNumber('cert_not_after');
const CERT_DAYS_LEFT = fieldNumber('cert_days_left');

const DAY = 86_400_000;

/** Puts the computed fields into the record. */
export function compute({ time, values }: EventRow): void {
  if (values[CERT_NOT_AFTER] === undefined) return;
  const left = Math.floor((Date.parse(String(values[CERT_NOT_AFTER])) - time) / DAY);
  if (!Number.isNaN(left)) values[CERT_DAYS_LEFT] = left;
}
