/** Check: samples hold documentation and private addresses only, so that nobody's real network stands in the repository. */
import ipaddr from 'ipaddr.js';
import type { Diagnostic, Place } from '../model/diagnostic.js';
import type { Pack, Parser } from '../model/pack.js';

/** RFC 5737, RFC 3849, RFC 9637, RFC 2544; RFC 1918, RFC 4193; this host, link-local, multicast, unspecified. */
const ALLOWED_RANGES = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '198.18.0.0/15', '2001:db8::/32', '3fff::/20'].map(
  (range) => ipaddr.parseCIDR(range),
);
const ALLOWED_KINDS = new Set([
  'private',
  'uniqueLocal',
  'loopback',
  'linkLocal',
  'unspecified',
  'multicast',
  'broadcast',
  'reserved',
]);

/** The only IPv6 addresses that are given out (RFC 4291, section 2.4): a rest of a torn line is none. */
const GIVEN_OUT = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];

const CANDIDATE = /(?<![\w:]|\w\.)(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})(?![\w:])/g;

/** A time of day looks like an address. */
const CLOCK = /^\d\d?:\d\d:\d\d$/;

/** @returns the addresses in `text` that belong to somebody */
export function foreignAddresses(text: string): { address: string; index: number }[] {
  // a log names few addresses, each many times
  const judged = new Map<string, boolean>();
  return [...text.matchAll(CANDIDATE)].flatMap(({ 0: address, index }) => {
    let foreign = judged.get(address);
    if (foreign === undefined) judged.set(address, (foreign = !CLOCK.test(address) && isForeign(address)));
    return foreign ? [{ address, index }] : [];
  });
}

function isForeign(text: string): boolean {
  // the library tries an address of six as one of four first, and fails with an exception
  if (!(text.includes(':') ? ipaddr.IPv6.isValid(text) : ipaddr.IPv4.isValid(text))) return false;
  const address = ipaddr.parse(text);
  return !(
    ALLOWED_KINDS.has(address.range()) ||
    (address.range() === 'unicast' && address.kind() === 'ipv6' && !(address as ipaddr.IPv6).match(GIVEN_OUT)) ||
    ALLOWED_RANGES.some((range) => address.kind() === range[0].kind() && address.match(range))
  );
}

export function checkAddresses(pack: Pack): Diagnostic[] {
  return pack.parsers.flatMap((parser) =>
    samplesOf(parser).flatMap(({ text, place }) =>
      foreignAddresses(text).map(({ address }): Diagnostic => ({
        code: 'sample-addresses',
        place,
        message: `The sample holds the address "${address}", which may be somebody's. Use 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 or 2001:db8::/32.`,
      })),
    ),
  );
}

/** @returns every sample of a parser */
export function samplesOf({ entries, records }: Parser): { text: string; place: Place }[] {
  return [
    ...[...entries, ...records.codes].map(({ sample, place }) => ({ text: sample, place: place.sample })),
    ...records.samples,
  ];
}
