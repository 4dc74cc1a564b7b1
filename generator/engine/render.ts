/**
 * Records to NDJSON, straight from bytes to bytes. What repeats (constants of an event, addresses of an exchange, fields of an SA, payload lists) is
 * rendered once and copied. A record that waits for a later one keeps its place in the output; what it learns is put in when its ticket settles.
 */
import { ByteCache, copyBytes } from './byte-cache.js';
import type { Engine, LeafCapture } from './compile-engine.js';
import type { Format } from './formats.js';
import type { HeaderFacts, Process, RecordReader } from './record.js';
import { type Endpoint, LOCAL_IP, LOCAL_PORT, PEER_IP, PEER_PORT, type Sa, type Stitcher, type StitchPlan, type Ticket } from './stitch.js';
import { readValue } from './vocabulary.js';

const SPACE = 1 << 20;
const MEMO = 1024;
const ADDRESSES = ['peer_ip', 'peer_port', 'local_ip', 'local_port'] as const;

/** How one captured field is written. */
interface CaptureOp {
  slot: number;
  /** `,"peer_ip":"` or `,"message_id":` */
  key: Uint8Array;
  quoted: boolean;
  lower: boolean;
  capture: LeafCapture;
  /** the value needs a look-up or a list: made once per text and kept */
  memo: ByteCache<Uint8Array> | undefined;
}

interface LeafPlan {
  head: Uint8Array;
  /** captures other than addresses, which are written as a whole */
  ops: CaptureOp[];
  /** slots of the addresses that the line captures, -1 where it does not: peer_ip, peer_port, local_ip, local_port */
  addresses: number[];
  /** slots that the line itself fills: a header does not repeat them */
  slots: Set<number>;
  /** some header may capture what this line fills itself */
  fillsHeaderSlots: boolean;
  /** the leaf captures the peer's identity and no user: it is the user, unless the SA knows better */
  userFromPeer: CaptureOp | undefined;
}

interface CompiledPlan {
  leaves: LeafPlan[];
  fieldOf: Map<number, string>;
  learnKeys: Uint8Array[] | undefined;
}

const USER = 'user_identity';
const END_OF_LINE = Uint8Array.of(125, 10);
const encoder = new TextEncoder();
const ESCAPES = Uint8Array.from({ length: 256 }, (_, byte) => (byte < 32 || byte === 34 || byte === 92 || byte === 127 ? 1 : 0));

export class Renderer {
  out = Buffer.allocUnsafe(SPACE * 2);
  position = 0;

  private readonly engine: Engine;
  private readonly format: Format;
  private readonly plans = new Map<StitchPlan, CompiledPlan>();
  private lastPlan: StitchPlan | undefined;
  private lastCompiled: CompiledPlan | undefined;
  private readonly prefixes = new WeakMap<Process, Uint8Array>();
  private readonly stitchedLists = new Map<number, Uint8Array>();
  private waiting: Ticket[] = [];
  /** `{"timestamp":"…","host":…`: the same for all records of one process and moment */
  private head: Uint8Array = new Uint8Array(0);
  private headTime = Number.NaN;
  private headProcess: Process | undefined;
  private readonly saKey: Uint8Array;
  private readonly timeKey: string;
  private readonly userKey: Uint8Array;
  private insertion = Buffer.allocUnsafe(4096);

  constructor(engine: Engine, format: Format) {
    this.engine = engine;
    this.format = format;
    this.saKey = encoder.encode(`,${JSON.stringify(format.key('sa_id'))}:`);
    this.timeKey = `{${JSON.stringify(format.key('timestamp'))}:"`;
    this.userKey = encoder.encode(`,${JSON.stringify(format.key(USER))}:"`);
  }

  /** @returns the finished part of the output. The caller must have written it before it calls `drop` with its length. */
  finished(all: boolean): Buffer {
    const first = all ? undefined : this.waiting[0];
    return this.out.subarray(0, first ? first.lineStart : this.position);
  }

  /** Forgets the first `length` bytes of the output; what waits is kept. */
  drop(length: number): void {
    this.out.copyWithin(0, length, this.position);
    this.position -= length;
    for (const ticket of this.waiting) {
      ticket.offset -= length;
      ticket.lineStart -= length;
    }
  }

