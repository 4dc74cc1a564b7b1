/**
 * Records to NDJSON, straight from bytes to bytes. What repeats (constants of an event, addresses of an exchange, fields of an SA, payload lists) is
 * rendered once and copied. A record that waits for a later one keeps its place in the output; what it learns is put in when its ticket settles.
 */
import type { LeafCapture } from './compile-engine.js';
import type { Engine } from './compile-engine.js';
import type { Format } from './formats.js';
import type { Process, RecordReader } from './record.js';
import { type Endpoint, LOCAL_IP, LOCAL_PORT, PEER_IP, PEER_PORT, type Sa, type Stitcher, type StitchPlan, type Ticket } from './stitch.js';
import { readValue } from './vocabulary.js';

const SPACE = 1 << 20;
const MEMO = 20_000;
const ADDRESSES = ['peer_ip', 'peer_port', 'local_ip', 'local_port'] as const;

/** How one captured field is written. */
interface CaptureOp {
  slot: number;
  /** `,"peer_ip":"` or `,"message_id":` */
  key: Uint8Array;
  quoted: boolean;
  capture: LeafCapture;
  /** the value needs a look-up or a list: made once per text and kept */
  memo: Map<string, Uint8Array> | undefined;
  address: boolean;
}

interface LeafPlan {
  head: Uint8Array;
  ops: CaptureOp[];
  /** slots and constants' slots that the line itself fills: a header does not repeat them */
  slots: Set<number>;
  /** the leaf captures the peer's identity and no user: it is the user, unless the SA knows better */
  userFromPeer: CaptureOp | undefined;
}

const encoder = new TextEncoder();
const ESCAPES = Uint8Array.from({ length: 256 }, (_, byte) => (byte < 32 || byte === 34 || byte === 92 || byte === 127 ? 1 : 0));

export class Renderer {
  out = Buffer.allocUnsafe(SPACE * 2);
  position = 0;

  private readonly engine: Engine;
  private readonly format: Format;
  private readonly plans = new Map<StitchPlan, { leaves: LeafPlan[]; headers: CaptureOp[][]; bySlot: Map<number, CaptureOp> }>();
  private readonly prefixes = new WeakMap<Process, Uint8Array>();
  private readonly stitchedLists = new Map<string, Uint8Array>();
  private waiting: Ticket[] = [];
  private second = Number.NaN;
  private readonly stamp = Buffer.from(' '.repeat(24));
  private readonly timeKey: Uint8Array;
  private readonly saKey: string;
  private readonly userSlotName = 'user_identity';

  constructor(engine: Engine, format: Format) {
    this.engine = engine;
    this.format = format;
    this.timeKey = encoder.encode(`{${JSON.stringify(format.key('timestamp'))}:"`);
    this.saKey = `,${JSON.stringify(format.key('sa_id'))}:`;
  }

