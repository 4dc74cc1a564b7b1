/**
 * Joins records that belong together: the peer of a line that names none, and the IKE SA of every line. Streaming and bounded: state is kept per
 * process, exchange and SA, and the oldest is dropped (and counted) when there is too much of it.
 *
 * An exchange is IDLE, OPEN (a packet came in), ANSWERED (it was a response: nothing is sent after it) or JOB (a line that a timer or command
 * started waits for the packet that it sends). What a line means for this is declared in its parser (`stitch:`).
 */
import type { EventMatch, Stitch } from '../model/pack.js';
import type { CompiledParser, Engine, Leaf } from './compile-engine.js';
import type { Process, RecordReader } from './record.js';

const MAX_ENDPOINTS = 50_000;
const MAX_SAS = 100_000;
const MAX_EXCHANGES = 4096;

/** The addresses of an exchange. One object per combination, so that renderers can keep what they make of it. */
export interface Endpoint {
  peerIp: string;
  peerPort: string;
  localIp: string;
  localPort: string;
  /** renderers' cache, by role */
  rendered: (Uint8Array | undefined)[];
}

export type Role = '' | 'initiator' | 'responder';

/** One IKE SA, from the first record that tells of it. */
export interface Sa {
  id: string;
  /** the vendor's number, '' as long as the log has not told it */
  number: string;
  role: Role;
  endpoint: Endpoint | undefined;
  rekeyedFrom: string;
  /** what its records have told, by position in `learns` */
  learnt: string[];
  /** renderers' cache, by set of fields that the record itself has; emptied when something is learnt */
  rendered: Map<number, Uint8Array>;
}

/** A record that waits for a later one to tell its addresses or its SA. */
export interface Ticket {
  endpoint: Endpoint | undefined;
  sa: Sa | undefined;
  time: number;
  settled: boolean;
  /** for the renderer: where in its output the record's line begins, where it waits, and what it has already */
  lineStart: number;
  offset: number;
  ownAddresses: number;
  ownLearnt: number;
  ordered: boolean;
}

export const PEER_IP = 1;
export const PEER_PORT = 2;
export const LOCAL_IP = 4;
export const LOCAL_PORT = 8;

const OPENS = 1;
const CLOSES = 2;
const ANSWERED_FLAG = 4;
const JOBS = 8;
const OUTSIDE = 16;
const BEGINS = 32;
const REPLACES = 64;
const ENDS = 128;
const RESETS = 256;
const COPIES = 512;

const IDLE = 0;
const OPEN = 1;
const ANSWERED = 2;
const JOB = 3;

interface Condition {
  flag: number;
  /** all must hold; empty = always */
  equals: { slot: number; text: string }[];
}

/** What stitching needs to know of a leaf. */
export interface LeafRole {
  conditions: Condition[];
  /** flags that hold always */
  flags: number;
  addresses: number;
  /** bit per position in `learns` that the line captures or sets */
  learns: number;
  role: Role;
}

interface Exchange {
  state: number;
  endpoint: Endpoint | undefined;
  sa: Sa | undefined;
  lastTime: number;
  waiting: Ticket[];
  /** the packet line that opened it, which waits to learn its SA */
  opener: Ticket | undefined;
  lastCopy: Buffer | undefined;
}

interface State {
  boot: string;
  exchanges: Map<string, Exchange>;
  byNumber: Map<string, Sa>;
  byAddress: Map<string, Sa>;
  serial: number;
}

/** The stitching roles of a parser's leaves, made once. */
export interface StitchPlan {
  compiled: CompiledParser;
  stitch: Stitch;
  roles: LeafRole[];
  /** header and structured captures that belong to `learns`, by slot */
  learnBySlot: Map<number, number>;
  exchangeSlot: number;
  numberSlot: number;
  slots: number[];
}

const ADDRESS_FIELDS = ['peer_ip', 'peer_port', 'local_ip', 'local_port'];
/** Fields with which `learns` may speak of constants of the entry. */
const NO_STITCH: Stitch = { resets: [], copies: [] };

