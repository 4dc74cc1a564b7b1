/**
 * A detection as an ES|QL query. A row of the result is a group for which the condition was first met in the time that a run answers for.
 *
 * ES|QL has neither sliding windows nor joins of a stream with itself. What it has is multi-valued columns: the records of a group become one sorted list
 * of texts `<milliseconds>|<_id>`, and a list laid beside itself (MV_ZIP of two slices) gives every run of n records, or every record with the one that
 * follows. So counts and pairs are exact, with true sliding windows. Distinct counts and shares are counted in overlapping windows that begin at marks of
 * the clock, a part of the window apart: they miss what fits only between two marks.
 *
 * Where a raw line names no peer, lines of one process, thread and second are an exchange: `joined` gives the line the peer that the exchange's packets
 * name, if it is one.
 */
import {
  type AbsenceForm,
  type Detection,
  type Form,
  inputsOf,
  type Key,
  type Match,
  type Of,
  type TemporalOrderedForm,
} from '../../../model/detection.js';
import type { Pack } from '../../../model/pack.js';
import { all, comparisonsOf, type Condition, conditionOf, fieldOf } from './condition.js';
import { joinExchange, joinSources, type Signal } from './join-exchange.js';
import { type Column, columnsOf, keyColumns, type KeyColumns, namingColumns, requiredKeys } from './keys.js';
import { printEsql, quoteEsql } from './print-esql.js';
import type { Schedule } from './schedule.js';

export const INDEX = 'logs-ikev2.*-*';

/** Windows of distinct counts and shares begin so many times in one window. */
export const HOPS = 30;

/** Records of a group that are kept, the latest: an attack that goes on has more, and is found with these. */
const MOST = 2000;
/** Where each record meets each other one, fewer. */
const MOST_CROSSED = 300;
const MOST_ANSWERS = 1000;

export interface EsqlQuery {
  query: string;
  /** ECS names of the columns that name the group */
  columns: string[];
}

export interface QueryOptions {
  schedule: Schedule;
  /** raw lines that do not name their group are given what other lines of their exchange say */
  joined: boolean;
  /**
   * Groups that are reported: `all`; those with `partial` records, which lack the first field of a key; or those with `lent` ones, which have it of their
   * exchange. The others are another rule's.
   */
  reports: 'all' | 'partial' | 'lent';
}

/** @returns the query; undefined where ES|QL cannot say what the detection means, see `esqlCannot` */
export function esqlQuery(pack: Pack, detection: Detection, keys: Key[], options: QueryOptions): EsqlQuery {
  return new QueryWriter(pack, detection, keys, options).write();
}

/** @returns why ES|QL cannot say what the detection means; undefined where it can */
export function esqlCannot({ form, matches }: Detection, joined: boolean): string | undefined {
  const named = inputsOf(form).map(({ any }) => any.filter((name) => name in matches));
  if (form.form === 'temporal_ordered' && (form.steps.length > 2 || form.steps.at(-1)!.atLeast > 1))
    return 'ES|QL joins two steps, of which the last is one record.';
  if (!named.some((names) => names.length)) return undefined;
  if (joined) return 'Lines of an exchange are joined for what is counted directly, not for pairs and answers that are counted.';
  if (form.form !== 'event' && form.form !== 'event_count' && form.form !== 'value_count')
    return 'A match of records is counted, not put in an order.';
  if (named[0]!.length > 1) return 'One match can be counted, not several.';
  const nested = matches[named[0]![0]!]!.form;
  if (nested.form === 'temporal_ordered' && (nested.steps.length > 2 || nested.steps.some(({ atLeast }) => atLeast > 1)))
    return 'Only pairs of records are counted.';
  return undefined;
}

class QueryWriter {
  private readonly lines: string[] = [];
  private readonly keys: KeyColumns[];
  private readonly columns: Column[];
  private readonly pack: Pack;
  private readonly detection: Detection;
  private readonly options: QueryOptions;

  constructor(pack: Pack, detection: Detection, keys: Key[], options: QueryOptions) {
    this.pack = pack;
    this.detection = detection;
    this.options = options;
    this.keys = keys.map((key) => keyColumns(pack, key));
    this.columns = columnsOf(this.keys);
  }

