/** How far Elastic's rules mean what a detection means: of documents that the engine has stitched in the shipper, and of raw lines that the pipeline has read. */
import type { Detection, Form } from '../../model/detection.js';
import { EXACT, type Exactness } from '../../model/exactness.js';
import type { Pack } from '../../model/pack.js';
import { HOPS } from './rules/esql-query.js';
import { cannotExpress, planRules, rawReason, type RulePlan } from './rules/plan-rules.js';
import { printDuration } from './rules/schedule.js';

/** @param detection to which settings have been applied */
export function elasticExactness(detection: Detection, pack: Pack): Exactness & { raw: Exactness } {
  const why = cannotExpress(detection);
  if (why) return { verdict: 'not expressible', why, raw: { verdict: 'not expressible', why } };
  const plans = planRules(pack, detection);
  const main = judge(detection, plans);
  return { ...main, raw: judgeRaw(pack, detection, main) };
}

function judge(detection: Detection, plans: RulePlan[]): Exactness {
  const { form } = detection;
  const why = [...formReasons(form), ...new Set(plans.flatMap((plan) => planReasons(detection, plan)))];
  return why.length ? { verdict: 'approximate', why: why.join(' ') } : EXACT;
}

function formReasons(form: Form): string[] {
  switch (form.form) {
    case 'value_count':
      return [
        `Windows begin every ${printDuration(form.within / HOPS)}: values that take more than ${printDuration(form.within - form.within / HOPS)} are missed.`,
      ];
    case 'ratio':
      return [
        `The share is taken in windows that begin every ${printDuration(form.within / HOPS)}, not before each record: near the limit it may be a little more or less. The usual share of a baseline is not asked.`,
      ];
    case 'first_seen':
      return [
        'The baseline is what the last 30 days hold, without the run itself; groups that are not in it are learnt. ' +
          'A rule of the type new_terms would not mean this: it compares whole fields, and tells of groups that are new altogether.',
      ];
    case 'deviation':
      return ['The baseline is what the last 30 days hold, without the run itself.'];
    default:
      return [];
  }
}

function planReasons(detection: Detection, { language }: RulePlan): string[] {
  const { form } = detection;
  const reasons: string[] = [];
  if (language === 'eql' && form.form !== 'event') {
    if (form.form === 'temporal_ordered')
      reasons.push('Records of one moment are ordered by their offset in the log, where the shipper tells it.');
  }
  if (language === 'esql' && form.form === 'temporal_ordered') reasons.push('Records of one moment count in either order.');
  return reasons;
}

function judgeRaw(pack: Pack, detection: Detection, main: Exactness): Exactness {
  const reasons = detection.groupings.map((keys) => rawReason(pack, detection, keys));
  const lost = reasons.filter((reason) => reason !== 'own' && reason !== 'joined');
  if (lost.length === reasons.length) return { verdict: 'not expressible', why: lost[0]! };
  const joined = reasons.includes('joined')
    ? [
        'What is concluded from several exchanges (an attempt that the peer ended after a reason that the gateway logged) is not counted.',
        'A line that does not name its group takes it from lines of the same process, thread and second; where these name several, it is not counted.',
      ]
    : [];
  const some = lost.length ? [`Not by every key. ${lost[0]!}`] : [];
  const why = [main.why, ...joined, ...some].filter(Boolean);
  return why.length ? { verdict: 'approximate', why: why.join(' ') } : EXACT;
}
