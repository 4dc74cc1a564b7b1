/**
 * Lines of one exchange, by process, thread and second: where a raw line names no peer, its exchange's packets do. A thread that served several peers in one
 * second tells nobody's peer: its lines are not counted, because blaming the wrong address is worse.
 */
import type { Pack } from '../../../model/pack.js';
import { type Condition, fieldOf } from './condition.js';
import { type Column, columnsOf, type KeyColumns, namingColumns } from './keys.js';
import { quoteEsql } from './print-esql.js';

/** What a query looks for: a column with a text where the record matches, else null. */
export interface Signal {
  name: string;
  condition: Condition;
  /** a letter that stands before the id, for lists of several kinds */
  kind?: string;
  /** ES|QL: a text that follows the id */
  tail?: string;
  /** ES|QL: a condition on the columns of the keys */
  needs?: string;
}

export interface JoinSources {
  /** records that are read beside the signals' */
  where: string[];
  /** for each column, when a record may lend it to its exchange; undefined for a column that only the record itself can tell */
  lends: Map<string, string>;
}

/** Fields that another line of the exchange may tell. Addresses are believed of packets only. */
const LENT = new Set(['peer_ip', 'user_identity', 'peer_id', 'connection']);

/** Records of a thread and second that are kept. */
const MOST = 200;

/** @returns whether a field can be had from another line of the exchange */
export function canJoin(field: string): boolean {
  return LENT.has(field) || field === 'host';
}

export function joinSources(pack: Pack, columns: Column[]): JoinSources {
  const action = fieldOf(pack, 'msg_type').ecs;
  const events = [
    ...new Set(pack.parsers.flatMap(({ stitch }) => [...(stitch?.exchange?.opens ?? []), ...(stitch?.exchange?.closes ?? [])])),
  ]
    .map((event) => (typeof event === 'string' ? event : event.event))
    .filter((event) => event.startsWith('packet_'));
  const packets = `${action} IN (${events.map(quoteEsql).join(', ')})`;
  const lends = new Map<string, string>();
  for (const { name, field } of columns) {
    if (field.name === 'peer_ip') lends.set(name, packets);
    else if (LENT.has(field.name)) lends.set(name, `${field.ecs} IS NOT NULL`);
  }
  return { where: [...new Set(lends.values())], lends };
}

/** @returns the lines of the query that make one row of each exchange's matching lines, and fill the columns that they lack */
export function joinExchange(
  pack: Pack,
  signals: Signal[],
  keys: KeyColumns[],
  { lends }: JoinSources,
  reports: 'all' | 'partial' | 'lent',
): string[] {
  const columns = columnsOf(keys);
  const threads = [...new Set(pack.parsers.flatMap(({ stitch }) => stitch?.exchange?.key ?? []))];
  const exchange = ['host', 'program', 'pid', ...threads].map((name) => fieldOf(pack, name).ecs);
  const matches = signals.map(({ name }) => `${name} IS NOT NULL`).join(' OR ');
  // what a record has beside other fields of its key counts where it lacks these: all columns are asked for together
  const naming = namingColumns(keys);
  const named = (prefix: string) => naming.map(({ name }) => `${prefix}${name} IS NOT NULL`).join(' AND ') || 'true';
  const later = signals.length === 1 ? laterColumns(columns) : [];
  const lending = columns.filter((column) => !later.includes(column));
  const own = columns.map(({ name }) => `own_${name} = CASE(whole, ${name})`);
  const lent = lending.map(({ name }) => {
    const source = lends.get(name);
    return `lent_${name} = CASE(NOT whole AND (${source === undefined ? matches : `${matches} OR ${source}`}), ${name})`;
  });
  const [signal] = signals;
  return [
    `EVAL whole = (${matches}) AND ${named('')}`,
    `EVAL ${[...own, ...lent].join(', ')}`,
    // what a line says itself stays with it, where there is one list to carry it
    ...(later.length
      ? [`EVAL ${signal!.name} = CONCAT(${signal!.name}, ${later.map(({ name }) => `"|", COALESCE(${name}, "")`).join(', ')})`]
      : []),
    `STATS ${[
      ...signals.map(({ name }) => `${name} = TOP(${name}, ${MOST}, "desc")`),
      ...lending.map(({ name }) => `lent_${name} = VALUES(lent_${name})`),
    ].join(
      ', ',
    )} BY ${[...columns.map(({ name }) => `own_${name}`), ...exchange, 'second = DATE_TRUNC(1 second, @timestamp)'].join(', ')}`,
    `WHERE ${matches}`,
    `EVAL ${lending.map(({ name }) => `${name} = COALESCE(own_${name}, CASE(MV_COUNT(lent_${name}) == 1, lent_${name}))`).join(', ')}`,
    ...(later.length
      ? [
          `MV_EXPAND ${signal!.name}`,
          `DISSECT ${signal!.name} "%{?at}|%{?id}|${later.map(({ name }) => `%{${name}}`).join('|')}"`,
          `EVAL ${later.map(({ name }) => `${name} = CASE(${name} != "", ${name})`).join(', ')}`,
        ]
      : []),
    `EVAL marked = CASE(${named('own_')}, 0, ${reports === 'partial' ? '1' : `${named('')}, 1, 0`})`,
    ...elseColumns(columns),
  ];
}

/** Later fields of keys, what a peer chooses last: it may hold what parts them. */
function laterColumns(columns: Column[]): Column[] {
  const later = columns.filter(({ name }) => name.endsWith('_else'));
  return [...later.filter(({ field }) => !field.peerControlled), ...later.filter(({ field }) => field.peerControlled)];
}

/** A later field of a key does not count where the earlier one was found in the exchange. */
function elseColumns(columns: Column[]): string[] {
  const later = laterColumns(columns);
  if (later.length === 0) return [];
  return [`EVAL ${later.map(({ name, own }) => `${name} = CASE(${earlierOf(own, columns)}, ${name})`).join(', ')}`];
}

function earlierOf(own: string, columns: Column[]): string {
  const earlier = columns.filter(({ name, field }) => !name.endsWith('_else') && own.includes(`${field.ecs} IS NULL`));
  return earlier.map(({ name }) => `${name} IS NULL`).join(' AND ') || 'true';
}
