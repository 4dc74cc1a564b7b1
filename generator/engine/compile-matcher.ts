/**
 * Templates → one trie → a table program (`Int32Array` and a pool of literal bytes) that `match.ts` interprets.
 *
 * Each node of the trie is entered at most once for a line, because a capture's end depends on nothing but its start: matching is linear in the
 * line for a given set of templates, whatever the line holds.
 */
import { CAPTURE_TYPES, captureRank, captureType, inCharset, runsToStop } from '../model/capture-types.js';
import type { Step, Variant } from '../model/template.js';

/** Operations of the table program; the numbers after a name say what its words are. */
export const OP = {
  /** next, on mismatch, on match-then-fail, pool offset, length */
  LITERAL: 1,
  /** table index, alternative */
  SWITCH: 2,
  /** next, alternative, slot, class bit, most bytes, stop byte or -1 */
  CLASS: 3,
  /** next, alternative, slot */
  IP: 4,
  /** next, alternative, slot, most digits */
  INT: 5,
  /** next, alternative, slot */
  TIMESTAMP: 6,
  /** next, alternative, slot */
  TIME: 7,
  /** next, alternative, slot, stop's pool offset, stop's length, unique */
  FIRST: 8,
  /** next, alternative, slot, stop's pool offset, stop's length, unique */
  LAST: 9,
  /** next, alternative, slot, tail's pool offset, tail's length */
  TAIL: 10,
  /** next, alternative, slot */
  REST: 11,
  /** alternative, leaf */
  END: 12,
  /** next, alternative, slot */
  ADDRESS: 13,
  /** next, alternative, slot, most digits */
  SERVICE: 14,
} as const;

export interface Matcher {
  program: Int32Array;
  /** 256 targets for each switch, one after the other; 0 = no way on */
  switches: Int32Array;
  pool: Uint8Array;
  /** class bits of each byte */
  classes: Uint16Array;
  /** order in which leaves are tried: the same order that alternations of other targets must use */
  leafOrder: number[];
}

interface TrieNode {
  bytes: Map<number, TrieNode>;
  holes: Map<string, { step: Step; node: TrieNode }>;
  leaf: number;
  /** most literal bytes on a way from here to a leaf; breaks ties between captures of one type */
  weight: number;
}

interface Weighed {
  step: Step;
  node: { weight: number };
}

const encoder = new TextEncoder();

/** One bit for each distinct charset. */
export const CLASS_BITS = new Map<string, number>(
  [...new Set(Object.values(CAPTURE_TYPES).flatMap((type) => ('charset' in type ? [type.charset] : [])))].map((charset, bit) => [
    charset,
    1 << bit,
  ]),
);

export const CLASSES = Uint16Array.from({ length: 256 }, (_, byte) => {
  let bits = 0;
  for (const [charset, bit] of CLASS_BITS) if (inCharset(charset, byte)) bits |= bit;
  return bits;
});

/**
 * @param variants each with the number that a match returns; several may share one
 * @param slotOf the slot of a field; captures of `_` get -1
 */
export function compileMatcher(variants: { variant: Variant; leaf: number }[], slotOf: (field: string) => number): Matcher {
  const root = newNode();
  for (const { variant, leaf } of variants) insert(root, variant, leaf);
  weigh(root);
  return new Emitter(slotOf).emit(root);
}

function newNode(): TrieNode {
  return { bytes: new Map(), holes: new Map(), leaf: -1, weight: 0 };
}

function insert(root: TrieNode, variant: Variant, leaf: number): void {
  let node = root;
  for (let index = 0; index < variant.parts.length; index++) {
    const part = variant.parts[index]!;
    if (part.kind === 'literal') {
      for (const byte of encoder.encode(part.text)) node = child(node, byte);
      continue;
    }
    const key = holeKey(part);
    let hole = node.holes.get(key);
    if (!hole) {
      hole = { step: part, node: newNode() };
      node.holes.set(key, hole);
    }
    node = hole.node;
    if (runsToStop(part.type)) index++; // the capture consumes its stop
  }
  if (node.leaf === -1) node.leaf = leaf;
}

/** @returns what two captures share that take the same bytes from any place: where they part again, a literal decides, and not this capture. */
export function holeKey(step: Step): string {
  const stop = runsToStop(step.type) ? step.stop : step.stop.slice(0, 1);
  return [step.type, step.field, stop, step.tail, step.unique].join('\0');
}

/** Bytes that a capture takes with it. */
export function stopLength(step: Step): number {
  return runsToStop(step.type) ? step.stop.length : 0;
}

function child(node: TrieNode, byte: number): TrieNode {
  let next = node.bytes.get(byte);
  if (!next) {
    next = newNode();
    node.bytes.set(byte, next);
  }
  return next;
}

function weigh(node: TrieNode): number {
  node.weight = 0;
  for (const next of node.bytes.values()) node.weight = Math.max(node.weight, 1 + weigh(next));
  for (const { step, node: next } of node.holes.values()) node.weight = Math.max(node.weight, stopLength(step) + weigh(next));
  return node.weight;
}

/** Among captures at one place, which one is tried first. */
export function bySpecificity(a: Weighed, b: Weighed): number {
  return (
    captureRank(a.step.type) - captureRank(b.step.type) ||
    Number(b.step.unique) - Number(a.step.unique) ||
    b.node.weight + stopLength(b.step) - (a.node.weight + stopLength(a.step)) ||
    (a.step.stop < b.step.stop ? -1 : a.step.stop > b.step.stop ? 1 : 0) ||
    (a.step.field < b.step.field ? -1 : 1)
  );
}

