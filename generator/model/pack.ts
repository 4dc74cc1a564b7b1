/** The pack: all content as plain data, with every name resolved. Targets and the engine are made from it and from nothing else. */
import type { Attack } from './attack.js';
import type { Advice } from './advice.js';
import type { Detection, Playbook } from './detection.js';
import type { Place } from './diagnostic.js';
import type { Level } from './level.js';
import type { Settings } from './settings.js';
import type { Origin } from './origin.js';
import type { RecordForm, Structured } from './record-form.js';
import type { Template } from './template.js';

export type FieldType = 'ip' | 'port' | 'int' | 'long' | 'float' | 'bool' | 'keyword' | 'text' | 'date';

export interface Field {
  name: string;
  type: FieldType;
  list: boolean;
  means: string;
  ecs: string;
  cim: string;
  sigma: string;
  /** an unauthenticated peer chooses its text */
  peerControlled: boolean;
  /** a closed vocabulary, where the field has one */
  values?: string[];
}

export type Outcome = 'success' | 'failure' | 'unknown';

export interface EventType {
  name: string;
  means: string;
  outcome: Outcome;
  ecs: { kind: string; category: string[]; type: string[] };
  cim?: { dataset: string; tags: string[]; action?: string };
  level?: Level;
  attack: string[];
}

export interface Notify {
  number: number;
  name: string;
  class: 'error' | 'status';
}

export interface Exchange {
  number: number;
  name: string;
  ikeVersion: number;
}

/** One algorithm of the IANA registries, with the words that logs use for it. */
export interface Transform {
  type: TransformType;
  number: number;
  /** as IANA registers it */
  iana: string;
  /** our neutral name, without the key's length */
  name: string;
  keys: number[];
  /** strength in bits, where it does not follow from the key's length; undefined where nobody says */
  bits?: number;
  /** every spelling as it is logged → our neutral value (the name, with the key's length where the spelling tells it) */
  spellings: Record<string, string>;
}

export const TRANSFORM_TYPES = ['encryption', 'integrity', 'prf', 'key_exchange', 'esn', 'auth_method'] as const;
export type TransformType = (typeof TRANSFORM_TYPES)[number];

/** How a record is wrapped when it arrives: a syslog header, a JSON object, … */
export interface Envelope {
  name: string;
  means: string;
  /** header templates; they capture `timestamp`, `host`, `program`, `pid` and `message` */
  lines: Template[];
  /** for structured records */
  form?: RecordForm;
  /** for records of several physical lines: how the first begins and the last ends */
  joins?: { begins: string; ends: string; alone?: boolean };
  /** further physical lines of a record are indented */
  indented?: boolean;
}

/** A line that wraps another one of the same program, such as `message repeated 3 times: [ … ]`. */
export interface Wrapper {
  name: string;
  line: Template;
}

export interface Entry {
  /** stable: the parser's name and a slug of the line */
  id: string;
  kind: 'event' | 'ignored';
  /** name of the neutral event; undefined for declared noise */
  event?: string;
  template: Template;
  sample: string;
  origin?: Origin;
  /** what was published or documented where */
  source?: string;
  set: Record<string, string | number | boolean>;
  place: { line: Place; sample: Place; entry: Place };
}

export interface Decision {
  event: string;
  after: EventMatch[];
  until: EventMatch[];
  becomes: string;
}

/** An event of a stitching rule; with fields, only where the record has these values. */
export type EventMatch = string | ({ event: string } & Record<string, string>);

/**
 * How records of one exchange and of one IKE SA are joined: declared per parser, in neutral events and fields. The engine knows one more thing,
 * which fields are the addresses of an exchange: peer_ip, peer_port, local_ip, local_port.
 */
