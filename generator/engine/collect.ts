/**
 * Records as values, for whoever judges them on the spot: what the renderer writes as JSON stands here in arrays, without being written and read again.
 * A record that waits for a later one holds back those behind it, so that all are handed out in the order of the input.
 */
import { emptyValues, knownNumber } from '../model/field-numbers.js';
import type { Field } from '../model/pack.js';
import { ByteCache } from './byte-cache.js';
import type { Engine, Leaf, LeafCapture } from './compile-engine.js';
import { ANCESTRY, type Endpoint, PEER_IP, type Sa, type Ticket } from './joined.js';
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
  /** by the fields' numbers */
  values: unknown[];
}

/** Values of some fields, by name. */
type Named = [field: string, value: unknown][];

/** Values of the fields that somebody looks at: the numbers of the fields, and their values. */
interface Members {
  fields: number[];
  values: unknown[];
}

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
  /** made when the first value comes */
  memo: ByteCache<Members> | undefined;
}

interface LeafPlan {
  constants: Members;
  decided: Map<string, Members>;
  /** captures other than addresses */
  ops: ValueOp[];
  addresses: number[];
  role: string;
  /** numbers of fields that the line fills itself: a header does not repeat them */
  own: ReadonlySet<number>;
  /** the leaf captures the peer's identity and no user: it is the user, unless the SA knows better */
  userFromPeer: ValueOp | undefined;
}

interface CompiledPlan {
  plan: StitchPlan;
  /** made when the first record of the leaf comes */
  leaves: (LeafPlan | undefined)[];
  headers: WeakMap<HeaderFacts, Members>;
  /** by position in `learns`: the field's number, or -1 where nobody looks at it */
  learnFields: number[];
  isNumber: boolean[];
  user: number;
  peer: number;
  /** bits of both */
  userBits: number;
  addressSlots: number[];
}

/** What an SA lends, as values. */
interface Lent {
  id: string;
  root: string;
  ancestor: string;
  user: string | undefined;
  /** by position in `learns` */
  learnt: unknown[];
}

export class Collector implements Sink {
  private readonly engine: Engine;
  private readonly onEvent: (record: Collected) => void;
  private readonly plans = new Map<StitchPlan, CompiledPlan>();
  private lastCompiled: CompiledPlan | undefined;
  private readonly processes = new WeakMap<Process, Members>();
  private held: Collected[] = [];
  private readonly waiting = new Map<Ticket, Collected>();
  private readonly waits = new Set<Collected>();
  private order = 0;
  private lastTime = Number.NaN;
  private lastTimestamp = '';
  private readonly empty: unknown[];
  private readonly numbers: Record<
    'timestamp' | 'repeat' | 'sa_id' | 'sa_root' | 'rekeyed_from' | 'stitched' | 'stitched_by',
    number
  >;
  private readonly user: number;