  /** @returns whether there is more output than should be held back */
  get full(): boolean {
    return this.position > SPACE;
  }

  /** The time of the oldest record that waits; NaN where none does. */
  get waitingSince(): number {
    return this.waiting[0]?.time ?? Number.NaN;
  }

  event(record: RecordReader, plan: StitchPlan, stitcher: Stitcher | undefined): void {
    const compiled = this.lastPlan === plan ? this.lastCompiled! : this.compiledPlan(plan);
    const leaf = compiled.leaves[record.leaf!.id]!;
    this.reserve(record.messageEnd - record.messageStart);
    const lineStart = this.position;
    this.writeHead(record);
    this.writeHeader(record, compiled, leaf);
    this.copy(leaf.head);
    if (record.repeat > 1) this.text(`,${JSON.stringify(this.format.key('repeat'))}:${record.repeat}`);
    const { ops } = leaf;
    for (let i = 0; i < ops.length; i++) this.capture(record, ops[i]!);
    if (stitcher) this.joined(record, plan, stitcher, leaf, lineStart);
    else {
      this.alone(record, leaf);
      this.copy(END_OF_LINE);
    }
  }

  private joined(record: RecordReader, plan: StitchPlan, stitcher: Stitcher, leaf: LeafPlan, lineStart: number): void {
    const { ticket, endpoint, sa, ownAddresses } = stitcher;
    let { ownLearnt } = stitcher;
    if (leaf.userFromPeer && !(sa && this.learntUser(plan, sa))) {
      this.userFromPeer(record, leaf.userFromPeer);
      ownLearnt |= plan.learns.includes(USER) ? 1 << plan.learns.indexOf(USER) : 0;
    }
    if (ticket) {
      // addresses that the record has itself are certain; the rest comes when the ticket settles
      if (ownAddresses & PEER_IP && endpoint) this.addresses(endpoint, '');
      ticket.ownLearnt = ownLearnt;
      ticket.offset = this.position;
      ticket.lineStart = lineStart;
      this.waiting.push(ticket);
      this.copy(END_OF_LINE);
      return;
    }
    if (endpoint) this.addresses(endpoint, sa?.role || plan.roles[record.leaf!.id]!.role);
    this.rest(plan, sa, addressesKnown(endpoint) & ~ownAddresses, ownLearnt, stitcher.ordered);
  }

  /** A record of a known program that no line matches: kept whole. */
  unparsed(record: RecordReader, event: 'unparsed' | 'ignored' | 'other'): void {
    this.reserve((record.messageEnd - record.messageStart) * 6);
    this.writeHead(record);
    this.text(`,${JSON.stringify(this.format.key('msg_type'))}:"${event}",${JSON.stringify(this.format.key('message'))}:"`);
    this.escaped(record.buffer, record.messageStart, record.messageEnd, false);
    this.text('"}\n');
  }

  /** Puts in what a waiting record has learnt. */
  settle(ticket: Ticket, plan: StitchPlan): void {
    const index = this.waiting.indexOf(ticket);
    if (index < 0) return;
    this.waiting.splice(index, 1);
    const tail = this.position;
    const { endpoint, sa } = ticket;
    this.reserve(4096);
    if (endpoint && !(ticket.ownAddresses & PEER_IP)) this.addresses(endpoint, sa?.role ?? '');
    this.rest(plan, sa, addressesKnown(endpoint) & ~ticket.ownAddresses, ticket.ownLearnt, ticket.ordered);
    this.position -= END_OF_LINE.length;
    const length = this.position - tail;
    if (length === 0) return;
    if (this.insertion.length < length) this.insertion = Buffer.allocUnsafe(length * 2);
    this.out.copy(this.insertion, 0, tail, this.position);
    this.out.copyWithin(ticket.offset + length, ticket.offset, tail);
    this.insertion.copy(this.out, ticket.offset, 0, length);
    for (const other of this.waiting) {
      if (other.offset > ticket.offset) other.offset += length;
      if (other.lineStart > ticket.offset) other.lineStart += length;
    }
  }

