/** What the driver of a recording did, which it wrote down, and which is not derived from the log. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The gateway refused earlier, with NO_PROPOSAL_CHOSEN; the peer's daemon tried again by itself, unasked. */
export const UNCOUNTED = ['samples/strongswan/reload', 'samples/libreswan/initiator', 'samples/libreswan/initiator.lsw5'];

interface Truth {
  events: { what: string; src?: string; expect?: string; outcome?: string }[];
}

/** What failed is the authentication: not the proposal, not the traffic selectors, and not a command that sent nothing. */
const REFUSED = /^(?:AUTHENTICATION_FAILED|EAP failure|failed \(NUL)/;

/** @returns how many attempts of each peer failed */
export function failedAttempts(scenario: string): Record<string, number> {
  const { events } = JSON.parse(readFileSync(join(scenario, 'truth.json'), 'utf8')) as Truth;
  return countPeers(events.flatMap(({ src, outcome, expect }) => (outcome === 'failed' && REFUSED.test(expect!) ? [src!] : [])));
}

export function countPeers(peers: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const peer of peers) counts[peer] = (counts[peer] ?? 0) + 1;
  return counts;
}
