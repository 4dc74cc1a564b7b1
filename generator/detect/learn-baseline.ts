/**
 * Learns what is normal from a log: per gateway and connection, and per the groups that detections ask about, the usual networks, suites, strengths,
 * lifetimes, rekey intervals, hours and shares of failures. The result depends on the records alone, not on their order.
 */
import { BASELINES, type BaselineName, type Detection, type Key, type Measure, type Of } from '../model/detection.js';
import type { Pack, Transform } from '../model/pack.js';
import { BASELINE_VERSION, type BaselineEntry, type BaselineLists, entryKey } from './baseline.js';
import { compileOf, eventsOf, type Predicate } from './compile-selection.js';
import { compileGrouping, type Group, type Grouped } from './group.js';
import { type EventRow, type LogEvent, MSG_TYPE, toRow } from './log-event.js';
import { measureOf } from './measures.js';

/** Entries of one list, and values of one entry, that are kept; of the rest, the number is told. */
const MOST_ENTRIES = 50_000;
const MOST_VALUES = 500;

/** What is learnt of every gateway and connection, beside what detections ask for. */
const ALWAYS: { name: BaselineName; measure: Measure; events: string[] }[] = [
  { name: 'networks', measure: 'network', events: ['ike_established'] },
  { name: 'hours', measure: 'hour', events: ['ike_established'] },
  { name: 'suites', measure: 'suite', events: ['proposal_selected', 'ike_established', 'child_established'] },
  { name: 'lifetimes', measure: 'lifetime', events: ['ike_lifetime', 'ike_established', 'child_established'] },
  { name: 'rekey_intervals', measure: 'rekey_interval', events: ['ike_lifetime', 'ike_established', 'child_established'] },
];
const PER_CONNECTION: Key[] = ['gateway', 'tunnel'];

/** Lists whose values are numbers of which the range is asked, and lists whose values are asked one by one. */
const RANGES = new Set<BaselineName>(['strength', 'lifetimes', 'rekey_intervals']);

interface Lesson {
  name: BaselineName;
  measure: Measure | undefined;
  predicate: Predicate;
  groupOf: (event: EventRow) => Grouped | undefined;
  /** of a share of failures: whether the record is one */
  failure: boolean;
}

interface Learnt {
  group: Group;
  records: number;
  failures: number;
  values: Set<string | number>;
  least: number;
  greatest: number;
}

export interface BaselineDocument extends BaselineLists {
  ikeaudit_baseline: number;
  /** times of the first and the last record that taught something */
  period: { from?: string; to?: string };
  records: number;
  /** entries and values that were not kept, for want of room */
  forgotten: number;
}

export class BaselineLearner {
  private readonly byEvent = new Map<string, Lesson[]>();
  private readonly lists = new Map<BaselineName, Map<string, Learnt>>();
  private readonly transforms: readonly Transform[];
  private from = Number.POSITIVE_INFINITY;
  private to = Number.NEGATIVE_INFINITY;
  private records = 0;
  private forgotten = 0;

  /** @param pack to which settings have been applied: what is excluded is not learnt */
  constructor({ detections, transforms }: Pick<Pack, 'detections' | 'transforms'>) {
    this.transforms = transforms;
    for (const { name, measure, events } of ALWAYS)
      for (const event of events)
        this.add(event, { name, measure, predicate: () => true, groupOf: compileGrouping(PER_CONNECTION), failure: false });
    for (const detection of detections) this.addDetection(detection);
  }

  /** Names of the events that teach something. */
  get wanted(): ReadonlySet<string> {
    return new Set(this.byEvent.keys());
  }

  /** @param event in any order */
  feed(event: LogEvent): void {
    this.take(toRow(event));
  }

  /** As `feed`. */
  take(event: EventRow): void {
    const lessons = this.byEvent.get(event.values[MSG_TYPE] as string);
    if (lessons === undefined) return;
    this.records++;
    if (event.time < this.from) this.from = event.time;
    if (event.time > this.to) this.to = event.time;
    // several detections may ask the same of one record: it teaches each entry once
    const taught = new Set<string>();
    for (const lesson of lessons) this.learn(lesson, event, taught);
  }