  write(): EsqlQuery {
    const { form } = this.detection;
    const match = inputsOf(form)
      .flatMap(({ any }) => any)
      .flatMap((name) => this.detection.matches[name] ?? [])[0];
    if (match) this.readMatches(match, form);
    this.form(form, match !== undefined);
    this.lines.push(...this.opened());
    return {
      query: `FROM ${INDEX} METADATA _id\n${this.lines.map((line) => `| ${line}\n`).join('')}`,
      columns: [...new Set(this.columns.map(({ field }) => field.ecs))],
    };
  }

  private form(form: Form, matched: boolean): void {
    switch (form.form) {
      case 'event':
        return this.count(form.of, 1, form.quiet, matched);
      case 'event_count':
        return this.count(form.of, form.atLeast, form.within, matched);
      case 'value_count':
        return this.countValues(form, matched);
      case 'temporal_ordered':
        return this.order(form);
      case 'absence':
        return this.absence(form);
      case 'ratio':
        return this.ratio(form);
      case 'deviation':
        return this.deviation(form);
      case 'first_seen':
        return this.firstSeen(form);
    }
  }

  /** Runs of n records of a group, by laying its list beside itself; each ends when the condition is met. */
  private count(of: Of, atLeast: number, within: number, matched: boolean): void {
    if (!matched) this.read([{ name: 'hit', condition: this.condition(of) }], this.keys);
    this.push(`STATS hits = TOP(hit, ${MOST}, "desc")${this.marked()} BY ${this.by()}`);
    if (atLeast <= 1) {
      this.push('MV_EXPAND hits', 'EVAL opened = TO_LONG(SUBSTRING(hits, 1, 13))');
      return;
    }
    this.push(
      `EVAL hits = MV_SORT(hits), n = MV_COUNT(hits)`,
      `WHERE n >= ${atLeast}`,
      `EVAL run = MV_ZIP(MV_SLICE(hits, 0, n - ${atLeast}), MV_SLICE(hits, ${atLeast - 1}, n - 1), ",")`,
      `MV_EXPAND run`,
      `DISSECT run "%{begin}|%{?id},%{opened}|%{?id}"`,
      `EVAL begin = TO_LONG(begin), opened = TO_LONG(opened)`,
      `WHERE opened - begin <= ${within * 1000}`,
    );
  }

  /** Different values in windows that overlap: the latest record of each value and mark, counted in every window that holds the mark. */
  private countValues({ of, distinct, atLeast, within }: Extract<Form, { form: 'value_count' }>, matched: boolean): void {
    const counted = keyColumns(this.pack, distinct);
    if (!matched) this.read([{ name: 'hit', condition: this.condition(of) }], [...this.keys, counted]);
    else this.push(`WHERE ${requiredKeys([counted])!}`);
    this.push(
      `EVAL value = ${coalesce(counted.columns.map(({ name }) => name))}`,
      'MV_EXPAND hit',
      'EVAL at = TO_LONG(SUBSTRING(hit, 1, 13))',
      `EVAL mark = at / ${hopOf(within)}`,
      `STATS at = MAX(at)${this.marked()} BY ${this.by(['value', 'mark'])}`,
      ...hop(),
      `STATS n = COUNT_DISTINCT(value), opened = MAX(at)${this.marked()} BY ${this.by(['window'])}`,
      `WHERE n >= ${atLeast}`,
    );
  }

  private ratio({ of, among, share, atLeast, within }: Extract<Form, { form: 'ratio' }>): void {
    this.read(
      [
        { name: 'hit', condition: this.condition(of) },
        { name: 'other', condition: this.condition(among) },
      ],
      this.keys,
    );
    const count = (name: string) => `SUM(COALESCE(MV_COUNT(${name}), 0))`;
    this.push(
      `EVAL at = TO_LONG(SUBSTRING(COALESCE(MV_MAX(hit), MV_MAX(other)), 1, 13))`,
      `EVAL mark = at / ${hopOf(within)}`,
      `STATS hits = ${count('hit')}, others = ${count('other')}, at = MAX(at)${this.marked()} BY ${this.by(['mark'])}`,
      ...hop(),
      `STATS hits = SUM(hits), others = SUM(others), opened = MAX(at)${this.marked()} BY ${this.by(['window'])}`,
      `WHERE hits + others >= ${atLeast} AND TO_DOUBLE(hits) / (hits + others) > ${share}`,
    );
  }

