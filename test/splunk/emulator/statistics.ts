/** Functions of stats, eventstats and streamstats. Search Reference: they "ignore" events that lack the field. */
import { compileEval, type Compute, type Surroundings } from './compile-eval.js';
import { parseEval } from './parse-eval.js';
import { compareValues, fromList, listOf, type Row, toNumber, type Value } from './value.js';

export interface Aggregation {
  as: string;
  compute: (rows: Row[]) => Value;
  /** the same, fed one event after the other; undefined where it is emulated for windows only */
  running: (() => (row: Row) => Value) | undefined;
  /** fields that it reads */
  reads: string;
}

/** Reads `count`, `count(x) AS y`, `sum(eval(…)) AS z`, … up to BY. */
export function parseAggregation(text: string, around: Surroundings): Aggregation {
  const found = /^([a-z]+)(?:\((.*)\))?(?:\s+AS\s+"?([\w ]+?)"?)?$/is.exec(text.trim());
  if (!found) throw new Error(`no statistical function: ${text}`);
  const [whole, name, of, as] = found;
  const values = of === undefined || of === '' ? undefined : valuesOf(of, around);
  const work = FUNCTIONS[name!.toLowerCase()];
  if (!work) throw new Error(`unknown statistical function ${name}()`);
  if (!values && name!.toLowerCase() !== 'count') throw new Error(`${name}() needs a field`);
  const running = RUNNING[name!.toLowerCase()];
  return {
    running:
      running &&
      (() => {
        const add = running();
        return (row) => add(values ? values(row) : ['']);
      }),
    as: as ?? whole.replace(/\s+AS\s.*$/is, ''),
    reads: of ?? '',
    compute: (rows) => work(values ? rows.flatMap((row) => values(row)) : rows.map(() => ''), rows, of),
  };
}

/** "count(eval(<expression>))" counts the events for which it is true; of a field, its values. */
function valuesOf(of: string, around: Surroundings): (row: Row) => string[] {
  const inner = /^eval\((.*)\)$/is.exec(of)?.[1];
  if (inner === undefined) {
    const name = of.trim().replace(/^'(.*)'$/, '$1');
    if (!/^[\w.{}]+$/.test(name)) throw new Error(`no field: ${of}`);
    return (row) => listOf(row[name]);
  }
  const compute: Compute = compileEval(parseEval(inner), around);
  return (row) => {
    const value = compute(row);
    if (typeof value === 'boolean') return value ? ['1'] : [];
    return listOf(value);
  };
}

const sorted = (values: string[]) => [...values].sort(compareValues);
const numbers = (values: string[]) => values.map((value) => toNumber(value)).filter((value) => value !== undefined);

const FUNCTIONS: Record<string, (values: string[], rows: Row[], field?: string) => Value> = {
  count: (values) => values.length,
  dc: (values) => new Set(values).size,
  // "returns a multivalue entry from the values in a field … lexicographical order … distinct"
  values: (values) => fromList([...new Set(values)].sort()),
  // "Returns a list of up to 100 values"
  list: (values) => fromList(values.slice(0, 100)),
  min: (values) => numeric(sorted(values)[0]),
  max: (values) => numeric(sorted(values).at(-1)),
  sum: (values) => (numbers(values).length ? numbers(values).reduce((a, b) => a + b, 0) : undefined),
  avg: (values) => {
    const all = numbers(values);
    return all.length ? all.reduce((a, b) => a + b, 0) / all.length : undefined;
  },
  first: (values) => values[0],
  last: (values) => values.at(-1),
  // "Returns the chronologically latest … seen occurrence of a value of a field"
  earliest: (_, rows, field) => byTime(rows, field!)[0],
  latest: (_, rows, field) => byTime(rows, field!).at(-1),
};

/** Functions whose value after one more event follows from the value before. */
const RUNNING: Record<string, () => (values: string[]) => Value> = {
  count: () => {
    let found = 0;
    return (values) => (found += values.length);
  },
  sum: () => {
    let found: number | undefined;
    return (values) => {
      for (const value of numbers(values)) found = (found ?? 0) + value;
      return found;
    };
  },
  min: () => running(-1),
  max: () => running(1),
};

function running(sign: 1 | -1): (values: string[]) => Value {
  let found: string | undefined;
  return (values) => {
    for (const value of values) if (found === undefined || compareValues(value, found) * sign > 0) found = value;
    return numeric(found);
  };
}

function byTime(rows: Row[], field: string): string[] {
  const having = rows.filter((row) => row[field] !== undefined);
  return having.sort((a, b) => compareValues(a._time, b._time)).flatMap((row) => listOf(row[field]));
}

function numeric(value: string | undefined): Value {
  return toNumber(value) ?? value;
}