export interface Stitch {
  exchange?: {
    /** the field that tells parallel exchanges of one process apart; without it in a record, the order of the file is used and marked */
    key: string;
    /** a packet from a peer: names the addresses of all that follows */
    opens: EventMatch[];
    /** the answer, or the word that more must come first: nothing after it belongs to the exchange */
    closes: EventMatch[];
    /** an answer to a request of ours: nothing is sent after it, so that the next line that a job starts is outside */
    answered: EventMatch[];
    /** lines that a job starts: they take their peer from the next packet that the same key sends */
    jobs: EventMatch[];
    /** lines that take their peer from the next packet where no exchange is open, and end none */
    waits: EventMatch[];
    /** lines that may follow the answer at once: they belong to the exchange that the line before has closed */
    trails: EventMatch[];
    /** lines that have no peer, wherever they stand */
    outside: EventMatch[];
    /** seconds that a line waits for its packet, and that an exchange may stay silent */
    within: number;
  };
  sa?: {
    /** the field with the vendor's number of the IKE SA; with `parent`, of the SA that the record is about */
    key: string;
    /** IKE SAs and CHILD SAs share one series of numbers: the field in which a line about a CHILD SA names its IKE SA, and that all records are lent */
    parent?: string;
    /** with `parent`: lines about a CHILD SA, also where they do not name its IKE SA */
    children?: EventMatch[];
    /** with `parent`: a CHILD SA that names no IKE SA belongs to the latest one that has the same values here */
    among?: string[];
    /** with `parent`: a new IKE SA that takes the place of the latest one that has the same values, if no line says another */
    follows?: EventMatch[];
    /** with `parent`: the IKE SA is up */
    established?: EventMatch[];
    /** the field in which a line names the IKE SA whose place a new one takes */
    replaced?: string;
    /** a new IKE SA begins; `role` is the gateway's part in it */
    begins: EventMatch[];
    /** belongs to the peer's youngest SA while that one is not established, whatever the port: ports change when NAT traversal begins */
    completes: EventMatch[];
    /** names a new IKE SA, which replaces the exchange's one */
    replaces: EventMatch[];
    ends: EventMatch[];
    /** the peer moved: the SA is the one at `old_address` and `old_port`, and from now on at the exchange's addresses */
    moves?: EventMatch[];
    /** fields that any record of the SA may tell, and that all later ones are lent */
    learns: string[];
  };
  /** records whose meaning depends on what their SA has seen before: of one kind `after` some events, and not any more after an event of `until` */
  decides?: Decision[];
  /** a daemon's start clears all state and begins a new boot */
  resets: EventMatch[];
  /** lines that the daemon writes to two facilities: an exact second copy is ignored */
  copies: EventMatch[];
}

export interface Parser {
  name: string;
  title: string;
  vendor: string;
  product: string;
  dataset: string;
  sourcetype: string;
  /** other names under which Splunk has these records, among those of others, and the envelope that they have there */
  sourcetypes: Record<string, string>;
  /** names of hosts that the product itself writes into records */
  hosts: string[];
  programs: string[];
  /** the only envelopes in which its records come; none where that is any that no other parser has for itself */
  envelopes: string[];
  /** how the messages begin that concern it, after the header; the program's other records are another program's. None where all do */
  begins: string[];
  headers: Template[];
  /** the structured envelopes of its records, and fields of each by path */
  structured: Record<string, Record<string, string>>;
  /** what all of them say, by path, and entries chosen by codes */
  records: Structured;
  spellings: { notify: Record<string, string>; transform: Record<string, string> };
  entries: Entry[];
  stitch?: Stitch;
  file: string;
}

export interface Profile {
  name: string;
  means: string;
  document: unknown;
}

export interface Pack {
  fields: Map<string, Field>;
  events: Map<string, EventType>;
  notifies: Notify[];
  notifySpellings: Record<string, string>;
  exchanges: Exchange[];
  attack: Attack;
  exchangeSpellings: Record<string, string>;
  transforms: Transform[];
  profiles: Profile[];
  envelopes: Envelope[];
  wrappers: Wrapper[];
  parsers: Parser[];
  detections: Detection[];
  playbooks: Playbook[];
  advice: Advice[];
  /** what the user has decided; profile, thresholds and exclusions are put into the detections by `applySettings` */
  settings: Settings;
}

/** @returns whether records in this envelope can be the parser's */
export function readsEnvelope(pack: Pick<Pack, 'parsers'>, parser: Parser, { name }: Envelope): boolean {
  if (parser.envelopes.length) return parser.envelopes.includes(name);
  return !pack.parsers.some(({ envelopes }) => envelopes.includes(name));
}

/** @returns whether the parser's records may have further lines, which are indented */
export function isIndented(pack: Pick<Pack, 'envelopes'>, parser: Parser): boolean {
  return pack.envelopes.some(({ name, indented }) => indented === true && parser.envelopes.includes(name));
}

/** @returns the fields whose text an unauthenticated peer chooses: what stands behind them in a line must not be believed unseen */
export function peerControlledFields(pack: Pick<Pack, 'fields'>): Set<string> {
  return new Set([...pack.fields.values()].filter((field) => field.peerControlled).map((field) => field.name));
}
