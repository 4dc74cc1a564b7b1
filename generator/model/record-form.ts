/** Structured records: how they are taken apart, which fields their paths fill, and what selects them. Plain data, like the rest of the pack. */
import type { Place } from './diagnostic.js';
import type { Origin } from './origin.js';
import type { Template } from './template.js';

/** How a record's text becomes a tree of named members. */
export const RECORD_FORMATS = ['json', 'xml', 'rfc5424', 'kv', 'csv'] as const;
export type RecordFormat = (typeof RECORD_FORMATS)[number];

/** One spelling of a source's records. */
export interface RecordForm {
  format: RecordFormat;
  /** paths that must be there */
  has: string[];
  /** all must hold */
  where: Condition[];
  /** `timestamp`, `host`, `program`, `pid`, `message` → paths; the first that has a text is taken. Paths joined by blanks are read together */
  fields: Record<string, string[]>;
  /** short names that parsers use for paths that differ between spellings; the first that is there is taken */
  names: Record<string, string[]>;
  /** json: the text at this path is JSON too */
  inside: string;
  /** json: the record is a package: each member of the list at this path is a record, which the package's own members complete */
  each: string;
  /** xml: elements that are known by an attribute's text instead of their own name, and by `param1`, `param2` … where they have none */
  members: Record<string, string>;
  /** kv: between key and value, and between pairs */
  assign: string;
  between: string;
  /** kv and csv: what a record begins with; what stands before it does not count */
  begins: string;
  /** csv */
  separator: string;
  columns: string[];
  /** csv: a line that begins so names the columns of those that follow */
  header: string;
}

/** A path and the texts of which it must have one. `*` at the beginning or end of a text stands for anything. */
export interface Condition {
  path: string;
  values: string[];
}

/** Types of taken values that no hole of a line has. */
export const TAKE_TYPES = ['algorithm', 'decimal'] as const;

/** What becomes of the text at a path. */
export interface Take {
  path: string;
  /** the field that it fills; absent where a table or a line fills fields */
  field?: string;
  /** name of a capture type, or of `TAKE_TYPES` */
  type?: string;
  /** the parser's table that translates the text; with `field`, what has no row stays as it is */
  table?: string;
  /** for numbers in another unit */
  times?: number;
  /** the text as a whole */
  line?: Template;
}

/** Rows of a table: the text → the field's value, or several fields */
export type Table = Record<string, string | number | boolean | Record<string, string | number | boolean>>;

/** An entry that is chosen by codes instead of words. */
export interface CodeEntry {
  id: string;
  kind: 'event' | 'ignored';
  event?: string;
  /** all must hold; the entry with most conditions wins */
  when: Condition[];
  take: Take[];
  set: Record<string, string | number | boolean>;
  /** a whole record */
  sample: string;
  origin?: Origin;
  source?: string;
  place: { sample: Place; entry: Place };
}

/** What a parser says of structured records. */
export interface Structured {
  /** conditions on the record itself, beside those of its form */
  where: Condition[];
  /** texts that stand for nothing */
  empty: string[];
  take: Take[];
  tables: Record<string, Table>;
  codes: CodeEntry[];
  /** whole records that lines read, by their messages */
  samples: { text: string; place: Place }[];
}