  private writeHead(record: RecordReader): void {
    if (record.process !== this.headProcess || record.time !== this.headTime) {
      this.headProcess = record.process;
      this.headTime = record.time;
      this.head = this.renderHead(record);
    }
    this.copy(this.head);
  }

  private renderHead(record: RecordReader): Uint8Array {
    const prefix = this.prefix(record.process);
    if (Number.isNaN(record.time)) return Buffer.concat([Uint8Array.of(123), prefix.subarray(1)]);
    const time = `${this.timeKey}${isoTime(record.time)}"`;
    const head = new Uint8Array(time.length + prefix.length);
    for (let i = 0; i < time.length; i++) head[i] = time.charCodeAt(i);
    head.set(prefix, time.length);
    return head;
  }

  /** What the header captured; a line that fills the same field itself has the last word. */
  private writeHeader(record: RecordReader, compiled: CompiledPlan, leaf: LeafPlan): void {
    const header = record.header!;
    const rendered = (header.render ??= this.renderHeader(header, compiled)) as { slots: number[]; parts: Uint8Array[]; whole: Uint8Array };
    if (!leaf.fillsHeaderSlots) {
      this.copy(rendered.whole);
      return;
    }
    const { slots, parts } = rendered;
    for (let i = 0; i < slots.length; i++) if (!leaf.slots.has(slots[i]!)) this.copy(parts[i]!);
  }

  private renderHeader(header: HeaderFacts, compiled: CompiledPlan) {
    const slots = [...header.texts.keys()].filter((slot) => compiled.fieldOf.has(slot));
    const parts = slots.map((slot) => {
      const name = compiled.fieldOf.get(slot)!;
      return Buffer.from(this.members([[name, header.texts.get(slot)!, this.isQuoted(name)]]), 'latin1');
    });
    return { slots, parts, whole: Buffer.concat(parts) };
  }

  private prefix(process: Process): Uint8Array {
    let prefix = this.prefixes.get(process);
    if (!prefix) {
      const members: [string, string, boolean][] = [
        ['host', process.host, true],
        ['program', process.program, true],
        ['pid', process.pid, !/^\d+$/.test(process.pid)],
      ];
      const text = this.members(members) || `,${JSON.stringify(this.format.key('program'))}:""`;
      prefix = Buffer.from(text, 'latin1');
      this.prefixes.set(process, prefix);
    }
    return prefix;
  }

  /** What the record says by itself when nothing is stitched: its addresses in both readings, and the user. */
  private alone(record: RecordReader, leaf: LeafPlan): void {
    if (leaf.addresses.some((slot) => slot >= 0)) {
      const text = (slot: number) => (slot < 0 ? '' : record.buffer.toString('latin1', record.starts[slot], record.ends[slot]));
      const [peerIp, peerPort, localIp, localPort] = leaf.addresses.map(text) as [string, string, string, string];
      const role = (record.leaf!.constants.role as string | undefined) ?? '';
      this.addresses({ peerIp, peerPort, localIp, localPort, peer: {}, rendered: [] }, role);
    }
    if (leaf.userFromPeer) this.userFromPeer(record, leaf.userFromPeer);
  }

  private userFromPeer(record: RecordReader, op: CaptureOp): void {
    if (record.starts[op.slot] === record.ends[op.slot]) return;
    this.copy(this.userKey);
    this.escaped(record.buffer, record.starts[op.slot]!, record.ends[op.slot]!, false);
    this.out[this.position++] = 34;
  }

  private learntUser(plan: StitchPlan, sa: Sa): boolean {
    return sa.learnt[plan.learns.indexOf(USER)] !== undefined;
  }

  private addresses(endpoint: Endpoint, role: string): void {
    const index = role === 'initiator' ? 1 : 0;
    endpoint.rendered[index] ??= this.renderAddresses(endpoint, role === 'initiator');
    this.copy(endpoint.rendered[index]);
  }