/** @returns what stitching needs to know of each of the parser's leaves */
export function planStitch(engine: Engine, compiled: CompiledParser): StitchPlan {
  const stitch = compiled.stitch ?? NO_STITCH;
  const lists: [number, EventMatch[]][] = [
    [OPENS, stitch.exchange?.opens ?? []],
    [CLOSES, stitch.exchange?.closes ?? []],
    [ANSWERED_FLAG, stitch.exchange?.answered ?? []],
    [JOBS, stitch.exchange?.jobs ?? []],
    [OUTSIDE, stitch.exchange?.outside ?? []],
    [BEGINS, stitch.sa?.begins ?? []],
    [REPLACES, stitch.sa?.replaces ?? []],
    [ENDS, stitch.sa?.ends ?? []],
    [RESETS, stitch.resets],
    [COPIES, stitch.copies],
  ];
  const learns = stitch.sa?.learns ?? [];
  return {
    compiled,
    stitch,
    roles: compiled.leaves.map((leaf) => leafRole(engine, leaf, lists, learns)),
    learnBySlot: new Map(learns.map((field, index) => [engine.slotOf(field), index])),
    exchangeSlot: stitch.exchange ? engine.slotOf(stitch.exchange.key) : -1,
    numberSlot: stitch.sa ? engine.slotOf(stitch.sa.key) : -1,
    slots: ADDRESS_FIELDS.map(engine.slotOf),
  };
}

function leafRole(engine: Engine, leaf: Leaf, lists: [number, EventMatch[]][], learns: string[]): LeafRole {
  const captured = new Set(leaf.captures.map((capture) => capture.field.name));
  const conditions: Condition[] = [];
  let flags = 0;
  for (const [flag, matches] of lists) {
    for (const wanted of matches) {
      const { event, ...fields } = typeof wanted === 'string' ? { event: wanted } : wanted;
      if (event !== leaf.entry.event) continue;
      const equals: Condition['equals'] = [];
      let possible = true;
      for (const [field, text] of Object.entries(fields)) {
        if (field in leaf.constants) possible &&= String(leaf.constants[field]) === text;
        else if (captured.has(field)) equals.push({ slot: engine.slotOf(field), text });
        else possible = false;
      }
      if (!possible) continue;
      if (equals.length === 0) flags |= flag;
      else conditions.push({ flag, equals });
    }
  }
  return {
    conditions,
    flags,
    addresses: ADDRESS_FIELDS.reduce((mask, field, bit) => (captured.has(field) ? mask | (1 << bit) : mask), 0),
    learns: learns.reduce((mask, field, bit) => (captured.has(field) || field in leaf.constants ? mask | (1 << bit) : mask), 0),
    role: (leaf.constants.role as Role | undefined) ?? '',
  };
}

/** Joins the records of all processes that one parser reads. Results of the last record stand in its members. */
export class Stitcher {
  endpoint: Endpoint | undefined;
  sa: Sa | undefined;
  /** addresses that the record has itself */
  ownAddresses = 0;
  /** learnt fields that the record has itself */
  ownLearnt = 0;
  /** the record was joined by the order of the file, for want of a better key */
  ordered = false;
  ticket: Ticket | undefined;
  copy = false;
  /** SAs and addresses that were forgotten for want of room */
  evicted = 0;

  private readonly plan: StitchPlan;
  private readonly settle: (ticket: Ticket) => void;
  private readonly endpoints = new Map<string, Endpoint>();
  private readonly states = new Map<Process, State>();

  /** @param settle is told when a waiting record's ticket has its answer (or will have none) */
  constructor(plan: StitchPlan, settle: (ticket: Ticket) => void) {
    this.plan = plan;
    this.settle = settle;
  }

  join(record: RecordReader): void {
    const { plan } = this;
    const leaf = record.leaf!;
    const role = plan.roles[leaf.id]!;
    const flags = role.conditions.length === 0 ? role.flags : this.flagsOf(role, record);
    this.endpoint = undefined;
    this.sa = undefined;
    this.ticket = undefined;
    this.copy = false;
    this.ordered = false;
    this.ownAddresses = role.addresses;
    this.ownLearnt = role.learns;

    const state = this.stateOf(record);
    if (flags & RESETS) this.reset(state, record);
    const exchange = this.exchangeOf(state, record);
    if (flags & COPIES && this.isCopy(exchange, record)) {
      this.copy = true;
      return;
    }
    this.joinExchange(exchange, flags, record);
    this.joinSa(state, exchange, flags, role, record);
    if (this.plan.stitch.exchange && this.ticket) exchange.waiting.push(this.ticket);
    if (flags & CLOSES) {
      this.settleAll(exchange, this.endpoint, this.sa);
      close(exchange);
    }
    exchange.lastTime = record.time;
  }

  /** Settles what still waits, at the end of the input or when output must go on. */
  giveUp(): void {
    for (const state of this.states.values()) {
      for (const exchange of state.exchanges.values()) this.settleAll(exchange, undefined, undefined);
    }
  }

