/**
 * What Splunk does with one event at search time, as its documentation has it: emulated, never run in Splunk. props.conf.spec: the order of the steps is
 * EXTRACT, REPORT, KV_MODE, FIELDALIAS, EVAL, LOOKUP, event types, tags; each step sees what the earlier ones gave.
 */

import type { Pcre } from '../support/pcre.js';
import { type Conf, readConf, readCsv } from '../support/read-conf.js';
import { compileEval, type Compute } from './compile-eval.js';
import { matchesSearch, parseSearch, type Term } from './match-search.js';
import { parseEval } from './parse-eval.js';
import { fromList, listOf, type Row, toText } from './value.js';

export type Fields = Row;

interface AutomaticLookup {
  table: string;
  column: string;
  input: string;
  outputs: [from: string, to: string][];
  overwrites: boolean;
}

function readLookup(setting: string): AutomaticLookup {
  const [, table, column, , input, output, outputs] = /^(\w+) (\w+)( AS (\w+))? (OUTPUT|OUTPUTNEW) (.*)$/.exec(setting)!;
  const names = [...outputs!.matchAll(/(\w+)( AS (\w+))?/g)].map(([, from, , to]): [string, string] => [from!, to ?? from!]);
  return { table: table!, column: column!, input: input ?? column!, outputs: names, overwrites: output === 'OUTPUT' };
}

/** limits.conf.spec, [kv]: bytes of a record that automatic JSON extraction reads */
const EXTRACTION_CUTOFF = 5000;

export class SearchTime {
  /** regexes run on the last event */
  ran = 0;
  /** transforms and EXTRACTs that matched the last event */
  fired: string[] = [];
  private readonly props: Map<string, string>;
  private readonly transforms: Conf;
  private readonly tables = new Map<string, Map<string, Record<string, string>>>();
  private readonly steps: Record<'EXTRACT' | 'REPORT' | 'EVAL' | 'LOOKUP', [string, string][]>;
  private readonly lookups: AutomaticLookup[];
  private readonly evals: [field: string, compute: Compute][];
  private readonly eventtypes: [name: string, term: Term][];
  private readonly tags: Conf;

  /** @param flags what stands in front of every regex: Splunk puts (?ms) in front of an EXTRACT, and does not say what of a REPORT */
  constructor(
    private readonly files: ReadonlyMap<string, string | Buffer>,
    private readonly pcre: Pcre,
    readonly sourcetype: string,
    private readonly flags: '' | '(?ms)',
  ) {
    const conf = (name: string) => readConf(files.get(`TA-ikeaudit/default/${name}.conf`)!.toString());
    this.props = conf('props').get(sourcetype) ?? new Map();
    this.transforms = conf('transforms');
    this.steps = {
      EXTRACT: this.settings('EXTRACT-'),
      REPORT: this.settings('REPORT-'),
      EVAL: this.settings('EVAL-'),
      LOOKUP: this.settings('LOOKUP-'),
    };
    this.lookups = this.steps.LOOKUP.map(([, value]) => readLookup(value));
    if (this.settings('FIELDALIAS-').length) throw new Error('FIELDALIAS is not emulated: nothing emits it');
    const around = { pcre, now: 0 };
    this.evals = this.steps.EVAL.map(([key, value]) => [key.slice('EVAL-'.length), compileEval(parseEval(value), around)]);
    this.eventtypes = [...conf('eventtypes')].map(([name, settings]) => [name, parseSearch(settings.get('search')!)]);
    this.tags = conf('tags');
  }

