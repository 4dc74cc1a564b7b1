/**
 * Records to NDJSON, straight from bytes to bytes. What repeats (constants of an event, addresses of an exchange, fields of an SA, payload lists) is
 * made once and copied; the core writes it, and what a line captures in between. A record that waits for a later one keeps its place in the output; what it
 * learns is put in when its ticket settles.
 */
import {
  AS_LOWER,
  AS_MADE,
  AS_NUMBER,
  AS_TEXT,
  CAPTURE_BYTES,
  DAY,
  DAY_LENGTH,
  DAY_TEXT,
  ESCAPES,
  HEADER_BYTES,
  HEADERS,
  KEEPS,
  LEAF_BYTES,
  MADE,
  PROCESS_BYTES,
  PROCESSES,
  SA_ANCESTOR,
  SA_COUNT,
  SA_LEARNT,
  SA_LEARNT_BYTES,
  SA_USER,
  TIME_KEY,
  TIME_KEY_LENGTH,
  VALUE_CACHE,
  VALUE_PLACES,
} from '../core/layout.js';
import type { Engine, Leaf, LeafCapture } from './compile-engine.js';
import type { Core, Region } from './core.js';
import type { Format } from './formats.js';
import { ANCESTRY, type Endpoint, PEER_IP, type Sa, type Ticket } from './joined.js';
import { type Piece, PieceStore } from './pieces.js';
import type { HeaderFacts, Process, RecordReader } from './record.js';
import type { Sink } from './sink.js';
import type { Stitcher } from './stitch.js';
import type { StitchPlan } from './stitch-plan.js';
import { readValue } from './vocabulary.js';

/** Output is written out when there is more of it. */
const SPACE = 1 << 20;
/** Bytes for pieces: of what comes again and again, and of SAs. */
const PIECES = 1 << 21;
const LENT = 1 << 21;
const ADDRESSES = ['peer_ip', 'peer_port', 'local_ip', 'local_port'] as const;
const USER = 'user_identity';
/** Texts of one capture of which it is kept what was made of them. */
const MOST_MADE = 500;
const NOTHING: Piece = { at: 0, length: 0, generation: -1 };

/** A capture whose text needs a look-up, or is a list. */
interface MadeCapture {
  capture: LeafCapture;
  /** what the line's `set` says: it has the last word over what would be derived */
  constants: Record<string, unknown>;
  plan: StitchPlan;
  /** what was made of texts: the core keeps those of short ones only */
  made: Map<string, Piece>;
}

interface LeafPlan {
  /** where the core finds it: its constants, and its captures other than addresses */
  at: number;
  /** by the event that the record may become: where the leaf stands with what it says then */
  decided: Map<string, number> | undefined;
  /** slots of the addresses that the line captures, -1 where it does not: peer_ip, peer_port, local_ip, local_port */
  addresses: number[];
  /** by slot, 1 where the line itself fills it: a header does not repeat them */
  slots: Uint8Array;
  /** some header may capture what this line fills itself */
  fillsHeaderSlots: boolean;
  /** slot of the peer's identity, where the line captures no user: it is the user, unless the SA knows better. Else -1 */
  userFromPeer: number;
  role: string;
}

interface CompiledPlan {
  plan: StitchPlan;
  /** made when the first record of the leaf comes */
  leaves: (LeafPlan | undefined)[];
  /** what headers and structured records may fill */
  headerSlots: ReadonlySet<number>;
  /** `,"peer_id":` */
  learnKeys: string[];
  learnQuoted: boolean[];
  /** positions in `learns`, or -1 */
  user: number;
  peer: number;
  /** bits of both */
  userBits: number;
  addressSlots: number[];
  /** lists of stitched fields, with the end of the line, by `joinKey` */
  stitchedLists: Map<number, Piece>;
}

interface RenderedHeader {
  slots: number[];
  parts: string[];
  whole: Piece;
}

