/**
 * The eight forms as state machines. Records come in order of time; a machine sees those that one of its inputs matches, keeps what its window can still
 * count, and opens findings. Exact and streaming: no bins, and nothing older than the window is kept.
 */
import type {
  AbsenceForm,
  DeviationForm,
  EventCountForm,
  EventForm,
  FirstSeenForm,
  RatioForm,
  TemporalOrderedForm,
  ValueCountForm,
} from '../model/detection.js';
import type { Transform } from '../model/pack.js';
import { fieldNumber } from '../model/field-numbers.js';
import { type Baseline, NO_BASELINE, type Range } from './baseline.js';
import { BoundedGroups } from './bounded-groups.js';
import type { Episodes } from './episodes.js';
import { type Sighting, sightingOf } from './finding.js';
import { compileKey, type Grouped } from './group.js';
import type { EventRow } from './log-event.js';
import { measureOf } from './measures.js';

/** Groups of one detection that are kept at once. */
const MOST_GROUPS = 100_000;

/** What a machine may ask that no record tells. */
export interface Known {
  baseline: Baseline;
  transforms: readonly Transform[];
}

/** Takes a completed pair, or a record that was not answered: opens a finding, or feeds another form. */
export type Yield = (grouped: Grouped, opened: number, evidence: Sighting[], event: EventRow) => void;

export interface Machine {
  /**
   * @param input which of the form's inputs the record matches: 0 is `of`, or the step's number; 1 is `without` or `among`
   * @param evidence where the record is what a match made: the records of the match
   */
  see(event: EventRow, grouped: Grouped, input: number, evidence?: Sighting[]): void;
  /** Event time has come to `time`: no record before it will follow. */
  advance?(time: number): void;
  /** No record will follow. */
  finish?(): void;
  /** time of the oldest record that is not decided yet */
  readonly oldest?: number;
  /** Forgets groups that cannot count any more at `time`. */
  sweep?(time: number): void;
  /** groups that were forgotten for want of room */
  readonly evicted: number;
}

export class EventMachine implements Machine {
  readonly evicted = 0;
  private readonly episodes: Episodes;

  constructor(_form: EventForm, episodes: Episodes) {
    this.episodes = episodes;
  }

  see(event: EventRow, grouped: Grouped, _input: number, evidence: Sighting[] = [sightingOf(event)]): void {
    if (!this.episodes.cover(grouped, event)) this.episodes.begin(grouped, event.time, evidence, event, [], 1);
  }
}

/** Keeps the last `atLeast` records of a group: they fit into the window exactly when some `atLeast` records do. */
export class EventCountMachine implements Machine {
  private readonly form: EventCountForm;
  private readonly episodes: Episodes;
  private readonly groups = new BoundedGroups<Sighting[]>(MOST_GROUPS);

  constructor(form: EventCountForm, episodes: Episodes) {
    this.form = form;
    this.episodes = episodes;
  }

  get evicted(): number {
    return this.groups.evicted;
  }

  see(event: EventRow, grouped: Grouped): void {
    if (this.episodes.cover(grouped, event)) return;
    const { atLeast, within } = this.form;
    let last = this.groups.find(grouped.id);
    if (last !== undefined) last.push(sightingOf(event));
    else last = this.groups.add(grouped.id, [sightingOf(event)]);
    while (last.length > 0 && (last.length > atLeast || event.time - last[0]!.time > within * 1000)) last.shift();
    if (last.length < atLeast) return;
    this.episodes.begin(grouped, event.time, last, event);
    this.groups.delete(grouped.id);
  }

  sweep(time: number): void {
    this.groups.sweep((last) => time - (last.at(-1)?.time ?? 0) > this.form.within * 1000);
  }
}

interface LastOfValues {
  /** the last record of each value, the oldest first */
  values: Map<string, Sighting>;
  lastTime: number;
}

export class ValueCountMachine implements Machine {
  private readonly form: ValueCountForm;
  private readonly episodes: Episodes;
  private readonly groups = new BoundedGroups<LastOfValues>(MOST_GROUPS);
  private readonly valueOf: (event: EventRow) => string | undefined;

