/**
 * Joins records that belong together: the peer of a line that names none, and the IKE SA of every line. Streaming and bounded: state is kept per
 * process, exchange and SA, and the oldest is dropped (and counted) when there is too much of it.
 *
 * An exchange is IDLE, OPEN (a packet came in), ANSWERED (it was a response: nothing is sent after it) or JOB (a line that a timer or command
 * started waits for the packet that it sends). What a line means for this is declared in its parser (`stitch:`).
 */
import { ByteCache } from './byte-cache.js';
import {
  ANCESTRY,
  type Endpoint,
  LOCAL_IP,
  LOCAL_PORT,
  PEER_IP,
  PEER_PORT,
  type Role,
  type Sa,
  type SaNumber,
  type Ticket,
} from './joined.js';
import type { HeaderFacts, Process, RecordReader } from './record.js';
import {
  OPENS,
  CLOSES,
  ANSWERS,
  JOBS,
  MOVES,
  OUTSIDE,
  BEGINS,
  REPLACES,
  ENDS,
  RESETS,
  COPIES,
  COMPLETES,
  TRAILS,
  WAITS,
  CHILD,
  FOLLOWS,
  ESTABLISHED,
  type LeafRole,
  type StitchPlan,
} from './stitch-plan.js';

const MAX_ENDPOINTS = 15_000;
const MAX_SAS = 20_000;
/** An SA is found by its addresses, and by its peer's address alone. */
const MAX_KEYS = 2 * MAX_SAS;
const MAX_EXCHANGES = 4096;
const MAX_PROCESSES = 4096;
const MOST_PACKETS = 1024;

const IDLE = 0;
const OPEN = 1;
const ANSWERED = 2;
const JOB = 3;

/** An exchange that was silent for so long is over, whether it was answered or not. Milliseconds. */
const STALE = 10_000;
/** A process that was silent for so long when another one of its program starts is gone. Milliseconds. */
const FORGOTTEN = 600_000;

/** What stitching makes of a header, once. */
interface HeaderRole {
  /** the exchange found last, and in which state of which process: another process may have the same header */
  state: State | undefined;
  generation: number;
  found: Exchange | undefined;
  exchange: string | undefined;
  number: SaNumber | undefined;
  /** addresses that it has */
  addresses: number;
  /** the values of the fields by which a CHILD SA finds its IKE SA */
  among: string;
  learns: number;
  learnt: [number, string][];
}

interface Exchange {
  state: number;
  endpoint: Endpoint | undefined;
  sa: Sa | undefined;
  lastTime: number;
  waiting: Ticket[];
  /** the packet line that opened it, which waits to learn its SA */
  opener: Ticket | undefined;
  /** the addresses of the exchange that the last line closed */
  justClosed: Endpoint | undefined;
  lastCopy: string;
}

interface State {
  process: Process;
  lastTime: number;
  boot: string;
  exchanges: Map<string, Exchange>;
  byNumber: Map<SaNumber, Sa>;
  byEndpoint: Map<object, Sa>;
  /** the IKE SA of each CHILD SA, where both have numbers of one series */
  children: Map<SaNumber, Sa>;
  /** the latest IKE SA, by the values of the fields that a CHILD SA shares with it */
  latest: Map<string, Sa>;
  serial: number;
  /** changes when an exchange is dropped: what was found before must be looked up again */
  generation: number;
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
  /** what became of the record's event in view of its SA's past; undefined where it is what its line says */
  becomes: string | undefined;
  /** SAs and addresses that were forgotten for want of room */
  evicted = 0;

  /** addresses that the line has itself, without its header's */
  private lineAddresses = 0;
  private readonly plan: StitchPlan;
  private readonly settle: (ticket: Ticket) => void;
  private readonly endpoints = new Map<string, Endpoint>();
  private readonly peers = new Map<string, object>();
  /** by the line's leaf: what stands from its first address to its last */
  private readonly packets = new Map<number, ByteCache<Endpoint>>();
  private readonly states = new Map<Process, State>();
  /** per full map, an iterator that stands at its oldest key */
  private readonly oldest = new WeakMap<object, Iterator<unknown>>();
  private lastState: State | undefined;