  /** @returns the finished part of the output, which the caller must write before it calls again; what waits is kept. */
  take(all: boolean): Buffer {
    const first = all ? undefined : this.waiting[0];
    const end = first ? first.lineStart : this.position;
    const finished = Buffer.from(this.out.subarray(0, end));
    this.out.copyWithin(0, end, this.position);
    this.position -= end;
    for (const ticket of this.waiting) {
      ticket.offset -= end;
      ticket.lineStart -= end;
    }
    return finished;
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
    const compiled = this.compiledPlan(plan);
    const leaf = compiled.leaves[record.leaf!.id]!;
    this.reserve(record.messageEnd - record.messageStart);
    const lineStart = this.position;
    this.head(record);
    for (const op of compiled.headers[record.header!.id]!) if (!leaf.slots.has(op.slot)) this.capture(record, op);
    for (const slot of record.structured) {
      const op = compiled.bySlot.get(slot);
      if (op && !leaf.slots.has(slot)) this.capture(record, op);
    }
    this.copy(leaf.head);
    if (record.repeat > 1) this.text(`,${JSON.stringify(this.format.key('repeat'))}:${record.repeat}`);
    for (const op of leaf.ops) if (!op.address) this.capture(record, op);
    if (!stitcher) {
      this.own(record, leaf);
      this.text('}\n');
      return;
    }
    const { ticket, endpoint, sa } = stitcher;
    if (ticket) {
      // addresses that the record has itself are certain; the rest comes when the ticket settles
      if (ticket.ownAddresses & PEER_IP && endpoint) {
        this.addresses(endpoint, '');
      }
      if (leaf.userFromPeer) {
        this.userFromPeer(record, leaf.userFromPeer);
        ticket.ownLearnt |= 1 << (plan.stitch.sa?.learns.indexOf(this.userSlotName) ?? 31);
      }
      ticket.offset = this.position;
      ticket.lineStart = lineStart;
      this.waiting.push(ticket);
      this.text('}\n');
      return;
    }
    if (endpoint) this.addresses(endpoint, sa?.role || plan.roles[record.leaf!.id]!.role);
    if (leaf.userFromPeer && !(sa && this.learntUser(plan, sa))) this.userFromPeer(record, leaf.userFromPeer);
    if (sa) this.sa(plan, sa, stitcher.ownLearnt);
    this.stitchedList(plan, endpoint, sa, stitcher.ownAddresses, stitcher.ownLearnt, stitcher.ordered);
    this.text('}\n');
  }

  /** A record of a known program that no line matches: kept whole. */
  unparsed(record: RecordReader, event: 'unparsed' | 'ignored' | 'other'): void {
    this.reserve((record.messageEnd - record.messageStart) * 6);
    this.head(record);
    this.text(`,${JSON.stringify(this.format.key('msg_type'))}:"${event}",${JSON.stringify(this.format.key('message'))}:"`);
    this.escaped(record.buffer, record.messageStart, record.messageEnd);
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
    if (sa) this.sa(plan, sa, ticket.ownLearnt);
    this.stitchedList(plan, endpoint, sa, ticket.ownAddresses, ticket.ownLearnt, ticket.ordered);
    const length = this.position - tail;
    if (length === 0) return;
    const insertion = Buffer.from(this.out.subarray(tail, this.position));
    this.out.copyWithin(ticket.offset + length, ticket.offset, tail);
    this.out.set(insertion, ticket.offset);
    for (const other of this.waiting) {
      if (other.offset > ticket.offset) other.offset += length;
      if (other.lineStart > ticket.offset) other.lineStart += length;
    }
  }

  private head(record: RecordReader): void {
    if (Number.isNaN(record.time)) {
      this.text('{');
      const prefix = this.prefix(record.process);
      this.copy(prefix.length ? prefix.subarray(1) : prefix);
      if (!prefix.length) this.text(`${JSON.stringify(this.format.key('program'))}:""`);
      return;
    }
    this.copy(this.timeKey);
    this.time(record.time);
    this.out[this.position++] = 34;
    this.copy(this.prefix(record.process));
  }

  /** Writes an ISO time; the part down to the second is kept between records. */
  private time(milliseconds: number): void {
    const second = Math.floor(milliseconds / 1000);
    if (second !== this.second) {
      this.second = second;
      this.stamp.write(new Date(second * 1000).toISOString(), 0, 'latin1');
    }
    const rest = milliseconds - second * 1000;
    const { stamp, out, position } = this;
    stamp[20] = 48 + ((rest / 100) | 0);
    stamp[21] = 48 + (((rest / 10) | 0) % 10);
    stamp[22] = 48 + (rest % 10);
    for (let i = 0; i < 24; i++) out[position + i] = stamp[i]!;
    this.position += 24;
  }

  private prefix(process: Process): Uint8Array {
    let prefix = this.prefixes.get(process);
    if (!prefix) {
      const member = (field: string, text: string, quoted: boolean) =>
        text === '' ? '' : `,${JSON.stringify(this.format.key(field))}:${quoted ? JSON.stringify(text) : text.replace(/^0+(?=\d)/, '')}`;
      prefix = Buffer.from(
        member('host', process.host, true) + member('program', process.program, true) + member('pid', process.pid, !/^\d+$/.test(process.pid)),
        'latin1',
      );
      this.prefixes.set(process, prefix);
    }
    return prefix;
  }