  /** @param onEvent is given values of the fields that have a number by now: see model/field-numbers.ts */
  constructor(engine: Engine, onEvent: (record: Collected) => void) {
    this.engine = engine;
    this.onEvent = onEvent;
    this.empty = emptyValues();
    const number = (name: string) => knownNumber(name) ?? -1;
    this.numbers = {
      timestamp: number('timestamp'),
      repeat: number('repeat'),
      sa_id: number('sa_id'),
      sa_root: number('sa_root'),
      rekeyed_from: number('rekeyed_from'),
      stitched: number('stitched'),
      stitched_by: number('stitched_by'),
    };
    this.user = number(USER);
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
    const compiled = this.compiledPlan(plan);
    const leaf = compiled.leaves[record.leaf!.id] ?? this.leafPlan(compiled, record.leaf!);
    const { numbers } = this;
    const values = this.empty.slice();
    if (numbers.timestamp >= 0 && !Number.isNaN(record.time)) values[numbers.timestamp] = this.timestamp(record.time);
    assign(values, this.processes.get(record.process) ?? this.processMembers(record.process));
    assignOthers(values, compiled.headers.get(record.header!) ?? this.headerMembers(record.header!, compiled), leaf.own);
    const becomes = stitcher?.becomes;
    assign(values, becomes === undefined ? leaf.constants : leaf.decided.get(becomes)!);
    if (record.repeat > 1 && numbers.repeat >= 0) values[numbers.repeat] = record.repeat;
    for (let i = 0; i < leaf.ops.length; i++) assign(values, this.valuesOf(record, leaf.ops[i]!));
    const { source, line, buffer, from, end } = place;
    const raw = buffer.toString('utf8', from, end);
    const collected = { time: record.time, order: this.order++, file: source, line, raw, values };
    const ticket =
      stitcher === undefined ? this.alone(record, compiled, leaf, values) : this.join(record, compiled, leaf, stitcher, values);
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
    const { values } = collected;
    if (endpoint && !(ownAddresses & PEER_IP)) this.addresses(values, endpoint, sa?.role === 'initiator');
    const known = endpoint === undefined ? 0 : endpoint.known & ~ownAddresses;
    this.lend(values, this.compiledPlan(plan), sa, known, ownLearnt, ticket.ordered);
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
    values: unknown[],
  ): Ticket | undefined {
    const { ticket, endpoint, sa, ownAddresses } = stitcher;
    let { ownLearnt } = stitcher;
    if (leaf.userFromPeer !== undefined && sa?.learnt[compiled.user] === undefined) {
      this.userFromPeer(record, leaf.userFromPeer, values);
      if (compiled.user >= 0) ownLearnt |= 1 << compiled.user;
    }
    if (ticket !== undefined) {
      if (ownAddresses & PEER_IP && endpoint) this.addresses(values, endpoint, false);
      ticket.ownLearnt = ownLearnt;
      return ticket;
    }
    let known = 0;
    if (endpoint !== undefined) {
      known = endpoint.known & ~ownAddresses;
      this.addresses(values, endpoint, (sa?.role || leaf.role) === 'initiator');
    }
    this.lend(values, compiled, sa, known, ownLearnt, stitcher.ordered);
    return undefined;
  }

  private alone(record: RecordReader, compiled: CompiledPlan, leaf: LeafPlan, values: unknown[]): undefined {
    const { texts } = record.header!;
    const texted = (place: number) => {
      const slot = leaf.addresses[place]!;
      if (slot < 0) return texts.get(compiled.addressSlots[place]!) ?? '';
      return record.buffer.toString('latin1', record.starts[slot], record.ends[slot]);
    };
    const addresses = [texted(0), texted(1), texted(2), texted(3)] as const;
    assign(values, toMembers(addressMembers(...addresses, leaf.role === 'initiator')));
    if (leaf.userFromPeer) this.userFromPeer(record, leaf.userFromPeer, values);
  }

  private userFromPeer(record: RecordReader, { slot }: ValueOp, values: unknown[]): void {
    const from = record.starts[slot]!;
    const end = record.ends[slot]!;
    if (end > from) values[this.user] = record.buffer.toString('utf8', from, end);
  }

  private addresses(values: unknown[], endpoint: Endpoint, initiator: boolean): void {
    let members = (initiator ? endpoint.renderedInitiator : endpoint.rendered) as Members | undefined;
    if (members === undefined) {
      const { peerIp, peerPort, localIp, localPort } = endpoint;
      members = toMembers(addressMembers(peerIp, peerPort, localIp, localPort, initiator));
      if (initiator) endpoint.renderedInitiator = members;
      else endpoint.rendered = members;
    }
    assign(values, members);
  }

