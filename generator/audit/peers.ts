/** What each peer did in a log. Bounded: whoever spoofs addresses makes as many peers as he likes. */
import { BoundedGroups } from '../detect/bounded-groups.js';
import { type EventRow, MSG_TYPE, textOf } from '../detect/log-event.js';
import { fieldNumber } from '../model/field-numbers.js';

export interface PeerRow {
  peer: string;
  initiated: number;
  authFailed: number;
  authSucceeded: number;
  established: number;
  childEstablished: number;
  rekeys: number;
  deletes: number;
  moves: number;
  firstSeen: number;
  lastSeen: number;
  firstEstablished: number;
  lastEstablished: number;
  /** identities that it claimed, and those of them that got in */
  identities: ReadonlySet<string>;
  proven: ReadonlySet<string>;
  connections: ReadonlySet<string>;
  suites: ReadonlySet<string>;
  /** the SA that succeeded last: two rounds of authentication are one success */
  lastSucceeded: string | undefined;
}

/** What each identity did, and from where. */
export interface IdentityRow {
  identity: string;
  authFailed: number;
  established: number;
  peers: ReadonlySet<string>;
}

const PEER_IP = fieldNumber('peer_ip');
const REPEAT = fieldNumber('repeat');
const SA_ID = fieldNumber('sa_id');
const PROPOSAL_CHOSEN = fieldNumber('proposal_chosen');
const CONNECTION = fieldNumber('connection');
const USER_IDENTITY = fieldNumber('user_identity');
const PEER_ID = fieldNumber('peer_id');
/** of those that have none yet: never added to */
const NONE: ReadonlySet<string> = new Set();
const MOST_PEERS = 20_000;
const MOST_IDENTITIES = 20_000;
const MOST_VALUES = 20;

/** What an event adds to, of a peer. */
const COUNTED: Record<string, 'initiated' | 'established' | 'childEstablished' | 'rekeys' | 'deletes' | 'moves'> = {
  ike_init_received: 'initiated',
  ike_established: 'established',
  child_established: 'childEstablished',
  ike_rekeyed: 'rekeys',
  child_rekeyed: 'rekeys',
  ike_deleted: 'deletes',
  ike_destroyed: 'deletes',
  mobike_update_received: 'moves',
  endpoint_changed: 'moves',
};

export const PEER_EVENTS = [...Object.keys(COUNTED), 'auth_failed', 'auth_succeeded', 'proposal_selected'];

export class PeerTable {
  private readonly peers = new BoundedGroups<PeerRow>(MOST_PEERS);
  private readonly identities = new BoundedGroups<IdentityRow>(MOST_IDENTITIES);

  /** Peers that were forgotten for want of room. */
  get leftOut(): number {
    return this.peers.evicted;
  }

  /** @returns all peers that are kept: those who failed first, then those who worked most */
  get rows(): PeerRow[] {
    const rows = [...this.peers.values()];
    return rows.sort(
      (a, b) =>
        b.authFailed - a.authFailed || b.established - a.established || b.initiated - a.initiated || (a.peer < b.peer ? -1 : 1),
    );
  }

  peer(address: string): PeerRow | undefined {
    return this.peers.peek(address);
  }

  identity(name: string): IdentityRow | undefined {
    return this.identities.peek(name);
  }

  see(event: EventRow): void {
    const { values } = event;
    const name = values[MSG_TYPE] as string;
    const failed = name === 'auth_failed';
    const address = values[PEER_IP] as string | undefined;
    if (address === undefined) return;
    const row = this.peers.get(address, () => newRow(address));
    if (!(row.firstSeen <= event.time)) row.firstSeen = event.time;
    if (!(row.lastSeen >= event.time)) row.lastSeen = event.time;
    const counted = COUNTED[name];
    const times = (values[REPEAT] as number | undefined) ?? 1;
    if (counted !== undefined) row[counted] += times;
    else if (failed) row.authFailed += times;
    else if (name === 'auth_succeeded') {
      const sa = textOf(event, SA_ID) ?? '';
      if (sa === '' || sa !== row.lastSucceeded) row.authSucceeded++;
      row.lastSucceeded = sa;
    } else if (name === 'proposal_selected') row.suites = add(row.suites, textOf(event, PROPOSAL_CHOSEN));
    const connection = textOf(event, CONNECTION);
    if (name === 'ike_established') {
      row.connections = add(row.connections, connection);
      if (!(row.firstEstablished <= event.time)) row.firstEstablished = event.time;
      if (!(row.lastEstablished >= event.time)) row.lastEstablished = event.time;
    }
    const identity = textOf(event, USER_IDENTITY) ?? textOf(event, PEER_ID);
    if (identity === undefined) return;
    row.identities = add(row.identities, identity);
    if (name === 'ike_established') row.proven = add(row.proven, identity);
    if (!failed && name !== 'ike_established') return;
    const one = this.identities.get(identity, () => ({ identity, authFailed: 0, established: 0, peers: NONE }));
    if (failed) one.authFailed += times;
    else one.established += times;
    one.peers = add(one.peers, address);
  }
}

function newRow(peer: string): PeerRow {
  return {
    peer,
    initiated: 0,
    authFailed: 0,
    authSucceeded: 0,
    established: 0,
    childEstablished: 0,
    rekeys: 0,
    deletes: 0,
    moves: 0,
    firstSeen: Number.NaN,
    lastSeen: Number.NaN,
    firstEstablished: Number.NaN,
    lastEstablished: Number.NaN,
    identities: NONE,
    proven: NONE,
    connections: NONE,
    suites: NONE,
    lastSucceeded: undefined,
  };
}

/** Most peers of a flood have none. @returns the values with one more */
function add(values: ReadonlySet<string>, value: string | undefined): ReadonlySet<string> {
  if (value === undefined || values.size >= MOST_VALUES || values.has(value)) return values;
  return values === NONE ? new Set([value]) : (values as Set<string>).add(value);
}