class Emitter {
  private readonly code: number[] = [0];
  private readonly tables: number[] = [];
  private readonly pool: number[] = [];
  private readonly pooled = new Map<string, number>();
  private readonly leafOrder: number[] = [];
  private readonly slotOf: (field: string) => number;

  constructor(slotOf: (field: string) => number) {
    this.slotOf = slotOf;
  }

  emit(root: TrieNode): Matcher {
    const entry = this.node(root);
    this.code[0] = entry;
    return {
      program: Int32Array.from(this.code),
      switches: Int32Array.from(this.tables),
      pool: Uint8Array.from(this.pool),
      classes: CLASSES,
      leafOrder: this.leafOrder,
    };
  }

  /** Emits a node: its literals first, then its captures by specificity, then its end. @returns the address of the first alternative. */
  private node(node: TrieNode): number {
    const literal = this.literals(node);
    const holes = [...node.holes.values()].sort(bySpecificity).map((hole) => this.hole(hole.step, hole.node));
    const end = node.leaf === -1 ? 0 : this.end(node.leaf);
    const chain = [...holes, ...(end ? [end] : [])];
    for (let i = 0; i + 1 < chain.length; i++) this.code[chain[i]! + (this.code[chain[i]!] === OP.END ? 1 : 2)] = chain[i + 1]!;
    const first = chain[0] ?? 0;
    for (const address of literal.fallsTo) this.code[address] = first;
    return literal.entry || first;
  }

  /** Emits the literal edges. @returns where they begin, and the words to fill with what is tried when they fail. */
  private literals(node: TrieNode): { entry: number; fallsTo: number[] } {
    const edges = [...node.bytes.entries()];
    if (edges.length === 0) return { entry: 0, fallsTo: [] };
    if (edges.length > 3) {
      const table = this.tables.length / 256;
      this.tables.push(...new Array<number>(256).fill(0));
      const entry = this.push(OP.SWITCH, table, 0);
      for (const [byte, next] of edges) this.tables[table * 256 + byte] = this.literal([byte], next, [], []);
      return { entry, fallsTo: [entry + 2] };
    }
    const misses: number[] = [];
    const hits: number[] = [];
    const addresses = edges.map(([byte, next]) => this.literal([byte], next, misses, hits));
    for (let i = 0; i + 1 < addresses.length; i++) this.code[addresses[i]! + 2] = addresses[i + 1]!;
    return { entry: addresses[0]!, fallsTo: [misses.at(-1)!, ...hits] };
  }

  /** Emits the longest chain of single literal bytes that begins with `bytes`. */
  private literal(bytes: number[], node: TrieNode, misses: number[], hits: number[]): number {
    const text = [...bytes];
    let last = node;
    while (last.bytes.size === 1 && last.holes.size === 0 && last.leaf === -1) {
      const [byte, next] = last.bytes.entries().next().value!;
      text.push(byte);
      last = next;
    }
    const address = this.push(OP.LITERAL, 0, 0, 0, this.literalOffset(Uint8Array.from(text)), text.length);
    misses.push(address + 2);
    hits.push(address + 3);
    this.code[address + 1] = this.node(last);
    return address;
  }

  private hole(step: Step, next: TrieNode): number {
    const slot = step.field === '_' ? -1 : this.slotOf(step.field);
    const type = captureType(step.type);
    const stop = encoder.encode(step.stop);
    let address: number;
    switch (type.takes) {
      case 'class':
        address = this.push(OP.CLASS, 0, 0, slot, CLASS_BITS.get(type.charset!)!, type.max!, -1);
        break;
      case 'class-or-stop':
        address = this.push(OP.CLASS, 0, 0, slot, CLASS_BITS.get(type.charset!)!, 0x7fffffff, stop.length ? stop[0]! : -1);
        break;
      case 'int':
        address = this.push(OP.INT, 0, 0, slot, type.max!);
        break;
      case 'ip':
        address = this.push(OP.IP, 0, 0, slot);
        break;
      case 'address':
        address = this.push(OP.ADDRESS, 0, 0, slot);
        break;
      case 'service':
        address = this.push(OP.SERVICE, 0, 0, slot, type.max!);
        break;
      case 'timestamp':
        address = this.push(OP.TIMESTAMP, 0, 0, slot);
        break;
      case 'time':
        address = this.push(OP.TIME, 0, 0, slot);
        break;
      case 'rest':
        address = this.push(OP.REST, 0, 0, slot);
        break;
      default: {
        const op = step.tail ? OP.TAIL : type.takes === 'last' && !step.unique ? OP.LAST : OP.FIRST;
        address = this.push(op, 0, 0, slot, this.literalOffset(stop), stop.length, step.unique ? 1 : 0);
      }
    }
    this.code[address + 1] = this.node(next);
    return address;
  }

  private end(leaf: number): number {
    this.leafOrder.push(leaf);
    return this.push(OP.END, 0, leaf);
  }

  private push(...words: number[]): number {
    const address = this.code.length;
    this.code.push(...words);
    return address;
  }

  private literalOffset(bytes: Uint8Array): number {
    const key = bytes.join();
    let offset = this.pooled.get(key);
    if (offset === undefined) {
      offset = this.pool.length;
      this.pool.push(...bytes);
      this.pooled.set(key, offset);
    }
    return offset;
  }
}
