/** Lifetimes and rekeys per connection: what was agreed, and what was seen to happen. */
import { type EventRow, MSG_TYPE, textOf } from '../detect/log-event.js';
import { fieldNumber } from '../model/field-numbers.js';

export interface Span {
  least: number;
  greatest: number;
}

export interface LifetimeRow {
  connection: string;
  established: number;
  ikeRekeyed: number;
  childRekeyed: number;
  /** seconds, as the log states them */
  lifetime: Span | undefined;
  rekeyIn: Span | undefined;
  /** seconds from one rekeying of a child of one SA to the next */
  childInterval: Span | undefined;
}

export const LIFETIME_EVENTS = ['ike_lifetime', 'ike_established', 'ike_rekeyed', 'child_rekeyed', 'child_established'];

const CONNECTION = fieldNumber('connection');
const LIFETIME = fieldNumber('lifetime');
const REKEY_IN = fieldNumber('rekey_in');
const SA_ID = fieldNumber('sa_id');
const CHILD = fieldNumber('child');
const MOST_CONNECTIONS = 1000;
const MOST_SAS = 20_000;

export class LifetimeTable {
  private readonly connections = new Map<string, LifetimeRow>();
  private readonly lastRekey = new Map<string, number>();

  get rows(): LifetimeRow[] {
    return [...this.connections.values()].sort((a, b) => b.established - a.established);
  }

  see(event: EventRow): void {
    const connection = textOf(event, CONNECTION);
    const row = connection === undefined ? undefined : this.row(connection);
    if (row === undefined) return;
    const { values } = event;
    row.lifetime = widen(row.lifetime, values[LIFETIME]);
    row.rekeyIn = widen(row.rekeyIn, values[REKEY_IN]);
    const name = values[MSG_TYPE] as string;
    if (name === 'ike_established') row.established++;
    else if (name === 'ike_rekeyed') row.ikeRekeyed++;
    else if (name === 'child_rekeyed' || name === 'child_established') {
      if (name === 'child_rekeyed') row.childRekeyed++;
      const sa = `${textOf(event, SA_ID) ?? ''}\0${textOf(event, CHILD) ?? ''}`;
      const last = this.lastRekey.get(sa);
      if (name === 'child_rekeyed' && last !== undefined && event.time > last)
        row.childInterval = widen(row.childInterval, (event.time - last) / 1000);
      if (this.lastRekey.size >= MOST_SAS) this.lastRekey.delete(this.lastRekey.keys().next().value!);
      this.lastRekey.set(sa, event.time);
    }
  }

  private row(connection: string): LifetimeRow | undefined {
    let row = this.connections.get(connection);
    if (row === undefined && this.connections.size < MOST_CONNECTIONS) {
      const none = { lifetime: undefined, rekeyIn: undefined, childInterval: undefined };
      row = { connection, established: 0, ikeRekeyed: 0, childRekeyed: 0, ...none };
      this.connections.set(connection, row);
    }
    return row;
  }
}

function widen(span: Span | undefined, value: unknown): Span | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return span;
  if (span === undefined) return { least: value, greatest: value };
  return { least: Math.min(span.least, value), greatest: Math.max(span.greatest, value) };
}
