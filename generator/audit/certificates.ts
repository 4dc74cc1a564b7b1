/** The certificates that a log names, and what became of them. */
import { type EventRow, MSG_TYPE, textOf } from '../detect/log-event.js';
import { fieldNumber } from '../model/field-numbers.js';

export interface CertificateRow {
  subject: string;
  issuer: string;
  serial: string;
  notBefore: string;
  notAfter: string;
  count: number;
  /** what was said of it */
  states: Set<string>;
  peers: Set<string>;
  firstSeen: number;
  lastSeen: number;
}

/** What an event says of the certificate that it names. */
const STATES: Record<string, string> = {
  cert_valid: 'trusted',
  cert_validity_failed: 'outside its validity',
  cert_expired: 'expired',
  cert_not_yet_valid: 'not yet valid',
  cert_expiring: 'end told',
  cert_untrusted: 'not trusted',
  cert_identity_mismatch: 'not for the identity',
  cert_constraint_failed: 'breaks a constraint',
  cert_revoked: 'revoked',
  revocation_good: 'not revoked',
  revocation_unavailable: 'revocation unknown',
  revocation_stale: 'revocation list outdated',
};
export const CERTIFICATE_EVENTS = [...Object.keys(STATES), 'cert_received', 'cert_sent', 'cert_used', 'revocation_check'];

const SA_ID = fieldNumber('sa_id');
const SUBJECT = fieldNumber('cert_subject');
const ISSUER = fieldNumber('cert_issuer');
const SERIAL = fieldNumber('cert_serial');
const NOT_BEFORE = fieldNumber('cert_not_before');
const NOT_AFTER = fieldNumber('cert_not_after');
const PEER_IP = fieldNumber('peer_ip');
const MOST = 5000;
const MOST_PEERS = 20;

export class CertificateTable {
  /** records of certificates that were not kept for want of room */
  leftOut = 0;
  private readonly certificates = new Map<string, CertificateRow>();
  /** the certificate that each SA spoke of last: a verdict without a subject is about that one */
  private readonly current = new Map<string, string>();

  /** @returns those with something wrong first, then by their end */
  get rows(): CertificateRow[] {
    const trouble = ({ states }: CertificateRow) =>
      [...states].filter((state) => state !== 'trusted' && state !== 'not revoked').length;
    return [...this.certificates.values()].sort(
      (a, b) => trouble(b) - trouble(a) || (a.notAfter || '9').localeCompare(b.notAfter || '9') || b.count - a.count,
    );
  }

  see(event: EventRow): void {
    const name = event.values[MSG_TYPE] as string;
    const sa = textOf(event, SA_ID) ?? '';
    const named = textOf(event, SUBJECT);
    // a trusted chain is told after its last certificate, which is the authority's: the verdict is the peer's own certificate's
    const subject = named ?? this.current.get(sa);
    if (subject === undefined) return;
    if (named !== undefined && sa !== '' && name !== 'cert_used') this.remember(sa, named);
    let row = this.certificates.get(subject);
    if (row === undefined) {
      if (this.certificates.size >= MOST) {
        this.leftOut++;
        return;
      }
      row = {
        subject,
        issuer: '',
        serial: '',
        notBefore: '',
        notAfter: '',
        count: 0,
        states: new Set(),
        peers: new Set(),
        firstSeen: event.time,
        lastSeen: event.time,
      };
      this.certificates.set(subject, row);
    }
    row.count++;
    if (event.time > row.lastSeen) row.lastSeen = event.time;
    const state = STATES[name];
    if (state !== undefined) row.states.add(state);
    row.issuer ||= textOf(event, ISSUER) ?? '';
    row.serial ||= textOf(event, SERIAL) ?? '';
    row.notBefore ||= textOf(event, NOT_BEFORE) ?? '';
    row.notAfter ||= textOf(event, NOT_AFTER) ?? '';
    const peer = textOf(event, PEER_IP);
    if (peer !== undefined && row.peers.size < MOST_PEERS) row.peers.add(peer);
  }

  private remember(sa: string, subject: string): void {
    if (this.current.size >= MOST) this.current.delete(this.current.keys().next().value!);
    this.current.set(sa, subject);
  }
}