  private flagsOf(role: LeafRole, record: RecordReader): number {
    let { flags } = role;
    for (const { flag, equals } of role.conditions) {
      if (equals.every(({ slot, text }) => sameText(record, slot, text))) flags |= flag;
    }
    return flags;
  }

  private joinExchange(exchange: Exchange, flags: number, record: RecordReader): void {
    const rule = this.plan.stitch.exchange;
    if (!rule) {
      if (this.ownAddresses) this.endpoint = this.ownEndpoint(record, undefined);
      return;
    }
    const silence = record.time - exchange.lastTime > rule.within * 1000;
    if (exchange.state !== IDLE && silence && (exchange.state === JOB || record.time - exchange.lastTime > 10_000)) {
      this.settleAll(exchange, undefined, undefined);
      close(exchange);
    }
    if (flags & OPENS) {
      this.settleAll(exchange, undefined, undefined);
      exchange.state = OPEN;
      exchange.sa = undefined;
      this.endpoint = this.ownEndpoint(record, undefined);
      exchange.endpoint = this.endpoint;
      return;
    }
    if (flags & OUTSIDE) {
      if (this.ownAddresses) this.endpoint = this.ownEndpoint(record, undefined);
      return;
    }
    if (flags & JOBS && exchange.state !== OPEN) {
      if (exchange.state === ANSWERED || (exchange.state === JOB && exchange.waiting.length === 0)) close(exchange);
      exchange.state = JOB;
    }
    if (flags & ANSWERED_FLAG && exchange.state === OPEN) exchange.state = ANSWERED;
    if (flags & CLOSES && this.ownAddresses & PEER_IP) {
      this.endpoint = this.ownEndpoint(record, undefined);
      if (exchange.state === JOB) exchange.endpoint = this.endpoint;
      return;
    }
    this.endpoint = this.ownAddresses ? this.ownEndpoint(record, exchange.endpoint) : exchange.endpoint;
    if (exchange.state === JOB && !this.endpoint?.peerIp) this.ticket = this.newTicket(record);
  }

  private joinSa(state: State, exchange: Exchange, flags: number, role: LeafRole, record: RecordReader): void {
    const rule = this.plan.stitch.sa;
    if (!rule) return;
    const number = this.numberOf(record);
    let sa: Sa | undefined;
    if (flags & BEGINS) {
      sa = this.newSa(state, record, number, this.endpoint, role.role);
    } else if (flags & REPLACES && number !== '' && exchange.sa?.number !== number) {
      const old = exchange.sa ?? this.saAt(state, this.endpoint);
      sa = state.byNumber.get(number) ?? this.newSa(state, record, number, this.endpoint, old?.role ?? '');
      if (old && old !== sa) {
        sa.rekeyedFrom ||= old.id;
        for (let i = 0; i < old.learnt.length; i++) sa.learnt[i] ||= old.learnt[i]!;
        sa.rendered.clear();
      }
    } else if (number !== '') {
      sa = state.byNumber.get(number);
      const here = exchange.sa ?? this.saAt(state, this.endpoint);
      if (!sa && here && here.number === '') {
        here.number = number; // the log has now told the number of the exchange's SA
        state.byNumber.set(number, here);
        sa = here;
      }
      sa ??= this.newSa(state, record, number, this.endpoint, role.role);
    } else if (flags & OPENS) {
      // the packet's own line cannot know whether it begins a new SA: the next line of the exchange tells
      exchange.opener = this.newTicket(record);
      this.ticket = exchange.opener;
      return;
    } else if (!(flags & OUTSIDE)) {
      sa = exchange.sa ?? this.saAt(state, this.endpoint);
    }
    if (!sa) {
      if (exchange.opener && !(flags & OUTSIDE)) this.settleOpener(exchange, undefined);
      return;
    }
    if (this.ticket && sa.endpoint && !this.endpoint?.peerIp) {
      // a job's line that names its SA: exact without waiting
      this.endpoint = this.ownAddresses ? this.ownEndpoint(record, sa.endpoint) : sa.endpoint;
      this.ticket = undefined;
    }
    if (!this.endpoint && sa.endpoint && number !== '' && !(flags & OUTSIDE)) this.endpoint = sa.endpoint;
    if (this.endpoint?.peerIp && !(flags & OUTSIDE) && (flags & (OPENS | CLOSES | BEGINS) || !sa.endpoint)) {
      sa.endpoint = this.endpoint;
      this.remember(state, sa);
    }
    this.learn(sa, role, record);
    this.sa = sa;
    if (exchange.state !== IDLE && !(flags & OUTSIDE)) {
      // a line about another SA (a DELETE of the old one after a rekey) does not change the exchange's own
      if (!exchange.sa || flags & (BEGINS | REPLACES)) exchange.sa = sa;
      if (exchange.opener) this.settleOpener(exchange, exchange.sa);
    }
    if (flags & ENDS) this.forget(state, sa);
  }

