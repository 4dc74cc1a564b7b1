import { captureType } from '../model/capture-types.js';
import {
  type Comparison,
  type Detection,
  type Form,
  inputsOf,
  KEYS,
  type Key,
  type Measure,
  type Of,
  readKey,
} from '../model/detection.js';
import type { Pack, Parser } from '../model/pack.js';
import { compileEngine } from '../engine/compile-engine.js';
import { fieldsOfTake } from '../engine/compile-records.js';
import { strip, textAt, wayOf } from '../engine/find-path.js';
import { RecordFinder } from '../engine/find-record.js';
import type { Take } from '../model/record-form.js';
import type { Template } from '../model/template.js';
import { code, GENERATED, table } from './markdown.js';

/** @returns the page that says which source can show what */
export function emitSourceDetections(pack: Pack): string {
  const rows = pack.detections.map((detection) => [
    `[${code(detection.name)}](detections/${detection.name.split('/')[0]}.md#${detection.name.split('/')[1]})`,
    ...pack.parsers.map((parser) => (canShow(pack, parser, detection) ? 'yes' : '')),
  ]);
  return `${GENERATED}
# Which source can show what

"yes" where a source has lines for every event that the detection needs, with the fields that it compares, counts and groups by: in the line itself, or joined to it by
stitching. \`test/detect/sources.test.ts\` fires each of them on a log of that source's own lines. What else a source lacks is said with the [detection](detections.md).

${table(['detection', ...pack.parsers.map(({ dataset }) => dataset)], rows)}
`;
}

/** What a line, or an entry that codes choose, tells. */
interface Told {
  event: string;
  set: Record<string, unknown>;
  fields: ReadonlySet<string>;
  /** what fields may say that a table fills, in small letters */
  rows: ReadonlyMap<string, string[]>;
}

/** @returns whether the parser's lines tell each thing that the detection looks at, with a value for each of the keys of some grouping */
export function canShow(pack: Pack, parser: Parser, detection: Detection): boolean {
  const told = toldOf(pack, parser);
  const has = (line: Told, field: string): boolean => {
    const sources = DERIVED_FROM[field];
    if (sources) return sources.some((source) => has(line, source));
    return field in line.set || line.fields.has(field) || isLent(pack, parser, told, line, field);
  };
  /** The field by which a key groups the line; of a key that may be missing, none. */
  const grouped = (line: Told, key: Key): string | undefined => {
    const { fields, optional } = readKey(key);
    return fields.find((field) => has(line, field)) ?? (optional ? '' : undefined);
  };
  const fits = (line: Told, comparisons: Comparison[]) =>
    comparisons.every(({ field, op, values }) => {
      const wanted = values.map((value) => String(value).toLowerCase());
      const said = field in line.set ? [String(line.set[field]).toLowerCase()] : line.rows.get(field);
      if (field === 'msg_type') return wanted.includes(line.event);
      if (op === 'exists' && values[0] === false) return !(field in line.set);
      if (said && op === 'is') return wanted.some((value) => said.includes(value));
      return has(line, field);
    });
  /** @returns the lines that it may look at, by the fields that group them; none where something lacks */
  const linesFor = (of: Of, keys: Key[], fields: string[]): Told[] => {
    const lines = of.any.flatMap((name) => {
      const match = detection.matches[name];
      if (match)
        return sees(match.form, match.by, [])
          ? inputsOf(match.form)
              .slice(-1)
              .flatMap((last) => linesFor(last, keys, fields))
          : [];
      return detection.selections[name]!.any.flatMap((comparisons) => told.filter((line) => fits(line, comparisons)));
    });
    return lines.filter(
      (line) => keys.every((key) => grouped(line, key) !== undefined) && fields.every((field) => has(line, field)),
    );
  };
  const sees = (form: Form, keys: Key[], fields: string[]): boolean => {
    const inputs = inputsOf(form).map((of, place) => linesFor(of, keys, place === 0 ? [...fields, ...measured(form)] : []));
    const events = new Set(inputs.flat().map(({ event }) => event));
    // values of one field are different events where that field is the event's name
    if (
      inputs.some((lines) => lines.length === 0) ||
      (form.form === 'value_count' && form.distinct === 'msg_type' && events.size < 2)
    )
      return false;
    // records of one group are grouped by the same field
    return keys.every((key) => {
      const [first, ...others] = inputs.map((lines) => new Set(lines.map((line) => grouped(line, key))));
      return [...first!].some((field) => others.every((other) => other.has(field)));
    });
  };
  return detection.groupings.some((keys) => sees(detection.form, keys, []));
}

const CLOCK = { now: 0, zone: 'UTC' };
const toldOnce = new WeakMap<Parser, Told[]>();

/** What a parser tells is the same for all detections. */
function toldOf(pack: Pack, parser: Parser): Told[] {
  const known = toldOnce.get(parser) ?? toldBy(pack, parser);
  toldOnce.set(parser, known);
  return known;
}

