/**
 * Records as values, for whoever judges them on the spot: what the renderer writes as JSON stands here in objects, without being written and read again.
 * A record that waits for a later one holds back those behind it, so that all are handed out in the order of the input.
 */
import { ByteCache } from './byte-cache.js';
import type { Engine, Leaf, LeafCapture } from './compile-engine.js';
import { type Endpoint, PEER_IP, type Sa, type Ticket } from './joined.js';
import type { Field } from '../model/pack.js';
import type { HeaderFacts, Process, RecordReader } from './record.js';
import type { Place, Sink } from './sink.js';
import type { Stitcher } from './stitch.js';
import type { StitchPlan } from './stitch-plan.js';
import { readValue, type Values, type Vocabulary } from './vocabulary.js';

/** A record's neutral fields, and where it stands. */
export interface Collected {
  /** milliseconds since 1970, UTC; NaN where the record has no time */
  time: number;
  /** number in the order of the input */
  order: number;
  /** index of its source, and the physical line, from 1 */
  file: number;
  line: number;
  /** the record as it was logged */
  raw: string;
  fields: Fields;
}

type Fields = Record<string, unknown>;
/** Fields with their values. */
type Members = [field: string, value: unknown][];

/** Records that are held back behind one that waits. */
const MOST_HELD = 2000;
const MEMO = 1024;
const USER = 'user_identity';
const ADDRESSES = ['peer_ip', 'peer_port', 'local_ip', 'local_port'] as const;

interface ValueOp {
  slot: number;
  capture: LeafCapture;
  /** fields that the line sets: they have the last word over what would be derived */
  constants: ReadonlySet<string>;
  memo: ByteCache<Members>;
}

interface LeafPlan {
  constants: Members;
  decided: Map<string, Members>;
  /** captures other than addresses */
  ops: ValueOp[];
  addresses: number[];
  role: string;
  /** the line fills them itself: a header does not repeat them */
  own: ReadonlySet<string>;
  /** the leaf captures the peer's identity and no user: it is the user, unless the SA knows better */
  userFromPeer: ValueOp | undefined;
}

interface CompiledPlan {
  leaves: LeafPlan[];
  headers: WeakMap<HeaderFacts, Members>;
  learnNames: string[];
  isNumber: boolean[];
  user: number;
  peer: number;
  addressSlots: number[];
}

export class Collector implements Sink {
  private readonly engine: Engine;
  private readonly onEvent: (record: Collected) => void;
  private readonly needed: ReadonlySet<string> | undefined;
  private readonly plans = new Map<StitchPlan, CompiledPlan>();
  private lastPlan: StitchPlan | undefined;
  private lastCompiled: CompiledPlan | undefined;
  private readonly processes = new WeakMap<Process, Members>();
  private held: Collected[] = [];
  private readonly waiting = new Map<Ticket, Collected>();
  private readonly waits = new Set<Collected>();
  private order = 0;
  private readonly timestamped: boolean;
  private lastTime = Number.NaN;
  private lastTimestamp = '';

  /** @param needed fields that somebody looks at; undefined: all */
  constructor(engine: Engine, onEvent: (record: Collected) => void, needed?: ReadonlySet<string>) {
    this.engine = engine;
    this.onEvent = onEvent;
    this.needed = needed;
    this.timestamped = this.isNeeded('timestamp');
  }

  attach(): void {
    // whoever reads says all with each record
  }

  get full(): boolean {
    return this.held.length > MOST_HELD;
  }

  get waitingSince(): number {
    return this.held[0]?.time ?? Number.NaN;
  }

