/** How far the saved search of a detection keeps its meaning: on records that `ikeaudit parse` has stitched, and on raw lines that the add-on reads. */
import type { Detection, Form } from '../../model/detection.js';
import { EXACT, type Exactness } from '../../model/exactness.js';
import type { Pack } from '../../model/pack.js';
import { lentFields, STITCHED, unnamedIn, usedFields } from './spl-base.js';
import { eventsOf, inexpressible } from './spl-selection.js';

/** @returns how exact the search is over the time range that it is given, on records that were stitched by `ikeaudit parse --format cim` */
export function splunkExactness(pack: Pack, detection: Detection): Exactness {
  const impossible = notExpressible(pack, detection);
  if (impossible) return { verdict: 'not expressible', why: impossible };
  const forms: Form[] = [detection.form, ...Object.values(detection.matches).map(({ form }) => form)];
  const why: string[] = [];
  if (forms.some(({ form }) => form === 'temporal_ordered'))
    why.push(
      'More: Splunk keeps no order of records of equal time; those within one time stamp (a millisecond, or a second of RFC 3164) count as if they stood in the order of the steps.',
    );
  if (mixesAbsences(detection))
    why.push(
      'Records are counted at their own time, also those that wait for a deadline; the engine counts these when it has passed.',
    );
  if (detection.form.form === 'deviation' && detection.form.learns)
    why.push(
      'Fewer: a group that the look-up does not hold is compared with what the time range has shown before; what deviates once does not deviate again by as much.',
    );
  if (forms.some(({ form }) => form === 'ratio'))
    why.push('Records of one time stamp are judged together, so that a finding may open at another record of that moment.');
  return why.length ? { verdict: 'approximate', why: why.join(' ') } : EXACT;
}

/** @returns the same for raw lines of daemons whose lines do not all name their peer */
export function splunkRawExactness(pack: Pack, detection: Detection): Exactness {
  const whole = splunkExactness(pack, detection);
  if (whole.verdict === 'not expressible') return whole;
  const lent = lentFields(pack).add('src_ip').add('dst_ip').add('user_identity');
  const missing = unnamedIn(
    pack,
    detection,
    usedFields(detection).filter((field) => lent.has(field)),
  );
  const events = eventsOf(Object.values(detection.selections));
  const decided = pack.parsers.some(({ stitch }) => stitch?.decides?.some(({ becomes }) => !events || events.includes(becomes)));
  const joined = missing.filter((field) => STITCHED.includes(field));
  const lost = missing.filter((field) => !STITCHED.includes(field));
  const why = [
    ...(joined.length
      ? [
          `Fewer: lines that lack ${list(joined)} get it only where they answer a packet in the same second and by the same thread, and it names exactly one.`,
        ]
      : []),
    ...(lost.length
      ? [`Fewer: ${list(lost)} stands in other lines of the exchange or SA, and is missing in some that are looked at.`]
      : []),
    ...(decided ? ['Fewer: what a record means by what its SA has seen before it is not known.'] : []),
    ...(whole.why ? [whole.why] : []),
  ];
  return why.length ? { verdict: 'approximate', why: why.join(' ') } : EXACT;
}

/** @returns both in one: the verdict is that of stitched records, and what raw lines lose is told beside it */
export function judgeSplunk(detection: Detection, pack: Pack): Exactness {
  const whole = splunkExactness(pack, detection);
  const raw = splunkRawExactness(pack, detection);
  if (whole.verdict === 'not expressible' || raw.why === whole.why) return whole;
  return {
    ...whole,
    why: [whole.why, `On raw lines that the add-on reads: ${raw.verdict}. ${raw.why}`].filter(Boolean).join(' '),
  };
}

function notExpressible(pack: Pack, { selections }: Detection): string | undefined {
  const comparisons = Object.values(selections).flatMap(({ any, not }) => [...any, ...not].flat());
  const found = comparisons.map((comparison) => inexpressible(pack, comparison)).find((text) => text !== undefined);
  return found && `In Splunk ${found}.`;
}

/** Counts what was not answered together with records that need no waiting. */
function mixesAbsences({ form, matches }: Detection): boolean {
  const named = form.form === 'temporal_ordered' ? form.steps.flatMap(({ of }) => of.any) : form.of.any;
  const absent = named.filter((name) => matches[name]?.form.form === 'absence');
  return absent.length > 0 && (named.length > 1 || form.form === 'temporal_ordered');
}

function list(fields: string[]): string {
  return fields.length === 1 ? fields[0]! : `${fields.slice(0, -1).join(', ')} or ${fields.at(-1)}`;
}
