/** A target's findings, as the emulator yields them: on records that `ikeaudit parse --format cim` would ship, and on raw lines. */
import type { LogEvent } from '../../../generator/detect/log-event.js';
import { outputFormat } from '../../../generator/engine/formats.js';
import type { Detection } from '../../../generator/model/detection.js';
import type { Pack } from '../../../generator/model/pack.js';
import { emitSearch } from '../../../generator/targets/splunk/emit-detection.js';
import { SHIPPED } from '../../../generator/model/shipped.js';
import { findingKey } from '../../support/detection-logs.js';
import type { Splunk } from '../emulator/splunk.js';
import { type Row, toText } from '../emulator/value.js';

/** @returns the records as `ikeaudit parse --format cim` writes them */
export function shipRecords(pack: Pack, events: LogEvent[]): string {
  const { key } = outputFormat(pack, 'cim');
  return events
    .map(({ time, fields }) => {
      const { timestamp: _, host, ...others } = fields;
      const record = { _time: new Date(time).toISOString(), ...(host === undefined ? {} : { dvc: host }) };
      const named = Object.entries(others).map(([field, value]) => [key(field), value]);
      return JSON.stringify({ ...record, ...Object.fromEntries(named) });
    })
    .join('\n');
}

/** Lets a Splunk hold these events and nothing else. */
export function hold(splunk: Splunk, pack: Pack, events: LogEvent[]): void {
  splunk.clear();
  if (events.length) splunk.index(shipRecords(pack, events), { sourcetype: SHIPPED, host: 'shipper', now: 4_000_000_000 });
}

/** Event time has passed what the newest record says, as for the engine. */
export function lastTime(events: LogEvent[]): number {
  return events.reduce((last, { time }) => Math.max(last, time), 0) / 1000;
}

/** @returns the findings of a detection's saved search, as `findingKey` writes them */
export function splunkFindings(splunk: Splunk, pack: Pack, detection: Detection, now: number): string[] {
  return findings(splunk, pack, detection, now).map(keyOf).sort();
}

export function findings(splunk: Splunk, pack: Pack, detection: Detection, now: number): Row[] {
  return splunk.search(emitSearch(pack, detection), { now });
}

function keyOf(row: Row): string {
  const text = toText(row.finding_group)!;
  const group = text === 'the whole log' ? {} : Object.fromEntries(text.split(/, (?=\w+=)/).map(splitPair));
  return findingKey({ detection: toText(row.detection)!, group, opened: Math.round(Number(row._time) * 1000) });
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), pair.slice(at + 1)];
}