  event(record: RecordReader, plan: StitchPlan, stitcher: Stitcher | undefined, place: Place): void {
    const compiled = this.lastPlan === plan ? this.lastCompiled! : this.compiledPlan(plan);
    const leaf = compiled.leaves[record.leaf!.id]!;
    const fields: Fields = {};
    if (this.timestamped && !Number.isNaN(record.time)) fields.timestamp = this.timestamp(record.time);
    assign(fields, this.processes.get(record.process) ?? this.processMembers(record.process));
    assignOthers(fields, compiled.headers.get(record.header!) ?? this.headerMembers(record.header!, compiled), leaf.own);
    const becomes = stitcher?.becomes;
    assign(fields, becomes === undefined ? leaf.constants : leaf.decided.get(becomes)!);
    if (record.repeat > 1) fields.repeat = record.repeat;
    for (let i = 0; i < leaf.ops.length; i++) assign(fields, this.values(record, leaf.ops[i]!));
    const { source, line, buffer, from, end } = place;
    const raw = buffer.toString('utf8', from, end);
    const collected = { time: record.time, order: this.order++, file: source, line, raw, fields };
    const ticket =
      stitcher === undefined ? this.alone(record, compiled, leaf, fields) : this.join(record, compiled, leaf, stitcher, fields);
    if (ticket !== undefined) {
      this.waiting.set(ticket, collected);
      this.waits.add(collected);
    } else if (this.held.length === 0) {
      this.onEvent(collected);
      return;
    }
    this.held.push(collected);
  }

  unparsed(): void {
    // only events are collected
  }

  settle(ticket: Ticket, plan: StitchPlan): void {
    const collected = this.waiting.get(ticket);
    if (collected === undefined) return;
    this.waiting.delete(ticket);
    this.waits.delete(collected);
    const { endpoint, sa, ownAddresses, ownLearnt } = ticket;
    const { fields } = collected;
    if (endpoint && !(ownAddresses & PEER_IP)) this.addresses(fields, endpoint, sa?.role === 'initiator');
    const known = endpoint === undefined ? 0 : endpoint.known & ~ownAddresses;
    this.lend(fields, this.compiledPlan(plan), sa, known, ownLearnt, ticket.ordered);
    this.handOut();
  }

  flush(all: boolean): Promise<void> {
    if (all) this.waits.clear();
    this.handOut();
    return Promise.resolve();
  }

  private handOut(): void {
    let done = 0;
    while (done < this.held.length && !this.waits.has(this.held[done]!)) this.onEvent(this.held[done++]!);
    if (done > 0) this.held = this.held.slice(done);
  }

  /** @returns the ticket of a record that waits */
  private join(
    record: RecordReader,
    compiled: CompiledPlan,
    leaf: LeafPlan,
    stitcher: Stitcher,
    fields: Fields,
  ): Ticket | undefined {
    const { ticket, endpoint, sa, ownAddresses } = stitcher;
    let { ownLearnt } = stitcher;
    if (leaf.userFromPeer !== undefined && sa?.learnt[compiled.user] === undefined) {
      this.userFromPeer(record, leaf.userFromPeer, fields);
      if (compiled.user >= 0) ownLearnt |= 1 << compiled.user;
    }
    if (ticket !== undefined) {
      if (ownAddresses & PEER_IP && endpoint) this.addresses(fields, endpoint, false);
      ticket.ownLearnt = ownLearnt;
      return ticket;
    }
    let known = 0;
    if (endpoint !== undefined) {
      known = endpoint.known & ~ownAddresses;
      this.addresses(fields, endpoint, (sa?.role || leaf.role) === 'initiator');
    }
    this.lend(fields, compiled, sa, known, ownLearnt, stitcher.ordered);
    return undefined;
  }

  private alone(record: RecordReader, compiled: CompiledPlan, leaf: LeafPlan, fields: Fields): undefined {
    const { texts } = record.header!;
    const texted = (place: number) => {
      const slot = leaf.addresses[place]!;
      if (slot < 0) return texts.get(compiled.addressSlots[place]!) ?? '';
      return record.buffer.toString('latin1', record.starts[slot], record.ends[slot]);
    };
    const addresses = [texted(0), texted(1), texted(2), texted(3)] as const;
    assign(fields, this.needs(addressMembers(...addresses, leaf.role === 'initiator')));
    if (leaf.userFromPeer) this.userFromPeer(record, leaf.userFromPeer, fields);
  }

  private userFromPeer(record: RecordReader, { slot }: ValueOp, fields: Fields): void {
    const from = record.starts[slot]!;
    const end = record.ends[slot]!;
    if (end > from) fields[USER] = record.buffer.toString('utf8', from, end);
  }

