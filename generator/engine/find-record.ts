/** Takes a structured record apart and finds who reads it: its spelling, its parser, and what the spelling says of time and process. */
import type { RecordForm, RecordFormat } from '../model/record-form.js';
import type { CompiledParser, Engine } from './compile-engine.js';
import type { CompiledForm, RecordPlan } from './compile-records.js';
import { decodeColumns, decodePairs, decodeSyslog, splitColumns } from './decode-text.js';
import { decodeXml } from './decode-xml.js';
import { holds, isAt, textAt, type Tree, valueAt, type Way } from './find-path.js';
import { type Clock, parseStamp } from './time.js';

/** What a structured record says of itself. */
export interface FoundRecord {
  form: CompiledForm;
  tree: Tree;
  /** undefined: no parser reads it */
  compiled: CompiledParser | undefined;
  plan: RecordPlan | undefined;
  host: string;
  program: string;
  pid: string;
  /** NaN where it has no time */
  time: number;
  message: string;
}

/** How far into a line a run of pairs may begin. */
const BEGINS_WITHIN = 256;
/** Texts of a package that its records share. */
const LONGEST_SHARED = 256;

export class RecordFinder {
  private readonly engine: Engine;
  private readonly clock: Clock;
  private readonly byFormat = new Map<RecordFormat, CompiledForm[]>();
  /** columns that a header line has named */
  private readonly columns = new Map<CompiledForm, string[]>();
  private readonly runs: RecordForm[];
  readonly readsSyslogData: boolean;

  constructor(engine: Engine, clock: Clock) {
    this.engine = engine;
    this.clock = clock;
    for (const form of engine.forms) {
      const { format } = form.form;
      this.byFormat.set(format, [...(this.byFormat.get(format) ?? []), form]);
    }
    this.runs = engine.forms.map(({ form }) => form).filter(({ format }) => format === 'kv' || format === 'csv');
    this.readsSyslogData = this.byFormat.has('rfc5424');
  }

  /**
   * @param only the parser that reads it if anybody does: the record's header has named it
   * @returns what a text that may be a whole record is, or undefined where it is none of a known spelling
   */
  find(text: string, only?: CompiledParser): FoundRecord | undefined {
    const first = text.charCodeAt(0);
    if (first === 123) return this.findIn('json', decodeObject(text), only);
    if (first === 60 && isLetter(text.charCodeAt(1) | 32)) return this.findXml(text, only);
    if (first === 60 && this.readsSyslogData) {
      const found = this.findIn('rfc5424', decodeSyslog(text), only);
      if (found) return found;
    }
    return this.findRun(text, only);
  }

  /** @returns whether the line may be a run of pairs or columns, or name columns */
  mayBegin(buffer: Buffer, from: number, end: number): boolean {
    if (this.runs.length === 0) return false;
    const first = buffer.subarray(from, Math.min(end, from + BEGINS_WITHIN));
    return this.runs.some(({ format, begins, header, separator }) => {
      if (header !== '' && first.includes(header)) return true;
      return first.includes(begins === '' && format === 'csv' ? separator : begins);
    });
  }

  /** @returns the form whose columns this line names */
  header(text: string): CompiledForm | undefined {
    const form = this.byFormat.get('csv')?.find(({ form: { header } }) => header !== '' && text.startsWith(header));
    if (form) this.columns.set(form, splitColumns(text.slice(form.form.header.length), form.form.separator));
    return form;
  }

  private findXml(text: string, only: CompiledParser | undefined): FoundRecord | undefined {
    let stranger: FoundRecord | undefined;
    for (const form of this.byFormat.get('xml') ?? []) {
      const found = this.foundAs(form, decodeXml(text, form.form.members), only);
      if (found?.compiled) return found;
      stranger ??= found;
    }
    return stranger;
  }

  /** Pairs and columns. */
  private findRun(text: string, only: CompiledParser | undefined): FoundRecord | undefined {
    for (const format of ['kv', 'csv'] as const) {
      for (const form of this.byFormat.get(format) ?? []) {
        if (only && !only.reads.has(form)) continue;
        const { begins, separator } = form.form;
        const at = begins === '' ? 0 : text.slice(0, BEGINS_WITHIN).indexOf(begins);
        if (at < 0) continue;
        const run = text.slice(at);
        const columns = this.columns.get(form) ?? form.form.columns;
        const tree = format === 'kv' ? decodePairs(run, form.form) : decodeColumns(run, separator, columns);
        const found = this.foundAs(form, tree, only);
        if (found) return found;
      }
    }
    return undefined;
  }

