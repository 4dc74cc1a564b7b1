/** What to harden, and what a log cannot show: counts the records that advice asks for, and judges its conditions at the end. */
import { compileSelection, eventsOf, type Predicate } from '../detect/compile-selection.js';
import { type Sighting, sightingOf } from '../detect/finding.js';
import { type EventRow, MSG_TYPE, textOf } from '../detect/log-event.js';
import type { Advice, Assumed, Condition, Setting } from '../model/advice.js';
import { fieldNumber } from '../model/field-numbers.js';
import { LEVELS } from '../model/level.js';
import type { Pack, Parser } from '../model/pack.js';
import { type Product, wordsOf } from './products.js';

const MOST_VALUES = 1000;
const MOST_EVIDENCE = 3;
const MOST_SHOWN = 12;

/** What was counted of one selection. */
export interface Counted {
  count: number;
  /** different values of the condition's `distinct` */
  distinct: Set<string>;
  /** values of the fields to show, with their numbers */
  shown: Map<string, number>;
  evidence: Sighting[];
}

/** Advice that holds for a log. */
export interface Advised {
  advice: Advice;
  /** the products that it is for */
  products: Parser[];
  count: number;
  distinct: number;
  shown: [string, number][];
  evidence: Sighting[];
  settings: Setting[];
}

interface Counter {
  predicate: Predicate;
  counted: Counted;
  /** numbers of fields */
  distinct: number | undefined;
  show: number[];
}

export class AdviceCounter {
  private readonly byEvent = new Map<string, Counter[]>();
  private readonly counters = new Map<string, Counted>();
  private readonly advice: Advice[];

  constructor({ advice }: Pick<Pack, 'advice'>) {
    this.advice = advice;
    for (const one of advice) for (const selection of Object.values(one.selections)) this.add(one, selection.name);
  }

  get wanted(): Iterable<string> {
    return this.byEvent.keys();
  }

  see(event: EventRow): void {
    const counters = this.byEvent.get(event.values[MSG_TYPE] as string);
    if (counters === undefined) return;
    for (let i = 0; i < counters.length; i++) {
      const counter = counters[i]!;
      if (counter.predicate(event)) count(counter, event);
    }
  }

  /** @param assumed how times were read. @returns the advice that holds, the most pressing first */
  finish(products: Product[], assumed: Assumed): Advised[] {
    const pressing = ({ advice }: Advised) => LEVELS.indexOf(advice.level);
    return this.advice.flatMap((advice) => this.judge(advice, products, assumed) ?? []).sort((a, b) => pressing(b) - pressing(a));
  }

  private judge(advice: Advice, products: Product[], assumed: Assumed): Advised | undefined {
    const { when } = advice;
    const counted = when.seen === undefined ? undefined : this.counters.get(keyOf(advice, when.seen));
    if (counted && (when.distinct === undefined ? counted.count : counted.distinct.size) < when.atLeast) return undefined;
    if (when.unseen !== undefined && this.counters.get(keyOf(advice, when.unseen))!.count > 0) return undefined;
    if (when.assumed !== undefined && !assumed[when.assumed]) return undefined;
    const meant = products.filter((product) => isMeant(product, advice, when)).map(({ parser }) => parser);
    if (meant.length === 0) return undefined;
    return {
      advice,
      products: meant,
      count: counted?.count ?? 0,
      distinct: counted?.distinct.size ?? 0,
      shown: [...(counted?.shown ?? [])].sort(([, a], [, b]) => b - a).slice(0, MOST_SHOWN),
      evidence: counted?.evidence ?? [],
      settings: advice.settings.filter((setting) => meant.some((parser) => isFor(setting, parser))),
    };
  }

  private add(advice: Advice, name: string): void {
    const selection = advice.selections[name]!;
    const counted: Counted = { count: 0, distinct: new Set(), shown: new Map(), evidence: [] };
    this.counters.set(keyOf(advice, name), counted);
    const isSeen = name === advice.when.seen;
    const distinct = isSeen && advice.when.distinct !== undefined ? fieldNumber(advice.when.distinct) : undefined;
    const common = { counted, distinct, show: isSeen ? advice.show.map(fieldNumber) : [] };
    for (const event of eventsOf(selection) ?? []) {
      const counter = { ...common, predicate: compileSelection(selection, event) };
      const known = this.byEvent.get(event);
      if (known) known.push(counter);
      else this.byEvent.set(event, [counter]);
    }
  }
}

function keyOf(advice: Advice, selection: string): string {
  return `${advice.name}\0${selection}`;
}

function count({ counted, distinct, show }: Counter, event: EventRow): void {
  counted.count++;
  if (counted.evidence.length < MOST_EVIDENCE) counted.evidence.push(sightingOf(event));
  const value = distinct === undefined ? undefined : textOf(event, distinct);
  if (value !== undefined && counted.distinct.size < MOST_VALUES) counted.distinct.add(value);
  const shown = show.flatMap((field) => textOf(event, field) ?? []).join(', ');
  if (shown === '') return;
  const before = counted.shown.get(shown);
  if (before !== undefined || counted.shown.size < MOST_VALUES) counted.shown.set(shown, (before ?? 0) + 1);
}

function isMeant(product: Product, { selections }: Advice, when: Condition): boolean {
  const words = wordsOf(product.parser);
  const selected = when.seen === undefined ? [] : (eventsOf(selections[when.seen]!) ?? []);
  if (selected.length > 0 && !selected.some((event) => words.events.has(event))) return false;
  if (when.logged.length > 0 && !when.logged.some((event) => product.events.has(event))) return false;
  return (
    lacks(when.lacksEvents, words.events, product.events) &&
    lacks(when.lacksFields, words.fields, product.fields) &&
    lacks(when.lacksHeader, words.headerFields, product.headerFields) &&
    !when.neverEvents.some((event) => words.events.has(event)) &&
    !when.neverFields.some((field) => words.fields.has(field))
  );
}

/** @returns whether the product could have told one of the names, and told none */
function lacks(names: string[], could: ReadonlySet<string>, told: { has(name: string): boolean }): boolean {
  return names.length === 0 || (names.some((name) => could.has(name)) && !names.some((name) => told.has(name)));
}

export function isFor({ products }: Setting, parser: Parser): boolean {
  return products.some((name) => name === parser.name || name === parser.name.split('.')[0]);
}