  /** @param settle is told when a waiting record's ticket has its answer (or will have none) */
  constructor(plan: StitchPlan, settle: (ticket: Ticket) => void) {
    this.plan = plan;
    this.settle = settle;
  }

  join(record: RecordReader): void {
    const role = this.plan.roleOf(record.leaf!);
    const flags = role.conditions.length === 0 ? role.flags : this.flagsOf(role, record);
    const header = this.headerRole(record);
    this.endpoint = undefined;
    this.sa = undefined;
    this.ticket = undefined;
    this.copy = false;
    this.becomes = undefined;
    this.lineAddresses = role.addresses;
    this.ownAddresses = role.addresses | header.addresses;
    this.ownLearnt = role.learns | header.learns;
    this.ordered = header.exchange === undefined;

    const state = this.stateOf(record);
    if (flags & RESETS) this.reset(state, record);
    if (this.plan.stitch.sa?.parent) {
      this.joinSeries(state, flags, role, header, record);
      state.lastTime = record.time;
      return;
    }
    const exchange = this.exchangeOf(state, record, header);
    if (flags & COPIES && this.isCopy(exchange, record)) {
      this.copy = true;
      return;
    }
    this.joinExchange(exchange, flags, record);
    exchange.justClosed = undefined;
    this.joinSa(state, exchange, flags, role, header, record);
    if (this.sa) this.decide(this.sa, role);
    if (this.ticket) exchange.waiting.push(this.ticket);
    if (flags & CLOSES) {
      this.settleAll(exchange, this.endpoint, this.sa);
      close(exchange);
      exchange.justClosed = this.endpoint;
    }
    exchange.lastTime = record.time;
    state.lastTime = record.time;
  }

  /** Settles what still waits, at the end of the input or when output must go on. */
  giveUp(): void {
    for (const state of this.states.values()) {
      for (const exchange of state.exchanges.values()) this.settleAll(exchange, undefined, undefined);
    }
  }

  /** IKE SAs and CHILD SAs have numbers of one series, and the header says which SA a record is about. There are no exchanges to find. */
  private joinSeries(state: State, flags: number, role: LeafRole, header: HeaderRole, record: RecordReader): void {
    this.ordered = false;
    const { number } = header;
    const parent = role.namesParent ? this.numberAt(record, this.plan.parentSlot) : undefined;
    const sa =
      number === undefined
        ? parent === undefined
          ? undefined
          : state.byNumber.get(parent)
        : this.saOfSeries(state, number, parent, flags, role, header, record);
    if (this.ownAddresses) this.endpoint = this.ownEndpoint(record, sa?.endpoint);
    if (!sa) return;
    if (!this.endpoint) this.endpoint = sa.endpoint;
    // an instance's header says where the peer was first seen
    else if (this.endpoint.peerIp && (!sa.endpoint?.peerIp || this.lineAddresses & PEER_IP)) sa.endpoint = this.endpoint;
    if (number === sa.number) {
      this.learn(sa, role, header, record);
      if (flags & ESTABLISHED) {
        sa.up = true;
        this.keepLatest(state, header.among, sa);
      }
      if (flags & ENDS && state.latest.get(header.among) === sa) state.latest.delete(header.among);
    }
    this.sa = sa;
    this.decide(sa, role);
  }