  private findIn(format: RecordFormat, tree: Tree | undefined, only: CompiledParser | undefined): FoundRecord | undefined {
    let stranger: FoundRecord | undefined;
    for (const form of tree ? (this.byFormat.get(format) ?? []) : []) {
      if (form.each) continue;
      const found = this.foundAs(form, tree, only);
      if (found?.compiled) return found;
      stranger ??= found;
    }
    return stranger;
  }

  /** @returns the records in a package or a list of records, or undefined where the text is neither */
  unpack(text: string): string[] | undefined {
    const value = decodeJson(text);
    if (Array.isArray(value))
      return value.length > 0 && value.every(isObject) ? value.map((item) => JSON.stringify(item)) : undefined;
    if (!isObject(value)) return undefined;
    for (const { each, has } of this.byFormat.get('json') ?? []) {
      const list = each && has.every((way) => isAt(value, way)) ? valueAt(value, each) : undefined;
      if (Array.isArray(list))
        return list.map((item) => JSON.stringify(isObject(item) ? { ...shortTexts(value), ...item } : item));
    }
    return undefined;
  }

  private foundAs(form: CompiledForm, given: Tree | undefined, only: CompiledParser | undefined): FoundRecord | undefined {
    const tree = given && form.inside !== '' ? openInside(given, form.inside) : given;
    if (!tree || !form.has.every((way) => isAt(tree, way)) || !form.where.every((test) => holds(tree, test))) return undefined;
    const { fields } = form;
    const program = textOf(tree, fields.program);
    const compiled = only ?? this.parserOf(form, tree, program);
    if (only && !(only.reads.has(form) && matchesPlan(only.records.get(form), tree))) return undefined;
    return {
      form,
      tree,
      compiled,
      plan: compiled?.records.get(form),
      host: textOf(tree, fields.host),
      program,
      pid: textOf(tree, fields.pid),
      time: parseStamp(textOf(tree, fields.timestamp), this.clock) ?? Number.NaN,
      message: textOf(tree, fields.message),
    };
  }

  private parserOf(form: CompiledForm, tree: Tree, program: string): CompiledParser | undefined {
    const listed = this.engine.parsers.find(
      (compiled) =>
        compiled.reads.has(form) && isOf(compiled.parser.programs, program) && matchesPlan(compiled.records.get(form), tree),
    );
    return listed ?? (program === '' ? undefined : this.engine.readersOf(form.envelope).byProgram.get(program));
  }
}

function isOf(programs: string[], program: string): boolean {
  return program === '' || programs.length === 0 || programs.includes(program);
}

function matchesPlan(plan: RecordPlan | undefined, tree: Tree): boolean {
  return plan !== undefined && plan.where.every((test) => holds(tree, test));
}

function decodeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decodeObject(text: string): Tree | undefined {
  const object = decodeJson(text);
  return isObject(object) ? object : undefined;
}

function isObject(value: unknown): value is Tree {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** A member whose text is JSON becomes what it says. */
function openInside(tree: Tree, path: string): Tree | undefined {
  const text = Object.hasOwn(tree, path) ? tree[path] : undefined;
  const inside = isObject(text) ? text : typeof text === 'string' && text.startsWith('{') ? decodeObject(text) : undefined;
  return inside && { ...tree, [path]: inside };
}

/** What a package says of all its records; not what would make each of them long. */
function shortTexts(tree: Tree): Tree {
  return Object.fromEntries(
    Object.entries(tree).filter(
      ([, value]) => (typeof value === 'string' && value.length <= LONGEST_SHARED) || typeof value === 'number',
    ),
  );
}

/** The first alternative that has a text; an alternative of several paths is read with blanks between them. */
function textOf(tree: Tree, alternatives: Way[][]): string {
  for (const ways of alternatives) {
    const text = ways
      .map((way) => textAt(tree, way))
      .filter(Boolean)
      .join(' ');
    if (text !== '') return text;
  }
  return '';
}

function isLetter(code: number): boolean {
  return code >= 97 && code <= 122;
}
