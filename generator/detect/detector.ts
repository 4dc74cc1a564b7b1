/**
 * Runs detections over records. Records may come late by a stated time: they are put in order of event time before any form sees them, because windows,
 * orders and deadlines are of event time.
 */
import {
  type AbsenceForm,
  type Detection,
  type Form,
  inputsOf,
  type Of,
  silenceOf,
  type TemporalOrderedForm,
} from '../model/detection.js';
import type { Pack } from '../model/pack.js';
import { type Baseline, NO_BASELINE } from './baseline.js';
import { compute } from './compute.js';
import { compileOf, eventsOf, type Predicate } from './compile-selection.js';
import { Episodes } from './episodes.js';
import type { Finding, Sighting } from './finding.js';
import {
  AbsenceMachine,
  DeviationMachine,
  EventCountMachine,
  EventMachine,
  FirstSeenMachine,
  type Known,
  type Machine,
  RatioMachine,
  TemporalOrderedMachine,
  ValueCountMachine,
} from './forms.js';
import { compileGrouping, type Grouped } from './group.js';
import { type EventRow, type LogEvent, MSG_TYPE, toRow } from './log-event.js';
import { EventQueue } from './event-queue.js';

export interface DetectorOptions {
  baseline?: Baseline;
  /** records kept as evidence per finding */
  mostEvidence?: number;
}

/** One input of one form of one detection. */
interface Input {
  predicate: Predicate;
  groupOf: (event: EventRow) => Grouped | undefined;
  machine: Machine;
  index: number;
}

interface Running {
  detection: Detection;
  episodes: Episodes[];
  machines: Machine[];
}

/** After so many records, machines forget what cannot count any more. */
const SWEEP = 4096;

export class Detector {
  /** records that came later than the settings allow, and were not counted */
  late = 0;
  private readonly running: Running[];
  private readonly known: Known;
  private readonly byEvent = new Map<string, Input[]>();
  private readonly anyEvent: Input[] = [];
  private readonly queue: EventQueue;
  private readonly withDeadlines: Machine[];
  /** records that were seen since the last sweep */
  private sinceSweep = 0;
  private time = Number.NEGATIVE_INFINITY;

  /** @param pack to which settings have been applied */
  constructor(pack: Pick<Pack, 'detections' | 'settings' | 'transforms'>, options: DetectorOptions = {}) {
    this.queue = new EventQueue(pack.settings.lateBy * 1000);
    this.known = { baseline: options.baseline ?? NO_BASELINE, transforms: pack.transforms };
    this.running = pack.detections.map((detection) => this.run(detection, options));
    this.withDeadlines = this.running.flatMap(({ machines }) => machines.filter(({ advance }) => advance !== undefined));
  }

  /** Names of the events that some detection looks at; a detection that does not say wants all. */
  get wanted(): ReadonlySet<string> | undefined {
    return this.anyEvent.length ? undefined : new Set(this.byEvent.keys());
  }

  /** @param event in the order of the input */
  feed(event: LogEvent): void {
    this.take(toRow(event));
  }