  private saOfSeries(
    state: State,
    number: SaNumber,
    parent: SaNumber | undefined,
    flags: number,
    role: LeafRole,
    header: HeaderRole,
    record: RecordReader,
  ): Sa | undefined {
    if (flags & CHILD) return this.parentOf(state, number, parent, header, record);
    let sa = state.byNumber.get(number);
    if (!sa) {
      const isNew = flags & (BEGINS | FOLLOWS | REPLACES);
      const child = isNew ? undefined : state.children.get(number);
      if (child) return heirOf(child);
      const latest = state.latest.get(header.among);
      // a number that begins nothing: beside an IKE SA that is up, it is a CHILD SA's
      if (!isNew && ((parent !== undefined && parent !== number) || latest?.up))
        return this.parentOf(state, number, parent, header, record);
      const before = flags & FOLLOWS ? latest : undefined;
      sa = this.newSa(state, record, number, before?.endpoint, before?.role || role.role);
      if (this.plan.parentPosition >= 0) setLearnt(sa, this.plan.parentPosition, String(number));
      if (before) inherit(sa, before);
      if (!latest?.up) this.keepLatest(state, header.among, sa);
    }
    const old = role.namesReplaced ? state.byNumber.get(this.numberAt(record, this.plan.replacedSlot)!) : undefined;
    if (old && old !== sa) {
      inherit(sa, old);
      sa.role = old.role;
      sa.endpoint ??= old.endpoint;
      if (flags & REPLACES) old.heir = sa;
    }
    return sa;
  }

  /** @returns the IKE SA of a CHILD SA: the one that it names, or named before, or the latest of its connection */
  private parentOf(
    state: State,
    number: SaNumber,
    parent: SaNumber | undefined,
    header: HeaderRole,
    record: RecordReader,
  ): Sa | undefined {
    if (parent === undefined && state.byNumber.has(number)) return state.byNumber.get(number);
    const known = state.children.get(number);
    let sa = known && heirOf(known);
    if (parent !== undefined && parent !== number) {
      sa = state.byNumber.get(parent);
      if (!sa) {
        sa = this.newSa(state, record, parent, undefined, '');
        if (this.plan.parentPosition >= 0) setLearnt(sa, this.plan.parentPosition, String(parent));
        this.keepLatest(state, header.among, sa);
      }
    }
    sa ??= state.latest.get(header.among);
    if (!sa || sa === known) return sa;
    state.byNumber.delete(number);
    this.makeRoom(state.children, MAX_SAS);
    state.children.set(number, sa);
    return sa;
  }

  private keepLatest(state: State, among: string, sa: Sa): void {
    if (state.latest.get(among) === sa) return;
    this.makeRoom(state.latest, MAX_SAS);
    state.latest.set(among, sa);
  }

  /** Some records mean what the SA's past makes of them; each such past counts once. */
  private decide(sa: Sa, role: LeafRole): void {
    const holds = sa.causes & role.decided;
    if (holds) this.becomes = this.plan.stitch.decides![31 - Math.clz32(holds)]!.becomes;
    sa.causes = (role.decided ? 0 : sa.causes & ~role.clears) | role.causes;
  }