  private renderAddresses(endpoint: Endpoint, initiator: boolean): Uint8Array {
    const { peerIp, peerPort, localIp, localPort } = endpoint;
    const local = { ip: localIp, port: localPort };
    const peer = { ip: peerIp, port: peerPort };
    const [source, destination] = initiator ? [local, peer] : [peer, local];
    const members: [string, string, boolean][] = [
      ['peer_ip', peerIp, true],
      ['peer_port', peerPort, false],
      ['local_ip', localIp, true],
      ['local_port', localPort, false],
      ['src_ip', source.ip, true],
      ['src_port', source.port, false],
      ['dst_ip', destination.ip, true],
      ['dst_port', destination.port, false],
    ];
    return Buffer.from(this.members(members), 'latin1');
  }

  private members(members: [string, string, boolean][]): string {
    return members
      .filter(([, text]) => text !== '')
      .map(([field, text, quoted]) => `,${JSON.stringify(this.format.key(field))}:${quoted ? escapeLatin1(text) : number(text)}`)
      .join('');
  }

  /**
   * Writes what the SA lends, what was stitched, and the end of the line. A young SA learns something with each line, so that the whole is kept from
   * its second use on only.
   */
  private rest(plan: StitchPlan, sa: Sa | undefined, addresses: number, own: number, ordered: boolean): void {
    if (sa === undefined) {
      this.copy(this.stitchedList(plan, addresses, 0, ordered));
      return;
    }
    const key = (own << 5) | (addresses << 1) | (ordered ? 1 : 0);
    const { renderedFor, rendered } = sa;
    for (let i = 0; i < renderedFor.length; i++) {
      if (renderedFor[i] !== key) continue;
      this.copy(rendered[i]!);
      return;
    }
    const start = this.position;
    this.lent(plan, sa, own);
    this.copy(this.stitchedList(plan, addresses, sa.known & ~own, ordered));
    renderedFor.push(key);
    rendered.push(copyBytes(this.out, start, this.position));
  }

  private lent(plan: StitchPlan, sa: Sa, own: number): void {
    const { learns } = plan;
    const keys = this.learnKeys(plan);
    sa.renderedId ??= member(this.saKey, sa.id, true);
    this.copy(sa.renderedId);
    for (let position = 0; position < learns.length; position++) {
      const known = sa.learnt[position];
      if (!known || own & (1 << position)) continue;
      known.rendered ??= member(keys[position]!, known.text, this.isQuoted(learns[position]!));
      this.copy(known.rendered);
    }
    const user = learns.indexOf(USER);
    const peer = learns.indexOf('peer_id');
    if (user >= 0 && peer >= 0 && sa.learnt[peer] && !sa.learnt[user] && !(own & (1 << user)) && !(own & (1 << peer))) {
      this.copy(member(keys[user]!, sa.learnt[peer].text, true));
    }
    if (sa.rekeyedFrom) this.copy(member(this.keyOf('rekeyed_from'), sa.rekeyedFrom, true));
  }

  private learnKeys(plan: StitchPlan): Uint8Array[] {
    return (this.compiledPlan(plan).learnKeys ??= plan.learns.map((field) => this.keyOf(field)));
  }

  /** @returns `,"peer_ip":` in the format's words */
  private keyOf(field: string): Uint8Array {
    return encoder.encode(`,${JSON.stringify(this.format.key(field))}:`);
  }

  private isQuoted(field: string): boolean {
    const type = this.engine.pack.fields.get(field)?.type;
    return !(type === 'int' || type === 'long' || type === 'port' || type === 'float');
  }

  /** Names the fields that other records have told, and ends the line. */
  private stitchedList(plan: StitchPlan, addresses: number, learnt: number, ordered: boolean): Uint8Array {
    if (addresses === 0 && learnt === 0) return END_OF_LINE;
    const key = (learnt << 5) | (addresses << 1) | (ordered ? 1 : 0);
    let rendered = this.stitchedLists.get(key);
    if (rendered === undefined) {
      const names = [...ADDRESSES.filter((_, bit) => addresses & (1 << bit)), ...plan.learns.filter((_, bit) => learnt & (1 << bit))];
      const order = ordered ? `,${JSON.stringify(this.format.key('stitched_by'))}:"order"` : '';
      rendered = encoder.encode(`,${JSON.stringify(this.format.key('stitched'))}:${JSON.stringify(names)}${order}}\n`);
      this.stitchedLists.set(key, rendered);
    }
    return rendered;
  }

