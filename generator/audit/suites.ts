/** Which algorithms were agreed on, how often and by whom, and what the profile thinks of them. */
import { type EventRow, textOf } from '../detect/log-event.js';
import { ALGORITHM_FIELDS, type AlgorithmLevel, judgeAlgorithm, nameAlgorithm } from '../model/algorithm-levels.js';
import { fieldNumber, numberedField } from '../model/field-numbers.js';
import type { Pack } from '../model/pack.js';

export interface Algorithm {
  field: string;
  /** neutral value; of a key exchange group its number */
  value: string | number;
  /** as one says it: `MODP_2048` instead of 14 */
  name: string;
  level: AlgorithmLevel;
  reason: string;
  reference: string;
}

export interface Suite {
  protocol: string;
  algorithms: Algorithm[];
  /** of its algorithms the worst */
  level: AlgorithmLevel;
  count: number;
  peers: Set<string>;
  /** not all peers are kept */
  morePeers: boolean;
  firstSeen: number;
  lastSeen: number;
}

const FIELDS = Object.keys(ALGORITHM_FIELDS)
  .filter((field) => field !== 'auth_method')
  .map(numberedField);
const ENCRYPTION = fieldNumber('encryption');
const DH_GROUP = fieldNumber('dh_group');
const PRF = fieldNumber('prf');
const SA_PROTOCOL = fieldNumber('sa_protocol');
const PEER_IP = fieldNumber('peer_ip');
const MOST_SUITES = 500;
const MOST_PEERS = 50;
const WORST: AlgorithmLevel[] = ['accepted', 'unknown', 'weak', 'forbidden'];

export class SuiteTable {
  /** records whose suite was not kept for want of room: a peer that rekeys cannot choose what we accept, so this is rare */
  leftOut = 0;
  private readonly suites = new Map<string, Suite>();
  private readonly pack: Pack;
  private readonly profile: string;

  constructor(pack: Pack, profile: string) {
    this.pack = pack;
    this.profile = profile;
  }

  /** @returns the worst first, then the most used */
  get rows(): Suite[] {
    return [...this.suites.values()].sort(
      (a, b) => WORST.indexOf(b.level) - WORST.indexOf(a.level) || b.count - a.count || a.firstSeen - b.firstSeen,
    );
  }

  see(event: EventRow): void {
    const { values } = event;
    if (values[ENCRYPTION] === undefined && values[DH_GROUP] === undefined) return;
    // an IKE SA has a PRF, a child none
    const protocol = textOf(event, SA_PROTOCOL) ?? (values[PRF] === undefined ? 'ESP' : 'IKE');
    let key = protocol;
    for (const { number } of FIELDS) key += `\0${String(values[number] ?? '')}`;
    let suite = this.suites.get(key);
    if (suite === undefined) {
      if (this.suites.size >= MOST_SUITES) {
        this.leftOut++;
        return;
      }
      suite = this.judge(protocol, event);
      this.suites.set(key, suite);
    }
    suite.count++;
    if (event.time > suite.lastSeen) suite.lastSeen = event.time;
    const peer = textOf(event, PEER_IP);
    if (peer === undefined || suite.peers.has(peer)) return;
    if (suite.peers.size < MOST_PEERS) suite.peers.add(peer);
    else suite.morePeers = true;
  }

  private judge(protocol: string, event: EventRow): Suite {
    const algorithms = FIELDS.flatMap(({ name, number }): Algorithm[] => {
      const found = event.values[number];
      const values = (Array.isArray(found) ? found : [found]) as (string | number | undefined)[];
      return values.flatMap((value) => (value === undefined || value === '' ? [] : this.judgeOne(name, value)));
    });
    const level = WORST[Math.max(0, ...algorithms.map((one) => WORST.indexOf(one.level)))]!;
    return {
      protocol,
      algorithms,
      level,
      count: 0,
      peers: new Set(),
      morePeers: false,
      firstSeen: event.time,
      lastSeen: event.time,
    };
  }

  private judgeOne(field: string, value: string | number): Algorithm {
    return {
      field,
      value,
      name: nameAlgorithm(this.pack, field, value),
      ...judgeAlgorithm(this.pack, this.profile, field, value),
    };
  }
}
