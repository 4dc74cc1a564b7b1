/**
 * Records to NDJSON, straight from bytes to bytes. What repeats (constants of an event, addresses of an exchange, fields of an SA, payload lists) is
 * rendered once and copied. A record that waits for a later one keeps its place in the output; what it learns is put in when its ticket settles.
 */
import { ByteCache } from './byte-cache.js';
import type { Engine, Leaf, LeafCapture } from './compile-engine.js';
import type { Format } from './formats.js';
import { copyWords, type Fragment, latin1Fragment, utf8Fragment } from './fragment.js';
import type { HeaderFacts, KeptOutput, Process, RecordReader } from './record.js';
import { type Endpoint, PEER_IP, type Sa, type Ticket } from './joined.js';
import type { Sink } from './sink.js';
import type { Stitcher } from './stitch.js';
import type { StitchPlan } from './stitch-plan.js';
import { readValue } from './vocabulary.js';

/** Output is written out when there is more of it. */
const SPACE = 1 << 20;
/** Bytes at the beginning of the output buffer that keep finished pieces: within one buffer, a piece is copied without making a view of it. */
const KEPT = 1 << 19;
const MOST_KEPT = 4096;
const MEMO = 1024;
const ADDRESSES = ['peer_ip', 'peer_port', 'local_ip', 'local_port'] as const;

/** How one captured field is written. */
interface CaptureOp {
  slot: number;
  /** `,"peer_ip":"` or `,"message_id":` */
  key: Fragment;
  quoted: boolean;
  lower: boolean;
  capture: LeafCapture;
  constants: Record<string, unknown>;
  /** the value needs a look-up or a list: made once per text and kept */
  memo: ByteCache<Fragment> | undefined;
}

interface LeafPlan {
  head: Fragment;
  /** by the event that the record may become: the head that it has then */
  decided: Map<string, Fragment> | undefined;
  /** captures other than addresses, which are written as a whole */
  ops: CaptureOp[];
  /** slots of the addresses that the line captures, -1 where it does not: peer_ip, peer_port, local_ip, local_port */
  addresses: number[];
  /** by slot, 1 where the line itself fills it: a header does not repeat them */
  slots: Uint8Array;
  /** some header may capture what this line fills itself */
  fillsHeaderSlots: boolean;
  /** the leaf captures the peer's identity and no user: it is the user, unless the SA knows better */
  userFromPeer: CaptureOp | undefined;
}

interface CompiledPlan {
  leaves: LeafPlan[];
  fieldOf: Map<number, string>;
  /** `,"peer_id":` */
  learnKeys: Fragment[];
  learnQuoted: boolean[];
  /** positions in `learns`, or -1 */
  user: number;
  peer: number;
  /** bit of the user in a mask of learnt fields, or 0 */
  userBit: number;
  addressSlots: number[];
  /** lists of stitched fields, with the end of the line, by `joinKey` */
  stitchedLists: Map<number, Fragment>;
}

interface RenderedHeader {
  slots: number[];
  parts: Fragment[];
  whole: Fragment;
}

const USER = 'user_identity';
const END_OF_LINE = latin1Fragment('}\n');
const encoder = new TextEncoder();
const ESCAPES = Uint8Array.from({ length: 256 }, (_, byte) => (byte < 32 || byte === 34 || byte === 92 || byte === 127 ? 1 : 0));

export class Renderer implements Sink {
  private out = new Uint8Array(KEPT + SPACE * 2);
  private view = new DataView(this.out.buffer);
  private position = KEPT;
  /** where the next piece is kept, and how often the store was begun anew */
  private keptEnd = 0;
  private generation = 0;

  private readonly engine: Engine;
  private readonly format: Format;
  private readonly write: (output: Buffer) => Promise<void>;
  private readonly plans = new Map<StitchPlan, CompiledPlan>();
  private lastPlan: StitchPlan | undefined;
  private lastCompiled: CompiledPlan | undefined;
  private readonly prefixes = new WeakMap<Process, string>();
  private waiting: Ticket[] = [];
  /** `{"timestamp":"…","host":…`: the same for all records of one process and moment */
  private readonly head: KeptOutput = { generation: -1, at: 0, length: 0 };
  private headTime = Number.NaN;
  private headProcess: Process | undefined;
  private day = Number.NaN;
  private dayText = '';
  private readonly saKey: Fragment;
  private readonly rootKey: Fragment;
  private readonly rekeyedKey: Fragment;
  private readonly timeKey: string;
  private readonly userKey: Fragment;

