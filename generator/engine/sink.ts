/** Where records go, one after the other, once they were read and joined. */
import type { Ticket } from './joined.js';
import type { RecordReader } from './record.js';
import type { StitchPlan } from './stitch-plan.js';
import type { Stitcher } from './stitch.js';

/** Where a record stands, and how it was logged. */
export interface Place {
  /** number of its source */
  source: number;
  /** physical line, from 1 */
  line: number;
  buffer: Buffer;
  from: number;
  end: number;
}

export interface Sink {
  /** Told once who reads the records. */
  attach(reader: RecordReader): void;
  /** Takes an event. Where the stitcher has a ticket, the rest comes with `settle`. */
  event(record: RecordReader, plan: StitchPlan, stitcher: Stitcher | undefined, place: Place): void;
  /** Takes a record that is no event. */
  unparsed(record: RecordReader, kind: 'unparsed' | 'ignored' | 'other'): void;
  /** A waiting record learns what a later one has told, or that it will learn nothing. */
  settle(ticket: Ticket, plan: StitchPlan): void;
  /** there is more at hand than should be held back */
  readonly full: boolean;
  /** time of the oldest record that waits; NaN where none does */
  readonly waitingSince: number;
  /** Hands on what is finished; with `all`, what waits too. Resolves when more may come. */
  flush(all: boolean): Promise<void>;
}
