/** A parser's `stitch:` rules as flags of its lines: what each line means for exchanges and SAs, worked out once. */
import type { EventMatch, Stitch } from '../model/pack.js';
import type { CompiledParser, Engine, Leaf } from './compile-engine.js';
import type { Role } from './joined.js';

export const OPENS = 1;
export const CLOSES = 2;
export const ANSWERS = 4;
export const JOBS = 8;
export const OUTSIDE = 16;
export const BEGINS = 32;
export const REPLACES = 64;
export const ENDS = 128;
export const RESETS = 256;
export const COPIES = 512;
export const COMPLETES = 1024;
export const TRAILS = 2048;
export const WAITS = 4096;
export const CHILD = 8192;
export const FOLLOWS = 16384;
export const ESTABLISHED = 32768;
export const MOVES = 65536;

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
  /** slots of captures that are learnt, and their positions */
  learnSlots: number[];
  learnPositions: number[];
  /** constants that are learnt, by position */
  learnConstants: [number, string][];
  /** the line itself captures the SA's number */
  namesSa: boolean;
  namesParent: boolean;
  namesReplaced: boolean;
  /** bits of decisions: which conditions the line makes hold or ends, and which of them decide what it is */
  causes: number;
  clears: number;
  decided: number;
  role: Role;
}

/** What a parser declares of stitching; the roles of its leaves are made when their first records come. */
export interface StitchPlan {
  compiled: CompiledParser;
  stitch: Stitch;
  roleOf: (leaf: Leaf) => LeafRole;
  learns: string[];
  /** position in `learns`, by slot */
  learnBySlot: Map<number, number>;
  exchangeSlot: number;
  numberSlot: number;
  /** slots of the fields that name another SA, or -1 */
  parentSlot: number;
  replacedSlot: number;
  amongSlots: number[];
  /** position of `parent` in `learns`, or -1 */
  parentPosition: number;
  /** slots of peer_ip, peer_port, local_ip, local_port */
  slots: number[];
  /** slots of the address and port that a peer had before it moved */
  oldSlots: [number, number];
}

const ADDRESS_FIELDS = ['peer_ip', 'peer_port', 'local_ip', 'local_port'];
const NO_STITCH: Stitch = { resets: [], copies: [] };

const plans = new WeakMap<CompiledParser, StitchPlan>();

/** @returns what stitching needs to know of each of the parser's leaves; found out once */
export function planStitch(engine: Engine, compiled: CompiledParser): StitchPlan {
  const plan = plans.get(compiled) ?? makePlan(engine, compiled);
  plans.set(compiled, plan);
  return plan;
}

function makePlan(engine: Engine, compiled: CompiledParser): StitchPlan {
  const stitch = compiled.stitch ?? NO_STITCH;
  const rules = groupRules([
    [OPENS, stitch.exchange?.opens ?? []],
    [CLOSES, stitch.exchange?.closes ?? []],
    [ANSWERS, stitch.exchange?.answered ?? []],
    [JOBS, stitch.exchange?.jobs ?? []],
    [TRAILS, stitch.exchange?.trails ?? []],
    [WAITS, stitch.exchange?.waits ?? []],
    [OUTSIDE, stitch.exchange?.outside ?? []],
    [BEGINS, stitch.sa?.begins ?? []],
    [REPLACES, stitch.sa?.replaces ?? []],
    [ENDS, stitch.sa?.ends ?? []],
    [RESETS, stitch.resets],
    [COPIES, stitch.copies],
    [COMPLETES, stitch.sa?.completes ?? []],
    [CHILD, stitch.sa?.children ?? []],
    [FOLLOWS, stitch.sa?.follows ?? []],
    [ESTABLISHED, stitch.sa?.established ?? []],
    [MOVES, stitch.sa?.moves ?? []],
  ]);
  const decisions = (stitch.decides ?? []).map(({ event, after, until }) => ({
    event,
    after: after.map(readRule),
    until: until.map(readRule),
  }));
  const learns = stitch.sa?.learns ?? [];
  const slotOf = (field: string | undefined) => (field === undefined ? -1 : engine.slotOf(field));
  const named = {
    numberSlot: slotOf(stitch.sa?.key),
    parentSlot: slotOf(stitch.sa?.parent),
    replacedSlot: slotOf(stitch.sa?.replaced),
  };
  const roles: (LeafRole | undefined)[] = [];
  return {
    compiled,
    stitch,
    learns,
    roleOf(leaf) {
      return (roles[leaf.id] ??= leafRole(engine, leaf, rules.get(leaf.entry.event ?? '') ?? [], decisions, learns, named));
    },
    learnBySlot: new Map(learns.map((field, index) => [engine.slotOf(field), index])),
    exchangeSlot: stitch.exchange ? engine.slotOf(stitch.exchange.key) : -1,
    ...named,
    amongSlots: (stitch.sa?.among ?? []).map(engine.slotOf),
    parentPosition: learns.indexOf(stitch.sa?.parent ?? ''),
    slots: ADDRESS_FIELDS.map(engine.slotOf),
    oldSlots: [engine.slotOf('old_address'), engine.slotOf('old_port')],
  };
}