  private learn(sa: Sa, role: LeafRole, record: RecordReader): void {
    const { leaf, header, structured } = record;
    let changed = false;
    const tell = (slot: number) => {
      const position = this.plan.learnBySlot.get(slot);
      if (position === undefined) return;
      const from = record.starts[slot]!;
      const end = record.ends[slot]!;
      if (from === end) return;
      this.ownLearnt |= 1 << position;
      const known = sa.learnt[position];
      if (known !== undefined && known.length === end - from && sameBytes(record.buffer, from, known)) return;
      sa.learnt[position] = record.buffer.toString('latin1', from, end);
      changed = true;
    };
    if (role.learns) {
      for (const capture of leaf!.captures) tell(capture.slot);
      for (const [field, value] of Object.entries(leaf!.constants)) {
        const position = this.plan.stitch.sa!.learns.indexOf(field);
        if (position < 0 || sa.learnt[position] === value) continue;
        sa.learnt[position] = String(value);
        changed = true;
      }
    }
    if (header) for (const capture of header.captures) tell(capture.slot);
    for (const slot of structured) tell(slot);
    if (role.role && !sa.role) {
      sa.role = role.role;
      changed = true;
    }
    if (changed) sa.rendered.clear();
  }

  private numberOf(record: RecordReader): string {
    const slot = this.plan.numberSlot;
    const has =
      record.leaf!.captures.some((capture) => capture.slot === slot) ||
      record.header?.captures.some((capture) => capture.slot === slot) ||
      record.structured.includes(slot);
    return has ? record.buffer.toString('latin1', record.starts[slot], record.ends[slot]) : '';
  }

  private newSa(state: State, record: RecordReader, number: string, endpoint: Endpoint | undefined, role: Role): Sa {
    state.serial++;
    const { host, program } = record.process;
    const key = number === '' ? `x${state.serial}` : number;
    const sa: Sa = {
      id: `${host || program}/${state.boot}/${key}`,
      number,
      role,
      endpoint,
      rekeyedFrom: '',
      learnt: [],
      rendered: new Map(),
    };
    if (number !== '') {
      evictOldest(state.byNumber, MAX_SAS, () => this.evicted++);
      state.byNumber.set(number, sa);
    }
    this.remember(state, sa);
    return sa;
  }

  /** The SA can be found by its peer's address, with and without the port: the port changes when NAT traversal begins. */
  private remember(state: State, sa: Sa): void {
    const { endpoint } = sa;
    if (!endpoint?.peerIp) return;
    evictOldest(state.byAddress, MAX_SAS, () => this.evicted++);
    state.byAddress.set(`${endpoint.peerIp}[${endpoint.peerPort}`, sa);
    state.byAddress.set(endpoint.peerIp, sa);
  }

  private saAt(state: State, endpoint: Endpoint | undefined): Sa | undefined {
    if (!endpoint?.peerIp) return undefined;
    return state.byAddress.get(`${endpoint.peerIp}[${endpoint.peerPort}`) ?? state.byAddress.get(endpoint.peerIp);
  }

  private forget(state: State, sa: Sa): void {
    const { endpoint } = sa;
    if (!endpoint) return;
    for (const key of [`${endpoint.peerIp}[${endpoint.peerPort}`, endpoint.peerIp]) {
      if (state.byAddress.get(key) === sa) state.byAddress.delete(key);
    }
  }

  /** The record's own addresses, completed by those of its exchange. */
  private ownEndpoint(record: RecordReader, exchange: Endpoint | undefined): Endpoint {
    const { starts, ends, buffer } = record;
    const own = this.ownAddresses;
    const text = (bit: number, other: string | undefined) => {
      const slot = this.plan.slots[bit]!;
      return own & (1 << bit) ? buffer.toString('latin1', starts[slot], ends[slot]) : (other ?? '');
    };
    const peerIp = text(0, exchange?.peerIp);
    const same = exchange && peerIp === exchange.peerIp ? exchange : undefined;
    return this.intern(peerIp, text(1, same?.peerPort), text(2, exchange?.localIp), text(3, same?.localPort));
  }