/** Where the core finds what an SA lends, in which generation of pieces. */
interface RenderedSa {
  at: number;
  generation: number;
}

export class Renderer implements Sink {
  private core!: Core;
  private pieces!: PieceStore;
  /** what SAs lend: it changes often */
  private lent!: PieceStore;
  private readonly out: Region = { at: 0, size: 0 };
  /** bytes of output */
  private position = 0;
  private readonly engine: Engine;
  private readonly format: Format;
  private readonly write: (output: Buffer) => Promise<void>;
  private readonly plans = new Map<StitchPlan, CompiledPlan>();
  private lastCompiled: CompiledPlan | undefined;
  private readonly made: MadeCapture[] = [];
  private waiting: Ticket[] = [];
  private endOfLine!: Piece;
  /** keys of fields, which many captures share */
  private readonly keys = new Map<string, Piece>();
  private readonly keyTexts = new Map<string, string>();
  private readonly saKey: string;
  private readonly rootKey: string;
  private readonly rekeyedKey: string;
  private readonly userKey: string;

  /** @param write takes finished output; resolves when more may come */
  constructor(engine: Engine, format: Format, write: (output: Buffer) => Promise<void>) {
    this.engine = engine;
    this.format = format;
    this.write = write;
    this.saKey = this.keyOf('sa_id');
    this.rootKey = this.keyOf('sa_root');
    this.rekeyedKey = this.keyOf('rekeyed_from');
    this.userKey = `${this.keyOf(USER)}"`;
  }

  attach({ core }: RecordReader): void {
    this.core = core;
    // what the core keeps of captures are pieces too
    this.pieces = new PieceStore(core, PIECES, () => {
      core.clearCache(core.get(VALUE_CACHE), VALUE_PLACES);
      for (const { made } of this.made) made.clear();
    });
    this.lent = new PieceStore(core, LENT);
    this.endOfLine = this.pieces.keepForever('}\n');
    const timeKey = this.pieces.keepForever(latin1(`{${JSON.stringify(this.format.key('timestamp'))}:"`));
    core.set(TIME_KEY, timeKey.at);
    core.set(TIME_KEY_LENGTH, timeKey.length);
    core.setNumber(DAY, Number.NaN);
    for (let byte = 0; byte < 256; byte++)
      core.bytes[ESCAPES + byte] = byte < 32 || byte === 34 || byte === 92 || byte === 127 ? 1 : 0;
    core.enlarge(this.out, SPACE * 2);
    core.answer({
      writing: {
        render: (number, from, end) => this.makeValue(this.made[number]!, from, end),
        renderDay: (day) => {
          const text = new Date(day * 86_400_000).toISOString();
          core.set(DAY_LENGTH, core.bytes.write(text.slice(0, text.indexOf('T') + 1), DAY_TEXT, 'latin1'));
        },
      },
    });
  }

  async flush(all: boolean): Promise<void> {
    const first = all ? undefined : this.waiting[0];
    const length = first ? first.lineStart : this.position;
    if (length === 0) return;
    await this.write(this.core.bytes.subarray(this.out.at, this.out.at + length));
    this.drop(length);
  }

  /** Forgets the first `length` bytes of the output; what waits is kept. */
  private drop(length: number): void {
    const { at } = this.out;
    this.core.bytes.copyWithin(at, at + length, at + this.position);
    this.position -= length;
    for (const ticket of this.waiting) {
      ticket.offset -= length;
      ticket.lineStart -= length;
    }
  }

  get full(): boolean {
    return this.position > SPACE;
  }

  get waitingSince(): number {
    return this.waiting[0]?.time ?? Number.NaN;
  }

