/** Measures of a record, for baselines: a text or a number made from its fields. */
import { isIP } from 'node:net';
import { strengthOf } from '../model/algorithm-levels.js';
import type { Measure } from '../model/detection.js';
import type { Transform } from '../model/pack.js';
import { fieldNumber, numberedField } from '../model/field-numbers.js';
import { type EventRow, textOf } from './log-event.js';

/** The parts of a suite, in the order in which it is written. */
const SUITE = ['encryption', 'integrity', 'prf', 'dh_group'].map(numberedField);
const PEER_IP = fieldNumber('peer_ip');
const LIFETIME = fieldNumber('lifetime');
const REKEY_IN = fieldNumber('rekey_in');

/** @returns the measure of the record; undefined where its fields do not give one */
export function measureOf(measure: Measure, event: EventRow, transforms: readonly Transform[]): string | number | undefined {
  switch (measure) {
    case 'network':
      return networkOf(textOf(event, PEER_IP));
    case 'suite': {
      const parts = SUITE.map(({ number }) => textOf(event, number) ?? '-');
      return parts.every((part) => part === '-') ? undefined : parts.join('/');
    }
    case 'lifetime':
      return numberOf(event, LIFETIME);
    case 'rekey_interval':
      return numberOf(event, REKEY_IN);
    case 'hour':
      return Number.isNaN(event.time) ? undefined : new Date(event.time).getUTCHours();
    case 'strength':
      return strengthOfSuite(event, transforms);
  }
}

/** A suite is as strong as its weakest part; undefined where the strength of one part is not known. */
function strengthOfSuite({ values }: EventRow, transforms: readonly Transform[]): number | undefined {
  let least: number | undefined;
  for (const { name, number } of SUITE) {
    const value = values[number];
    if (value === undefined || value === '') continue;
    const strength = strengthOf(transforms, name, name === 'dh_group' ? Number(value) : String(value));
    if (strength === undefined) return undefined;
    if (least === undefined || strength < least) least = strength;
  }
  return least;
}

/** @returns the address's /24, or /48 of IPv6: what a provider usually gives one customer or site */
export function networkOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  if (isIP(address) === 4) return `${address.split('.').slice(0, 3).join('.')}.0/24`;
  if (isIP(address) !== 6) return undefined;
  const [head = '', tail] = address.split('::') as [string, string | undefined];
  const groups = head.split(':').filter(Boolean);
  if (tail !== undefined) while (groups.length < 8 - tail.split(':').filter(Boolean).length) groups.push('0');
  return `${groups
    .slice(0, 3)
    .map((group) => Number.parseInt(group || '0', 16).toString(16))
    .join(':')}::/48`;
}

function numberOf(event: EventRow, field: number): number | undefined {
  const value = Number(textOf(event, field));
  return Number.isNaN(value) ? undefined : value;
}
