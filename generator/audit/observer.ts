/** What a report says beside the findings: peers, suites, certificates, lifetimes, the course of things. Sees each record once, in the order of the input. */
import { type EventRow, MSG_TYPE } from '../detect/log-event.js';
import { fieldNumber } from '../model/field-numbers.js';
import type { Pack } from '../model/pack.js';
import { AdviceCounter } from './advice.js';
import { CERTIFICATE_EVENTS, CertificateTable } from './certificates.js';
import { LIFETIME_EVENTS, LifetimeTable } from './lifetimes.js';
import { PEER_EVENTS, PeerTable } from './peers.js';
import { SuiteTable } from './suites.js';
import { Timeline } from './timeline.js';

const HOST = fieldNumber('host');
const STITCHED_BY = fieldNumber('stitched_by');
const REPEAT = fieldNumber('repeat');
const LIFETIMES = new Set(LIFETIME_EVENTS);
const CERTIFICATES = new Set(CERTIFICATE_EVENTS);
const PEERS = new Set(PEER_EVENTS);

export class Observer {
  readonly peers = new PeerTable();
  readonly suites: SuiteTable;
  readonly certificates = new CertificateTable();
  readonly lifetimes = new LifetimeTable();
  readonly timeline = new Timeline();
  readonly advice: AdviceCounter;
  /** gateways, by the names that they have in the log */
  readonly hosts = new Set<string>();
  /** records that were joined to their exchange by the order of the file alone */
  byOrder = 0;

  constructor(pack: Pack) {
    this.suites = new SuiteTable(pack, pack.settings.profile);
    this.advice = new AdviceCounter(pack);
  }

  get wanted(): ReadonlySet<string> {
    return new Set([...PEERS, ...LIFETIMES, ...CERTIFICATES, ...this.advice.wanted]);
  }

  see(event: EventRow): void {
    const { values } = event;
    const name = values[MSG_TYPE] as string;
    const host = values[HOST];
    if (typeof host === 'string' && this.hosts.size < 1000) this.hosts.add(host);
    if (values[STITCHED_BY] !== undefined) this.byOrder++;
    if (PEERS.has(name)) {
      this.peers.see(event);
      const times = (values[REPEAT] as number | undefined) ?? 1;
      if (name === 'auth_failed') this.timeline.count('failed', event.time, times);
      else if (name === 'ike_established') this.timeline.count('succeeded', event.time, times);
      else if (name === 'ike_init_received') this.timeline.count('initiated', event.time, times);
    }
    if (name === 'proposal_selected' || name === 'ike_established' || name === 'child_established') this.suites.see(event);
    if (LIFETIMES.has(name)) this.lifetimes.see(event);
    if (CERTIFICATES.has(name)) this.certificates.see(event);
    this.advice.see(event);
  }
}