  event(record: RecordReader, plan: StitchPlan, stitcher: Stitcher | undefined): void {
    const compiled = this.compiledPlan(plan);
    const leaf = compiled.leaves[record.leaf!.id] ?? this.leafPlan(compiled, record.leaf!);
    this.pieces.begin();
    this.reserve(record.messageEnd - record.messageStart);
    const lineStart = this.position;
    const isPlain = record.repeat === 1 && leaf.userFromPeer < 0 && stitcher?.becomes === undefined;
    if (isPlain && stitcher !== undefined && !(leaf.fillsHeaderSlots && this.fillsHeader(record.header!, compiled, leaf)))
      this.writeJoined(record, plan, compiled, leaf, stitcher);
    else {
      this.writeHead(record);
      this.writeHeader(record, compiled, leaf);
      this.writeMessage(record, leaf, stitcher?.becomes);
      if (stitcher === undefined) this.alone(record, compiled, leaf);
      else this.joined(record, plan, compiled, stitcher, leaf, lineStart);
    }
    this.blankFirstComma(lineStart);
  }

  /** Every member begins with a comma: in a record that has neither time nor process, that of the first becomes a blank. */
  private blankFirstComma(lineStart: number): void {
    const { bytes } = this.core;
    const second = this.out.at + lineStart + 1;
    if (bytes[second] === 44) bytes[second] = 32;
  }

  /** The usual: all at once. */
  private writeJoined(record: RecordReader, plan: StitchPlan, compiled: CompiledPlan, leaf: LeafPlan, stitcher: Stitcher): void {
    const { ticket, endpoint, ownAddresses } = stitcher;
    // a record that waits has the addresses that it tells itself: the rest comes when the ticket settles
    const sa = ticket === undefined ? stitcher.sa : undefined;
    const process = this.processNumber(record.process);
    const header = this.headerNumber(record.header!, compiled);
    let addresses = NOTHING;
    let known = 0;
    if (endpoint !== undefined) {
      if (ticket === undefined) {
        addresses = this.addresses(endpoint, sa?.role || leaf.role);
        known = endpoint.known & ~ownAddresses;
      } else if (ownAddresses & PEER_IP) addresses = this.addresses(endpoint, '');
    }
    const own = stitcher.ownLearnt;
    let lends = 0;
    if (sa !== undefined) {
      this.lent.begin();
      lends = this.saOf(sa, compiled);
    }
    const rest = this.stitchedList(plan, compiled, known, sa === undefined ? 0 : sa.known & ~own, stitcher.ordered);
    const lineStart = this.position;
    this.position =
      this.core.run.writeJoined(
        process,
        record.time,
        header,
        leaf.at,
        addresses.at,
        addresses.length,
        lends,
        own,
        compiled.userBits,
        rest.at,
        rest.length,
        this.out.at + this.position,
      ) - this.out.at;
    if (ticket !== undefined) this.keepPlace(ticket, own, this.position - this.endOfLine.length, lineStart);
  }

  private keepPlace(ticket: Ticket, ownLearnt: number, offset: number, lineStart: number): void {
    ticket.ownLearnt = ownLearnt;
    ticket.offset = offset;
    ticket.lineStart = lineStart;
    this.waiting.push(ticket);
  }

  private writeMessage(record: RecordReader, leaf: LeafPlan, becomes: string | undefined): void {
    const { core } = this;
    const at = becomes === undefined ? leaf.at : leaf.decided!.get(becomes)!;
    this.copy(core.get(at), core.get(at + 4));
    if (record.repeat > 1) this.text(`,${latin1(JSON.stringify(this.format.key('repeat')))}:${record.repeat}`);
    this.position = core.run.writeCaptures(at, this.out.at + this.position) - this.out.at;
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
    if (leaf.userFromPeer >= 0 && !(sa && sa.learnt[compiled.user] !== undefined)) {
      this.userFromPeer(record, leaf.userFromPeer);
      if (compiled.user >= 0) ownLearnt |= 1 << compiled.user;
    }
    if (ticket !== undefined) {
      if (ownAddresses & PEER_IP && endpoint) this.copyPiece(this.addresses(endpoint, ''));
      this.keepPlace(ticket, ownLearnt, this.position, lineStart);
      this.copyPiece(this.endOfLine);
      return;
    }
    if (endpoint !== undefined) this.copyPiece(this.addresses(endpoint, sa?.role || leaf.role));
    const known = endpoint === undefined ? 0 : endpoint.known & ~ownAddresses;
    this.writeSa(sa, compiled, ownLearnt);
    this.copyPiece(this.stitchedList(plan, compiled, known, sa === undefined ? 0 : sa.known & ~ownLearnt, stitcher.ordered));
  }