  /** @param write takes finished output; resolves when more may come */
  constructor(engine: Engine, format: Format, write: (output: Buffer) => Promise<void>) {
    this.engine = engine;
    this.format = format;
    this.write = write;
    this.saKey = latin1Fragment(this.keyOf('sa_id'));
    this.rootKey = latin1Fragment(this.keyOf('sa_root'));
    this.rekeyedKey = latin1Fragment(this.keyOf('rekeyed_from'));
    this.timeKey = `{${JSON.stringify(format.key('timestamp'))}:"`;
    this.userKey = latin1Fragment(`${this.keyOf(USER)}"`);
  }

  async flush(all: boolean): Promise<void> {
    const first = all ? undefined : this.waiting[0];
    const finished = Buffer.from(this.out.buffer, KEPT, (first ? first.lineStart : this.position) - KEPT);
    if (finished.length === 0) return;
    await this.write(finished);
    this.drop(finished.length);
  }

  /** Forgets the first `length` bytes of the output; what waits is kept. */
  private drop(length: number): void {
    this.out.copyWithin(KEPT, KEPT + length, this.position);
    this.position -= length;
    for (const ticket of this.waiting) {
      ticket.offset -= length;
      ticket.lineStart -= length;
    }
  }

  get full(): boolean {
    return this.position > KEPT + SPACE;
  }

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
    this.writeMessage(record, leaf, stitcher?.becomes);
    this.blankFirstComma(lineStart);
    if (stitcher) this.joined(record, plan, compiled, stitcher, leaf, lineStart);
    else {
      this.alone(record, compiled, leaf);
      this.copy(END_OF_LINE);
    }
  }

  /** Every member begins with a comma: in a record that has neither time nor process, that of the first becomes a blank. */
  private blankFirstComma(lineStart: number): void {
    if (this.out[lineStart + 1] === 44) this.out[lineStart + 1] = 32;
  }

  private writeMessage(record: RecordReader, leaf: LeafPlan, becomes: string | undefined): void {
    const facts = record.repeat === 1 && becomes === undefined ? record.message : undefined;
    if (facts !== undefined && facts.render.generation === this.generation) {
      this.copyKept(facts.render.at, facts.render.length);
      return;
    }
    const start = this.position;
    this.copy(becomes === undefined ? leaf.head : leaf.decided!.get(becomes)!);
    if (record.repeat > 1) this.text(`,${JSON.stringify(this.format.key('repeat'))}:${record.repeat}`);
    const { ops } = leaf;
    for (let i = 0; i < ops.length; i++) this.capture(record, ops[i]!);
    if (facts !== undefined) this.keep(start, facts.render);
  }

  private joined(
    record: RecordReader,
    plan: StitchPlan,
    compiled: CompiledPlan,
    stitcher: Stitcher,
    leaf: LeafPlan,
    lineStart: number,
  ): void {
    const { ticket, endpoint, sa, ownAddresses } = stitcher;
    let { ownLearnt } = stitcher;
    if (leaf.userFromPeer !== undefined && !(sa && sa.learnt[compiled.user] !== undefined)) {
      this.userFromPeer(record, leaf.userFromPeer);
      ownLearnt |= compiled.userBit;
    }
    if (ticket !== undefined) {
      // addresses that the record has itself are certain; the rest comes when the ticket settles
      if (ownAddresses & PEER_IP && endpoint) this.addresses(endpoint, '');
      ticket.ownLearnt = ownLearnt;
      ticket.offset = this.position;
      ticket.lineStart = lineStart;
      this.waiting.push(ticket);
      this.copy(END_OF_LINE);
      return;
    }
    let known = 0;
    if (endpoint !== undefined) {
      known = endpoint.known & ~ownAddresses;
      this.addresses(endpoint, sa?.role || plan.roles[record.leaf!.id]!.role);
    }
    this.rest(plan, compiled, sa, known, ownLearnt, stitcher.ordered);
  }

  /** A record of a known program that no line matches: kept whole. */
  unparsed(record: RecordReader, event: 'unparsed' | 'ignored' | 'other'): void {
    this.reserve((record.messageEnd - record.messageStart) * 6);
    const lineStart = this.position;
    this.writeHead(record);
    this.text(`,${JSON.stringify(this.format.key('msg_type'))}:"${event}",${JSON.stringify(this.format.key('message'))}:"`);
    this.escaped(record.buffer, record.messageStart, record.messageEnd, false);
    this.text('"}\n');
    this.blankFirstComma(lineStart);
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
    const known = endpoint === undefined ? 0 : endpoint.known & ~ticket.ownAddresses;
    this.rest(plan, this.compiledPlan(plan), sa, known, ticket.ownLearnt, ticket.ordered);
    const length = this.position - END_OF_LINE.length - tail;
    this.position = tail + length;
    if (length === 0) return;
    // it was written at the end: what stands between its place and the end moves, and it goes there
    this.reserve(length);
    const { out } = this;
    out.copyWithin(tail + length, tail, tail + length);
    out.copyWithin(ticket.offset + length, ticket.offset, tail + length * 2);
    out.copyWithin(ticket.offset, tail + length * 2, tail + length * 3);
    for (let i = 0; i < this.waiting.length; i++) {
      const other = this.waiting[i]!;
      if (other.offset > ticket.offset) other.offset += length;
      if (other.lineStart > ticket.offset) other.lineStart += length;
    }
  }

  private writeHead(record: RecordReader): void {
    if (record.process === this.headProcess && record.time === this.headTime && this.head.generation === this.generation) {
      this.copyKept(this.head.at, this.head.length);
      return;
    }
    const start = this.position;
    const prefix = this.prefix(record.process);
    if (Number.isNaN(record.time)) {
      this.text('{');
      this.text(prefix.slice(1));
      return;
    }
    this.text(this.timeKey);
    this.isoTime(record.time);
    this.text('"');
    this.text(prefix);
    this.headProcess = record.process;
    this.headTime = record.time;
    this.keep(start, this.head);
  }

  /** Writes an ISO time; the date is kept, because records come in order. */
  private isoTime(milliseconds: number): void {
    const day = Math.floor(milliseconds / 86_400_000);
    if (day !== this.day) {
      this.day = day;
      const text = new Date(day * 86_400_000).toISOString();
      this.dayText = text.slice(0, text.indexOf('T') + 1);
    }
    this.text(this.dayText);
    const { out } = this;
    let position = this.position | 0;
    const rest = (milliseconds - day * 86_400_000) | 0;
    const second = (rest / 1000) | 0;
    const fraction = rest - second * 1000;
    position = twoDigits(out, position, (second / 3600) | 0);
    out[position++] = 58;
    position = twoDigits(out, position, ((second / 60) | 0) % 60);
    out[position++] = 58;
    position = twoDigits(out, position, second % 60);
    out[position++] = 46;
    out[position++] = 48 + ((fraction / 100) | 0);
    position = twoDigits(out, position, fraction % 100);
    out[position++] = 90;
    this.position = position;
  }

  /** What the header captured; a line that fills the same field itself has the last word. */
  private writeHeader(record: RecordReader, compiled: CompiledPlan, leaf: LeafPlan): void {
    const header = record.header!;
    const rendered = (header.render === undefined ? this.renderHeader(header, compiled) : header.render) as RenderedHeader;
    if (!leaf.fillsHeaderSlots) {
      this.copy(rendered.whole);
      return;
    }
    const { slots, parts } = rendered;
    for (let i = 0; i < slots.length; i++) if (leaf.slots[slots[i]!] === 0) this.copy(parts[i]!);
  }

  private renderHeader(header: HeaderFacts, compiled: CompiledPlan): RenderedHeader {
    // its addresses are written with the line's
    const slots = [...header.texts.keys()].filter((slot) => compiled.fieldOf.has(slot) && !compiled.addressSlots.includes(slot));
    const parts = slots.map((slot) => {
      const name = compiled.fieldOf.get(slot)!;
      return this.members([[name, header.texts.get(slot)!, this.isQuoted(name)]]);
    });
    const rendered = { slots, parts: parts.map(latin1Fragment), whole: latin1Fragment(parts.join('')) };
    header.render = rendered;
    return rendered;
  }

  private prefix(process: Process): string {
    let prefix = this.prefixes.get(process);
    if (!prefix) {
      const members: [string, string, boolean][] = [
        ['host', process.host, true],
        ['program', process.program, true],
        ['pid', process.pid, !/^\d+$/.test(process.pid)],
      ];
      prefix = this.members(members);
      this.prefixes.set(process, prefix);
    }
    return prefix;
  }

  /** What the record says by itself when nothing is stitched: its addresses in both readings, and the user. */
  private alone(record: RecordReader, compiled: CompiledPlan, leaf: LeafPlan): void {
    const { texts } = record.header!;
    if (leaf.addresses.some((slot) => slot >= 0) || compiled.addressSlots.some((slot) => texts.has(slot))) {
      const text = (slot: number, place: number) =>
        slot < 0
          ? (texts.get(compiled.addressSlots[place]!) ?? '')
          : record.buffer.toString('latin1', record.starts[slot], record.ends[slot]);
      const [peerIp, peerPort, localIp, localPort] = leaf.addresses.map(text) as [string, string, string, string];
      const role = (record.leaf!.constants.role as string | undefined) ?? '';
      this.copy(this.renderAddresses(peerIp, peerPort, localIp, localPort, role === 'initiator'));
    }
    if (leaf.userFromPeer) this.userFromPeer(record, leaf.userFromPeer);
  }

  private userFromPeer(record: RecordReader, op: CaptureOp): void {
    if (record.starts[op.slot] === record.ends[op.slot]) return;
    this.copy(this.userKey);
    this.escaped(record.buffer, record.starts[op.slot]!, record.ends[op.slot]!, false);
    this.out[this.position++] = 34;
  }

  private addresses(endpoint: Endpoint, role: string): void {
    if (role === 'initiator') {
      if (endpoint.renderedInitiator === undefined) endpoint.renderedInitiator = this.renderEndpoint(endpoint, true);
      this.copy(endpoint.renderedInitiator);
    } else {
      if (endpoint.rendered === undefined) endpoint.rendered = this.renderEndpoint(endpoint, false);
      this.copy(endpoint.rendered);
    }
  }

  private renderEndpoint({ peerIp, peerPort, localIp, localPort }: Endpoint, initiator: boolean): Fragment {
    return this.renderAddresses(peerIp, peerPort, localIp, localPort, initiator);
  }

  private renderAddresses(peerIp: string, peerPort: string, localIp: string, localPort: string, initiator: boolean): Fragment {
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
    return latin1Fragment(this.members(members));
  }

  private members(members: [string, string, boolean][]): string {
    return members
      .filter(([, text, quoted]) => text !== '' && (quoted || /^-?\d+$/.test(text)))
      .map(([field, text, quoted]) => `,${JSON.stringify(this.format.key(field))}:${quoted ? escapeLatin1(text) : number(text)}`)
      .join('');
  }

  /** Writes what the SA lends, what was stitched, and the end of the line: kept by what the record has itself, until the SA learns more. */
  private rest(
    plan: StitchPlan,
    compiled: CompiledPlan,
    sa: Sa | undefined,
    addresses: number,
    own: number,
    ordered: boolean,
  ): void {
    if (sa === undefined) {
      if (addresses === 0) this.copy(END_OF_LINE);
      else this.copy(this.stitchedList(plan, compiled, addresses, 0, ordered));
      return;
    }
    const key = (own << 5) | (addresses << 1) | (ordered ? 1 : 0);
    const { rendered } = sa;
    if (rendered.generation !== this.generation) {
      rendered.generation = this.generation;
      rendered.count = 0;
    }
    const { pieces } = rendered;
    for (let i = 0; i < rendered.count; i = (i + 3) | 0) {
      if (pieces[i] !== key) continue;
      this.copyKept(pieces[i + 1]!, pieces[i + 2]!);
      return;
    }
    const start = this.position;
    this.lent(compiled, sa, own);
    this.copy(this.stitchedList(plan, compiled, addresses, sa.known & ~own, ordered));
    const length = this.position - start;
    if (rendered.count === pieces.length || length > MOST_KEPT) return;
    const at = this.keepAt(start, length);
    if (rendered.generation !== this.generation) return;
    pieces[rendered.count] = key;
    pieces[rendered.count + 1] = at;
    pieces[rendered.count + 2] = length;
    rendered.count += 3;
  }

  private lent(compiled: CompiledPlan, sa: Sa, own: number): void {
    const { learnKeys, learnQuoted, user, peer } = compiled;
    this.member(this.saKey, sa.id, true);
    this.member(this.rootKey, sa.root || sa.id, true);
    const { learnt } = sa;
    for (let position = 0; position < learnt.length; position++) {
      const known = learnt[position];
      if (known !== undefined && (own & (1 << position)) === 0) this.member(learnKeys[position]!, known, learnQuoted[position]!);
    }
    if (user >= 0 && peer >= 0 && sa.learnt[peer] && !sa.learnt[user] && !(own & (1 << user)) && !(own & (1 << peer))) {
      this.member(learnKeys[user]!, sa.learnt[peer], true);
    }
    if (sa.rekeyedFrom) this.member(this.rekeyedKey, sa.rekeyedFrom, true);
  }

  /** Writes what another record told: it may be longer than this one had reason to make room for. */
  private member(key: Fragment, text: string, quoted: boolean): void {
    if (text.length > MOST_KEPT) this.reserve(text.length);
    this.copy(key);
    if (!quoted) {
      this.text(number(text));
      return;
    }
    this.out[this.position++] = 34;
    this.text(text, true);
    this.out[this.position++] = 34;
  }

  /** @returns `,"peer_ip":` in the format's words */
  private keyOf(field: string): string {
    return `,${JSON.stringify(this.format.key(field))}:`;
  }

  private isQuoted(field: string): boolean {
    const type = this.engine.pack.fields.get(field)?.type;
    return !(type === 'int' || type === 'long' || type === 'port' || type === 'float');
  }

  /** Names the fields that other records have told, and ends the line. */
  private stitchedList(plan: StitchPlan, compiled: CompiledPlan, addresses: number, learnt: number, ordered: boolean): Fragment {
    if (addresses === 0 && learnt === 0) return END_OF_LINE;
    const key = (learnt << 5) | (addresses << 1) | (ordered ? 1 : 0);
    let rendered = compiled.stitchedLists.get(key);
    if (rendered === undefined) {
      const names = [
        ...ADDRESSES.filter((_, bit) => addresses & (1 << bit)),
        ...plan.learns.filter((_, bit) => learnt & (1 << bit)),
      ];
      const order = ordered ? `,${JSON.stringify(this.format.key('stitched_by'))}:"order"` : '';
      rendered = utf8Fragment(`,${JSON.stringify(this.format.key('stitched'))}:${JSON.stringify(names)}${order}}\n`);
      compiled.stitchedLists.set(key, rendered);
    }
    return rendered;
  }

  private compiledPlan(plan: StitchPlan): CompiledPlan {
    if (this.lastPlan === plan && this.lastCompiled) return this.lastCompiled;
    let compiled = this.plans.get(plan);
    if (!compiled) {
      const { leaves } = plan.compiled;
      const { learns } = plan;
      const user = learns.indexOf(USER);
      const slots = ADDRESSES.map(this.engine.slotOf);
      const { headerLeaves, parser } = plan.compiled;
      const headerSlots = new Set([
        ...headerLeaves.flatMap((header) => header.captures.map((capture) => capture.slot)),
        ...Object.values(parser.structured).flatMap((fields) => Object.values(fields).map(this.engine.slotOf)),
      ]);
      compiled = {
        leaves: leaves.map((leaf) => {
          const captured = leaf.captures.map((capture) => capture.slot);
          const filled = [...captured, ...Object.keys(leaf.constants).map(this.engine.slotOf)];
          const names = new Set([...leaf.captures.map((capture) => capture.field.name), ...Object.keys(leaf.constants)]);
          const ops = leaf.captures.map((capture) => this.captureOp(capture, leaf.constants));
          const peer = ops.find((op) => op.capture.field.name === 'peer_id');
          return {
            head: utf8Fragment(this.constants(plan, leaf.entry.event ?? '', leaf.constants)),
            decided: this.decidedHeads(plan, leaf),
            ops: ops.filter((op) => !slots.includes(op.slot)),
            addresses: slots.map((slot) => (captured.includes(slot) ? slot : -1)),
            slots: this.slotTable(filled),
            fillsHeaderSlots: filled.some((slot) => headerSlots.has(slot)),
            userFromPeer: peer && !names.has(USER) ? peer : undefined,
          };
        }),
        learnKeys: learns.map((field) => latin1Fragment(this.keyOf(field))),
        learnQuoted: learns.map((field) => this.isQuoted(field)),
        user,
        peer: learns.indexOf('peer_id'),
        addressSlots: slots,
        userBit: user < 0 ? 0 : 1 << user,
        stitchedLists: new Map(),
        fieldOf: new Map([...this.engine.pack.fields.keys()].map((name) => [this.engine.slotOf(name), name])),
      };
      this.plans.set(plan, compiled);
    }
    this.lastPlan = plan;
    this.lastCompiled = compiled;
    return compiled;
  }

  private decidedHeads(plan: StitchPlan, leaf: Leaf): LeafPlan['decided'] {
    const decisions = (plan.stitch.decides ?? []).filter(({ event }) => event === leaf.entry.event);
    if (decisions.length === 0) return undefined;
    return new Map(decisions.map(({ becomes }) => [becomes, utf8Fragment(this.constants(plan, becomes, leaf.constants))]));
  }

  private slotTable(slots: number[]): Uint8Array {
    const table = new Uint8Array(this.engine.slotNames.length);
    for (const slot of slots) if (slot >= 0) table[slot] = 1;
    return table;
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

  /** @param constants what the line's `set` says: it has the last word over what would be derived */
  private captureOp(capture: LeafCapture, constants: Record<string, unknown> = {}): CaptureOp {
    const { field, kind, slot } = capture;
    const quoted = this.isQuoted(field.name);
    const plain = kind === 'text' || kind === 'number' || kind === 'lower';
    return {
      slot,
      key: utf8Fragment(`${this.keyOf(field.name)}${quoted ? '"' : ''}`),
      quoted,
      lower: kind === 'lower',
      capture,
      constants,
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

  private memoised(record: RecordReader, op: CaptureOp, memo: ByteCache<Fragment>, from: number, end: number): void {
    let rendered = memo.get(record.view, from, end);
    if (!rendered) {
      const { kind, field } = op.capture;
      const values = readValue(kind, field.name, record.buffer.toString('utf8', from, end), this.vocabularyOf(record));
      if (field.list && typeof values[field.name] === 'string') values[field.name] = [values[field.name] as string];
      rendered = utf8Fragment(
        Object.entries(values)
          .filter(([name]) => this.engine.pack.fields.has(name) && !(name in op.constants))
          .map(([name, value]) => `,${JSON.stringify(this.format.key(name))}:${JSON.stringify(value)}`)
          .join(''),
      );
      memo.set(record.view, from, end, rendered);
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
        const escaped = escapeByte(byte);
        for (let j = 0; j < escaped.length; j++) out[position++] = escaped[j]!;
      }
    }
    this.position = position;
  }

  private copy(fragment: Fragment): void {
    const { position } = this;
    this.position = position + fragment.length;
    copyWords(fragment.view, 0, fragment.length, this.view, position);
  }

  private copyKept(at: number, length: number): void {
    const { position } = this;
    this.position = position + length;
    copyWords(this.view, at, length, this.view, position);
  }

  /** Keeps what was written since `start`. */
  private keep(start: number, kept: KeptOutput): void {
    const length = this.position - start;
    if (length > MOST_KEPT) return;
    kept.at = this.keepAt(start, length);
    kept.length = length;
    kept.generation = this.generation;
  }

  /** @returns where it is kept: in this generation, which may be a new one */
  private keepAt(start: number, length: number): number {
    if (this.keptEnd + length > KEPT) {
      this.keptEnd = 0;
      this.generation++;
    }
    const at = this.keptEnd;
    copyWords(this.view, start, length, this.view, at);
    this.keptEnd = (at + length + 7) & ~7;
    return at;
  }

  /** @param text its code units are bytes */
  private text(text: string, escaping = false): void {
    const { out } = this;
    let position = this.position | 0;
    for (let i = 0; i < text.length; i = (i + 1) | 0) {
      const byte = text.charCodeAt(i) | 0;
      if (escaping && ESCAPES[byte] !== 0) {
        const escaped = escapeByte(byte);
        for (let j = 0; j < escaped.length; j++) out[position++] = escaped[j]!;
      } else {
        out[position] = byte;
        position = (position + 1) | 0;
      }
    }
    this.position = position;
  }

  /** Makes room for a record whose message has `bytes` bytes: each may become six, and captured ones may be written twice. */
  private reserve(bytes: number): void {
    const needed = this.position + bytes * 13 + 16_384;
    if (needed <= this.out.length) return;
    const grown = new Uint8Array(Math.max(needed, this.out.length * 2));
    grown.set(this.out.subarray(0, this.position));
    this.out = grown;
    this.view = new DataView(grown.buffer);
  }
}

function twoDigits(out: Uint8Array, position: number, value: number): number {
  const tens = (value / 10) | 0;
  out[position] = 48 + tens;
  out[position + 1] = 48 + value - tens * 10;
  return position + 2;
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
  const first = text.charCodeAt(0);
  if (first !== 48 && first !== 45) return text;
  return text.replace(/^(-?)0+(?=\d)/, '$1');
}
