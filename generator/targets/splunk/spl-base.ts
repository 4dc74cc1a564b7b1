/** The beginning of a search: which records it needs, and whether answers that name no peer must be given one first. */
import type { Detection, Form } from '../../model/detection.js';
import type { Pack } from '../../model/pack.js';
import { templateFields } from '../../model/template.js';
import { keyFields, measuredFields } from './spl-keys.js';
import { measureOf } from './spl-forms.js';
import { comparedFields, eventsOf } from './spl-selection.js';
import { splString } from './spl-text.js';

/** The fields that `ikeaudit_stitch` fills in. */
export const STITCHED = ['peer_ip', 'local_ip', 'src_ip', 'dst_ip', 'peer_id', 'user_identity'];

/** @returns the search up to the records that the detection looks at */
export function emitBase(pack: Pack, detection: Detection): string[] {
  const events = eventsOf(Object.values(detection.selections));
  const wanted = events ? `msg_type IN (${events.map(splString).join(', ')})` : 'msg_type=*';
  if (!needsStitching(pack, detection)) return [`\`ikeaudit_events\` ${wanted}`];
  return [`\`ikeaudit_events\` (${wanted} OR \`ikeaudit_packets\`)`, '`ikeaudit_stitch`'];
}

/** @returns whether a raw line that the detection looks at may lack a field that another line of its exchange has */
export function needsStitching(pack: Pack, detection: Detection): boolean {
  const fields = usedFields(detection).filter((field) => STITCHED.includes(field));
  return fields.length > 0 && unnamedIn(pack, detection, fields).length > 0;
}

/** @returns the fields of which some line that the detection looks at names none, among `fields` */
export function unnamedIn(pack: Pack, detection: Detection, fields: string[]): string[] {
  const events = eventsOf(Object.values(detection.selections)) ?? [...pack.events.keys()];
  const entries = pack.parsers
    .filter(({ stitch }) => stitch)
    .flatMap((parser) => parser.entries.filter(({ event }) => event !== undefined && events.includes(event)));
  return fields.filter((field) =>
    entries.some(({ template, set }) => !sourcesOf(field).some((name) => templateFields(template).includes(name) || name in set)),
  );
}

/** @returns the fields by which the detection selects, groups, counts and measures */
export function usedFields(detection: Detection): string[] {
  const keys = [...detection.groupings.flat(), ...Object.values(detection.matches).flatMap(({ by }) => by)];
  const forms: Form[] = [detection.form, ...Object.values(detection.matches).map(({ form }) => form)];
  const more = forms.flatMap((form) => {
    switch (form.form) {
      case 'value_count':
        return keyFields(form.distinct);
      case 'absence':
        return form.after ? [form.after] : [];
      case 'first_seen':
      case 'deviation':
        return measuredFields(measureOf(form));
      default:
        return [];
    }
  });
  // a key's other fields are there for records that never have the first
  const first = keys.map((key) => keyFields(key)[0]!);
  return [...new Set([...comparedFields(detection), ...first, ...more])];
}

/** @returns fields that a record may be lent by other records of its exchange or SA, when `ikeaudit parse` stitches them */
export function lentFields(pack: Pack): Set<string> {
  return new Set(
    pack.parsers.flatMap(({ stitch }) => [
      ...(stitch?.exchange ? ['peer_ip', 'peer_port', 'local_ip', 'local_port'] : []),
      ...(stitch?.sa ? [stitch.sa.key, 'sa_id', 'sa_root', 'rekeyed_from', 'role', ...stitch.sa.learns] : []),
    ]),
  );
}

/** A field that is derived stands where its source stands. */
function sourcesOf(field: string): string[] {
  switch (field) {
    case 'src_ip':
      return ['peer_ip'];
    case 'dst_ip':
      return ['local_ip'];
    case 'user_identity':
      return ['user_identity', 'peer_id'];
    default:
      return [field];
  }
}