/** Fields that are made of others: one of these must be there. */
const DERIVED_FROM: Record<string, string[]> = {
  cert_days_left: ['cert_not_after'],
  sa_root: ['sa_id'],
};

const MEASURED: Record<Measure, string[]> = {
  network: ['peer_ip'],
  suite: ['encryption'],
  strength: ['encryption'],
  lifetime: ['lifetime'],
  rekey_interval: ['rekey_in'],
  hour: [],
};

/** Fields of which a form takes the value. */
function measured(form: Form): string[] {
  switch (form.form) {
    case 'value_count':
      return KEYS[form.distinct]?.slice(0, 1) ?? [form.distinct.replace(/\?$/, '')];
    case 'first_seen':
      return MEASURED[form.value];
    case 'deviation':
      return MEASURED[form.measure];
    case 'absence':
      return form.after === undefined ? [] : [form.after];
    default:
      return [];
  }
}

const ADDRESSES = ['peer_ip', 'peer_port', 'local_ip', 'local_port'];

/** @returns whether stitching lends the line a field that another one has; what explains a failure lends nothing to a success */
function isLent(pack: Pack, { stitch }: Parser, told: Told[], line: Told, field: string): boolean {
  if (field === 'host' || field === 'msg_type') return true; // of the envelope, else the log itself
  if (!stitch) return false;
  if (field === 'sa_id') return stitch.sa !== undefined;
  // an identity is the user's where nobody else is named
  if (field === 'user_identity' && isLent(pack, { stitch } as Parser, told, line, 'peer_id')) return true;
  const isSuccess = pack.events.get(line.event)?.outcome === 'success';
  const isThere = told.some(
    ({ event, fields }) => fields.has(field) && !(isSuccess && pack.events.get(event)?.outcome === 'failure'),
  );
  if (!isThere) return false;
  const isOutside = stitch.exchange?.outside.some((match) => (typeof match === 'string' ? match : match.event) === line.event);
  if (ADDRESSES.includes(field)) return !isOutside;
  return stitch.sa?.learns.includes(field) ?? false;
}

const OF_CAPTURES: Partial<Record<string, string[]>> = {
  payloads: ['notify', 'error_code'],
  notify: ['notify', 'error_code'],
  proposal: ['encryption', 'integrity', 'prf', 'dh_group'],
  suite: ['encryption', 'integrity', 'prf', 'dh_group'],
};

/** @returns what each line and each entry of codes tells: paths of records where a sample has a text there, a header's fields for every line */
function toldBy(pack: Pack, parser: Parser): Told[] {
  const { records, structured, headers, entries } = parser;
  const finder = new RecordFinder(compileEngine({ ...pack, parsers: [{ ...parser, entries: [], headers: [] }] }), CLOCK);
  const inRecord = (sample: string, takes: Take[]): string[] => {
    const found = finder.find(sample);
    if (!found) return [];
    const { names } = found.form.form;
    const saysSomething = (path: string) => {
      const text = strip(textAt(found.tree, wayOf(path, names)));
      return text !== '' && !records.empty.includes(text);
    };
    return [
      ...takes.filter(({ path }) => saysSomething(path)).flatMap((take) => fieldsOfTake(parser, take)),
      ...Object.entries(structured[found.form.envelope.name] ?? {}).flatMap(([path, field]) =>
        saysSomething(path) ? [field] : [],
      ),
    ];
  };
  const told = (event: string | undefined, set: Told['set'], fields: string[], takes: Take[] = []): Told[] =>
    event === undefined
      ? []
      : [
          {
            event,
            set,
            fields: new Set(fields.includes('peer_id') ? [...fields, 'user_identity'] : fields),
            rows: rowsOf(parser, takes),
          },
        ];
  const around = [...headers.flatMap(captured), ...records.samples.flatMap(({ text }) => inRecord(text, records.take))];
  return [
    ...entries.flatMap(({ event, set, template }) => told(event, set, [...captured(template), ...around])),
    ...records.codes.flatMap(({ event, set, take, sample }) =>
      told(event, set, inRecord(sample, [...take, ...records.take]), [...take, ...records.take]),
    ),
    // a record means something else after others of its SA
    ...(parser.stitch?.decides ?? []).flatMap(({ becomes }) => told(becomes, {}, [...around, ...ADDRESSES])),
  ];
}

function rowsOf({ records: { tables } }: Parser, takes: Take[]): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const { table: name, field } of takes) {
    for (const row of Object.values(tables[name ?? ''] ?? {})) {
      const said = typeof row === 'object' ? Object.entries(row) : [[field, row] as const];
      for (const [key, value] of said)
        if (key !== undefined) rows.set(key, [...(rows.get(key) ?? []), String(value).toLowerCase()]);
    }
  }
  return rows;
}

function captured({ parts }: Template): string[] {
  return parts.flatMap((part) => {
    if (part.kind === 'choice') return part.field ? [part.field] : [];
    if (part.kind !== 'capture' || part.field === '_') return [];
    return [part.field, ...(OF_CAPTURES[captureType(part.type).value] ?? [])];
  });
}
