/** What stitching finds of a record: addresses, an SA, or a ticket for what a later record will tell. */

/** The addresses of an exchange. One object per combination, so that it can be a key and renderers can keep what they make of it. */
export interface Endpoint {
  peerIp: string;
  peerPort: string;
  localIp: string;
  localPort: string;
  /** the peer whatever its port: one object per address */
  peer: object;
  /** bit per address that it has: `PEER_IP` and so on */
  known: number;
  /** the sink's cache, in both readings */
  rendered: unknown;
  renderedInitiator: unknown;
}

export type Role = '' | 'initiator' | 'responder';

/** One IKE SA, from the first record that tells of it. */
export interface Sa {
  id: string;
  /** the vendor's number; undefined as long as the log has not told it */
  number: SaNumber | undefined;
  role: Role;
  endpoint: Endpoint | undefined;
  rekeyedFrom: string;
  /** the id of the first IKE SA in its line of descent: its own where it took the place of none */
  root: string;
  /** the IKE SA that took its place */
  heir: Sa | undefined;
  /** it was established */
  up: boolean;
  /** it is over, and its addresses lead to it no more */
  ended: boolean;
  /** another one with the same addresses, which is found again when this one ends */
  below: Sa | undefined;
  /** bit per decision whose condition holds */
  causes: number;
  /** what its records have told, by position in `learns`; latin1 */
  learnt: (string | undefined)[];
  /** bit per position that is known */
  known: number;
  /** the renderer's cache of what is lent */
  rendered: unknown;
  /** what has changed since somebody has rendered it: bit per position in `learnt`, and `ANCESTRY` */
  changed: number;
}

/** Numbers where they fit, text where not: a cloud's tunnel id has 19 digits. */
export type SaNumber = number | string;

/** A record that waits for a later one to tell its addresses or its SA. */
export interface Ticket {
  endpoint: Endpoint | undefined;
  sa: Sa | undefined;
  time: number;
  /** for the renderer: where in its output the record's line begins, where it waits, and what it has already */
  lineStart: number;
  offset: number;
  ownAddresses: number;
  ownLearnt: number;
  ordered: boolean;
}

/** The SA has learnt which one's place it took. */
export const ANCESTRY = 1 << 30;

export const PEER_IP = 1;
export const PEER_PORT = 2;
export const LOCAL_IP = 4;
export const LOCAL_PORT = 8;