  /** A record of the last step, and before it, inside the window, as many of the first as are asked for. */
  private order({ steps, within }: TemporalOrderedForm): void {
    this.read(
      [
        { name: 'before', condition: this.condition(steps[0]!.of) },
        { name: 'hit', condition: this.condition(steps.at(-1)!.of) },
      ],
      this.keys,
    );
    this.push(
      `STATS hits = TOP(hit, ${MOST_CROSSED}, "desc"), befores = TOP(before, ${MOST_CROSSED}, "desc")${this.marked()} BY ${this.by()}`,
      'WHERE hits IS NOT NULL AND befores IS NOT NULL',
      'MV_EXPAND hits',
      'MV_EXPAND befores',
      'EVAL opened = TO_LONG(SUBSTRING(hits, 1, 13)), begin = TO_LONG(SUBSTRING(befores, 1, 13))',
      `WHERE hits != befores AND begin <= opened AND opened - begin <= ${within * 1000}`,
      `STATS n = COUNT(*), opened = MAX(opened)${this.marked()} BY ${this.by(['hits'])}`,
      `WHERE n >= ${steps[0]!.atLeast}`,
    );
  }

  private absence(form: AbsenceForm): void {
    const after = form.after === undefined ? undefined : fieldOf(this.pack, form.after);
    this.read(
      [
        { name: 'hit', condition: this.condition(form.of), tail: after && `TO_STRING(${after.ecs})` },
        { name: 'answer', condition: this.condition(form.without) },
      ],
      this.keys,
    );
    this.unanswered(form, this.by(), after !== undefined);
    this.push(`EVAL opened = deadline`);
  }

  /** From lists `hit` and `answer`: the hits without an answer whose deadline has passed, one a row, with `deadline`. */
  private unanswered({ within }: AbsenceForm, by: string, after: boolean): void {
    const grouped = (more: string) => (by === '' ? more : `${by}, ${more}`);
    this.push(
      `STATS hits = TOP(hit, ${MOST}, "desc"), answers = TOP(answer, ${MOST_ANSWERS}, "desc")${this.marked()}${by === '' ? '' : ` BY ${by}`}`,
      'WHERE hits IS NOT NULL',
      // where not all answers are kept, only records are judged that are younger than these
      `EVAL since = CASE(MV_COUNT(answers) >= ${MOST_ANSWERS}, TO_LONG(SUBSTRING(MV_MIN(answers), 1, 13)), 0)`,
      'MV_EXPAND hits',
      'EVAL begin = TO_LONG(SUBSTRING(hits, 1, 13))',
      'WHERE begin >= since',
    );
    if (after) this.push('DISSECT hits "%{?at}|%{?id}|%{after}"', `EVAL deadline = begin + (${within} + TO_LONG(after)) * 1000`);
    else this.push(`EVAL deadline = begin + ${within * 1000}`);
    this.push(
      `WHERE deadline < TO_LONG(NOW() - ${this.pack.settings.lateBy} seconds)`,
      'MV_EXPAND answers',
      'EVAL answer = TO_LONG(SUBSTRING(answers, 1, 13))',
      'EVAL answered = CASE(answer >= begin AND answer <= deadline, 1, 0)',
      `STATS answered = MAX(answered)${this.marked()} BY ${grouped('hits, deadline')}`,
      'WHERE answered == 0',
    );
  }

  /** Values that the group shows in the time that the run answers for, and did not show before; a group that was not there before has no baseline. */
  private firstSeen({ of, value }: Extract<Form, { form: 'first_seen' }>): void {
    this.read([{ name: 'hit', condition: this.condition(of) }], this.keys, [`measure = ${measureExpression(this.pack, value)}`]);
    const since = `TO_LONG(NOW()) - ${this.options.schedule.fresh * 1000}`;
    this.push(
      // a suite is a text whatever it lacks: to ask would make ES|QL conclude that all four of its parts must be there
      ...(value === 'suite' ? [] : ['WHERE measure IS NOT NULL']),
      'EVAL seen = TO_LONG(SUBSTRING(hit, 1, 13))',
      `STATS seen = MIN(seen) BY ${this.by(['measure'])}`,
      `STATS known = MIN(seen), opened = MIN(CASE(seen >= ${since}, seen)) BY ${this.by()}`,
      `WHERE known < ${since} AND opened IS NOT NULL`,
    );
  }