  private compiledPlan(plan: StitchPlan): CompiledPlan {
    if (this.lastPlan === plan && this.lastCompiled) return this.lastCompiled;
    let compiled = this.plans.get(plan);
    if (!compiled) {
      const { leaves } = plan.compiled;
      const slots = ADDRESSES.map(this.engine.slotOf);
      const { headerLeaves, parser } = plan.compiled;
      const headerSlots = new Set([
        ...headerLeaves.flatMap((header) => header.captures.map((capture) => capture.slot)),
        ...Object.values(parser.structured).flatMap((fields) => Object.values(fields).map(this.engine.slotOf)),
      ]);
      compiled = {
        leaves: leaves.map((leaf) => {
          const captured = leaf.captures.map((capture) => capture.slot);
          const names = new Set([...leaf.captures.map((capture) => capture.field.name), ...Object.keys(leaf.constants)]);
          const ops = leaf.captures.map((capture) => this.captureOp(capture));
          const peer = ops.find((op) => op.capture.field.name === 'peer_id');
          return {
            head: encoder.encode(this.constants(plan, leaf.entry.event ?? '', leaf.constants)),
            ops: ops.filter((op) => !slots.includes(op.slot)),
            addresses: slots.map((slot) => (captured.includes(slot) ? slot : -1)),
            slots: new Set([...captured, ...Object.keys(leaf.constants).map(this.engine.slotOf)]),
            fillsHeaderSlots: [...captured, ...Object.keys(leaf.constants).map(this.engine.slotOf)].some((slot) => headerSlots.has(slot)),
            userFromPeer: peer && !names.has(USER) ? peer : undefined,
          };
        }),
        learnKeys: undefined,
        fieldOf: new Map([...this.engine.pack.fields.keys()].map((name) => [this.engine.slotOf(name), name])),
      };
      this.plans.set(plan, compiled);
    }
    this.lastPlan = plan;
    this.lastCompiled = compiled;
    return compiled;
  }

