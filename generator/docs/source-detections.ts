import type { Comparison, Detection, Form, Of } from '../model/detection.js';
import type { Pack, Parser } from '../model/pack.js';
import { templateFields } from '../model/template.js';
import { code, GENERATED, table } from './markdown.js';

/** @returns the page that says which source can show what */
export function emitSourceDetections(pack: Pack): string {
  const rows = pack.detections.map((detection) => [
    `[${code(detection.name)}](detections/${detection.name.split('/')[0]}.md#${detection.name.split('/')[1]})`,
    ...pack.parsers.map((parser) => (canShow(parser, detection) ? 'yes' : '')),
  ]);
  return `${GENERATED}
# Which source can show what

"yes" where a source has lines for every event that the detection needs. What else a source lacks is said with the
[detection](detections.md).

${table(['detection', ...pack.parsers.map(({ dataset }) => dataset)], rows)}
`;
}

/** @returns whether the parser has lines for each thing that the detection looks at. Fields that stitching or a look-up adds are taken as given. */
export function canShow(parser: Parser, detection: Detection): boolean {
  return inputsOf(detection.form).every((of) => canSee(parser, detection, of));
}

function canSee(parser: Parser, detection: Detection, of: Of): boolean {
  return of.any.some((name) => {
    const match = detection.matches[name];
    if (match) return inputsOf(match.form).every((inner) => canSee(parser, detection, inner));
    return detection.selections[name]?.any.some((comparisons) => hasLine(parser, comparisons)) ?? false;
  });
}

/** @returns whether some line makes such an event, and does not set a field to another value */
function hasLine(parser: Parser, comparisons: Comparison[]): boolean {
  const wanted = comparisons.find(({ field }) => field === 'msg_type')?.values.map(String);
  return parser.entries.some(({ event, set, template }) => {
    if (!event || (wanted && !wanted.includes(event))) return false;
    return comparisons.every(({ field, op, values }) => {
      if (field === 'msg_type' || op !== 'is') return true;
      if (!(field in set)) return !isOwn(field) || templateFields(template).includes(field);
      return values.map(String).includes(String(set[field]));
    });
  });
}

/** Fields that only a line itself gives: no other record lends them. */
function isOwn(field: string): boolean {
  return field === 'reason';
}

/** Of what must not happen nothing needs to be seen. */
function inputsOf(form: Form): Of[] {
  if (form.form === 'temporal_ordered') return form.steps.map(({ of }) => of);
  return form.form === 'ratio' ? [form.of, form.among] : [form.of];
}