  /** What the group's records told before, without those that the run answers for, is its baseline. */
  private deviation({ of, measure, side, tolerance }: Extract<Form, { form: 'deviation' }>): void {
    const value = measureExpression(this.pack, measure);
    this.read([{ name: 'hit', condition: this.condition(of) }], this.keys, [`measure = ${value}`]);
    const fresh = `TO_LONG(SUBSTRING(hit, 1, 13)) >= TO_LONG(NOW()) - ${this.options.schedule.fresh * 1000}`;
    const least = `EVAL low = least * ${1 - tolerance}, high = greatest * ${1 + tolerance}`;
    const below = 'lowest < low';
    const above = 'highest > high';
    this.push(
      'WHERE measure IS NOT NULL',
      `EVAL recent = ${fresh}`,
      `STATS least = MIN(CASE(NOT recent, measure)), greatest = MAX(CASE(NOT recent, measure)), lowest = MIN(CASE(recent, measure)), ` +
        `highest = MAX(CASE(recent, measure)), opened = MIN(CASE(recent, TO_LONG(SUBSTRING(hit, 1, 13)))) BY ${this.by()}`,
      least,
      `WHERE opened IS NOT NULL AND least IS NOT NULL AND (${side === 'below' ? below : side === 'above' ? above : `${below} OR ${above}`})`,
    );
  }

  /** Reads what a match pairs or finds unanswered; what comes out are rows with `hit`, as records would be, and the outer keys. */
  private readMatches(match: Match, form: Form): void {
    const inner = match.by.map((key) => keyColumns(this.pack, key));
    const outer = [...this.keys, ...(form.form === 'value_count' ? [keyColumns(this.pack, form.distinct)] : [])];
    const { refused, plain } = this.besideMatch(form);
    const of = match.form.form === 'absence' ? match.form.of : match.form.steps.at(-1)!.of;
    const yielding = refused ? all([this.condition(of), { kind: 'not', of: refused }]) : this.condition(of);
    const carried = columnsOf(outer).filter(({ name }) => !columnsOf(inner).some((column) => column.name === name));
    const packed = carried.filter(({ field }) => !field.peerControlled);
    const grouped = columnsOf([...inner, { columns: carried.filter(({ field }) => field.peerControlled), optional: true }]);
    const by = grouped.map(({ name }) => name).join(', ');
    const tail = packed.length ? packed.map(({ own }) => `COALESCE(${own}, "")`).join(', "|", ') : undefined;
    const has = requiredKeys(inner);
    if (match.form.form === 'absence') {
      this.read(
        [
          { name: 'hit', condition: yielding, tail, needs: has },
          { name: 'answer', condition: this.condition(match.form.without), needs: has },
        ],
        [...inner, { columns: columnsOf([{ columns: grouped, optional: true }]), optional: true }],
        [],
        true,
      );
      this.unanswered(match.form, by, false);
      this.push('EVAL hit = hits');
    } else {
      this.pairs(match.form, yielding, plain, inner, grouped, by, tail, has);
    }
    this.unpack(packed, plain !== undefined && match.form.form !== 'absence');
    const required = requiredKeys(this.keys);
    if (required) this.push(`WHERE ${required}`);
  }

