/** The search commands that we emit. Each says which sentence of the Search Reference it follows; a command that is not here is an error. */
import { compileEval, type Surroundings } from './compile-eval.js';
import { matchesSearch, parseSearch } from './match-search.js';
import { parseAssignments, parseEval, readText } from './parse-eval.js';
import { type Command, parsePipeline, splitStatistics, takeOptions } from './parse-spl.js';
import { type Aggregation, parseAggregation } from './statistics.js';
import { compareValues, listOf, type Row, toNumber, toText, type Value } from './value.js';

export interface SearchContext extends Surroundings {
  /** the time range of the search, in seconds; latest is exclusive */
  earliest: number;
  latest: number;
  sid: string;
  /** bare words are texts of the record */
  freeText: boolean;
  /** all records in the range, newest first, with their search-time fields */
  records: () => Row[];
  table: (name: string) => LookupTable;
  write: (name: string, rows: Row[]) => void;
}

export interface LookupTable {
  columns: string[];
  rows: Record<string, string>[];
  ignoreCase: boolean;
}

type Work = (rest: string, context: SearchContext) => (rows: Row[]) => Row[];

/** @returns the pipeline as a function; every part of it has been understood by then */
export function compileCommand({ name, rest }: Command, context: SearchContext): (rows: Row[]) => Row[] {
  const work = COMMANDS[name];
  if (!work) throw new Error(`unknown command "${name}"`);
  return work(rest, context);
}

const FIELD = String.raw`[A-Za-z_][\w.]*(?:\{\})?`;
const LIST = new RegExp(`^${FIELD}(?:[\\s,]+${FIELD})*$`);

function fieldList(text: string): string[] {
  if (!LIST.test(text.trim())) throw new Error(`no list of fields: ${text}`);
  return text.trim().split(/[\s,]+/);
}