  /** What the SA lends, and what was stitched. */
  private lend(
    values: unknown[],
    compiled: CompiledPlan,
    sa: Sa | undefined,
    addresses: number,
    own: number,
    ordered: boolean,
  ): void {
    const { numbers } = this;
    if (sa !== undefined) {
      const { learnFields, userBits } = compiled;
      const lent = this.lentBy(sa, compiled);
      const { id, root, ancestor, learnt } = lent;
      if (numbers.sa_id >= 0) values[numbers.sa_id] = id;
      if (numbers.sa_root >= 0) values[numbers.sa_root] = root;
      for (let position = 0; position < learnt.length; position++) {
        const value = learnt[position];
        if (value !== undefined && (own & (1 << position)) === 0) values[learnFields[position]!] = value;
      }
      // who has authenticated as something is known by that, unless the log tells a user
      if (lent.user !== undefined && (own & userBits) === 0) values[this.user] = lent.user;
      if (ancestor !== '' && numbers.rekeyed_from >= 0) values[numbers.rekeyed_from] = ancestor;
    }
    const learnt = sa === undefined ? 0 : sa.known & ~own;
    if (addresses === 0 && learnt === 0) return;
    if (numbers.stitched >= 0)
      values[numbers.stitched] = [...ADDRESSES, ...compiled.plan.learns].filter((_, bit) =>
        bit < ADDRESSES.length ? addresses & (1 << bit) : learnt & (1 << (bit - ADDRESSES.length)),
      );
    if (ordered && numbers.stitched_by >= 0) values[numbers.stitched_by] = 'order';
  }

  /** @returns what the SA lends, of fields that somebody looks at */
  private lentBy(sa: Sa, { learnFields, isNumber, user, peer }: CompiledPlan): Lent {
    const known = sa.rendered as Lent | undefined;
    if (known !== undefined && sa.changed === 0) return known;
    const lent = known ?? { id: '', root: '', ancestor: '', user: undefined, learnt: [] };
    const changed = known === undefined ? -1 : sa.changed;
    if (changed & ANCESTRY) {
      lent.id = decode(sa.id);
      lent.root = decode(sa.root || sa.id);
      lent.ancestor = decode(sa.rekeyedFrom);
    }
    for (let position = 0; position < sa.learnt.length; position++) {
      if ((changed & (1 << position)) === 0) continue;
      const text = sa.learnt[position];
      lent.learnt[position] =
        text === undefined || learnFields[position]! < 0 ? undefined : isNumber[position] ? Number(text) : decode(text);
    }
    if (this.user >= 0 && user >= 0 && peer >= 0)
      lent.user = sa.learnt[peer] && !sa.learnt[user] ? decode(sa.learnt[peer]) : undefined;
    sa.rendered = lent;
    sa.changed = 0;
    return lent;
  }

  private valuesOf(record: RecordReader, op: ValueOp): Members {
    const from = record.starts[op.slot]!;
    const end = record.ends[op.slot]!;
    if (from === end) return NONE;
    op.memo ??= new ByteCache<Members>(MEMO);
    const known = op.memo.get(record.view, from, end);
    if (known !== undefined) return known;
    const text = record.buffer.toString('utf8', from, end);
    const values = readCapture(op.capture, text, record.process.compiled!.vocabulary);
    const { fields } = this.engine.pack;
    const members = toMembers(Object.entries(values).filter(([name]) => fields.has(name) && !op.constants.has(name)));
    op.memo.set(record.view, from, end, members);
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
    const members = toMembers([
      ['host', decode(host)],
      ['program', decode(program)],
      ['pid', /^\d+$/.test(pid) ? Number(pid) : decode(pid)],
    ]);
    this.processes.set(process, members);
    return members;
  }

  private headerMembers(header: HeaderFacts, compiled: CompiledPlan): Members {
    const { fields } = this.engine.pack;
    const all = [...header.texts].map(([slot, text]): Named[number] => {
      const name = this.engine.slotNames[slot]!;
      return [name, isNumeric(fields.get(name)) ? numberOf(text) : decode(text)];
    });
    const members = toMembers(all.filter(([name]) => fields.has(name) && !(ADDRESSES as readonly string[]).includes(name)));
    compiled.headers.set(header, members);
    return members;
  }