  /** A record of the second step directly after one of the first, in the order of the group: each record serves once. */
  private pairs(
    form: TemporalOrderedForm,
    last: Condition,
    plain: Condition | undefined,
    inner: KeyColumns[],
    grouped: Column[],
    by: string,
    tail: string | undefined,
    needs: string | undefined,
  ): void {
    this.read(
      [
        { name: 'earlier', condition: this.condition(form.steps[0]!.of), kind: 'a', needs },
        { name: 'later', condition: last, kind: 'b', tail, needs },
        ...(plain ? [{ name: 'plain', condition: plain, tail }] : []),
      ],
      [{ columns: columnsOf([...inner, { columns: grouped, optional: true }]), optional: true }],
    );
    const keep = plain ? `, plains = TOP(plain, ${MOST}, "desc")` : '';
    this.push(
      'EVAL step = CASE(earlier IS NULL, later, later IS NULL, earlier, MV_APPEND(earlier, later))',
      `STATS steps = TOP(step, ${MOST}, "desc")${keep}${by === '' ? '' : ` BY ${by}`}`,
      `EVAL steps = MV_SORT(COALESCE(steps, "0")), n = MV_COUNT(steps)`,
      // a list of one has no pair: its one record is laid beside itself, and is no pair of two kinds
      'EVAL pair = MV_ZIP(MV_SLICE(steps, 0, CASE(n > 1, n - 2, 0)), MV_SLICE(steps, CASE(n > 1, 1, 0), n - 1), ",")',
      'MV_EXPAND pair',
      'DISSECT pair "%{begin}|%{from}|%{?id},%{at}|%{to}|%{rest}"',
      `EVAL paired = COALESCE(from == "a" AND to == "b" AND TO_LONG(at) - TO_LONG(begin) <= ${form.within * 1000}, false)`,
    );
    this.push(
      plain
        ? 'EVAL hit = CASE(paired AND plains IS NOT NULL, MV_APPEND(CONCAT(at, "|", rest), plains), paired, CONCAT(at, "|", rest), plains)'
        : 'EVAL hit = CASE(paired, CONCAT(at, "|", rest))',
      'WHERE hit IS NOT NULL',
    );
  }

  /** Takes the outer keys out of the tail of a hit. */
  private unpack(packed: Column[], several: boolean): void {
    if (several) this.push('MV_EXPAND hit');
    if (packed.length === 0) return;
    this.push(
      `DISSECT hit "%{?at}|%{?id}|${packed.map(({ name }) => `%{${name}}`).join('|')}"`,
      `EVAL ${packed.map(({ name }) => `${name} = CASE(${name} != "", ${name})`).join(', ')}`,
    );
  }

  /** What stands beside the match in `of`: selections that count by themselves, and those that are refused. */
  private besideMatch(form: Form): { plain: Condition | undefined; refused: Condition | undefined } {
    const [of] = inputsOf(form);
    const { selections } = this.detection;
    const plain = of!.any.some((name) => name in selections) ? this.condition(of!) : undefined;
    return { plain, refused: of!.not.length ? this.condition({ any: of!.not, not: [] }) : undefined };
  }

  private condition(of: Of): Condition {
    return conditionOf(this.pack, this.detection, of);
  }

  /**
   * Reads records: a column for each signal with a text `<milliseconds>|<_id>` where the record matches, and the columns of the keys.
   * @param anyKey a record need not have the keys: its signals say what they need
   */
  private read(signals: Signal[], keys: KeyColumns[], more: string[] = [], anyKey = false): void {
    const { joined } = this.options;
    const columns = columnsOf(keys);
    const sources = joined ? joinSources(this.pack, columns) : undefined;
    const wanted = [...new Set(signals.map(({ condition }) => printEsql(condition)))];
    const where = [...wanted, ...(sources?.where ?? [])];
    const computed = computedFields(signals.map(({ condition }) => condition));
    if (computed.length) this.push(`EVAL ${computed.join(', ')}`);
    this.push(`WHERE ${where.length === 1 ? where[0]! : where.map((one) => `(${one})`).join(' OR ')}`);
    if (columns.length) this.push(`EVAL ${columns.map(({ name, own }) => `${name} = ${own}`).join(', ')}`);
    this.push('EVAL at = CONCAT(TO_STRING(TO_LONG(@timestamp)), "|", _id)');
    const alone = signals.length === 1 && !joined;
    this.push(`EVAL ${[...signals.map((signal) => `${signal.name} = ${printSignal(signal, alone)}`), ...more].join(', ')}`);
    if (sources) this.push(...joinExchange(this.pack, signals, keys, sources, this.options.reports));
    else if (this.options.reports === 'partial')
      this.push(
        `EVAL marked = CASE(${
          namingColumns(keys)
            .map(({ name }) => `${name} IS NOT NULL`)
            .join(' AND ') || 'true'
        }, 0, 1)`,
      );
    const required = anyKey ? undefined : requiredKeys(keys);
    if (required) this.push(`WHERE ${required}`);
  }