  /** As `feed`. */
  take(event: EventRow): void {
    if (Number.isNaN(event.time)) event.time = this.queue.newest;
    if (event.time < this.time) {
      this.late++;
      return;
    }
    compute(event);
    this.queue.push(event);
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) this.see(next);
  }

  /** No more records will come. @returns the findings, in the order in which they opened */
  finish(): Finding[] {
    for (let next = this.queue.take(); next !== undefined; next = this.queue.take()) this.see(next);
    for (const { machines } of this.running) for (const machine of machines) machine.finish?.();
    const findings = this.running.flatMap(({ episodes }) => episodes.flatMap((one) => one.finish()));
    return findings.sort((a, b) => a.opened - b.opened || (a.detection < b.detection ? -1 : 1));
  }

  /** groups and findings that were forgotten for want of room */
  get evicted(): number {
    return this.running.reduce(
      (sum, { machines, episodes }) =>
        sum + machines.reduce((all, { evicted }) => all + evicted, 0) + episodes.reduce((all, { dropped }) => all + dropped, 0),
      0,
    );
  }

  private see(event: EventRow): void {
    if (event.time > this.time) {
      this.time = event.time;
      for (let i = 0; i < this.withDeadlines.length; i++) this.withDeadlines[i]!.advance!(event.time);
      if (this.sinceSweep >= SWEEP) this.sweep(event.time);
    }
    this.sinceSweep++;
    const inputs = this.byEvent.get(event.values[MSG_TYPE] as string);
    if (inputs !== undefined) for (let i = 0; i < inputs.length; i++) offer(inputs[i]!, event);
    for (let i = 0; i < this.anyEvent.length; i++) offer(this.anyEvent[i]!, event);
  }

  private sweep(time: number): void {
    this.sinceSweep = 0;
    for (const { machines, episodes } of this.running) {
      // a record that waits for its answer is counted later, at its own time
      const oldest = machines.reduce((least, machine) => Math.min(least, machine.oldest ?? time), time);
      for (const machine of machines) machine.sweep?.(oldest);
      for (const one of episodes) one.sweep(oldest);
    }
  }

  private run(detection: Detection, options: DetectorOptions): Running {
    const { form, groupings } = detection;
    const running: Running = { detection, episodes: [], machines: [] };
    for (const keys of groupings) {
      const episodes = new Episodes(detection.name, silenceOf(form), options.mostEvidence ?? 20);
      const machine = makeMachine(form, episodes, this.known);
      running.episodes.push(episodes);
      running.machines.push(machine);
      this.connectAll(running, form, { groupOf: compileGrouping(keys), machine });
    }
    return running;
  }

  /** The last input sees a record first, so that one record does not serve as two steps, or answer itself. */
  private connectAll(running: Running, form: Form, to: Omit<Input, 'predicate' | 'index'>): void {
    const inputs = inputsOf(form);
    for (let index = inputs.length - 1; index >= 0; index--) this.connect(running, inputs[index]!, { ...to, index });
  }

  /** Leads what `of` names into a machine: records, or what a match makes of them. */
  private connect(running: Running, of: Of, to: Omit<Input, 'predicate'>): void {
    const { detection } = running;
    for (const name of of.any) {
      const match = detection.matches[name];
      if (match) this.nest(running, match.form, match.by, to, of);
    }
    const selections = of.any.flatMap((name) => detection.selections[name] ?? []);
    if (selections.length === 0) return;
    const events = selections.map(eventsOf);
    if (events.some((names) => names === undefined)) this.anyEvent.push({ ...to, predicate: compileOf(of, detection) });
    else
      for (const name of new Set(events.flat() as string[]))
        this.inputsFor(name).push({ ...to, predicate: compileOf(of, detection, name) });
  }

  private nest(
    running: Running,
    form: AbsenceForm | TemporalOrderedForm,
    by: string[],
    to: Omit<Input, 'predicate'>,
    of: Of,
  ): void {
    const refused = of.not.length ? compileOf({ any: of.not, not: [] }, running.detection) : () => false;
    const pass = (_grouped: Grouped, _opened: number, evidence: Sighting[], event: EventRow) => {
      const outer = refused(event) ? undefined : to.groupOf(event);
      if (outer) to.machine.see(event, outer, to.index, evidence);
    };
    const machine = form.form === 'absence' ? new AbsenceMachine(form, pass) : new TemporalOrderedMachine(form, pass);
    running.machines.push(machine);
    this.connectAll(running, form, { groupOf: compileGrouping(by), machine });
  }

  private inputsFor(event: string): Input[] {
    let inputs = this.byEvent.get(event);
    if (!inputs) {
      inputs = [];
      this.byEvent.set(event, inputs);
    }
    return inputs;
  }
}

function offer({ predicate, groupOf, machine, index }: Input, event: EventRow): void {
  if (!predicate(event)) return;
  const grouped = groupOf(event);
  if (grouped !== undefined) machine.see(event, grouped, index);
}

function makeMachine(form: Form, episodes: Episodes, known: Known): Machine {
  const open = (grouped: Grouped, opened: number, evidence: Parameters<Episodes['begin']>[2], event: EventRow) => {
    if (!episodes.cover(grouped, event)) episodes.begin(grouped, opened, evidence, event);
  };
  switch (form.form) {
    case 'event':
      return new EventMachine(form, episodes);
    case 'event_count':
      return new EventCountMachine(form, episodes);
    case 'value_count':
      return new ValueCountMachine(form, episodes);
    case 'temporal_ordered':
      return new TemporalOrderedMachine(form, open);
    case 'absence':
      return new AbsenceMachine(form, open);
    case 'ratio':
      return new RatioMachine(form, episodes, known);
    case 'first_seen':
      return new FirstSeenMachine(form, episodes, known);
    case 'deviation':
      return new DeviationMachine(form, episodes, known);
  }
}