  private compiledPlan(plan: StitchPlan): CompiledPlan {
    if (this.lastCompiled?.plan === plan) return this.lastCompiled;
    let compiled = this.plans.get(plan);
    if (compiled === undefined) {
      const { learns } = plan;
      compiled = {
        plan,
        leaves: [],
        headers: new WeakMap(),
        learnFields: learns.map((field) => knownNumber(field) ?? -1),
        isNumber: learns.map((field) => isNumeric(this.engine.pack.fields.get(field))),
        user: learns.indexOf(USER),
        peer: learns.indexOf('peer_id'),
        userBits: [USER, 'peer_id'].reduce(
          (mask, field) => (learns.includes(field) ? mask | (1 << learns.indexOf(field)) : mask),
          0,
        ),
        addressSlots: ADDRESSES.map(this.engine.slotOf),
      };
      this.plans.set(plan, compiled);
    }
    this.lastCompiled = compiled;
    return compiled;
  }

  private leafPlan(compiled: CompiledPlan, leaf: Leaf): LeafPlan {
    const names = new Set([...leaf.captures.map(({ field }) => field.name), ...Object.keys(leaf.constants)]);
    const constants: ReadonlySet<string> = new Set(Object.keys(leaf.constants));
    const ops = leaf.captures.map((capture): ValueOp => ({ slot: capture.slot, capture, constants, memo: undefined }));
    const peer = ops.find(({ capture }) => capture.field.name === 'peer_id');
    const event = leaf.entry.event ?? '';
    const plan: LeafPlan = {
      constants: this.constants(event, leaf.constants),
      decided: new Map(
        (compiled.plan.stitch.decides ?? [])
          .filter((decision) => decision.event === event)
          .map(({ becomes }) => [becomes, this.constants(becomes, leaf.constants)]),
      ),
      ops: ops.filter(({ capture }) => isLookedAt(capture)),
      addresses: ADDRESSES.map((name) => leaf.captures.find(({ field }) => field.name === name)?.slot ?? -1),
      own: new Set([...names].flatMap((name) => knownNumber(name) ?? [])),
      role: (leaf.constants.role as string | undefined) ?? '',
      userFromPeer: peer && !names.has(USER) && this.user >= 0 ? peer : undefined,
    };
    compiled.leaves[leaf.id] = plan;
    return plan;
  }

  private constants(event: string, constants: Leaf['constants']): Members {
    const { events, fields } = this.engine.pack;
    const outcome = events.get(event)?.outcome;
    const named: Record<string, unknown> = { msg_type: event, ...(outcome === 'unknown' ? {} : { outcome }) };
    for (const [name, value] of Object.entries(constants)) named[name] = fields.get(name)?.list ? [value] : value;
    return toMembers(Object.entries(named));
  }
}

const NONE: Members = { fields: [], values: [] };

function assign(values: unknown[], members: Members): void {
  const { fields } = members;
  for (let i = 0; i < fields.length; i++) values[fields[i]!] = members.values[i];
}

function assignOthers(values: unknown[], members: Members, own: ReadonlySet<number>): void {
  const { fields } = members;
  for (let i = 0; i < fields.length; i++) if (!own.has(fields[i]!)) values[fields[i]!] = members.values[i];
}

/** @returns those with a value that somebody looks at */
function toMembers(named: Named): Members {
  const members: Members = { fields: [], values: [] };
  for (const [name, value] of named) {
    const number = knownNumber(name);
    if (number === undefined || value === undefined || value === '') continue;
    members.fields.push(number);
    members.values.push(value);
  }
  return members;
}

/** @returns whether the capture gives a field that somebody looks at; addresses are a matter of their own */
function isLookedAt({ kind, field }: LeafCapture): boolean {
  if ((ADDRESSES as readonly string[]).includes(field.name)) return false;
  return knownNumber(field.name) !== undefined || !PLAIN.has(kind);
}

/** Kinds of captures that give their own field and no other. */
const PLAIN: ReadonlySet<string> = new Set(['text', 'number', 'lower', 'size', 'exchange', 'time', 'bool']);

function addressMembers(peerIp: string, peerPort: string, localIp: string, localPort: string, initiator: boolean): Named {
  const peer: Named = [
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

function readCapture({ kind, field }: LeafCapture, text: string, vocabulary: Vocabulary): Values {
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