const COMMANDS: Record<string, Work> = {
  // "Use the search command to retrieve events from indexes or filter the results of a previous search command"
  search: (rest, context) => {
    const term = parseSearch(rest, context.freeText);
    return (rows) => rows.filter((row) => matchesSearch(term, row));
  },

  // "The where command uses eval-expressions to filter search results … the results for which the expression is true"
  where: (rest, context) => {
    const test = compileEval(parseEval(rest), context);
    return (rows) =>
      rows.filter((row) => {
        const value = test(row);
        if (value !== undefined && typeof value !== 'boolean') throw new Error(`where: no condition: ${rest}`);
        return value === true;
      });
  },

  // "calculates an expression and puts the resulting value into a search results field"; "separate multiple expressions with a comma … evaluated from left to right"
  eval: (rest, context) => {
    const assignments = parseAssignments(rest).map(({ field, value }) => ({ field, compute: compileEval(value, context) }));
    return (rows) =>
      rows.map((row) => {
        const changed = { ...row };
        for (const { field, compute } of assignments) {
          const value = compute(changed);
          if (typeof value === 'boolean')
            throw new Error(`eval: "Boolean expressions … cannot be assigned to a field": ${field}`);
          if (value === undefined) delete changed[field];
          else changed[field] = value;
        }
        return changed;
      });
  },

  // "Extract fields from search results using regular expression named groups"
  rex: (rest, context) => {
    const { options, rest: quoted } = takeOptions(rest, ['field', 'max_match']);
    const regex = readText(quoted);
    context.pcre.compile(regex);
    return (rows) =>
      rows.map((row) => {
        const text = toText(row[options.field ?? '_raw']);
        const found = text === undefined ? undefined : context.pcre.match(regex, text);
        const named = Object.entries(found ?? {}).filter(([name, value]) => !/^\d+$|^length$/.test(name) && value !== undefined);
        return { ...row, ...Object.fromEntries(named) };
      });
  },

  // "Removes or keeps results that match or do not match the specified regular expression"; without a field, of _raw
  regex: (rest, context) => {
    const regex = readText(rest.trim());
    context.pcre.compile(regex);
    return (rows) => rows.filter((row) => context.pcre.match(regex, toText(row._raw)!) !== undefined);
  },

  // "Appends the result of the subpipeline to the search results … run when the search reaches the appendpipe command"
  appendpipe: (rest, context) => {
    const inner = /^\[(.*)\]$/s.exec(rest.trim())?.[1];
    if (inner === undefined) throw new Error('appendpipe without a subpipeline');
    const steps = parsePipeline(inner).map((command) => compileCommand(command, context));
    return (rows) => [...rows, ...steps.reduce((found, step) => step(found), rows)];
  },

  // "Converts values of the specified multivalue field into one single value"
  nomv: (rest) => {
    const [field] = fieldList(rest) as [string];
    return (rows) => rows.map((row) => (Array.isArray(row[field]) ? { ...row, [field]: toText(row[field]) } : row));
  },

  // "The sort command sorts all of the results by the specified fields … - descending, + ascending"; "0 … all of the results"; "default 10000"
  sort: (rest) => {
    const [, count, fields] = /^(\d+)\s+(.*)$/s.exec(rest) ?? [undefined, undefined, rest];
    if (count !== '0') throw new Error('sort without 0 keeps 10,000 results');
    const keys = fields!.split(/[\s,]+/).map((field) => {
      const [, sign, name] = /^([-+]?)(\w+)$/.exec(field) ?? [];
      if (name === undefined) throw new Error(`sort: ${field}`);
      return { name, sign: sign === '-' ? -1 : 1 };
    });
    return (rows) => {
      // where a result without the field stands is not documented
      for (const row of rows)
        for (const { name } of keys) if (row[name] === undefined) throw new Error(`sort: a result has no ${name}`);
      return [...rows].sort((a, b) => {
        for (const { name, sign } of keys) {
          const order = compareValues(a[name], b[name]);
          if (order !== 0) return order * sign;
        }
        return 0;
      });
    };
  },

  // "removes the events that contain an identical combination of values for the fields … the first … is kept"
  dedup: (rest) => {
    const fields = fieldList(rest);
    return (rows) => {
      const seen = new Set<string>();
      return rows.filter((row) => {
        if (fields.some((field) => row[field] === undefined)) return false;
        const key = keyOf(row, fields)!;
        return !seen.has(key) && seen.add(key);
      });
    };
  },

  // "Keeps or removes fields from search results based on the field list criteria"
  fields: (rest) => {
    const [, sign, list] = /^([-+]?)\s*(.*)$/s.exec(rest)!;
    const patterns = list!.split(/[\s,]+/).map((name) => new RegExp(`^${name.replace(/\*/g, '.*')}$`));
    const isNamed = (name: string) => patterns.some((pattern) => pattern.test(name));
    // "_raw and _time … internal fields are kept" where fields are named to keep
    const keeps = (name: string) => (sign === '-' ? !isNamed(name) : isNamed(name) || name.startsWith('_'));
    return (rows) => rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => keeps(name))));
  },

  // "returns a table that is formed by only the fields that you specify in the arguments"
  table: (rest) => {
    const fields = fieldList(rest);
    return (rows) => rows.map((row) => pick(row, fields));
  },

  // "Use the rename command to rename one or more fields"
  rename: (rest) => {
    const pairs = rest.split(',').map((pair) => {
      const [, from, to] = /^\s*([\w.]+)\s+AS\s+"?([\w .]+?)"?\s*$/i.exec(pair) ?? [];
      if (to === undefined) throw new Error(`rename: ${pair}`);
      return [from!, to] as const;
    });
    return (rows) =>
      rows.map((row) => {
        const changed = { ...row };
        for (const [from, to] of pairs) {
          const value = changed[from];
          delete changed[from];
          if (value !== undefined) changed[to] = value;
        }
        return changed;
      });
  },

  // "Expands the values of a multivalue field into separate events, one event for each value"
  mvexpand: (rest) => {
    const [field] = fieldList(rest) as [string];
    return (rows) =>
      rows.flatMap((row) => (row[field] === undefined ? [row] : listOf(row[field]).map((value) => ({ ...row, [field]: value }))));
  },

  // "The bin command … span: Sets the size of each bin"; time bins are aligned to the epoch
  bin: (rest) => {
    const [, name, span] = /^(?:(\w+)\s+)?span=(\w+)(?:\s+(\w+))?$/.exec(rest) ?? [];
    const field = name ?? '_time';
    const seconds = spanOf(span ?? '');
    return (rows) => rows.map((row) => ({ ...row, [field]: Math.floor(toNumber(row[field])! / seconds) * seconds }));
  },

  // "Calculates aggregate statistics … if you specify a BY clause one row is returned for each distinct value"; events without a BY field are left out
  stats: (rest, context) => {
    // "delim: how the values in the list() or values() functions are delimited", for `nomv` only
    const { functions, by } = statisticsOf(rest.replace(/^delim="[^"]*"\s+/, ''), context);
    return (rows) => [...groupsOf(rows, by)].map(([, group]) => ({ ...pick(group[0]!, by), ...aggregate(functions, group) }));
  },

  // "Generates summary statistics from fields in your events and saves those statistics into a new field" of each event
  eventstats: (rest, context) => {
    const { functions, by } = statisticsOf(rest, context);
    return (rows) => {
      const found = new Map([...groupsOf(rows, by)].map(([key, group]) => [key, aggregate(functions, group)]));
      return rows.map((row) => ({ ...row, ...(found.get(keyOf(row, by) ?? '\0') ?? {}) }));
    };
  },

  streamstats: (rest, context) => streamstats(rest, context),

  // "Enriches your source data with related information that is in a lookup table"
  lookup: (rest, context) => {
    const [name, ...words] = rest.split(/[\s,]+/);
    const table = context.table(name!);
    const at = words.findIndex((word) => /^OUTPUT(NEW)?$/i.test(word));
    if (at < 0) throw new Error('lookup without OUTPUT gives every column');
    const matches = pairs(words.slice(0, at));
    const outputs = pairs(words.slice(at + 1));
    for (const [column] of [...matches, ...outputs])
      if (!table.columns.includes(column)) throw new Error(`lookup ${name} has no column ${column}`);
    const fold = (text: string) => (table.ignoreCase ? text.toLowerCase() : text);
    const index = new Map<string, Record<string, string>>();
    for (const row of [...table.rows].reverse()) index.set(JSON.stringify(matches.map(([column]) => fold(row[column]!))), row);
    const onlyNew = /NEW$/i.test(words[at]!);
    return (rows) =>
      rows.map((row) => {
        const wanted = matches.map(([, field]) => toText(row[field]));
        if (wanted.includes(undefined)) return row;
        const found = index.get(JSON.stringify(wanted.map((value) => fold(value!))));
        const changed = { ...row };
        for (const [column, field] of outputs) {
          if (onlyNew && changed[field] !== undefined) continue;
          const value = found?.[column];
          if (value === undefined || value === '') delete changed[field];
          else changed[field] = value;
        }
        return changed;
      });
  },

  // "Loads search results from a specified static lookup table"; "append: … added to the current results"
  inputlookup: (rest, context) => {
    const { options, rest: name } = takeOptions(rest, ['append']);
    const table = context.table(name.trim());
    return (rows) => {
      const read = table.rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== '')));
      return options.append === 'true' ? [...rows, ...read] : read;
    };
  },

  // "Writes search results to a static lookup table"
  outputlookup: (rest, context) => {
    const name = rest.trim();
    context.table(name);
    return (rows) => {
      context.write(name, rows);
      return rows;
    };
  },

  // "adds fields to each event that contain global, common information about the search": info_min_time, info_max_time, info_sid, info_search_time
  addinfo: (rest, context) => {
    if (rest.trim()) throw new Error('addinfo takes nothing');
    const info: Row = {
      info_min_time: context.earliest,
      info_max_time: Number.isFinite(context.latest) ? context.latest : '+Infinity',
      info_sid: context.sid,
      info_search_time: context.now,
    };
    return (rows) => rows.map((row) => ({ ...row, ...info }));
  },

  // "Creates a time series chart … with a corresponding table of statistics"
  timechart: (rest, context) => {
    const { options, rest: left } = takeOptions(rest, ['span', 'limit', 'useother', 'usenull']);
    const { functions, by } = statisticsOf(left, context);
    if (functions.length !== 1 || by.length > 1) throw new Error('timechart: one function and one field are emulated');
    const seconds = spanOf(options.span ?? '');
    return (rows) => {
      const binned = rows.map((row) => ({ ...row, _time: Math.floor(toNumber(row._time)! / seconds) * seconds }));
      return [...groupsOf(binned, ['_time'])].map(([, group]) => {
        const [split] = by;
        if (split === undefined) return { _time: group[0]!._time, ...aggregate(functions, group) };
        const series = [...groupsOf(group, [split])].map(([, part]) => [toText(part[0]![split])!, functions[0]!.compute(part)]);
        return { _time: group[0]!._time, ...Object.fromEntries(series) };
      });
    };
  },

  // "Returns the first N number of specified results in search order"
  head: (rest) => {
    const count = Number(rest.trim() || 10);
    if (!Number.isInteger(count)) throw new Error(`head: ${rest}`);
    return (rows) => rows.slice(0, count);
  },
};