  private flagsOf(role: LeafRole, record: RecordReader): number {
    let { flags } = role;
    for (let i = 0; i < role.conditions.length; i++) {
      const { flag, equals } = role.conditions[i]!;
      let all = true;
      for (let j = 0; all && j < equals.length; j++) all = sameText(record, equals[j]!.slot, equals[j]!.text);
      if (all) flags |= flag;
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
    if (exchange.state !== IDLE && silence && (exchange.state === JOB || record.time - exchange.lastTime > STALE)) {
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
      if (exchange.state === ANSWERED) close(exchange);
      exchange.state = JOB;
    }
    if (flags & WAITS && exchange.state === IDLE) exchange.state = JOB;
    if (flags & ANSWERS && exchange.state === OPEN) exchange.state = ANSWERED;
    if (flags & CLOSES && this.ownAddresses & PEER_IP) {
      this.endpoint = this.ownEndpoint(record, undefined);
      if (exchange.state === JOB) exchange.endpoint = this.endpoint;
      return;
    }
    const around = flags & TRAILS ? (exchange.endpoint ?? exchange.justClosed) : exchange.endpoint;
    this.endpoint = this.ownAddresses ? this.ownEndpoint(record, around) : around;
    if (exchange.state === JOB && !this.endpoint?.peerIp) this.ticket = this.newTicket(record);
  }

  private joinSa(
    state: State,
    exchange: Exchange,
    flags: number,
    role: LeafRole,
    header: HeaderRole,
    record: RecordReader,
  ): void {
    if (!this.plan.stitch.sa) return;
    const number = role.namesSa ? this.numberAt(record, this.plan.numberSlot) : header.number;
    const outside = (flags & OUTSIDE) !== 0;
    const sa = this.findSa(state, exchange, flags, role, number, record);
    if (sa === undefined) {
      if (flags & OPENS) {
        // the packet's own line cannot know whether it begins a new SA: the next line of the exchange tells
        exchange.opener = this.newTicket(record);
        this.ticket = exchange.opener;
      } else if (exchange.opener && !outside) this.settleOpener(exchange, undefined);
      return;
    }
    if (this.ticket && sa.endpoint && !this.endpoint?.peerIp) {
      // a job's line that names its SA: exact without waiting
      this.endpoint = this.ownAddresses ? this.ownEndpoint(record, sa.endpoint) : sa.endpoint;
      this.ticket = undefined;
    }
    if (!outside && number !== undefined && sa.endpoint && this.ownAddresses === 0 && !(flags & REPLACES)) {
      // the line names its SA: that is exact, while the exchange may be one that never got its answer
      if (!this.endpoint || (exchange.sa && exchange.sa !== sa)) this.endpoint = sa.endpoint;
    }
    if (
      !outside &&
      this.endpoint?.peerIp &&
      this.endpoint !== sa.endpoint &&
      (flags & (OPENS | CLOSES | BEGINS | COMPLETES | MOVES) || !sa.endpoint)
    ) {
      if (flags & MOVES && sa.endpoint && state.byEndpoint.get(sa.endpoint) === sa) state.byEndpoint.delete(sa.endpoint);
      sa.endpoint = this.endpoint;
      this.remember(state, sa);
    }
    this.learn(sa, role, header, record);
    this.sa = sa;
    if (exchange.state !== IDLE && !outside) {
      // a line about another SA (a DELETE of the old one after a rekey) does not change the exchange's own
      if (!exchange.sa || flags & (BEGINS | REPLACES)) exchange.sa = sa;
      if (exchange.opener) this.settleOpener(exchange, exchange.sa);
    }
    if (flags & ENDS) this.forget(state, sa);
  }

  private findSa(
    state: State,
    exchange: Exchange,
    flags: number,
    role: LeafRole,
    number: SaNumber | undefined,
    record: RecordReader,
  ): Sa | undefined {
    if (flags & BEGINS && !(number !== undefined && state.byNumber.has(number))) {
      return this.newSa(state, record, number, this.endpoint, role.role);
    }
    if (flags & REPLACES && number !== undefined && exchange.sa?.number !== number) {
      const old = exchange.sa ?? saAt(state, this.endpoint);
      const sa = state.byNumber.get(number) ?? this.newSa(state, record, number, this.endpoint, old?.role ?? '');
      if (old && old !== sa) inherit(sa, old);
      return sa;
    }
    if (number !== undefined) {
      const known = state.byNumber.get(number);
      if (known) return known;
      const here = exchange.sa ?? saAt(state, this.endpoint);
      if (here && here.number === undefined) {
        here.number = number; // the log has now told the number of the exchange's SA
        state.byNumber.set(number, here);
        return here;
      }
      return this.newSa(state, record, number, this.endpoint, role.role);
    }
    if (flags & (OPENS | OUTSIDE)) return undefined;
    if (flags & COMPLETES && !exchange.sa && this.endpoint) {
      const youngest = state.byEndpoint.get(this.endpoint.peer);
      if (youngest && youngest.number === undefined) return youngest;
    }
    const here = exchange.sa ?? (flags & MOVES ? this.saBeforeMove(state, record) : undefined) ?? saAt(state, this.endpoint);
    if (here || exchange.state !== OPEN || role.learnSlots.length === 0 || !this.endpoint?.peerIp) return here;
    return this.newSa(state, record, undefined, this.endpoint, role.role); // the log begins in the middle of a handshake
  }

  /** The peer's packet came from its new address: its SA is known by the old one. */
  private saBeforeMove(state: State, record: RecordReader): Sa | undefined {
    const [address, port] = this.plan.oldSlots;
    const { starts, ends, buffer } = record;
    if (!this.endpoint?.localIp || starts[address] === ends[address]) return undefined;
    const text = (slot: number) => buffer.toString('latin1', starts[slot], ends[slot]);
    const { localIp, localPort } = this.endpoint;
    return saAt(state, this.intern(text(address), text(port), localIp, localPort));
  }

  private learn(sa: Sa, role: LeafRole, header: HeaderRole, record: RecordReader): void {
    const { learnSlots, learnPositions } = role;
    for (let i = 0; i < learnSlots.length; i++) {
      const from = record.starts[learnSlots[i]!]!;
      const end = record.ends[learnSlots[i]!]!;
      const known = sa.learnt[learnPositions[i]!];
      if (from === end || (known !== undefined && known.length === end - from && sameBytes(record.buffer, from, known))) continue;
      setLearnt(sa, learnPositions[i]!, record.buffer.toString('latin1', from, end));
    }
    for (let i = 0; i < role.learnConstants.length; i++) setLearnt(sa, role.learnConstants[i]![0], role.learnConstants[i]![1]);
    for (let i = 0; i < header.learnt.length; i++) setLearnt(sa, header.learnt[i]![0], header.learnt[i]![1]);
    if (role.role && !sa.role) sa.role = role.role;
  }

  private headerRole(record: RecordReader): HeaderRole {
    const header = record.header!;
    return header.stitch === undefined ? this.newHeaderRole(header) : (header.stitch as HeaderRole);
  }

  private newHeaderRole(header: HeaderFacts): HeaderRole {
    const { plan } = this;
    const number = header.texts.get(plan.numberSlot);
    const learnt: [number, string][] = [];
    for (const [slot, text] of header.texts) {
      const position = plan.learnBySlot.get(slot);
      if (position !== undefined) learnt.push([position, text]);
    }
    const role: HeaderRole = {
      state: undefined,
      generation: 0,
      found: undefined,
      exchange: header.texts.get(plan.exchangeSlot),
      number: number === undefined ? undefined : saNumber(number),
      addresses: plan.slots.reduce((mask, slot, bit) => (header.texts.has(slot) ? mask | (1 << bit) : mask), 0),
      among: plan.amongSlots.map((slot) => header.texts.get(slot) ?? '').join('\0'),
      learns: learnt.reduce((mask, [position]) => mask | (1 << position), 0),
      learnt,
    };
    header.stitch = role;
    return role;
  }

  private numberAt(record: RecordReader, slot: number): SaNumber | undefined {
    const from = record.starts[slot]!;
    const end = record.ends[slot]!;
    let number = 0;
    if (end - from <= 9) {
      for (let i = from; i < end; i++) {
        const digit = record.buffer[i]! - 48;
        if (digit < 0 || digit > 9) return saNumber(record.buffer.toString('latin1', from, end));
        number = number * 10 + digit;
      }
      return end > from ? number : undefined;
    }
    return saNumber(record.buffer.toString('latin1', from, end));
  }

  private newSa(
    state: State,
    record: RecordReader,
    number: SaNumber | undefined,
    endpoint: Endpoint | undefined,
    role: Role,
  ): Sa {
    state.serial++;
    const { host, program } = record.process;
    const sa: Sa = {
      id: `${host || program}/${state.boot}/${number ?? `x${state.serial}`}`,
      number,
      role,
      endpoint,
      rekeyedFrom: '',
      root: '',
      heir: undefined,
      up: false,
      ended: false,
      below: undefined,
      causes: 0,
      learnt: [],
      known: 0,
      rendered: undefined,
      changed: 0,
    };
    if (number !== undefined) {
      this.makeRoom(state.byNumber, MAX_SAS);
      state.byNumber.set(number, sa);
    }
    this.remember(state, sa);
    return sa;
  }

  /** The SA can be found by its addresses; the peer's youngest one also without the port, which changes when NAT traversal begins. */
  private remember(state: State, sa: Sa): void {
    const { endpoint } = sa;
    if (!endpoint?.peerIp || sa.ended) return;
    const other = state.byEndpoint.get(endpoint);
    if (other && other !== sa && !other.ended && other !== sa.below) {
      sa.below = other;
      other.below = undefined; // two at once are enough
    }
    this.makeRoom(state.byEndpoint, MAX_KEYS);
    state.byEndpoint.set(endpoint, sa);
    this.makeRoom(state.byEndpoint, MAX_KEYS);
    state.byEndpoint.set(endpoint.peer, sa);
  }

  private forget(state: State, sa: Sa): void {
    const { endpoint, below } = sa;
    sa.ended = true;
    sa.below = undefined;
    if (!endpoint) return;
    if (state.byEndpoint.get(endpoint) === sa) {
      if (below && !below.ended) state.byEndpoint.set(endpoint, below);
      else state.byEndpoint.delete(endpoint);
    }
    if (state.byEndpoint.get(endpoint.peer) === sa) state.byEndpoint.delete(endpoint.peer);
  }

  /** The record's own addresses, completed by those of its exchange. */
  private ownEndpoint(record: RecordReader, exchange: Endpoint | undefined): Endpoint {
    const own = this.ownAddresses;
    if (this.lineAddresses === (PEER_IP | PEER_PORT | LOCAL_IP | LOCAL_PORT)) return this.packetEndpoint(record);
    const same =
      exchange !== undefined &&
      (!(own & PEER_IP) || this.isOwn(record, 0, exchange.peerIp)) &&
      (!(own & PEER_PORT) || this.isOwn(record, 1, exchange.peerPort)) &&
      (!(own & LOCAL_IP) || this.isOwn(record, 2, exchange.localIp)) &&
      (!(own & LOCAL_PORT) || this.isOwn(record, 3, exchange.localPort));
    if (same) return exchange;
    return this.mixedEndpoint(record, exchange);
  }

  /** Whether the record's own address is this one: its line has the last word, then its header. */
  private isOwn(record: RecordReader, bit: number, text: string): boolean {
    const slot = this.plan.slots[bit]!;
    return this.lineAddresses & (1 << bit) ? sameText(record, slot, text) : record.header!.texts.get(slot) === text;
  }

  private mixedEndpoint(record: RecordReader, exchange: Endpoint | undefined): Endpoint {
    const { slots } = this.plan;
    const own = this.ownAddresses;
    const text = (bit: number, other: string | undefined) => {
      if (this.lineAddresses & (1 << bit))
        return record.buffer.toString('latin1', record.starts[slots[bit]!], record.ends[slots[bit]!]);
      return own & (1 << bit) ? record.header!.texts.get(slots[bit]!)! : (other ?? '');
    };
    const peerIp = text(0, exchange?.peerIp);
    const samePeer = exchange && peerIp === exchange.peerIp ? exchange : undefined;
    return this.intern(peerIp, text(1, samePeer?.peerPort), text(2, exchange?.localIp), text(3, samePeer?.localPort));
  }

  /** A line with all four addresses says the same each time. */
  private packetEndpoint(record: RecordReader): Endpoint {
    const { starts, ends, buffer, view } = record;
    const [peerIp, peerPort, localIp, localPort] = this.plan.slots as [number, number, number, number];
    const from = Math.min(starts[peerIp]!, starts[localIp]!);
    const end = Math.max(ends[peerPort]!, ends[localPort]!);
    const { id } = record.leaf!;
    let known = this.packets.get(id);
    if (known === undefined) {
      known = new ByteCache(MOST_PACKETS);
      this.packets.set(id, known);
    }
    let endpoint = known.get(view, from, end);
    if (endpoint === undefined) {
      const text = (slot: number) => buffer.toString('latin1', starts[slot], ends[slot]);
      endpoint = this.intern(text(peerIp), text(peerPort), text(localIp), text(localPort));
      known.set(view, from, end, endpoint);
    }
    return endpoint;
  }

  private intern(peerIp: string, peerPort: string, localIp: string, localPort: string): Endpoint {
    const key = `${peerIp}\0${peerPort}\0${localIp}\0${localPort}`;
    let endpoint = this.endpoints.get(key);
    if (!endpoint) {
      if (this.endpoints.size >= MAX_ENDPOINTS) this.endpoints.clear();
      const known = (peerIp ? PEER_IP : 0) | (peerPort ? PEER_PORT : 0) | (localIp ? LOCAL_IP : 0) | (localPort ? LOCAL_PORT : 0);
      const peer = this.peerOf(peerIp);
      endpoint = { peerIp, peerPort, localIp, localPort, peer, known, rendered: undefined, renderedInitiator: undefined };
      this.endpoints.set(key, endpoint);
    }
    return endpoint;
  }

  private peerOf(ip: string): object {
    let peer = this.peers.get(ip);
    if (!peer) {
      this.makeRoom(this.peers, MAX_SAS);
      peer = {};
      this.peers.set(ip, peer);
    }
    return peer;
  }

  private stateOf(record: RecordReader): State {
    if (this.lastState?.process === record.process) return this.lastState;
    let state = this.states.get(record.process);
    if (!state) {
      this.makeRoom(this.states, MAX_PROCESSES);
      state = {
        process: record.process,
        lastTime: record.time,
        boot: bootOf(record.time),
        exchanges: new Map(),
        byNumber: new Map(),
        byEndpoint: new Map(),
        children: new Map(),
        latest: new Map(),
        serial: 0,
        generation: 0,
      };
      this.states.set(record.process, state);
    }
    this.lastState = state;
    return state;
  }

  /** Of a daemon that starts there is no other one, unless it speaks: two may run on one host, in containers. */
  private reset(state: State, record: RecordReader): void {
    const { host, program } = record.process;
    for (const old of this.states.values()) {
      const { process } = old;
      if (process.host !== host || process.program !== program || old === state || record.time - old.lastTime < FORGOTTEN)
        continue;
      for (const exchange of old.exchanges.values()) this.settleAll(exchange, undefined, undefined);
      this.states.delete(process);
    }
    for (const exchange of state.exchanges.values()) this.settleAll(exchange, undefined, undefined);
    state.boot = bootOf(record.time);
    state.exchanges.clear();
    state.byNumber.clear();
    state.byEndpoint.clear();
    state.children.clear();
    state.latest.clear();
    state.serial = 0;
    state.generation++;
  }

  private exchangeOf(state: State, record: RecordReader, header: HeaderRole): Exchange {
    if (header.state === state && header.generation === state.generation) return header.found!;
    const key = header.exchange ?? '';
    let exchange = state.exchanges.get(key);
    if (!exchange) {
      if (state.exchanges.size >= MAX_EXCHANGES) state.generation++;
      this.makeRoom(state.exchanges, MAX_EXCHANGES);
      exchange = {
        state: IDLE,
        endpoint: undefined,
        sa: undefined,
        lastTime: record.time,
        waiting: [],
        opener: undefined,
        justClosed: undefined,
        lastCopy: '',
      };
      state.exchanges.set(key, exchange);
    }
    header.state = state;
    header.generation = state.generation;
    header.found = exchange;
    return exchange;
  }

  private isCopy(exchange: Exchange, record: RecordReader): boolean {
    const { buffer, messageStart, messageEnd } = record;
    const { lastCopy } = exchange;
    if (
      exchange.lastTime === record.time &&
      lastCopy.length === messageEnd - messageStart &&
      sameBytes(buffer, messageStart, lastCopy)
    ) {
      exchange.lastCopy = '';
      return true;
    }
    exchange.lastCopy = buffer.toString('latin1', messageStart, messageEnd);
    return false;
  }

  private newTicket(record: RecordReader): Ticket {
    const { ownAddresses, ownLearnt, ordered } = this;
    return { endpoint: undefined, sa: undefined, time: record.time, lineStart: 0, offset: 0, ownAddresses, ownLearnt, ordered };
  }

  /** Drops the oldest of a full map, and counts it. */
  private makeRoom<K, V>(map: Map<K, V>, limit: number): void {
    if (map.size < limit) return;
    // a new iterator would have to pass all that was deleted before: one that is kept goes on from there
    let keys = this.oldest.get(map) as Iterator<K> | undefined;
    if (keys === undefined) {
      keys = map.keys();
      this.oldest.set(map, keys);
    }
    map.delete(keys.next().value!);
    this.evicted++;
  }

  private settleOpener(exchange: Exchange, sa: Sa | undefined): void {
    const { opener } = exchange;
    if (!opener) return;
    exchange.opener = undefined;
    const index = exchange.waiting.indexOf(opener);
    if (index >= 0) exchange.waiting.splice(index, 1);
    opener.sa = sa;
    this.settle(opener);
  }

  private settleAll(exchange: Exchange, endpoint: Endpoint | undefined, sa: Sa | undefined): void {
    if (exchange.waiting.length === 0) return;
    for (const ticket of exchange.waiting) {
      ticket.endpoint = ticket === exchange.opener ? undefined : endpoint;
      ticket.sa = sa;
      this.settle(ticket);
    }
    exchange.opener = undefined;
    exchange.waiting = [];
  }
}

function close(exchange: Exchange): void {
  exchange.lastCopy = ''; // the second copy may come a few lines early or late, but not in another exchange
  exchange.state = IDLE;
  exchange.endpoint = undefined;
  exchange.sa = undefined;
}

function bootOf(time: number): string {
  return Number.isNaN(time) ? '0' : String(Math.floor(time / 1000));
}

/** Exact or none: a packet from another port of the peer may be anybody's behind the same NAT. */
function saAt(state: State, endpoint: Endpoint | undefined): Sa | undefined {
  return endpoint?.peerIp ? state.byEndpoint.get(endpoint) : undefined;
}

/** What an IKE SA's CHILD SAs belong to once it was rekeyed. */
function heirOf(sa: Sa): Sa {
  let heir = sa;
  for (let i = 0; heir.heir && i < MAX_SAS; i++) heir = heir.heir;
  return heir;
}

function saNumber(text: string): SaNumber {
  return text.length <= 15 && /^\d+$/.test(text) ? Number(text) : text;
}

function inherit(sa: Sa, old: Sa): void {
  if (sa.rekeyedFrom === '') {
    sa.rekeyedFrom = old.id;
    sa.root = old.root || old.id;
    sa.changed |= ANCESTRY;
  }
  sa.role ||= old.role;
  for (let i = 0; i < old.learnt.length; i++) {
    const known = old.learnt[i];
    if (known !== undefined && sa.learnt[i] === undefined) setLearnt(sa, i, known);
  }
}

function setLearnt(sa: Sa, position: number, text: string): void {
  if (sa.learnt[position] === text) return;
  sa.learnt[position] = text;
  sa.known |= 1 << position;
  sa.changed |= 1 << position;
}

function sameText(record: RecordReader, slot: number, text: string): boolean {
  return record.ends[slot]! - record.starts[slot]! === text.length && sameBytes(record.buffer, record.starts[slot]!, text);
}

function sameBytes(buffer: Uint8Array, from: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (buffer[from + i] !== text.charCodeAt(i)) return false;
  return true;
}