  private constants(plan: StitchPlan, event: string, constants: Record<string, string | number | boolean>): string {
    const { parser } = plan.compiled;
    const type = this.engine.pack.events.get(event);
    const members: Record<string, unknown> = { [this.format.key('msg_type')]: event };
    if (type) Object.assign(members, this.format.constants(type, parser.dataset));
    for (const [field, value] of Object.entries(constants)) {
      members[this.format.key(field)] = this.engine.pack.fields.get(field)?.list ? [value] : value;
    }
    return Object.entries(members)
      .map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`)
      .join('');
  }

  private captureOp(capture: LeafCapture): CaptureOp {
    const { field, kind, slot } = capture;
    const quoted = this.isQuoted(field.name);
    const plain = kind === 'text' || kind === 'number' || kind === 'lower';
    return {
      slot,
      key: encoder.encode(`,${JSON.stringify(this.format.key(field.name))}:${quoted ? '"' : ''}`),
      quoted,
      lower: kind === 'lower',
      capture,
      memo: plain && !field.list ? undefined : new ByteCache(MEMO),
    };
  }

  private capture(record: RecordReader, op: CaptureOp): void {
    const from = record.starts[op.slot]!;
    const end = record.ends[op.slot]!;
    if (from === end) return;
    if (op.memo) {
      this.memoised(record, op, op.memo, from, end);
      return;
    }
    this.copy(op.key);
    if (op.quoted) {
      this.escaped(record.buffer, from, end, op.lower);
      this.out[this.position++] = 34;
    } else this.digits(record.buffer, from, end);
  }

  private memoised(record: RecordReader, op: CaptureOp, memo: ByteCache<Uint8Array>, from: number, end: number): void {
    let rendered = memo.get(record.buffer, from, end);
    if (!rendered) {
      const { kind, field } = op.capture;
      const values = readValue(kind, field.name, record.buffer.toString('utf8', from, end), this.vocabularyOf(record));
      if (field.list && typeof values[field.name] === 'string') values[field.name] = [values[field.name] as string];
      rendered = encoder.encode(
        Object.entries(values)
          .filter(([name]) => this.engine.pack.fields.has(name))
          .map(([name, value]) => `,${JSON.stringify(this.format.key(name))}:${JSON.stringify(value)}`)
          .join(''),
      );
      memo.set(record.buffer, from, end, rendered);
    }
    this.reserve(rendered.length);
    this.copy(rendered);
  }

  private vocabularyOf(record: RecordReader) {
    return record.process.compiled!.vocabulary;
  }

  /** Writes digits as a JSON number: no leading zeros. */
  private digits(buffer: Uint8Array, from: number, end: number): void {
    const { out } = this;
    let { position } = this;
    let i = from;
    if (buffer[i] === 45) {
      out[position++] = 45;
      i++;
    }
    while (i + 1 < end && buffer[i] === 48) i++;
    for (; i < end; i++) out[position++] = buffer[i]!;
    this.position = position;
  }

  /** Writes bytes as the inside of a JSON string. */
  private escaped(buffer: Uint8Array, from: number, end: number, lower: boolean): void {
    const { out } = this;
    let position = this.position | 0;
    for (let i = from | 0; i < end; i = (i + 1) | 0) {
      const byte = buffer[i]! | 0;
      if (ESCAPES[byte] === 0) {
        out[position] = lower && byte >= 65 && byte <= 90 ? byte + 32 : byte;
        position = (position + 1) | 0;
      } else {
        const escape = escapeByte(byte);
        for (let j = 0; j < escape.length; j++) out[position++] = escape[j]!;
      }
    }
    this.position = position;
  }

  private copy(bytes: Uint8Array): void {
    const { out } = this;
    const { length } = bytes;
    let position = this.position | 0;
    if (length > 32) {
      out.set(bytes, position);
      this.position = position + length;
      return;
    }
    for (let i = 0; i < length; i = (i + 1) | 0, position = (position + 1) | 0) out[position] = bytes[i]!;
    this.position = position;
  }

  private text(text: string): void {
    const { out } = this;
    let { position } = this;
    for (let i = 0; i < text.length; i++) out[position++] = text.charCodeAt(i);
    this.position = position;
  }

  /** Makes room for a record whose message has `bytes` bytes: each may become six, and captured ones may be written twice. */
  private reserve(bytes: number): void {
    const needed = this.position + bytes * 13 + 16_384;
    if (needed <= this.out.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.out.length * 2));
    this.out.copy(grown, 0, 0, this.position);
    this.out = grown;
  }
}

let lastSecond = Number.NaN;
let lastSecondText = '';

/** @returns an ISO time; the part down to the second is kept, because records come in order */
function isoTime(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastSecondText = new Date(second * 1000).toISOString().slice(0, 20);
  }
  return `${lastSecondText}${String(milliseconds - second * 1000).padStart(3, '0')}Z`;
}

/** @returns key and value as bytes; `text` holds bytes as latin1 */
function member(key: Uint8Array, text: string, quoted: boolean): Uint8Array {
  if (!quoted || /[\x00-\x1f"\\\x7f]/.test(text)) {
    return Buffer.concat([key, Buffer.from(quoted ? escapeLatin1(text) : number(text), 'latin1')]);
  }
  const bytes = new Uint8Array(key.length + text.length + 2);
  bytes.set(key, 0);
  let at = key.length;
  bytes[at++] = 34;
  for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  bytes[at] = 34;
  return bytes;
}

function addressesKnown(endpoint: Endpoint | undefined): number {
  if (!endpoint) return 0;
  const { peerIp, peerPort, localIp, localPort } = endpoint;
  return (peerIp ? PEER_IP : 0) | (peerPort ? PEER_PORT : 0) | (localIp ? LOCAL_IP : 0) | (localPort ? LOCAL_PORT : 0);
}

function escapeByte(byte: number): Uint8Array {
  const short = JSON.stringify(String.fromCharCode(byte)).slice(1, -1);
  return encoder.encode(byte === 127 ? '\\u007f' : short);
}

/** JSON string of a text whose code units are bytes of UTF-8; it must be written as latin1. */
function escapeLatin1(text: string): string {
  return JSON.stringify(text).replace(/\x7f/g, '\\u007f');
}

function number(text: string): string {
  return text.replace(/^(-?)0+(?=\d)/, '$1');
}