  constructor(form: ValueCountForm, episodes: Episodes) {
    this.form = form;
    this.episodes = episodes;
    this.valueOf = compileKey(form.distinct);
  }

  get evicted(): number {
    return this.groups.evicted;
  }

  see(event: EventRow, grouped: Grouped): void {
    const value = this.valueOf(event);
    if (value === undefined || this.episodes.cover(grouped, event, value)) return;
    const { atLeast, within } = this.form;
    const last = this.groups.get(grouped.id, newLastOfValues);
    const { values } = last;
    last.lastTime = event.time;
    values.delete(value);
    values.set(value, sightingOf(event));
    for (const [old, { time }] of values) {
      if (event.time - time <= within * 1000) break;
      values.delete(old);
    }
    if (values.size < atLeast) return;
    this.episodes.begin(grouped, event.time, [...values.values()], event, [...values.keys()]);
    this.groups.delete(grouped.id);
  }

  sweep(time: number): void {
    this.groups.sweep(({ lastTime }) => time - lastTime > this.form.within * 1000);
  }
}

function newLastOfValues(): LastOfValues {
  return { values: new Map(), lastTime: Number.NaN };
}

/** A chain of completed steps: when it began, and its records. */
interface Chain {
  start: number;
  evidence: Sighting[];
}

interface Steps {
  /** per step, its last records that can still count, each with the chain of the steps before it */
  last: { chain: Chain; sighting: Sighting }[][];
  lastTime: number;
}

/**
 * Per step, the latest chain that completes it. A step with a count is completed by the last records of it; the first of them must come after the
 * step before was completed. So the chain that is kept is always the one that begins last, and it fits the window if any does.
 */
export class TemporalOrderedMachine implements Machine {
  private readonly form: TemporalOrderedForm;
  private readonly result: Yield;
  private readonly groups = new BoundedGroups<Steps>(MOST_GROUPS);

  constructor(form: TemporalOrderedForm, result: Yield) {
    this.form = form;
    this.result = result;
  }

  get evicted(): number {
    return this.groups.evicted;
  }

  see(event: EventRow, grouped: Grouped, input: number): void {
    const { steps, within } = this.form;
    const known = this.groups.peek(grouped.id);
    if (known === undefined && input > 0) return; // nothing to go on from
    const state = this.groups.get(grouped.id, () => ({ last: steps.map(() => []), lastTime: event.time }));
    state.lastTime = event.time;
    const sighting = sightingOf(event);
    const before = input === 0 ? { start: event.time, evidence: [] } : this.completed(state, input - 1);
    if (before === undefined || event.time - before.start > within * 1000) return;
    const last = state.last[input]!;
    last.push({ chain: before, sighting });
    if (last.length > steps[input]!.atLeast) last.shift();
    if (input < steps.length - 1) return;
    const chain = this.completed(state, input);
    if (chain === undefined || event.time - chain.start > within * 1000) return;
    this.groups.delete(grouped.id); // each record serves once
    this.result(grouped, event.time, chain.evidence, event);
  }

  sweep(time: number): void {
    this.groups.sweep(({ lastTime }) => time - lastTime > this.form.within * 1000);
  }

  private completed({ last }: Steps, step: number): Chain | undefined {
    const records = last[step]!;
    if (records.length < this.form.steps[step]!.atLeast) return undefined;
    const { chain } = records[0]!;
    return { start: chain.start, evidence: [...chain.evidence, ...records.map(({ sighting }) => sighting)] };
  }
}

/** Records that wait for their answer at once: of one group, and of all. */
const MOST_PENDING_OF_GROUP = 1000;
const MOST_PENDING = 50_000;

interface Pending {
  event: EventRow;
  grouped: Grouped;
  deadline: number;
  /** answered, or forgotten for want of room */
  over: boolean;
}

interface Waiting {
  pending: Pending[] | undefined;
  /** time of the last answer: one in the same moment as the record counts, whatever their order, as no SIEM keeps order inside a moment */
  answer: number;
}