  /** What the record says by itself when nothing is stitched: its addresses in both readings, and the user. */
  private own(record: RecordReader, leaf: LeafPlan): void {
    const text = (field: (typeof ADDRESSES)[number]) => {
      const op = leaf.ops.find((candidate) => candidate.address && candidate.capture.field.name === field);
      return op ? record.buffer.toString('latin1', record.starts[op.slot], record.ends[op.slot]) : '';
    };
    if (leaf.ops.some((op) => op.address)) {
      const role = (record.leaf!.constants.role as string | undefined) ?? '';
      const endpoint: Endpoint = {
        peerIp: text('peer_ip'),
        peerPort: text('peer_port'),
        localIp: text('local_ip'),
        localPort: text('local_port'),
        rendered: [],
      };
      this.addresses(endpoint, role);
    }
    if (leaf.userFromPeer) this.userFromPeer(record, leaf.userFromPeer);
  }

  private userFromPeer(record: RecordReader, op: CaptureOp): void {
    if (record.starts[op.slot] === record.ends[op.slot]) return;
    this.text(`,${JSON.stringify(this.format.key(this.userSlotName))}:"`);
    this.escaped(record.buffer, record.starts[op.slot]!, record.ends[op.slot]!);
    this.out[this.position++] = 34;
  }

