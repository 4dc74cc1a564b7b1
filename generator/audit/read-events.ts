/** Records of logs as events for detections: read, parsed and stitched by the engine, and only those that somebody wants. */
import type { Engine } from '../engine/compile-engine.js';
import { outputFormat } from '../engine/formats.js';
import { RecordParser, type ParseOptions } from '../engine/parse-records.js';
import { LINE_KEY, RAW_KEY, SOURCE_KEY } from '../engine/render.js';
import type { LogEvent } from '../detect/log-event.js';

export interface EventReaderOptions extends Pick<ParseOptions, 'clock' | 'forced' | 'progress' | 'onUnparsed' | 'onBroken'> {
  /** names of events; undefined: all */
  wanted: ReadonlySet<string> | undefined;
  onEvent: (event: LogEvent) => void;
}

/** Parses like RecordParser, and hands out events instead of bytes. */
export class EventReader {
  readonly parser: RecordParser;
  private order = 0;

  constructor(engine: Engine, options: EventReaderOptions) {
    this.parser = new RecordParser(engine, {
      clock: options.clock,
      format: outputFormat(engine.pack, 'neutral'),
      stitch: true,
      include: new Set(),
      forced: options.forced,
      progress: options.progress,
      onUnparsed: options.onUnparsed,
      onBroken: options.onBroken,
      wanted: options.wanted,
      traced: true,
      quietUnparsed: true,
      write: (output) => {
        this.readLines(output, options.onEvent);
        return Promise.resolve();
      },
    });
  }

  private readLines(output: Buffer, onEvent: (event: LogEvent) => void): void {
    let from = 0;
    while (from < output.length) {
      let to = output.indexOf(10, from);
      if (to < 0) to = output.length;
      const fields = JSON.parse(output.toString('utf8', from, to)) as Record<string, unknown>;
      from = to + 1;
      onEvent({
        time: fields.timestamp === undefined ? Number.NaN : Date.parse(fields.timestamp as string),
        order: this.order++,
        file: fields[SOURCE_KEY] as number,
        line: fields[LINE_KEY] as number,
        raw: fields[RAW_KEY] as string,
        fields,
      });
    }
  }
}