  private intern(peerIp: string, peerPort: string, localIp: string, localPort: string): Endpoint {
    const key = `${peerIp}\0${peerPort}\0${localIp}\0${localPort}`;
    let endpoint = this.endpoints.get(key);
    if (!endpoint) {
      if (this.endpoints.size >= MAX_ENDPOINTS) this.endpoints.clear();
      endpoint = { peerIp, peerPort, localIp, localPort, rendered: [] };
      this.endpoints.set(key, endpoint);
    }
    return endpoint;
  }

  private stateOf(record: RecordReader): State {
    let state = this.states.get(record.process);
    if (!state) {
      evictOldest(this.states, MAX_EXCHANGES, () => this.evicted++);
      state = { boot: bootOf(record.time), exchanges: new Map(), byNumber: new Map(), byAddress: new Map(), serial: 0 };
      this.states.set(record.process, state);
    }
    return state;
  }

  private reset(state: State, record: RecordReader): void {
    for (const exchange of state.exchanges.values()) this.settleAll(exchange, undefined, undefined);
    state.boot = bootOf(record.time);
    state.exchanges.clear();
    state.byNumber.clear();
    state.byAddress.clear();
    state.serial = 0;
  }

  private exchangeOf(state: State, record: RecordReader): Exchange {
    const slot = this.plan.exchangeSlot;
    const has = record.header?.captures.some((capture) => capture.slot === slot) || record.structured.includes(slot);
    this.ordered = slot >= 0 && !has;
    const key = has ? record.buffer.toString('latin1', record.starts[slot], record.ends[slot]) : '';
    let exchange = state.exchanges.get(key);
    if (!exchange) {
      evictOldest(state.exchanges, MAX_EXCHANGES, () => this.evicted++);
      exchange = { state: IDLE, endpoint: undefined, sa: undefined, lastTime: record.time, waiting: [], opener: undefined, lastCopy: undefined };
      state.exchanges.set(key, exchange);
    }
    return exchange;
  }

  private isCopy(exchange: Exchange, record: RecordReader): boolean {
    const message = record.buffer.subarray(record.messageStart, record.messageEnd);
    if (exchange.lastCopy?.equals(message) && exchange.lastTime === record.time) {
      exchange.lastCopy = undefined;
      return true;
    }
    exchange.lastCopy = Buffer.from(message);
    return false;
  }

  private newTicket(record: RecordReader): Ticket {
    return {
      endpoint: undefined,
      sa: undefined,
      time: record.time,
      settled: false,
      lineStart: 0,
      offset: 0,
      ownAddresses: this.ownAddresses,
      ownLearnt: this.ownLearnt,
      ordered: this.ordered,
    };
  }

  private settleOpener(exchange: Exchange, sa: Sa | undefined): void {
    const { opener } = exchange;
    if (!opener) return;
    exchange.opener = undefined;
    const index = exchange.waiting.indexOf(opener);
    if (index >= 0) exchange.waiting.splice(index, 1);
    opener.sa = sa;
    opener.settled = true;
    this.settle(opener);
  }

  private settleAll(exchange: Exchange, endpoint: Endpoint | undefined, sa: Sa | undefined): void {
    if (exchange.waiting.length === 0) return;
    for (const ticket of exchange.waiting) {
      ticket.endpoint = ticket === exchange.opener ? undefined : endpoint;
      ticket.sa = sa;
      ticket.settled = true;
      this.settle(ticket);
    }
    exchange.opener = undefined;
    exchange.waiting = [];
  }
}

function close(exchange: Exchange): void {
  exchange.state = IDLE;
  exchange.endpoint = undefined;
  exchange.sa = undefined;
}

function bootOf(time: number): string {
  return Number.isNaN(time) ? '0' : String(Math.floor(time / 1000));
}

function evictOldest<K, V>(map: Map<K, V>, limit: number, count: () => void): void {
  if (map.size < limit) return;
  map.delete(map.keys().next().value!);
  count();
}

function sameText(record: RecordReader, slot: number, text: string): boolean {
  return record.ends[slot]! - record.starts[slot]! === text.length && sameBytes(record.buffer, record.starts[slot]!, text);
}

function sameBytes(buffer: Uint8Array, from: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (buffer[from + i] !== text.charCodeAt(i)) return false;
  return true;
}