  /** @returns the baseline, its lists and entries in a fixed order */
  finish(): BaselineDocument {
    const lists: BaselineLists = {};
    for (const name of BASELINES) {
      const entries = [...(this.lists.get(name) ?? new Map<string, Learnt>())];
      if (entries.length === 0) continue;
      lists[name] = entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, learnt]) => entryOf(name, learnt));
    }
    const period = this.records ? { from: new Date(this.from).toISOString(), to: new Date(this.to).toISOString() } : {};
    return { ikeaudit_baseline: BASELINE_VERSION, period, records: this.records, forgotten: this.forgotten, ...lists };
  }

  private learn({ name, measure, predicate, groupOf, failure }: Lesson, event: EventRow, taught: Set<string>): void {
    if (!predicate(event)) return;
    const value = measure === undefined ? undefined : measureOf(measure, event, this.transforms);
    if (measure !== undefined && value === undefined) return;
    const grouped = groupOf(event);
    if (grouped === undefined) return;
    const key = entryKey(name, grouped.group);
    if (taught.has(key)) return;
    taught.add(key);
    const learnt = this.entry(name, key, grouped.group);
    if (learnt === undefined) return;
    learnt.records++;
    if (failure) learnt.failures++;
    if (value === undefined) return;
    if (typeof value === 'number') {
      if (value < learnt.least) learnt.least = value;
      if (value > learnt.greatest) learnt.greatest = value;
    }
    if (RANGES.has(name) || learnt.values.has(value)) return;
    if (learnt.values.size < MOST_VALUES) learnt.values.add(value);
    else this.forgotten++;
  }

  private entry(name: BaselineName, key: string, group: Group): Learnt | undefined {
    let list = this.lists.get(name);
    if (!list) {
      list = new Map();
      this.lists.set(name, list);
    }
    let learnt = list.get(key);
    if (!learnt) {
      if (list.size >= MOST_ENTRIES) {
        this.forgotten++;
        return undefined;
      }
      const copy = Object.fromEntries(
        Object.keys(group)
          .sort()
          .map((field) => [field, group[field]!]),
      );
      learnt = {
        group: copy,
        records: 0,
        failures: 0,
        values: new Set(),
        least: Number.POSITIVE_INFINITY,
        greatest: Number.NEGATIVE_INFINITY,
      };
      list.set(key, learnt);
    }
    return learnt;
  }

  private addDetection(detection: Detection): void {
    const { form, groupings } = detection;
    for (const keys of groupings) {
      const groupOf = compileGrouping(keys);
      if (form.form === 'first_seen' || form.form === 'deviation') {
        const measure = form.form === 'first_seen' ? form.value : form.measure;
        this.addOf(detection, form.of, { name: form.baseline, measure, groupOf, failure: false });
      } else if (form.form === 'ratio') {
        this.addOf(detection, form.of, { name: 'failure_rate', measure: undefined, groupOf, failure: true });
        this.addOf(detection, form.among, { name: 'failure_rate', measure: undefined, groupOf, failure: false });
      }
    }
  }

  private addOf(detection: Detection, of: Of, lesson: Omit<Lesson, 'predicate'>): void {
    const predicate = compileOf(of, detection);
    const events = of.any.flatMap((name) => detection.selections[name] ?? []).flatMap((selection) => eventsOf(selection) ?? []);
    for (const event of new Set(events)) this.add(event, { ...lesson, predicate });
  }

  private add(event: string, lesson: Lesson): void {
    const lessons = this.byEvent.get(event);
    if (lessons) lessons.push(lesson);
    else this.byEvent.set(event, [lesson]);
  }
}

function entryOf(name: BaselineName, { group, records, failures, values, least, greatest }: Learnt): BaselineEntry {
  if (name === 'failure_rate') return { group, records, rate: Math.round((failures / records) * 1000) / 1000 };
  if (RANGES.has(name)) return { group, records, least, greatest };
  const sorted = [...values].sort((a, b) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1,
  );
  return { group, records, values: sorted };
}
