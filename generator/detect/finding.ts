/** What a detection yields on a log: an episode. */
import { ALGORITHM_FIELDS } from '../model/algorithm-levels.js';
import type { Group } from './group.js';
import { fieldNumber, numberedField } from '../model/field-numbers.js';
import type { EventRow } from './log-event.js';

/** Where and when a counted record stands. */
export interface Sighting {
  time: number;
  file: number;
  line: number;
  raw: string;
  /** what the record does not say itself was found by the order of the file alone: see docs/stitching.md */
  byOrder: boolean;
  /** of what detections measure, the values of the record; undefined where it has none */
  measured: Measured | undefined;
}

/** Values of `MEASURED_FIELDS`. */
export type Measured = Record<string, unknown>;

/** From which drilldowns into flow records, RADIUS, endpoint logs and packet captures are made. */
export type Pivots = Record<string, (string | number)[]>;

export interface Finding {
  /** of detection, group and opening time: the same log gives the same id on every target */
  id: string;
  detection: string;
  group: Group;
  /** when the condition was first met */
  opened: number;
  /** times of the first and the last counted record */
  firstSeen: number;
  lastSeen: number;
  /** counted records; of `value_count`, and of forms that count a baseline's values, see `values` */
  count: number;
  /** different values that were counted, or the value that the baseline does not know */
  values: string[];
  evidence: Sighting[];
  pivots: Pivots;
}

const PIVOT_FIELDS = [
  'peer_ip',
  'peer_port',
  'local_ip',
  'local_port',
  'peer_id',
  'local_id',
  'user_identity',
  'connection',
  'sa_id',
  'ike_spi_i',
  'ike_spi_r',
  'esp_spi_in',
  'esp_spi_out',
  'assigned_ip',
  'radius_server',
  'cert_serial',
  'cert_subject',
];
/** Fields whose value may be what is wrong: a finding says which it was. */
const MEASURED = [...Object.keys(ALGORITHM_FIELDS), 'lifetime', 'cert_not_after', 'cert_days_left'].map(numberedField);
const PIVOTS = PIVOT_FIELDS.map(numberedField);
const STITCHED_BY = fieldNumber('stitched_by');
const MOST_VALUES = 20;

export function sightingOf({ time, file, line, raw, values }: EventRow): Sighting {
  const sighting: Sighting = { time, file, line, raw, byOrder: values[STITCHED_BY] === 'order', measured: undefined };
  for (const { name, number } of MEASURED) if (values[number] !== undefined) (sighting.measured ??= {})[name] = values[number];
  return sighting;
}

/** Adds what a record tells to the pivots of its finding, up to twenty values of a field. */
export function addPivots(pivots: Pivots, { values }: EventRow): void {
  for (const { name: field, number } of PIVOTS) {
    const value = values[number];
    if (value === undefined || value === '') continue;
    const known = (pivots[field] ??= []);
    for (const one of Array.isArray(value) ? value : [value]) {
      if (known.length < MOST_VALUES && !known.includes(one as string)) known.push(one as string);
    }
  }
}