export class AbsenceMachine implements Machine {
  private readonly form: AbsenceForm;
  private readonly result: Yield;
  private readonly groups: BoundedGroups<Waiting>;
  /** number of the field that tells how much later the deadline is */
  private readonly after: number | undefined;
  /** by deadline */
  private queue: Pending[] = [];
  private sorted = true;
  /** of the queue, those that are over */
  private over = 0;
  private dropped = 0;

  constructor(form: AbsenceForm, result: Yield) {
    this.form = form;
    this.result = result;
    this.after = form.after === undefined ? undefined : fieldNumber(form.after);
    this.groups = new BoundedGroups(MOST_PENDING, (state) => this.end(state));
  }

  get evicted(): number {
    return this.groups.evicted + this.dropped;
  }

  get oldest(): number {
    // where all wait equally long, the first to be due is the oldest
    if (this.sorted && this.after === undefined) return this.queue.find(({ over }) => !over)?.event.time ?? Infinity;
    return this.queue.reduce((least, { event, over }) => (over ? least : Math.min(least, event.time)), Infinity);
  }

  see(event: EventRow, grouped: Grouped, input: number): void {
    if (input === 1) {
      const known = this.groups.get(grouped.id, newWaiting);
      known.answer = event.time;
      this.end(known);
      return;
    }
    const after = this.after === undefined ? 0 : Number(event.values[this.after]);
    if (Number.isNaN(after)) return;
    const state = this.groups.get(grouped.id, newWaiting);
    if (state.answer === event.time) return;
    if ((state.pending?.length ?? 0) >= MOST_PENDING_OF_GROUP || this.queue.length - this.over >= 2 * MOST_PENDING) {
      this.dropped++;
      return;
    }
    const pending = { event, grouped, deadline: event.time + (this.form.within + after) * 1000, over: false };
    if (state.pending === undefined) state.pending = [pending];
    else state.pending.push(pending);
    if (this.queue.length > 0 && this.queue.at(-1)!.deadline > pending.deadline) this.sorted = false;
    this.queue.push(pending);
  }

  finish(): void {
    if (this.form.atEnd === 'unanswered') this.advance(Number.POSITIVE_INFINITY);
  }

  advance(time: number): void {
    if (this.over > 1000 && this.over * 2 > this.queue.length) {
      this.queue = this.queue.filter(({ over }) => !over);
      this.over = 0;
    }
    if (!this.sorted) {
      this.queue.sort((a, b) => a.deadline - b.deadline || a.event.order - b.event.order);
      this.sorted = true;
    }
    let done = 0;
    while (done < this.queue.length && this.queue[done]!.deadline < time) {
      const { event, grouped, deadline, over } = this.queue[done]!;
      done++;
      if (over) {
        this.over--;
        continue;
      }
      const state = this.groups.peek(grouped.id);
      if (state?.pending !== undefined) {
        if (state.pending.length === 1 && state.pending[0]!.event === event) state.pending = undefined;
        else state.pending = state.pending.filter((pending) => pending.event !== event);
      }
      this.result(grouped, deadline, [sightingOf(event)], event);
    }
    if (done > 0) this.queue.splice(0, done);
  }

  sweep(time: number): void {
    this.groups.sweep(({ pending, answer }) => pending === undefined && !(answer >= time));
  }

  /** Nothing that waits there will be told. */
  private end(state: Waiting): void {
    if (state.pending === undefined) return;
    for (const pending of state.pending) pending.over = true;
    this.over += state.pending.length;
    state.pending = undefined;
  }
}

function newWaiting(): Waiting {
  return { pending: undefined, answer: Number.NaN };
}

/** Failures of a window that are kept as evidence. */
const MOST_HITS = 20;

interface Share {
  times: number[];
  hit: boolean[];
  hits: number;
  /** the last records that hit */
  evidence: Sighting[];
}

export class RatioMachine implements Machine {
  private readonly form: RatioForm;
  private readonly episodes: Episodes;
  private readonly groups = new BoundedGroups<Share>(MOST_GROUPS);
  private readonly known: Known;

