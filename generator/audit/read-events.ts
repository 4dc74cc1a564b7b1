/** Records of logs as events for detections: read, parsed and stitched by the engine, and only those that somebody wants. */
import { Collector } from '../engine/collect.js';
import type { Engine } from '../engine/compile-engine.js';
import { RecordParser, type ParseOptions } from '../engine/parse-records.js';
import type { EventRow } from '../detect/log-event.js';

export interface EventReaderOptions extends Pick<ParseOptions, 'clock' | 'forced' | 'progress' | 'onUnparsed' | 'onBroken'> {
  /** names of events; undefined: all */
  wanted: ReadonlySet<string> | undefined;
  /** is given values of the fields that have a number when the reader is made */
  onEvent: (event: EventRow) => void;
}

/** Parses like RecordParser, and hands out events. */
export class EventReader {
  readonly parser: RecordParser;

  constructor(engine: Engine, { onEvent, ...options }: EventReaderOptions) {
    this.parser = new RecordParser(engine, new Collector(engine, onEvent), {
      ...options,
      stitch: true,
      include: new Set(),
    });
  }
}