  private writeSa(sa: Sa | undefined, compiled: CompiledPlan, own: number): void {
    if (sa === undefined) return;
    this.lent.begin();
    const at = this.saOf(sa, compiled);
    this.reserve(sa.learnt.reduce((sum: number, text) => sum + (text?.length ?? 0), 0));
    this.position = this.core.run.writeSa(at, own, compiled.userBits, this.out.at + this.position) - this.out.at;
  }

  /** A record of a known program that no line matches: kept whole. */
  unparsed(record: RecordReader, event: 'unparsed' | 'ignored' | 'other'): void {
    this.pieces.begin();
    this.reserve(record.messageEnd - record.messageStart);
    const lineStart = this.position;
    this.writeHead(record);
    this.text(`${this.keyOf('msg_type')}"${event}"${this.keyOf('message')}"`);
    this.escaped(record.messageStart, record.messageEnd);
    this.text('"}\n');
    this.blankFirstComma(lineStart);
  }

  /** Puts in what a waiting record has learnt. */
  settle(ticket: Ticket, plan: StitchPlan): void {
    const index = this.waiting.indexOf(ticket);
    if (index < 0) return;
    this.waiting.splice(index, 1);
    const { endpoint, sa, ownLearnt } = ticket;
    const compiled = this.compiledPlan(plan);
    this.pieces.begin();
    const tail = this.position;
    this.reserve(0);
    if (endpoint && !(ticket.ownAddresses & PEER_IP)) this.copyPiece(this.addresses(endpoint, sa?.role ?? ''));
    this.writeSa(sa, compiled, ownLearnt);
    const known = endpoint === undefined ? 0 : endpoint.known & ~ticket.ownAddresses;
    this.copyPiece(this.stitchedList(plan, compiled, known, sa === undefined ? 0 : sa.known & ~ownLearnt, ticket.ordered));
    // the line has its end already
    const length = this.position - this.endOfLine.length - tail;
    this.position = tail + length;
    if (length === 0) return;
    // it was written at the end: what stands between its place and the end moves, and it goes there
    this.reserve(length);
    const { bytes } = this.core;
    const end = this.out.at + tail;
    const at = this.out.at + ticket.offset;
    bytes.copyWithin(end + length, end, end + length);
    bytes.copyWithin(at + length, at, end);
    bytes.copyWithin(at, end + length, end + length * 2);
    for (let i = 0; i < this.waiting.length; i++) {
      const other = this.waiting[i]!;
      if (other.offset > ticket.offset) other.offset += length;
      if (other.lineStart > ticket.offset) other.lineStart += length;
    }
  }

  private writeHead(record: RecordReader): void {
    const process = this.processNumber(record.process);
    this.position = this.core.run.writeHead(process, record.time, this.out.at + this.position) - this.out.at;
  }

  /** @returns the number by which the core knows what the process's records begin with */
  private processNumber(process: Process): number {
    if (process.number !== 0 && this.pieces.isKept(process.rendered)) return process.number;
    const { host, program, pid } = process;
    process.rendered = this.pieces.keep(
      this.members([
        ['host', host, true],
        ['program', program, true],
        ['pid', pid, !/^\d+$/.test(pid)],
      ]),
    );
    const entry = this.core.get(PROCESSES) + process.number * PROCESS_BYTES;
    this.core.set(entry + 4, process.rendered.at);
    this.core.set(entry + 8, process.rendered.length);
    return process.number;
  }

