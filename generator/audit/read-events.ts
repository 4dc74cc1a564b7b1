/** Records of logs as events for detections: read, parsed and stitched by the engine, and only those that somebody wants. */
import { Collector } from '../engine/collect.js';
import type { Engine } from '../engine/compile-engine.js';
import { RecordParser, type ParseOptions } from '../engine/parse-records.js';
import type { LogEvent } from '../detect/log-event.js';

export interface EventReaderOptions extends Pick<ParseOptions, 'clock' | 'forced' | 'progress' | 'onUnparsed' | 'onBroken'> {
  /** names of events; undefined: all */
  wanted: ReadonlySet<string> | undefined;
  /** fields that somebody looks at; undefined: all */
  fields?: ReadonlySet<string>;
  onEvent: (event: LogEvent) => void;
}

/** Parses like RecordParser, and hands out events. */
export class EventReader {
  readonly parser: RecordParser;

  constructor(engine: Engine, { fields, onEvent, ...options }: EventReaderOptions) {
    this.parser = new RecordParser(engine, new Collector(engine, onEvent, fields), {
      ...options,
      stitch: true,
      include: new Set(),
    });
  }
}