  private addresses(fields: Fields, endpoint: Endpoint, initiator: boolean): void {
    let members = (initiator ? endpoint.renderedInitiator : endpoint.rendered) as Members | undefined;
    if (members === undefined) {
      const { peerIp, peerPort, localIp, localPort } = endpoint;
      members = this.needs(addressMembers(peerIp, peerPort, localIp, localPort, initiator));
      if (initiator) endpoint.renderedInitiator = members;
      else endpoint.rendered = members;
    }
    assign(fields, members);
  }

  /** What the SA lends, and what was stitched. */
  private lend(
    fields: Fields,
    compiled: CompiledPlan,
    sa: Sa | undefined,
    addresses: number,
    own: number,
    ordered: boolean,
  ): void {
    if (sa !== undefined) {
      const { learnNames, isNumber, user, peer } = compiled;
      if (this.isNeeded('sa_id')) fields.sa_id = decode(sa.id);
      if (this.isNeeded('sa_root')) fields.sa_root = decode(sa.root || sa.id);
      const { learnt } = sa;
      for (let position = 0; position < learnt.length; position++) {
        const text = learnt[position];
        const name = learnNames[position]!;
        if (text === undefined || (own & (1 << position)) !== 0 || !this.isNeeded(name)) continue;
        fields[name] = isNumber[position] ? Number(text) : decode(text);
      }
      if (user >= 0 && peer >= 0 && learnt[peer] && !learnt[user] && !(own & ((1 << user) | (1 << peer))))
        fields[USER] = decode(learnt[peer]);
      if (sa.rekeyedFrom && this.isNeeded('rekeyed_from')) fields.rekeyed_from = decode(sa.rekeyedFrom);
    }
    const learnt = sa === undefined ? 0 : sa.known & ~own;
    if (addresses === 0 && learnt === 0) return;
    if (this.isNeeded('stitched'))
      fields.stitched = [...ADDRESSES, ...compiled.learnNames].filter((_, bit) =>
        bit < ADDRESSES.length ? addresses & (1 << bit) : learnt & (1 << (bit - ADDRESSES.length)),
      );
    if (ordered) fields.stitched_by = 'order';
  }

  private values(record: RecordReader, { slot, capture, constants, memo }: ValueOp): Members {
    const from = record.starts[slot]!;
    const end = record.ends[slot]!;
    if (from === end) return NONE;
    const known = memo.get(record.view, from, end);
    if (known !== undefined) return known;
    const text = record.buffer.toString('utf8', from, end);
    const values = valuesOf(capture, text, record.process.compiled!.vocabulary);
    const { fields } = this.engine.pack;
    const members = this.needs(Object.entries(values).filter(([name]) => fields.has(name) && !constants.has(name)));
    memo.set(record.view, from, end, members);
    return members;
  }

  private timestamp(time: number): string {
    if (time !== this.lastTime) {
      this.lastTime = time;
      this.lastTimestamp = new Date(time).toISOString();
    }
    return this.lastTimestamp;
  }

  private processMembers(process: Process): Members {
    const { host, program, pid } = process;
    const members = this.needs([
      ['host', decode(host)],
      ['program', decode(program)],
      ['pid', /^\d+$/.test(pid) ? Number(pid) : decode(pid)],
    ]);
    this.processes.set(process, members);
    return members;
  }

  private headerMembers(header: HeaderFacts, compiled: CompiledPlan): Members {
    const { fields } = this.engine.pack;
    const all = [...header.texts].map(([slot, text]): Members[number] => {
      const name = this.engine.slotNames[slot]!;
      return [name, isNumeric(fields.get(name)) ? numberOf(text) : decode(text)];
    });
    const members = this.needs(all).filter(([name]) => fields.has(name) && !(ADDRESSES as readonly string[]).includes(name));
    compiled.headers.set(header, members);
    return members;
  }

  /** @returns those with a value that somebody looks at */
  private needs(members: Members): Members {
    return members.filter(([name, value]) => value !== undefined && value !== '' && this.isNeeded(name));
  }

  private isNeeded(field: string): boolean {
    return this.needed === undefined || this.needed.has(field);
  }