  private learntUser(plan: StitchPlan, sa: Sa): boolean {
    const position = plan.stitch.sa?.learns.indexOf(this.userSlotName) ?? -1;
    return position >= 0 && (sa.learnt[position] ?? '') !== '';
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

  private sa(plan: StitchPlan, sa: Sa, own: number): void {
    let rendered = sa.rendered.get(own);
    if (!rendered) {
      rendered = this.renderSa(plan, sa, own);
      sa.rendered.set(own, rendered);
    }
    this.copy(rendered);
  }

  private renderSa(plan: StitchPlan, sa: Sa, own: number): Uint8Array {
    const learns = plan.stitch.sa?.learns ?? [];
    const members: [string, string, boolean][] = [];
    for (const [position, field] of learns.entries()) {
      if (own & (1 << position)) continue;
      members.push([field, sa.learnt[position] ?? '', this.isQuoted(field)]);
    }
    const user = learns.indexOf(this.userSlotName);
    const peer = learns.indexOf('peer_id');
    if (user >= 0 && peer >= 0 && !sa.learnt[user] && !(own & (1 << user)) && !(own & (1 << peer))) {
      members.push([this.userSlotName, sa.learnt[peer] ?? '', true]);
    }
    if (sa.rekeyedFrom) members.push(['rekeyed_from', sa.rekeyedFrom, true]);
    return Buffer.from(`${this.saKey}${escapeLatin1(sa.id)}${this.members(members)}`, 'latin1');
  }

  private isQuoted(field: string): boolean {
    const type = this.engine.pack.fields.get(field)?.type;
    return !(type === 'int' || type === 'long' || type === 'port' || type === 'float');
  }

  /** Names the fields that other records have told. */
  private stitchedList(
    plan: StitchPlan,
    endpoint: Endpoint | undefined,
    sa: Sa | undefined,
    ownAddresses: number,
    ownLearnt: number,
    ordered: boolean,
  ): void {
    let addresses = 0;
    if (endpoint) {
      addresses =
        (endpoint.peerIp ? PEER_IP : 0) |
        (endpoint.peerPort ? PEER_PORT : 0) |
        (endpoint.localIp ? LOCAL_IP : 0) |
        (endpoint.localPort ? LOCAL_PORT : 0);
    }
    addresses &= ~ownAddresses;
    let learnt = 0;
    if (sa) for (let i = 0; i < sa.learnt.length; i++) if (sa.learnt[i]) learnt |= 1 << i;
    learnt &= ~ownLearnt;
    if (addresses === 0 && learnt === 0) return;
    const key = `${addresses}.${learnt}.${ordered}`;
    let rendered = this.stitchedLists.get(key);
    if (!rendered) {
      const learns = plan.stitch.sa?.learns ?? [];
      const names = [...ADDRESSES.filter((_, bit) => addresses & (1 << bit)), ...learns.filter((_, bit) => learnt & (1 << bit))];
      rendered = encoder.encode(
        `,${JSON.stringify(this.format.key('stitched'))}:${JSON.stringify(names)}` +
          (ordered ? `,${JSON.stringify(this.format.key('stitched_by'))}:"order"` : ''),
      );
      this.stitchedLists.set(key, rendered);
    }
    this.copy(rendered);
  }

  private compiledPlan(plan: StitchPlan) {
    let compiled = this.plans.get(plan);
    if (!compiled) {
      const { leaves, headerLeaves, parser } = plan.compiled;
      const structured = new Set(Object.values(parser.structured).flatMap((fields) => Object.values(fields)));
      compiled = {
        leaves: leaves.map((leaf) => {
          const ops = leaf.captures.map((capture) => this.captureOp(capture));
          const names = new Set([...leaf.captures.map((capture) => capture.field.name), ...Object.keys(leaf.constants)]);
          const peer = ops.find((op) => op.capture.field.name === 'peer_id');
          return {
            head: encoder.encode(this.constants(plan, leaf.entry.event ?? '', leaf.constants)),
            ops,
            slots: new Set([...ops.map((op) => op.slot), ...Object.keys(leaf.constants).map(this.engine.slotOf)]),
            userFromPeer: peer && !names.has(this.userSlotName) ? peer : undefined,
          };
        }),
        headers: headerLeaves.map((header) => header.captures.map((capture) => this.captureOp(capture))),
        bySlot: new Map(
          [...structured].flatMap((name) => {
            const field = this.engine.pack.fields.get(name);
            const slot = this.engine.slotOf(name);
            return field ? [[slot, this.captureOp({ slot, field, kind: 'text' })] as const] : [];
          }),
        ),
      };
      this.plans.set(plan, compiled);
    }
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
      capture,
      memo: plain && !field.list ? undefined : new Map(),
      address: (ADDRESSES as readonly string[]).includes(field.name),
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
      this.escaped(record.buffer, from, end, op.capture.kind === 'lower');
      this.out[this.position++] = 34;
    } else this.digits(record.buffer, from, end);
  }

  private memoised(record: RecordReader, op: CaptureOp, memo: Map<string, Uint8Array>, from: number, end: number): void {
    const text = record.buffer.toString('latin1', from, end);
    let rendered = memo.get(text);
    if (!rendered) {
      const { kind, field } = op.capture;
      const utf8 = record.buffer.toString('utf8', from, end);
      const values = readValue(kind, field.name, utf8, this.vocabularyOf(record));
      if (field.list && typeof values[field.name] === 'string') values[field.name] = [values[field.name] as string];
      rendered = encoder.encode(
        Object.entries(values)
          .filter(([name]) => this.engine.pack.fields.has(name))
          .map(([name, value]) => `,${JSON.stringify(this.format.key(name))}:${JSON.stringify(value)}`)
          .join(''),
      );
      if (memo.size >= MEMO) memo.clear();
      memo.set(text, rendered);
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
  private escaped(buffer: Uint8Array, from: number, end: number, lower = false): void {
    const { out } = this;
    let { position } = this;
    for (let i = from; i < end; i++) {
      const byte = buffer[i]!;
      if (ESCAPES[byte] === 0) out[position++] = lower && byte >= 65 && byte <= 90 ? byte + 32 : byte;
      else {
        for (const unit of escapeByte(byte)) out[position++] = unit;
      }
    }
    this.position = position;
  }

  private copy(bytes: Uint8Array): void {
    this.out.set(bytes, this.position);
    this.position += bytes.length;
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