  constructor(form: RatioForm, episodes: Episodes, known: Known) {
    this.form = form;
    this.episodes = episodes;
    this.known = known;
  }

  get evicted(): number {
    return this.groups.evicted;
  }

  see(event: EventRow, grouped: Grouped, input: number): void {
    const hit = input === 0;
    if (hit && this.episodes.cover(grouped, event)) return;
    const { atLeast, within, share } = this.form;
    const state = this.groups.get(grouped.id, () => ({ times: [], hit: [], hits: 0, evidence: [] }));
    state.times.push(event.time);
    state.hit.push(hit);
    if (hit) {
      state.hits++;
      state.evidence.push(sightingOf(event));
      if (state.evidence.length > MOST_HITS) state.evidence.shift();
    }
    let old = 0;
    while (event.time - state.times[old]! > within * 1000) if (state.hit[old++]) state.hits--;
    if (old > 0) {
      state.times.splice(0, old);
      state.hit.splice(0, old);
    }
    if (!hit || state.times.length < atLeast) return;
    const usual = this.known.baseline.failureRate(grouped.group) ?? 0;
    if (state.hits / state.times.length <= Math.max(share, usual)) return;
    const evidence = state.evidence.filter(({ time }) => event.time - time <= within * 1000);
    this.episodes.begin(grouped, event.time, evidence, event, [], state.hits);
    this.groups.delete(grouped.id);
  }

  sweep(time: number): void {
    this.groups.sweep(({ times }) => time - (times.at(-1) ?? 0) > this.form.within * 1000);
  }
}

export class FirstSeenMachine implements Machine {
  readonly evicted = 0;
  private readonly form: FirstSeenForm;
  private readonly episodes: Episodes;
  private readonly known: Known;

  constructor(form: FirstSeenForm, episodes: Episodes, known: Known) {
    this.form = form;
    this.episodes = episodes;
    this.known = known;
  }

  see(event: EventRow, grouped: Grouped): void {
    const value = measureOf(this.form.value, event, this.known.transforms);
    if (value === undefined) return;
    const known = this.known.baseline.values(this.form.baseline, grouped.group);
    if (known === undefined || known.has(String(value))) return;
    const group = { id: `${grouped.id}\0${value}`, group: grouped.group };
    if (this.episodes.cover(group, event, String(value))) return;
    this.episodes.begin(group, event.time, [sightingOf(event)], event, [String(value)]);
  }
}

export class DeviationMachine implements Machine {
  private readonly form: DeviationForm;
  private readonly episodes: Episodes;
  private readonly known: Known;
  /** where nothing was learnt and the form may: what each group has shown so far */
  private readonly learnt: BoundedGroups<Range> | undefined;

  constructor(form: DeviationForm, episodes: Episodes, known: Known) {
    this.form = form;
    this.episodes = episodes;
    this.known = known;
    this.learnt = form.learns && known.baseline === NO_BASELINE ? new BoundedGroups(MOST_GROUPS) : undefined;
  }

  get evicted(): number {
    return this.learnt?.evicted ?? 0;
  }

  see(event: EventRow, grouped: Grouped): void {
    const { measure, baseline, side, tolerance } = this.form;
    const value = measureOf(measure, event, this.known.transforms);
    if (typeof value !== 'number') return;
    const range = this.learnt ? this.learnt.peek(grouped.id) : this.known.baseline.range(baseline, grouped.group);
    if (range === undefined) {
      this.learnt?.get(grouped.id, () => ({ least: value, greatest: value }));
      return;
    }
    const below = side !== 'above' && value < range.least * (1 - tolerance);
    const above = side !== 'below' && value > range.greatest * (1 + tolerance);
    if (!below && !above) {
      if (this.learnt) widen(range, value);
      return;
    }
    if (this.episodes.cover(grouped, event, String(value))) return;
    this.episodes.begin(grouped, event.time, [sightingOf(event)], event, [String(value)]);
  }
}

function widen(range: Range, value: number): void {
  if (value < range.least) range.least = value;
  if (value > range.greatest) range.greatest = value;
}