  private compiledPlan(plan: StitchPlan): CompiledPlan {
    let compiled = this.plans.get(plan);
    if (compiled === undefined) {
      const { leaves } = plan.compiled;
      const { learns } = plan;
      compiled = {
        leaves: leaves.map((leaf) => this.leafPlan(plan, leaf)),
        headers: new WeakMap(),
        learnNames: learns,
        isNumber: learns.map((field) => isNumeric(this.engine.pack.fields.get(field))),
        user: learns.indexOf(USER),
        peer: learns.indexOf('peer_id'),
        addressSlots: ADDRESSES.map(this.engine.slotOf),
      };
      this.plans.set(plan, compiled);
    }
    this.lastPlan = plan;
    this.lastCompiled = compiled;
    return compiled;
  }

  private leafPlan(plan: StitchPlan, leaf: Leaf): LeafPlan {
    const names = new Set([...leaf.captures.map(({ field }) => field.name), ...Object.keys(leaf.constants)]);
    const constants: ReadonlySet<string> = new Set(Object.keys(leaf.constants));
    const ops = leaf.captures.map((capture) => ({ slot: capture.slot, capture, constants, memo: new ByteCache<Members>(MEMO) }));
    const peer = ops.find(({ capture }) => capture.field.name === 'peer_id');
    const event = leaf.entry.event ?? '';
    return {
      constants: this.constants(event, leaf.constants),
      decided: new Map(
        (plan.stitch.decides ?? [])
          .filter((decision) => decision.event === event)
          .map(({ becomes }) => [becomes, this.constants(becomes, leaf.constants)]),
      ),
      ops: ops.filter(({ capture }) => !(ADDRESSES as readonly string[]).includes(capture.field.name)),
      addresses: ADDRESSES.map((name) => leaf.captures.find(({ field }) => field.name === name)?.slot ?? -1),
      own: names,
      role: (leaf.constants.role as string | undefined) ?? '',
      userFromPeer: peer && !names.has(USER) && this.isNeeded(USER) ? peer : undefined,
    };
  }

  private constants(event: string, constants: Leaf['constants']): Members {
    const { events, fields } = this.engine.pack;
    const outcome = events.get(event)?.outcome;
    const members: Fields = { msg_type: event, ...(outcome === 'unknown' ? {} : { outcome }) };
    for (const [name, value] of Object.entries(constants)) members[name] = fields.get(name)?.list ? [value] : value;
    return this.needs(Object.entries(members));
  }
}

const NONE: Members = [];

function assign(fields: Fields, members: Members): void {
  for (let i = 0; i < members.length; i++) fields[members[i]![0]] = members[i]![1];
}

function assignOthers(fields: Fields, members: Members, own: ReadonlySet<string>): void {
  for (let i = 0; i < members.length; i++) if (!own.has(members[i]![0])) fields[members[i]![0]] = members[i]![1];
}

function addressMembers(peerIp: string, peerPort: string, localIp: string, localPort: string, initiator: boolean): Members {
  const peer: Members = [
    ['peer_ip', decode(peerIp)],
    ['peer_port', numberOf(peerPort)],
    ['local_ip', decode(localIp)],
    ['local_port', numberOf(localPort)],
  ];
  const [source, destination] = initiator ? ([2, 0] as const) : ([0, 2] as const);
  return [
    ...peer,
    ['src_ip', peer[source]![1]],
    ['src_port', peer[source + 1]![1]],
    ['dst_ip', peer[destination]![1]],
    ['dst_port', peer[destination + 1]![1]],
  ];
}

function isNumeric(field: Field | undefined): boolean {
  const type = field?.type;
  return type === 'int' || type === 'long' || type === 'port' || type === 'float';
}

function valuesOf({ kind, field }: LeafCapture, text: string, vocabulary: Vocabulary): Values {
  const isPlain = !field.list && (kind === 'text' || kind === 'number' || kind === 'lower');
  // what a field holds is decided by its own type
  if (isPlain && isNumeric(field)) return { [field.name]: Number(text) };
  const values = readValue(isPlain && kind === 'number' ? 'text' : kind, field.name, text, vocabulary);
  const value = values[field.name];
  if (field.list && typeof value === 'string') values[field.name] = [value];
  return values;
}

/** @returns undefined where the text is no number: then the record does not have the field */
function numberOf(text: string): number | undefined {
  return /^-?\d+$/.test(text) ? Number(text) : undefined;
}

/** @param text its code units are bytes of UTF-8 */
function decode(text: string): string {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return Buffer.from(text, 'latin1').toString('utf8');
  return text;
}