  /** @returns whether the header has a field that the line fills itself */
  private fillsHeader(header: HeaderFacts, compiled: CompiledPlan, leaf: LeafPlan): boolean {
    this.headerNumber(header, compiled);
    const { slots } = header.render as RenderedHeader;
    for (let i = 0; i < slots.length; i++) if (leaf.slots[slots[i]!] !== 0) return true;
    return false;
  }

  /** What the header captured; a line that fills the same field itself has the last word. */
  private writeHeader(record: RecordReader, compiled: CompiledPlan, leaf: LeafPlan): void {
    const header = record.header!;
    const number = this.headerNumber(header, compiled);
    if (!leaf.fillsHeaderSlots) {
      this.position = this.core.run.writeHeader(number, this.out.at + this.position) - this.out.at;
      return;
    }
    const { slots, parts } = header.render as RenderedHeader;
    for (let i = 0; i < slots.length; i++) if (leaf.slots[slots[i]!] === 0) this.text(parts[i]!);
  }

  /** @returns the number by which the core knows the header's text */
  private headerNumber(header: HeaderFacts, { addressSlots }: CompiledPlan): number {
    const known = header.render as RenderedHeader | undefined;
    if (header.number !== 0 && this.pieces.isKept(known?.whole)) return header.number;
    const { pack, slotNames } = this.engine;
    const slots: number[] = [];
    const parts: string[] = [];
    let text = '';
    for (const [slot, value] of header.texts) {
      const name = slotNames[slot]!;
      // its addresses are written with the line's
      if (!pack.fields.has(name) || addressSlots.includes(slot)) continue;
      const part = this.member(name, value, this.isQuoted(name));
      slots.push(slot);
      parts.push(part);
      text += part;
    }
    const whole = this.pieces.keep(text);
    header.render = { slots, parts, whole } satisfies RenderedHeader;
    const entry = this.core.get(HEADERS) + header.number * HEADER_BYTES;
    this.core.set(entry, whole.at);
    this.core.set(entry + 4, whole.length);
    return header.number;
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
      this.text(this.addressMembers(peerIp, peerPort, localIp, localPort, leaf.role === 'initiator'));
    }
    if (leaf.userFromPeer >= 0) this.userFromPeer(record, leaf.userFromPeer);
    this.copyPiece(this.endOfLine);
  }

  private userFromPeer(record: RecordReader, slot: number): void {
    if (record.starts[slot] === record.ends[slot]) return;
    this.text(this.userKey);
    this.escaped(record.starts[slot]!, record.ends[slot]!);
    this.text('"');
  }

  private addresses(endpoint: Endpoint, role: string): Piece {
    const isInitiator = role === 'initiator';
    const known = (isInitiator ? endpoint.renderedInitiator : endpoint.rendered) as Piece | undefined;
    if (this.pieces.isKept(known)) return known;
    const { peerIp, peerPort, localIp, localPort } = endpoint;
    const piece = this.pieces.keep(this.addressMembers(peerIp, peerPort, localIp, localPort, isInitiator));
    if (isInitiator) endpoint.renderedInitiator = piece;
    else endpoint.rendered = piece;
    return piece;
  }

  private addressMembers(peerIp: string, peerPort: string, localIp: string, localPort: string, initiator: boolean): string {
    const local = { ip: localIp, port: localPort };
    const peer = { ip: peerIp, port: peerPort };
    const [source, destination] = initiator ? [local, peer] : [peer, local];
    return this.members([
      ['peer_ip', peerIp, true],
      ['peer_port', peerPort, false],
      ['local_ip', localIp, true],
      ['local_port', localPort, false],
      ['src_ip', source.ip, true],
      ['src_port', source.port, false],
      ['dst_ip', destination.ip, true],
      ['dst_port', destination.port, false],
    ]);
  }

  private members(members: [field: string, text: string, quoted: boolean][]): string {
    return members.map((member) => this.member(...member)).join('');
  }

  /** @returns nothing where the text is empty, or no number where one is wanted */
  private member(field: string, text: string, quoted: boolean): string {
    if (text === '' || (!quoted && !/^-?\d+$/.test(text))) return '';
    return `${this.keyOf(field)}${quoted ? escapeLatin1(text) : number(text)}`;
  }

  /** @returns where the core finds what the SA lends */
  private saOf(sa: Sa, compiled: CompiledPlan): number {
    const known = sa.rendered as RenderedSa | undefined;
    if (known !== undefined && known.generation === this.lent.generation && sa.changed === 0) return known.at;
    return this.renderSa(sa, known, compiled);
  }

  /** Not a part of `saOf`: each call of a function with closures costs memory. */
  private renderSa(sa: Sa, known: RenderedSa | undefined, compiled: CompiledPlan): number {
    const isNew = known === undefined || known.generation !== this.lent.generation;
    const { learnKeys, learnQuoted, user, peer } = compiled;
    const { core } = this;
    const at = isNew ? this.lent.allocate(SA_LEARNT + learnKeys.length * SA_LEARNT_BYTES) : known.at;
    let isKept = true;
    const put = (place: number, text: string) => {
      const piece = this.lent.keep(text);
      isKept &&= this.lent.isKept(piece);
      core.set(at + place, piece.at);
      core.set(at + place + 4, piece.length);
    };
    const changed = isNew ? -1 : sa.changed;
    const { learnt } = sa;
    core.set(at + SA_COUNT, learnKeys.length);
    if (changed & ANCESTRY) {
      put(0, `${this.saKey}${escapeLatin1(sa.id)}${this.rootKey}${escapeLatin1(sa.root || sa.id)}`);
      put(SA_ANCESTOR, sa.rekeyedFrom ? `${this.rekeyedKey}${escapeLatin1(sa.rekeyedFrom)}` : '');
    }
    for (let position = 0; position < learnKeys.length; position++) {
      if ((changed & (1 << position)) === 0) continue;
      const text = learnt[position];
      const value = text === undefined ? '' : learnQuoted[position] ? escapeLatin1(text) : number(text);
      put(SA_LEARNT + position * SA_LEARNT_BYTES, text === undefined ? '' : `${learnKeys[position]}${value}`);
    }
    // who has authenticated as something is known by that, unless the log tells a user
    const isUser = user >= 0 && peer >= 0 && learnt[peer] && !learnt[user];
    if (changed & compiled.userBits || isNew) put(SA_USER, isUser ? `${learnKeys[user]}${escapeLatin1(learnt[peer]!)}` : '');
    sa.changed = 0;
    sa.rendered = { at, generation: isKept ? this.lent.generation : -1 } satisfies RenderedSa;
    return at;
  }

  /** @returns `,"peer_ip":` in the format's words */
  private keyOf(field: string): string {
    let key = this.keyTexts.get(field);
    if (key === undefined) {
      key = latin1(`,${JSON.stringify(this.format.key(field))}:`);
      this.keyTexts.set(field, key);
    }
    return key;
  }

  private isQuoted(field: string): boolean {
    const type = this.engine.pack.fields.get(field)?.type;
    return !(type === 'int' || type === 'long' || type === 'port' || type === 'float');
  }

  /** @returns the names of the fields that other records have told, and the end of the line */
  private stitchedList(plan: StitchPlan, compiled: CompiledPlan, addresses: number, learnt: number, ordered: boolean): Piece {
    if (addresses === 0 && learnt === 0) return this.endOfLine;
    const key = (learnt << 5) | (addresses << 1) | (ordered ? 1 : 0);
    const known = compiled.stitchedLists.get(key);
    if (this.pieces.isKept(known)) return known;
    const rendered = this.pieces.keep(this.stitchedText(plan, addresses, learnt, ordered));
    compiled.stitchedLists.set(key, rendered);
    return rendered;
  }

  private stitchedText(plan: StitchPlan, addresses: number, learnt: number, ordered: boolean): string {
    const names = [
      ...ADDRESSES.filter((_, bit) => addresses & (1 << bit)),
      ...plan.learns.filter((_, bit) => learnt & (1 << bit)),
    ];
    const order = ordered ? `${this.keyOf('stitched_by')}"order"` : '';
    return `${this.keyOf('stitched')}${JSON.stringify(names)}${order}}\n`;
  }

  private compiledPlan(plan: StitchPlan): CompiledPlan {
    if (this.lastCompiled?.plan === plan) return this.lastCompiled;
    let compiled = this.plans.get(plan);
    if (!compiled) {
      const { learns } = plan;
      const { headerLeaves, parser } = plan.compiled;
      const headerSlots = new Set([
        ...headerLeaves.flatMap((header) => header.captures.map((capture) => capture.slot)),
        ...Object.values(parser.structured).flatMap((fields) => Object.values(fields).map(this.engine.slotOf)),
      ]);
      compiled = {
        plan,
        leaves: [],
        headerSlots,
        learnKeys: learns.map((field) => this.keyOf(field)),
        learnQuoted: learns.map((field) => this.isQuoted(field)),
        user: learns.indexOf(USER),
        peer: learns.indexOf('peer_id'),
        userBits: [USER, 'peer_id'].reduce(
          (mask, field) => (learns.includes(field) ? mask | (1 << learns.indexOf(field)) : mask),
          0,
        ),
        addressSlots: ADDRESSES.map(this.engine.slotOf),
        stitchedLists: new Map(),
      };
      this.plans.set(plan, compiled);
    }
    this.lastCompiled = compiled;
    return compiled;
  }

  private leafPlan({ plan, leaves, headerSlots }: CompiledPlan, leaf: Leaf): LeafPlan {
    const { slotOf } = this.engine;
    const slots = ADDRESSES.map(slotOf);
    const captured = leaf.captures.map((capture) => capture.slot);
    const filled = [...captured, ...Object.keys(leaf.constants).map(slotOf)];
    const peer = leaf.captures.find(({ field }) => field.name === 'peer_id');
    const hasUser = leaf.captures.some(({ field }) => field.name === USER) || USER in leaf.constants;
    const written = leaf.captures.filter(({ slot }) => !slots.includes(slot));
    const place = (event: string) => this.placeLeaf(plan, this.constants(plan, event, leaf.constants), written, leaf.constants);
    const decisions = (plan.stitch.decides ?? []).filter(({ event }) => event === leaf.entry.event);
    const made: LeafPlan = {
      at: place(leaf.entry.event ?? ''),
      decided: decisions.length === 0 ? undefined : new Map(decisions.map(({ becomes }) => [becomes, place(becomes)])),
      addresses: slots.map((slot) => (captured.includes(slot) ? slot : -1)),
      slots: this.slotTable(filled),
      fillsHeaderSlots: filled.some((slot) => headerSlots.has(slot)),
      userFromPeer: peer && !hasUser ? peer.slot : -1,
      role: (leaf.constants.role as string | undefined) ?? '',
    };
    leaves[leaf.id] = made;
    return made;
  }

  /** Puts a leaf where the core reads how it is written. @returns its address */
  private placeLeaf(plan: StitchPlan, head: string, captures: LeafCapture[], constants: Record<string, unknown>): number {
    const { core } = this;
    const at = core.allocate(LEAF_BYTES + captures.length * CAPTURE_BYTES);
    const piece = this.pieces.keepForever(latin1(head));
    core.set(at, piece.at);
    core.set(at + 4, piece.length);
    core.set(at + 8, captures.length);
    for (const [index, capture] of captures.entries()) {
      const { field, kind, slot } = capture;
      const entry = at + LEAF_BYTES + index * CAPTURE_BYTES;
      const isPlain = (kind === 'text' || kind === 'number' || kind === 'lower') && !field.list;
      const quoted = this.isQuoted(field.name);
      const key = this.keyPiece(`${this.keyOf(field.name)}${quoted ? '"' : ''}`);
      core.set(entry, slot);
      core.set(entry + 4, key.at);
      core.set(entry + 8, key.length);
      core.set(entry + 12, !isPlain ? AS_MADE : !quoted ? AS_NUMBER : kind === 'lower' ? AS_LOWER : AS_TEXT);
      if (!isPlain) core.set(entry + 16, this.made.push({ capture, constants, plan, made: new Map() }) - 1);
    }
    return at;
  }

  private keyPiece(text: string): Piece {
    let piece = this.keys.get(text);
    if (piece === undefined) {
      piece = this.pieces.keepForever(text);
      this.keys.set(text, piece);
    }
    return piece;
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

  /** Makes the members that the text of a capture stands for, for the core. @returns where they stand */
  private makeValue({ capture, constants, plan, made }: MadeCapture, from: number, end: number): number {
    const { core } = this;
    const { kind, field } = capture;
    const text = core.bytes.toString('utf8', from, end);
    const known = made.get(text);
    if (known !== undefined) {
      core.set(MADE, known.length);
      core.set(KEEPS, 1);
      return known.at;
    }
    const values = readValue(kind, field.name, text, plan.compiled.vocabulary);
    if (field.list && typeof values[field.name] === 'string') values[field.name] = [values[field.name] as string];
    const piece = this.pieces.keep(
      latin1(
        Object.entries(values)
          .filter(([name]) => this.engine.pack.fields.has(name) && !(name in constants))
          .map(([name, value]) => `,${JSON.stringify(this.format.key(name))}:${JSON.stringify(value)}`)
          .join(''),
      ),
    );
    const keeps = this.pieces.isKept(piece);
    // where the store keeps no more, it forgets all before the next record
    if (keeps && made.size < MOST_MADE) made.set(text, piece);
    core.set(MADE, piece.length);
    core.set(KEEPS, keeps ? 1 : 0);
    return piece.at;
  }

  /** Writes bytes as the inside of a JSON string. */
  private escaped(from: number, end: number): void {
    this.position = this.core.run.writeText(from, end, this.out.at + this.position, 0) - this.out.at;
  }

  private copyPiece({ at, length }: Piece): void {
    if (length > LONG) this.reserve(length);
    this.copy(at, length);
  }

  private copy(at: number, length: number): void {
    this.position = this.core.run.copy(at, length, this.out.at + this.position) - this.out.at;
  }

  /** @param text its code units are bytes */
  private text(text: string): void {
    if (text.length > LONG) this.reserve(text.length);
    this.position += this.core.bytes.write(text, this.out.at + this.position, 'latin1');
  }

  /** Makes room for a record whose message has `bytes` bytes: each may become six, and captured ones may be written twice. */
  private reserve(bytes: number): void {
    const { core, out } = this;
    const needed = this.position + bytes * 13 + 65_536;
    if (needed <= out.size) return;
    const { at } = out;
    core.enlarge(out, needed);
    core.bytes.copyWithin(out.at, at, at + this.position);
  }
}

/** Members that may be longer than what a record has made room for. */
const LONG = 4096;

function number(text: string): string {
  const first = text.charCodeAt(0);
  if (first !== 48 && first !== 45) return text;
  return text.replace(/^(-?)0+(?=\d)/, '$1');
}

/** JSON string of a text whose code units are bytes of UTF-8. */
function escapeLatin1(text: string): string {
  const json = JSON.stringify(text);
  return json.includes('\x7f') ? json.replaceAll('\x7f', '\\u007f') : json;
}

/** @returns the text's UTF-8, a byte a code unit: so are all texts that go into output */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}
