/**
 * The part of Splunk that the packages need: it indexes text, and runs their searches. Written after Splunk's specification files and Search Reference;
 * emulated, never run in Splunk. What the documents leave open is an error here, or is tried both ways.
 */
import { type Conf, readConf, readCsv } from '../support/read-conf.js';
import type { Pcre } from '../support/pcre.js';
import { compileCommand, type LookupTable, type SearchContext } from './commands.js';
import { expandMacros } from './expand-macros.js';
import { type Indexed, indexText, type Input } from './index-time.js';
import { parsePipeline } from './parse-spl.js';
import { SearchTime } from './search-time.js';
import { type Row, toText } from './value.js';

export interface SearchOptions {
  /** seconds since 1970; all records where they are left out */
  earliest?: number;
  latest?: number;
  now?: number;
  sid?: string;
  /** bare words are texts of the record */
  freeText?: boolean;
}

export type PackageFiles = ReadonlyMap<string, string | Buffer>;

export class Splunk {
  readonly macros: Conf;
  private readonly props: Conf;
  private readonly transforms: Conf;
  private readonly lookups = new Map<string, { settings: Map<string, string>; app: string }>();
  private readonly sourcetypes = new Map<string, SearchTime>();
  private readonly written = new Map<string, Row[]>();
  private readonly rows: Row[] = [];

  /** @param files below dist/splunk/ */
  constructor(
    private readonly files: PackageFiles,
    private readonly pcre: Pcre,
  ) {
    const conf = (app: string, name: string): Conf => {
      const text = files.get(`${app}/default/${name}.conf`);
      return text === undefined ? new Map() : readConf(text.toString());
    };
    this.props = conf('TA-ikeaudit', 'props');
    this.transforms = conf('TA-ikeaudit', 'transforms');
    this.macros = new Map([...conf('TA-ikeaudit', 'macros'), ...conf('ikeaudit', 'macros')]);
    for (const app of ['TA-ikeaudit', 'ikeaudit'])
      for (const [name, settings] of conf(app, 'transforms'))
        if (settings.has('filename')) this.lookups.set(name, { settings, app });
  }

  /** Indexes text, and reads its fields at once: they do not change any more. */
  index(text: string, input: Input): Indexed[] {
    const records = indexText(text, input, this.props, this.transforms, this.pcre);
    for (const record of records) this.add(record);
    return records;
  }

  /** Adds a record that was broken out and timed before, as those of a collector that knows of records. */
  add({ raw, time, host, sourcetype }: Indexed, source = 'test'): void {
    const metadata = { _time: time, host, index: 'main', source };
    const row = this.props.has(sourcetype)
      ? this.searchTime(sourcetype).run(raw, metadata)
      : { _raw: raw, sourcetype, ...metadata };
    this.rows.push(row);
  }

  /** Empties the index, and puts the look-up tables back as they were installed. */
  clear(): void {
    this.rows.length = 0;
    this.written.clear();
  }

  /** @returns the results of a search. @throws where any part of it is not understood */
  search(spl: string, options: SearchOptions = {}): Row[] {
    const context: SearchContext = {
      pcre: this.pcre,
      now: options.now ?? 4_000_000_000,
      earliest: options.earliest ?? 0,
      latest: options.latest ?? Number.POSITIVE_INFINITY,
      sid: options.sid ?? '1764000000.1',
      freeText: options.freeText ?? false,
      // "events are returned in reverse time order"; the order of equal times is not documented: the last that came in is first
      records: () =>
        this.rows
          .filter(({ _time }) => Number(_time) >= context.earliest && Number(_time) < context.latest)
          .reverse()
          .sort((a, b) => Number(b._time) - Number(a._time)),
      table: (name) => this.table(name),
      write: (name, rows) => void this.written.set(name, rows),
    };
    const commands = parsePipeline(expandMacros(spl, this.macros));
    const generates = commands[0]!.name === 'inputlookup';
    const steps = commands.map((command) => {
      try {
        return compileCommand(command, context);
      } catch (error) {
        throw new Error(`${command.name} ${command.rest.slice(0, 200)}: ${(error as Error).message}`);
      }
    });
    return steps.reduce((rows, step) => step(rows), generates ? [] : context.records());
  }

  /** Puts rows into a look-up table, as `outputlookup` does. */
  fillLookup(name: string, rows: Row[]): void {
    this.table(name);
    this.written.set(name, rows);
  }

  private searchTime(sourcetype: string): SearchTime {
    let found = this.sourcetypes.get(sourcetype);
    if (!found) this.sourcetypes.set(sourcetype, (found = new SearchTime(this.files, this.pcre, sourcetype, '(?ms)')));
    return found;
  }

  private table(name: string): LookupTable {
    const lookup = this.lookups.get(name);
    if (!lookup) throw new Error(`no lookup [${name}]`);
    const { settings, app } = lookup;
    const csv = this.files.get(`${app}/lookups/${settings.get('filename')}`);
    if (csv === undefined) throw new Error(`no file ${settings.get('filename')}`);
    const columns = csv.toString().split('\n')[0]!.split(',');
    const rows = this.written
      .get(name)
      ?.map((row) => Object.fromEntries(columns.map((column) => [column, toText(row[column]) ?? ''])));
    if (settings.get('max_matches') !== '1') throw new Error(`lookup ${name}: max_matches`);
    return { columns, rows: rows ?? readCsv(csv.toString()), ignoreCase: settings.get('case_sensitive_match') === 'false' };
  }
}