/**
 * "Adds cumulative summary statistics to all search results in a streaming manner." `window`: "the number of events to use when computing the statistics …
 * 0 means that all previous and current events are used"; `global=false`: "a separate window is used for each group"; `current=false`: "uses the field value
 * from the previous event"; `reset_after`: "after the streamstats calculations are produced for an event … all of the accumulated statistics are reset if the
 * eval-expression returns true. The eval-expression can reference fields that are returned by the streamstats command".
 * `time_window` is not there: whether its far edge belongs to it is not documented.
 */
function streamstats(rest: string, context: SearchContext): (rows: Row[]) => Row[] {
  const { options, rest: left } = takeOptions(rest, ['current', 'window', 'global', 'reset_after']);
  const { functions, by } = statisticsOf(left, context);
  const window = Number(options.window ?? 0);
  if (!Number.isInteger(window) || window > 10_000)
    throw new Error(`streamstats: window=${options.window}: max_stream_window is 10000`);
  if (window > 0 && by.length > 0 && !isFalse(options.global)) throw new Error('streamstats: window with BY needs global=f');
  const withCurrent = !isFalse(options.current);
  const reset = options.reset_after === undefined ? undefined : compileEval(parseEval(options.reset_after), context);
  return (rows) => {
    const groups = new Map<string, (row: Row) => Row>();
    return rows.map((row) => {
      const key = keyOf(row, by);
      if (key === undefined) return row;
      let add = groups.get(key);
      if (!add) groups.set(key, (add = accumulate(functions, window, withCurrent)));
      const changed = { ...row, ...add(row) };
      if (reset?.(changed) === true) groups.clear();
      return changed;
    });
  };
}