  /** The groups for which the condition was first met in the time that this run answers for, and was not met in the window before. */
  private opened(): string[] {
    const { fresh, quiet } = this.options.schedule;
    const since = `TO_LONG(NOW()) - ${fresh * 1000}`;
    const names = this.columns.map(({ name }) => name);
    const ecs = [...new Set(this.columns.map(({ field }) => field.ecs))];
    const named = ecs.map(
      (name) => `${name} = ${coalesce(this.columns.filter(({ field }) => field.ecs === name).map((one) => one.name))}`,
    );
    return [
      `STATS opening = MIN(CASE(opened >= ${since}, opened)), ongoing = MAX(CASE(opened < ${since}, opened))${this.marked()}` +
        (names.length ? ` BY ${names.join(', ')}` : ''),
      `WHERE opening IS NOT NULL AND COALESCE(opening - ongoing > ${quiet * 1000}, true)${this.options.reports === 'all' ? '' : ' AND marked > 0'}`,
      `EVAL ${[...named, 'opened = TO_DATETIME(opening)'].join(', ')}`,
      `KEEP ${[...ecs, 'opened'].join(', ')}`,
      'SORT opened',
      'LIMIT 100',
    ];
  }

  /** Carries whether a group has records for which this rule is there. */
  private marked(): string {
    return this.options.reports === 'all' ? '' : ', marked = MAX(marked)';
  }

  /** The columns of the group, and more; a STATS without any has no BY. */
  private by(more: string[] = []): string {
    return [...this.columns.map(({ name }) => name), ...more].join(', ') || 'whole_log';
  }

  private push(...lines: string[]): void {
    // one group for all: STATS … BY needs a column
    for (const line of lines) {
      this.lines.push(line.replace(/ BY whole_log$/, ''));
    }
  }
}

function printSignal({ condition, kind, tail, needs }: Signal, alone: boolean): string {
  const parts = [kind && quoteEsql(`|${kind}|`), tail].filter((part) => part !== undefined);
  const text = kind
    ? `CONCAT(TO_STRING(TO_LONG(@timestamp)), ${quoteEsql(`|${kind}|`)}, _id${tail ? `, "|", ${tail}` : ''})`
    : tail
      ? `CONCAT(at, "|", ${tail})`
      : 'at';
  if (alone && !needs && parts.length === 0) return text;
  const test = printEsql(condition);
  return `CASE(${needs ? `(${needs}) AND (${test})` : test}, ${text})`;
}

/** Each mark counts in every window that holds it. */
function hop(): string[] {
  return [
    `EVAL step = [${Array.from({ length: HOPS }, (_, index) => index).join(', ')}]`,
    'MV_EXPAND step',
    'EVAL window = mark + step',
  ];
}

/** Milliseconds between two windows. */
function hopOf(within: number): number {
  return Math.max(1, Math.floor((within * 1000) / HOPS));
}

function coalesce(names: string[]): string {
  return names.length === 1 ? names[0]! : `COALESCE(${names.join(', ')})`;
}

/** Fields that no record has, and that are computed where they are compared. */
const COMPUTED: Record<string, string> = {
  cert_days_left: 'FLOOR((TO_LONG(ikev2.certificate.not_after) - TO_LONG(@timestamp)) / 86400000.0)',
};

export function isComputed(name: string): boolean {
  return name in COMPUTED;
}

function computedFields(conditions: Condition[]): string[] {
  const fields = conditions.flatMap(comparisonsOf).map(({ field }) => field);
  return [...new Set(fields.filter(({ name }) => isComputed(name)).map(({ name, ecs }) => `${ecs} = ${COMPUTED[name]}`))];
}

function measureExpression(pack: Pack, measure: string): string {
  const field = (name: string) => fieldOf(pack, name).ecs;
  switch (measure) {
    case 'lifetime':
      return `TO_DOUBLE(${field('lifetime')})`;
    case 'rekey_interval':
      return `TO_DOUBLE(${field('rekey_in')})`;
    case 'hour':
      return 'TO_DOUBLE(DATE_EXTRACT("hour_of_day", @timestamp))';
    case 'network':
      return `TO_STRING(IP_PREFIX(${field('peer_ip')}, 24, 48))`;
    case 'suite':
      return `CONCAT(${['encryption', 'integrity', 'prf'].map((name) => `COALESCE(${field(name)}, "-"), "/", `).join('')}COALESCE(TO_STRING(${field('dh_group')}), "-"))`;
    default:
      return 'null';
  }
}