  run(raw: string, metadata: Row = { host: 'gw' }): Fields {
    const fields: Fields = { _raw: raw, sourcetype: this.sourcetype, ...metadata };
    this.ran = 0;
    this.fired = [];
    for (const [key, value] of this.steps.EXTRACT) this.extract(fields, key, value);
    for (const [, value] of this.steps.REPORT) for (const name of value.split(', ')) this.report(fields, name);
    this.readKeys(fields);
    // "all EVAL-<fieldname> configurations are processed in parallel": each sees the fields as they were before
    const before = { ...fields };
    for (const [field, compute] of this.evals) {
      const value = compute(before);
      if (typeof value === 'boolean') throw new Error(`EVAL-${field} is a condition`);
      fields[field] = value;
    }
    const calculated = { ...fields };
    for (const lookup of this.lookups) this.lookup(fields, calculated, lookup);
    return this.addTags(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
  }

  /** "in ASCII order" of the class */
  private settings(kind: string): [string, string][] {
    return [...this.props].filter(([key]) => key.startsWith(kind)).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  private match(regex: string, subject: string, limit?: string) {
    this.ran++;
    return this.pcre.match(this.flags + regex, subject, limit === undefined ? undefined : Number(limit));
  }

  private extract(fields: Fields, key: string, value: string): void {
    const [, regex, source] = /^(.*?)(?: in (\w+))?$/s.exec(value)!;
    const subject = fields[source ?? '_raw'];
    if (subject === undefined) return;
    // "MATCH_LIMIT: Only set in props.conf for EXTRACT type field extractions"
    const found = this.match(regex!, subject as string, this.props.get('MATCH_LIMIT'));
    if (!found) return;
    this.fired.push(key);
    for (const [name, text] of Object.entries(found)) {
      if (/^\d+$/.test(name) || name === 'length' || text === undefined) continue;
      if (text === '') throw new Error(`${key} gives ${name} an empty text`);
      if (fields[name] !== undefined) throw new Error(`${key} gives ${name} a second value`);
      fields[name] = text;
    }
  }

  private report(fields: Fields, name: string): void {
    const transform = this.transforms.get(name)!;
    // transforms.conf.spec: "SOURCE_KEY … Default: _raw"
    const source = fields[transform.get('SOURCE_KEY') ?? '_raw'];
    if (source === undefined) return;
    const regex = transform.get('REGEX')!;
    const format = transform.get('FORMAT');
    // "FORMAT = $1::$2 … the regex is matched against the source key until it finds no more"
    const names = format === '$1::$2';
    const many = transform.get('MV_ADD') === 'true';
    let rest = source as string;
    for (;;) {
      const found = this.match(regex, rest);
      if (!found) return;
      this.fired.push(name);
      for (const [field, text] of names
        ? [[cleanKey(found['1']!), found['2']] as const]
        : format === undefined
          ? namedGroups(found)
          : formatted(format, found)) {
        // KEEP_EMPTY_VALS = false, MV_ADD = false: empty values and values for a field that is there are dropped
        if (field === '' || text === undefined || text === '') continue;
        if (many) fields[field] = [...listOf(fields[field]), text];
        else fields[field] ??= text;
      }
      if (!many && !names) return;
      // behind a look-behind the byte before must stay visible
      rest = rest.slice(rest.indexOf(found['0']!) + found['0']!.length);
      if (rest === '') return;
    }
  }

  /** KV_MODE = json: nested keys are joined by dots, the values of an array `a` are `a{}`, members of its objects `a{}.b`. */
  private readKeys(fields: Fields): void {
    // source types that are not ours alone keep their own mode, which their add-on sets
    const mode = this.props.get('KV_MODE') ?? 'none';
    if (mode === 'none') return;
    if (mode !== 'json') throw new Error(`KV_MODE = ${mode} is not emulated`);
    const raw = fields._raw as string;
    // what is extracted of a longer record is not documented: nothing, here
    if (Buffer.byteLength(raw) > EXTRACTION_CUTOFF) return;
    let parsed: unknown;
    try {
      parsed = JSON.parse(raw);
    } catch {
      return;
    }
    const found = new Map<string, string[]>();
    flatten(parsed, '', found);
    for (const [name, values] of found) fields[name] ??= fromList(values);
  }

  /**
   * props.conf.spec: "OUTPUTNEW … only if the field doesn't already exist in the event"; OUTPUT overwrites, and clears the fields where the input exists and no
   * row has it.
   */
  private lookup(fields: Fields, before: Fields, { table, column, input, outputs, overwrites }: AutomaticLookup): void {
    const wanted = before[input];
    if (wanted === undefined) return;
    const rows = listOf(wanted)
      .map((word) => this.row(table, column, word))
      .filter((row) => row !== undefined);
    for (const [from, to] of outputs) {
      if (before[to] !== undefined && !overwrites) continue;
      const cells = rows.map((row) => row[from]!);
      fields[to] = Array.isArray(wanted) ? (cells.length ? cells : undefined) : cells[0];
    }
  }

  private row(table: string, column: string, word: string): Record<string, string> | undefined {
    const settings = this.transforms.get(table)!;
    const fold = settings.get('case_sensitive_match') === 'false' ? (text: string) => text.toUpperCase() : (text: string) => text;
    let rows = this.tables.get(table);
    if (!rows) {
      const csv = readCsv(this.files.get(`TA-ikeaudit/lookups/${settings.get('filename')}`)!.toString());
      rows = new Map(csv.reverse().map((row) => [fold(row[column]!), row]));
      this.tables.set(table, rows);
    }
    return rows.get(fold(word));
  }

  /** eventtypes.conf.spec: an event type is a search; tags.conf.spec: [<field>=<value>] gives the tags of every event that has it. */
  private addTags(fields: Fields): Fields {
    const types = this.eventtypes.filter(([, term]) => matchesSearch(term, fields)).map(([name]) => name);
    if (types.length === 0) return fields;
    const tags = types.flatMap((name) => [...(this.tags.get(`eventtype=${name}`) ?? [])]);
    const enabled = [...new Set(tags.filter(([, state]) => state === 'enabled').map(([tag]) => tag))].sort();
    return { ...fields, eventtype: fromList(types), ...(enabled.length ? { tag: fromList(enabled) } : {}) };
  }
}

type Found = Record<string, string | undefined>;

function formatted(format: string, found: Found): (readonly [string, string | undefined])[] {
  return format.split(' ').map((pair) => {
    const [field, value] = pair.split('::') as [string, string];
    return [field, value.startsWith('$') ? found[value.slice(1)] : value];
  });
}

/** Without FORMAT, the groups' names are the fields. */
function namedGroups(found: Found): [string, string | undefined][] {
  return Object.entries(found).filter(([name]) => !/^\d+$|^length$/.test(name));
}

/** transforms.conf.spec, CLEAN_KEYS: other characters become underscores, and those and digits at the beginning go. */
function cleanKey(key: string): string {
  return key.replace(/[^A-Za-z0-9]/g, '_').replace(/^[_0-9]+/, '');
}

function flatten(value: unknown, name: string, found: Map<string, string[]>): void {
  if (Array.isArray(value)) for (const one of value) flatten(one, `${name}{}`, found);
  else if (value !== null && typeof value === 'object')
    for (const [key, inner] of Object.entries(value)) flatten(inner, name ? `${name}.${key}` : key, found);
  else if (value !== null && value !== '') found.set(name, [...(found.get(name) ?? []), toText(value as string)!]);
}