/** @returns a function that takes the events of a group one by one and says what has been found so far */
function accumulate(functions: Aggregation[], window: number, withCurrent: boolean): (row: Row) => Row {
  let before: Row = Object.fromEntries(functions.filter(({ as }) => as === 'count').map(({ as }) => [as, 0]));
  let add: (row: Row) => Row;
  if (window > 0) {
    const seen: Row[] = [];
    add = (row) => {
      seen.push(row);
      if (seen.length > window) seen.shift();
      return aggregate(functions, seen);
    };
  } else {
    const parts = functions.map(({ as, running }) => {
      if (!running) throw new Error(`streamstats: ${as} is not emulated without a window`);
      return [as, running()] as const;
    });
    add = (row) =>
      Object.fromEntries(parts.map(([as, part]): [string, Value] => [as, part(row)]).filter(([, value]) => value !== undefined));
  }
  return (row) => {
    const after = add(row);
    const found = withCurrent ? after : before;
    before = after;
    return found;
  };
}

function isFalse(option: string | undefined): boolean {
  return option === 'f' || option === 'false';
}

function statisticsOf(rest: string, context: SearchContext) {
  const { functions, by } = splitStatistics(rest);
  return { functions: functions.map((text) => parseAggregation(text, context)), by };
}

function aggregate(functions: Aggregation[], rows: Row[]): Row {
  const found = functions.map(({ as, compute }): [string, Value] => [as, compute(rows)]);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

/** Groups in the order in which they are seen; events without one of the fields belong to none. */
function groupsOf(rows: Row[], by: string[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row, by);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

function keyOf(row: Row, by: string[]): string | undefined {
  let key = '';
  for (const field of by) {
    const value = row[field];
    if (value === undefined) return undefined;
    if (Array.isArray(value)) throw new Error(`BY a multivalue field: ${field}`);
    key += `${toText(value)}\0`;
  }
  return key;
}

function pick(row: Row, fields: string[]): Row {
  return Object.fromEntries(fields.filter((field) => row[field] !== undefined).map((field) => [field, row[field]]));
}

/** `a AS b c` → [a, b], [c, c] */
function pairs(words: string[]): [string, string][] {
  const found: [string, string][] = [];
  for (let i = 0; i < words.length; i++) {
    if (/^AS$/i.test(words[i + 1] ?? '')) {
      found.push([words[i]!, words[i + 2]!]);
      i += 2;
    } else found.push([words[i]!, words[i]!]);
  }
  return found;
}

function spanOf(span: string): number {
  const found = /^(\d+)([smhd])$/.exec(span);
  if (!found) throw new Error(`no span: ${span}`);
  return Number(found[1]) * { s: 1, m: 60, h: 3600, d: 86_400 }[found[2] as 's']!;
}
