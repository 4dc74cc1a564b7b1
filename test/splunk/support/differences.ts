/** A record as the engine and as the emulated Splunk read it. */
import { parseTime } from '../../../generator/engine/time.js';
import type { Event } from '../../support/parse-text.js';
import type { Fields } from '../emulator/search-time.js';
import { pack } from './built.js';

/** Steps on the way, and fields that only Splunk has, by their CIM names. */
const isNeutral = (name: string) => pack.fields.has(name) && !['message', 'host', 'timestamp'].includes(name);

/** @returns what is not the same, field by field */
export function differences(event: Event, fields: Fields): string[] {
  if (event.msg_type === 'other') return fields.message === undefined ? [] : [`other: ${fields.message}`];
  if (event.msg_type === 'unparsed')
    return fields.message === undefined || fields.msg_type || fields.ike_noise ? ['unparsed'] : [];
  if (event.msg_type === 'ignored') return String(fields.ike_noise) === '1' && !fields.msg_type ? [] : ['ignored'];
  const names = new Set([...Object.keys(event), ...Object.keys(fields)].filter(isNeutral));
  return [...names]
    .filter((name) => !isSame(name, event[name], fields[name]))
    .map((name) => `${name}: ${JSON.stringify(event[name])}, Splunk ${JSON.stringify(fields[name])}`);
}

function isSame(name: string, ours: unknown, theirs: Fields[string]): boolean {
  if (ours === undefined || theirs === undefined) return ours === theirs;
  if (typeof ours === 'number') return ours === Number(theirs);
  if (Array.isArray(ours))
    return JSON.stringify(ours) === JSON.stringify(name === 'notify' ? [...new Set([theirs].flat())] : [theirs].flat());
  if (pack.fields.get(name)!.type === 'date') return Date.parse(ours as string) === parseTime(theirs as string);
  return String(ours) === theirs;
}
