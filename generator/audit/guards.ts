/** Answers the guards of playbooks from a log, and from what the user keeps of his assets and changes. */
import { networkOf } from '../detect/measures.js';
import type { Finding } from '../detect/finding.js';
import type { Fact, Guard } from '../model/detection.js';
import type { AuditContext } from './context.js';
import type { PeerTable } from './peers.js';

export interface Answer {
  /** `unknown` where neither the log nor the tables can tell */
  verdict: 'yes' | 'no' | 'unknown';
  /** one sentence: what the verdict rests on */
  because: string;
}

/** A change within this time before a finding may be its cause, in milliseconds. */
const CHANGE_WINDOW = 2 * 3600_000;

/** @returns the answer to a guard; undefined where only a person can give it */
export function answerGuard(guard: Guard, finding: Finding, peers: PeerTable, context: AuditContext): Answer | undefined {
  return guard.fact === undefined ? undefined : ANSWERS[guard.fact](finding, peers, context);
}

const ANSWERS: Record<Fact, (finding: Finding, peers: PeerTable, context: AuditContext) => Answer> = {
  connects(finding, peers) {
    const rows = peersOf(finding).flatMap((address) => peers.peer(address) ?? []);
    const works = rows.filter(({ established }) => established > 0);
    if (works.length > 0) {
      const [one] = works as [(typeof works)[number]];
      if (works.every(({ firstEstablished }) => firstEstablished > finding.opened))
        return {
          verdict: 'unknown',
          because: `${one.peer} established ${times(one.established)}, but only after this began: whoever guessed may have got in. Ask the owner.`,
        };
      const who = one.proven.size ? ` as ${[...one.proven].slice(0, 3).join(', ')}` : '';
      return { verdict: 'yes', because: `${one.peer} established ${times(one.established)} in this log${who}.` };
    }
    const networks = new Set(peersOf(finding).map(networkOf));
    const neighbour = peers.rows.find(({ peer, established }) => established > 0 && networks.has(networkOf(peer)));
    if (neighbour)
      return {
        verdict: 'yes',
        because: `Not this address, but ${neighbour.peer} of the same network (${networkOf(neighbour.peer)}) established ${times(neighbour.established)}.`,
      };
    if (rows.length === 0) return { verdict: 'unknown', because: 'The finding names no address that this log knows.' };
    return {
      verdict: 'no',
      because: 'No IKE SA of this address or its network was established in this log. Earlier days are not in it.',
    };
  },

  others_connect(finding, peers) {
    const own = new Set(peersOf(finding));
    const others = peers.rows.filter(({ peer, lastEstablished }) => !own.has(peer) && lastEstablished >= finding.firstSeen);
    if (others.length === 0) return { verdict: 'no', because: 'No IKE SA of another peer was established since it began.' };
    const names = others.slice(0, 3).map(({ peer }) => peer);
    return {
      verdict: 'yes',
      because: `${others.length} other ${others.length === 1 ? 'peer has' : 'peers have'} come up since it began: ${names.join(', ')}.`,
    };
  },

  shared(finding, peers) {
    const rows = peersOf(finding).flatMap((address) => peers.peer(address) ?? []);
    if (rows.length === 0) return { verdict: 'unknown', because: 'The finding names no address that this log knows.' };
    const proven = rows.find((row) => row.proven.size > 1);
    if (proven)
      return {
        verdict: 'yes',
        because: `${proven.proven.size} identities got in from ${proven.peer}: ${[...proven.proven].slice(0, 4).join(', ')}.`,
      };
    const claimed = rows.find((row) => row.identities.size > 1);
    if (claimed)
      return {
        verdict: 'unknown',
        because: `${claimed.identities.size} identities were claimed from ${claimed.peer}, but at most one got in: a NAT would show several.`,
      };
    return { verdict: 'no', because: 'This log knows at most one identity behind the address.' };
  },

  roams(finding, peers) {
    const rows = peersOf(finding).flatMap((address) => peers.peer(address) ?? []);
    const moved = rows.find(({ moves }) => moves > 0);
    if (moved) return { verdict: 'yes', because: `${moved.peer} changed its address or port ${times(moved.moves)}.` };
    const identities = identitiesOf(finding).flatMap((name) => peers.identity(name) ?? []);
    const wandering = identities.find((row) => row.peers.size > 1 && row.established > 0);
    if (wandering)
      return {
        verdict: 'yes',
        because: `${wandering.identity} got in, and was seen from ${wandering.peers.size} addresses: ${[...wandering.peers].slice(0, 4).join(', ')}.`,
      };
    if (rows.length === 0 && identities.length === 0)
      return { verdict: 'unknown', because: 'The finding names neither an address nor an identity that this log knows.' };
    return {
      verdict: 'no',
      because: 'No change of address was logged, and no identity of the finding got in from a second address.',
    };
  },

  asset(finding, _peers, { assets, assetsFile }) {
    if (assetsFile === '') return { verdict: 'unknown', because: 'No table of assets was given (settings: assets).' };
    const names = new Set([...peersOf(finding), ...identitiesOf(finding), ...valuesOf(finding, 'connection')]);
    const found = assets.filter((row) => row.matches(names));
    if (found.length === 0) return { verdict: 'no', because: `Neither address, identity nor connection is in ${assetsFile}.` };
    return {
      verdict: 'yes',
      because: found
        .slice(0, 3)
        .map(({ says }) => says)
        .join('; '),
    };
  },

  change(finding, _peers, { changes, changesFile }) {
    if (changesFile === '') return { verdict: 'unknown', because: 'No table of changes was given (settings: changes).' };
    const connections = valuesOf(finding, 'connection');
    const found = changes.filter(
      ({ from, to, connection }) =>
        from <= finding.lastSeen &&
        to + CHANGE_WINDOW >= finding.firstSeen &&
        (connection === '' || connections.length === 0 || connections.includes(connection)),
    );
    if (found.length === 0) return { verdict: 'no', because: `No change of ${changesFile} lies within two hours before it.` };
    return {
      verdict: 'yes',
      because: found
        .slice(0, 3)
        .map(({ says }) => says)
        .join('; '),
    };
  },
};

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

export function peersOf({ group, pivots }: Finding): string[] {
  return group.peer_ip !== undefined ? [group.peer_ip] : (pivots.peer_ip ?? []).map(String);
}

export function identitiesOf({ group, pivots }: Finding): string[] {
  const grouped = group.user_identity ?? group.peer_id;
  if (grouped !== undefined) return [grouped];
  return [...new Set([...(pivots.user_identity ?? []), ...(pivots.peer_id ?? [])].map(String))];
}

function valuesOf({ group, pivots }: Finding, field: string): string[] {
  return group[field] !== undefined ? [group[field]] : (pivots[field] ?? []).map(String);
}