/** What a line's event and fields must be. */
interface Rule {
  event: string;
  fields: [name: string, text: string][];
}

interface FlagRule extends Rule {
  flag: number;
}

interface DecisionRules {
  event: string;
  after: Rule[];
  until: Rule[];
}

function readRule(wanted: EventMatch): Rule {
  if (typeof wanted === 'string') return { event: wanted, fields: [] };
  const { event, ...fields } = wanted;
  return { event, fields: Object.entries(fields) };
}

/** @returns the rules of each event, with the flag of their list */
function groupRules(lists: [flag: number, matches: EventMatch[]][]): Map<string, FlagRule[]> {
  const groups = new Map<string, FlagRule[]>();
  for (const [flag, matches] of lists) {
    for (const rule of matches.map(readRule)) {
      const group = groups.get(rule.event) ?? [];
      groups.set(rule.event, group);
      group.push({ flag, ...rule });
    }
  }
  return groups;
}

/** Here an event with fields counts by its constants: what a line captures is not asked. */
function isOne({ entry, constants }: Leaf, rules: Rule[]): boolean {
  return rules.some(
    ({ event, fields }) => event === entry.event && fields.every(([name, text]) => String(constants[name]) === text),
  );
}

/** @returns bits by the decisions' places */
function bitsOf(decisions: DecisionRules[], holds: (decision: DecisionRules) => boolean): number {
  return decisions.reduce((mask, decision, place) => (holds(decision) ? mask | (1 << place) : mask), 0);
}

type Named = Pick<StitchPlan, 'numberSlot' | 'parentSlot' | 'replacedSlot'>;

function leafRole(
  engine: Engine,
  leaf: Leaf,
  rules: FlagRule[],
  decisions: DecisionRules[],
  learns: string[],
  { numberSlot, parentSlot, replacedSlot }: Named,
): LeafRole {
  const captured = new Set(leaf.captures.map((capture) => capture.field.name));
  const conditions: Condition[] = [];
  let flags = 0;
  for (const { flag, fields } of rules) {
    const equals: Condition['equals'] = [];
    let possible = true;
    for (const [field, text] of fields) {
      if (field in leaf.constants) possible &&= String(leaf.constants[field]) === text;
      else if (captured.has(field)) equals.push({ slot: engine.slotOf(field), text });
      else possible = false;
    }
    if (!possible) continue;
    if (equals.length === 0) flags |= flag;
    else conditions.push({ flag, equals });
  }
  const learnCaptures = leaf.captures.filter((capture) => learns.includes(capture.field.name));
  return {
    conditions,
    flags,
    addresses: ADDRESS_FIELDS.reduce((mask, field, bit) => (captured.has(field) ? mask | (1 << bit) : mask), 0),
    learns: learns.reduce((mask, field, bit) => (captured.has(field) || field in leaf.constants ? mask | (1 << bit) : mask), 0),
    learnSlots: learnCaptures.map((capture) => capture.slot),
    learnPositions: learnCaptures.map((capture) => learns.indexOf(capture.field.name)),
    learnConstants: learns.flatMap((field, bit): [number, string][] =>
      field in leaf.constants ? [[bit, String(leaf.constants[field])]] : [],
    ),
    namesSa: leaf.captures.some((capture) => capture.slot === numberSlot),
    namesParent: leaf.captures.some((capture) => capture.slot === parentSlot),
    namesReplaced: leaf.captures.some((capture) => capture.slot === replacedSlot),
    causes: bitsOf(decisions, ({ after }) => isOne(leaf, after)),
    clears: bitsOf(decisions, ({ until }) => isOne(leaf, until)),
    decided: bitsOf(decisions, ({ event }) => event === leaf.entry.event),
    role: (leaf.constants.role as Role | undefined) ?? '',
  };
}
