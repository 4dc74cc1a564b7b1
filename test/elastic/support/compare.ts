/** Compares a document of the pipeline with the engine's event of the same record, unstitched, in format ecs. */
import { type Event, parseText } from '../../support/parse-text.js';
import type { Document } from './node.js';

/** When the lines are read: decides the year of times that have none. */
export const NOW = '2026-12-01T00:00:00.000Z';

/** What a pipeline's document may have beyond the engine's event, and why. */
const ALWAYS = ['event.original']; // the engine's input is a file that is kept
const OF_EVENTS = ['message']; // for whoever reads the document; the engine's events are small
const OF_OTHERS = ['event.kind', 'event.module', 'event.dataset']; // a data stream's documents all say what they belong to

export async function engineEvents(
  lines: string[],
  options: { parser?: string; only?: string; zone?: string; now?: string } = {},
): Promise<Event[]> {
  const { events } = await parseText(`${lines.join('\n')}\n`, {
    format: 'ecs',
    stitch: false,
    include: ['ignored', 'other'],
    now: NOW,
    ...options,
  });
  if (events.length !== lines.length) throw new Error(`Unexpected number of events: ${events.length} of ${lines.length} lines`);
  return events;
}

/** @returns the document's values by dotted name */
export function flatten(document: Document, prefix = ''): Document {
  return Object.fromEntries(
    Object.entries(document).flatMap(([name, value]) =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.entries(flatten(value as Document, `${prefix}${name}.`))
        : [[prefix + name, value]],
    ),
  );
}

/** @returns each field that differs, as `name: engine's value != pipeline's value` */
export function differences(event: Event, document: Document): string[] {
  const found = flatten(document);
  const skipped = new Set(skippedFields(event));
  const names = [...new Set([...Object.keys(event), ...Object.keys(found)])].filter((name) => !skipped.has(name));
  return names
    .filter((name) => JSON.stringify(event[name]) !== JSON.stringify(found[name]))
    .map((name) => `${name}: ${JSON.stringify(event[name])} != ${JSON.stringify(found[name])}`);
}

function skippedFields(event: Event): string[] {
  const action = event['event.action'] as string;
  return [
    ...ALWAYS,
    ...(['unparsed', 'ignored', 'other'].includes(action) ? OF_OTHERS : OF_EVENTS),
    // another program's line is left as it came, with its header
    ...(action === 'other' ? ['message'] : []),
    // a record without a time has the shipper's; the engine reads no time of other programs' lines
    ...(event['@timestamp'] === undefined ? ['@timestamp'] : []),
  ];
}
