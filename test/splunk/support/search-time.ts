/**
 * What Splunk does with one event at search time, as its documentation has it: emulated, never run in Splunk. Order of the steps (props.conf.spec):
 * EXTRACT, REPORT, calculated fields, look-ups.
 */

import { evaluate, type Value } from './eval-expression.js';
import type { Pcre } from './pcre.js';
import { type Conf, readConf, readCsv } from './read-conf.js';

export type Fields = Record<string, Value>;

export class SearchTime {
  /** regexes run on the last event */
  ran = 0;
  /** transforms and EXTRACTs that matched the last event */
  fired: string[] = [];
  private readonly props: Map<string, string>;
  private readonly transforms: Conf;
  private readonly tables = new Map<string, Map<string, Record<string, string>>>();

  /** @param flags what stands in front of every regex: Splunk puts (?ms) in front of an EXTRACT, and does not say what of a REPORT */
  constructor(
    private readonly files: ReadonlyMap<string, string>,
    private readonly pcre: Pcre,
    sourcetype: string,
    private readonly flags: '' | '(?ms)',
  ) {
    this.props = readConf(files.get('TA-ikeaudit/default/props.conf')!).get(sourcetype)!;
    this.transforms = readConf(files.get('TA-ikeaudit/default/transforms.conf')!);
  }

  run(raw: string): Fields {
    const fields: Fields = { _raw: raw, host: 'gw' };
    this.ran = 0;
    this.fired = [];
    for (const [key, value] of this.settings('EXTRACT-')) this.extract(fields, key, value);
    for (const [, value] of this.settings('REPORT-')) for (const name of value.split(', ')) this.report(fields, name);
    // "all EVAL-<fieldname> configurations are processed in parallel": each sees the fields as they were before
    const before = { ...fields };
    for (const [key, value] of this.settings('EVAL-')) fields[key.slice('EVAL-'.length)] = evaluate(value, before);
    const calculated = { ...fields };
    for (const [, value] of this.settings('LOOKUP-')) this.lookup(fields, calculated, value);
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  }

  /** "in ASCII order" of the class */
  private settings(kind: string): [string, string][] {
    return [...this.props].filter(([key]) => key.startsWith(kind)).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  private match(regex: string, subject: string) {
    this.ran++;
    return this.pcre.match(this.flags + regex, subject);
  }

  private extract(fields: Fields, key: string, value: string): void {
    const [, regex, source] = /^(.*?)(?: in (\w+))?$/s.exec(value)!;
    const subject = fields[source ?? '_raw'];
    if (subject === undefined) return;
    const found = this.match(regex!, subject as string);
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
    const source = fields[transform.get('SOURCE_KEY')!];
    if (source === undefined) return;
    const many = transform.get('MV_ADD') === 'true';
    let rest = source as string;
    for (;;) {
      const found = this.match(transform.get('REGEX')!, rest);
      if (!found) return;
      this.fired.push(name);
      for (const pair of transform.get('FORMAT')!.split(' ')) {
        const [field, value] = pair.split('::') as [string, string];
        const text = value.startsWith('$') ? found[value.slice(1)] : value;
        // KEEP_EMPTY_VALS = false, MV_ADD = false: empty values and values for a field that is there are dropped
        if (text === undefined || text === '') continue;
        if (many) fields[field] = [...((fields[field] as string[] | undefined) ?? []), text];
        else fields[field] ??= text;
      }
      if (!many) return;
      // behind a look-behind the byte before must stay visible
      rest = rest.slice(rest.indexOf(found['0']!) + found['0']!.length);
      if (rest === '') return;
    }
  }

  /** props.conf.spec: "OUTPUTNEW … only if the field doesn't already exist in the event". */
  private lookup(fields: Fields, before: Fields, value: string): void {
    const [, table, column, , input, outputs] = /^(\w+) (\w+)( AS (\w+))? OUTPUTNEW (.*)$/.exec(value)!;
    const wanted = before[input ?? column!];
    if (wanted === undefined) return;
    const rows = [wanted]
      .flat()
      .map((word) => this.row(table!, column!, word))
      .filter((row) => row !== undefined);
    for (const [, from, , to] of outputs!.matchAll(/(\w+)( AS (\w+))?/g)) {
      if (before[to ?? from!] !== undefined) continue;
      const cells = rows.map((row) => row[from!]!);
      fields[to ?? from!] = Array.isArray(wanted) ? (cells.length ? cells : undefined) : cells[0];
    }
  }

  private row(table: string, column: string, word: string): Record<string, string> | undefined {
    const settings = this.transforms.get(table)!;
    const fold = settings.get('case_sensitive_match') === 'false' ? (text: string) => text.toUpperCase() : (text: string) => text;
    let rows = this.tables.get(table);
    if (!rows) {
      const csv = readCsv(this.files.get(`TA-ikeaudit/lookups/${settings.get('filename')}`)!);
      rows = new Map(csv.reverse().map((row) => [fold(row[column]!), row]));
      this.tables.set(table, rows);
    }
    return rows.get(fold(word));
  }
}
