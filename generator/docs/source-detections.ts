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
import { fieldsOfTake } from '../engine/compile-records.js';
import type { Template } from '../model/template.js';
import { code, GENERATED, table } from './markdown.js';

/** @returns the page that says which source can show what */
export function emitSourceDetections(pack: Pack): string {
  const rows = pack.detections.map((detection) => [
    `[${code(detection.name)}](detections/${detection.name.split('/')[0]}.md#${detection.name.split('/')[1]})`,
    ...pack.parsers.map((parser) => (canShow(parser, detection) ? 'yes' : '')),
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
}

/** @returns whether the parser's lines tell each thing that the detection looks at, with a value for each of the keys of some grouping */
export function canShow(parser: Parser, detection: Detection): boolean {
  const told = toldBy(parser);
  const everywhere = new Set(told.flatMap(({ fields, set }) => [...fields, ...Object.keys(set)]));
  const has = (line: Told, field: string): boolean => {
    const sources = DERIVED_FROM[field];
    if (sources) return sources.some((source) => has(line, source));
    return field in line.set || line.fields.has(field) || isLent(parser, everywhere, field);
  };
  const hasKey = (line: Told, key: Key) => {
    const { fields, optional } = readKey(key);
    return optional || fields.some((field) => has(line, field));
  };
  const fits = (line: Told, comparisons: Comparison[]) =>
    comparisons.every(({ field, op, values }) => {
      const wanted = values.map((value) => String(value).toLowerCase());
      if (field === 'msg_type') return wanted.includes(line.event);
      if (op === 'exists' && values[0] === false) return !(field in line.set);
      if (field in line.set && op === 'is') return wanted.includes(String(line.set[field]).toLowerCase());
      return has(line, field);
    });
  const canSee = (of: Of, keys: Key[], fields: string[]): boolean =>
    of.any.some((name) => {
      const match = detection.matches[name];
      if (match) return sees(match.form, match.by, []) && sees(match.form, keys, fields);
      const lines = detection.selections[name]!.any.flatMap((comparisons) =>
        told.filter(
          (line) =>
            fits(line, comparisons) && keys.every((key) => hasKey(line, key)) && fields.every((field) => has(line, field)),
        ),
      );
      // different events take as many
      return new Set(lines.map(({ event }) => event)).size >= (fields.includes('msg_type') ? 2 : 1);
    });
  const sees = (form: Form, keys: Key[], fields: string[]): boolean =>
    inputsOf(form).every((of, place) => canSee(of, keys, place === 0 ? [...fields, ...measured(form)] : []));
  return detection.groupings.some((keys) => sees(detection.form, keys, []));
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

/** @returns whether stitching lends the field to lines that do not have it, if any has */
function isLent({ stitch }: Parser, everywhere: ReadonlySet<string>, field: string): boolean {
  if (field === 'host' || field === 'msg_type') return true; // of the envelope, else the log itself
  if (!stitch) return false;
  if (field === 'sa_id') return stitch.sa !== undefined;
  if (field === 'user_identity') return isLent({ stitch } as Parser, everywhere, 'peer_id');
  if (!everywhere.has(field)) return false;
  return ADDRESSES.includes(field) || (stitch.sa?.learns.includes(field) ?? false);
}

const OF_CAPTURES: Partial<Record<string, string[]>> = {
  payloads: ['notify', 'error_code'],
  notify: ['notify', 'error_code'],
  proposal: ['encryption', 'integrity', 'prf', 'dh_group'],
  suite: ['encryption', 'integrity', 'prf', 'dh_group'],
};

/** @returns what each line and each entry of codes tells; a header's fields are those of every line */
function toldBy(parser: Parser): Told[] {
  const { records, structured, headers, entries } = parser;
  const header = [...headers.flatMap(captured), ...Object.values(structured).flatMap((paths) => Object.values(paths))];
  const common = [...header, ...records.take.flatMap((take) => fieldsOfTake(parser, take))];
  const told = (event: string | undefined, set: Told['set'], fields: string[]): Told[] =>
    event === undefined
      ? []
      : [{ event, set, fields: new Set(fields.includes('peer_id') ? [...fields, 'user_identity'] : fields) }];
  return [
    ...entries.flatMap(({ event, set, template }) => told(event, set, [...captured(template), ...common])),
    ...records.codes.flatMap(({ event, set, take }) =>
      told(event, set, [...take.flatMap((each) => fieldsOfTake(parser, each)), ...common]),
    ),
    // a record means something else after others of its SA
    ...(parser.stitch?.decides ?? []).flatMap(({ becomes }) => told(becomes, {}, [...common, ...ADDRESSES])),
  ];
}

function captured({ parts }: Template): string[] {
  return parts.flatMap((part) => {
    if (part.kind === 'choice') return part.field ? [part.field] : [];
    if (part.kind !== 'capture' || part.field === '_') return [];
    return [part.field, ...(OF_CAPTURES[captureType(part.type).value] ?? [])];
  });
}
