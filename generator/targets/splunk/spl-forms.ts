/**
 * The eight forms as pipelines. Windows slide, and are exact: times are whole milliseconds, and nothing depends on which edge of `time_window` belongs to it
 * (that is not documented). A window of a number of records is `window=N`; a window of time is counted up where a record comes in and down where it goes out.
 *
 * What every form hands on to `ikeaudit_findings`: `ikeaudit_group`; `ikeaudit_t`, the counted record's time; `ikeaudit_met`, whether the condition is met
 * there; `ikeaudit_opened`; and of what met it `ikeaudit_evidence` (records) and `ikeaudit_first` (time). In the order of group and time.
 */
import type {
  AbsenceForm,
  Detection,
  DeviationForm,
  EventCountForm,
  FirstSeenForm,
  Form,
  Match,
  Measure,
  RatioForm,
  TemporalOrderedForm,
  ValueCountForm,
} from '../../model/detection.js';
import { inputsOf } from '../../model/detection.js';
import type { Pack } from '../../model/pack.js';
import { emitGroup, emitMeasure, emitValue } from './spl-keys.js';
import { baselineName, thresholdMacro } from './spl-names.js';
import { comparedFields, emitOf, emitSelection, flagOf } from './spl-selection.js';

/** @returns commands from records with fields to one result per finding, without bars; undefined where the form cannot be said */
export function emitPipeline(pack: Pack, detection: Detection): string[] {
  const { form } = detection;
  return [
    ...emitFlags(pack, detection),
    ...matchesUsed(detection).flatMap((match) => emitMatch(pack, detection, match)),
    `where ${emitWanted(form)}`,
    ...emitGroupings(pack, detection),
    ...emitForm(pack, detection, form),
    `eval ikeaudit_quiet=${silence(detection)}*1000`,
    '`ikeaudit_findings`',
  ];
}

/** @returns commands that learn a detection's baseline: one row per group, or per group and value. Undefined where it has none. */
export function emitLearning(pack: Pack, detection: Detection): string[] | undefined {
  const { form } = detection;
  if (!hasBaseline(detection)) return undefined;
  const wanted = [...emitFlags(pack, detection), `where ${emitWanted(form)}`, ...emitGroupings(pack, detection)];
  if (form.form === 'ratio')
    return [
      ...wanted,
      `eval ikeaudit_hit=if(${emitOf(form.of)}, 1, 0), learnt=_time`,
      'stats avg(ikeaudit_hit) AS greatest max(learnt) AS learnt BY ikeaudit_group',
    ];
  const measured = [
    ...wanted,
    ...emitMeasure(measureOf(form as FirstSeenForm)),
    'where isnotnull(ikeaudit_value)',
    'eval learnt=_time',
  ];
  return form.form === 'first_seen'
    ? [...measured, 'stats max(learnt) AS learnt BY ikeaudit_group ikeaudit_value']
    : [...measured, 'stats min(ikeaudit_value) AS least max(ikeaudit_value) AS greatest max(learnt) AS learnt BY ikeaudit_group'];
}

/** @returns whether the detection compares with what was learnt */
export function hasBaseline({ form }: Detection): boolean {
  return form.form === 'first_seen' || form.form === 'deviation' || form.form === 'ratio';
}

export function measureOf(form: FirstSeenForm | DeviationForm): Measure {
  return form.form === 'first_seen' ? form.value : form.measure;
}

function emitFlags(pack: Pack, detection: Detection): string[] {
  const selections = Object.values(detection.selections);
  const computed = comparedFields(detection).includes('cert_days_left') ? [`cert_days_left=${CERT_DAYS_LEFT}`] : [];
  return [
    `eval ${['ikeaudit_t=round(_time*1000)', ...computed, ...selections.map((one) => emitSelection(pack, one, detection))].join(', ')}`,
  ];
}

/** A date of ours, or as charon prints it. What strptime takes for a zone that is not written is the user's: so it is written. */
const CERT_DAYS_LEFT =
  'floor((coalesce(strptime(replace(cert_not_after, "Z$", "+0000"), "%Y-%m-%dT%H:%M:%S.%3N%z"), ' +
  'strptime(replace(cert_not_after, " UTC ", " +0000 "), "%b %d %H:%M:%S %z %Y"))-_time)/86400)';

/** Alternative groupings are counted each for itself: a record is there once for each. */
function emitGroupings(pack: Pack, { groupings }: Detection): string[] {
  const groups = groupings.map((keys) => emitGroup(pack, keys));
  if (groups.length === 1) return [`eval ikeaudit_group=${groups[0]}`, 'where isnotnull(ikeaudit_group)'];
  return [
    `eval ikeaudit_group=mvappend(${groups.map((group) => `coalesce(${group}, "-")`).join(', ')})`,
    'mvexpand ikeaudit_group',
    'where ikeaudit_group!="-"',
  ];
}

function emitWanted(form: Form): string {
  const all = inputsOf(form).map((of) => emitOf(of));
  return all.length === 1 ? all[0]! : all.map((one) => (/ (OR|AND) /.test(one) ? `(${one})` : one)).join(' OR ');
}

/** The silence that ends a finding. */
function silence(detection: Detection): string {
  return thresholdMacro(detection, 'quiet' in detection.form ? 'quiet' : 'within');
}

function emitForm(pack: Pack, detection: Detection, form: Form): string[] {
  switch (form.form) {
    case 'event':
      return ['sort 0 ikeaudit_group ikeaudit_t', opened('1')];
    case 'event_count':
      return emitEventCount(detection, form);
    case 'value_count':
      return emitValueCount(pack, detection, form);
    case 'temporal_ordered':
      return [
        ...emitOrder(form, 'ikeaudit_group', thresholds(detection, '')),
        'where ikeaudit_complete==1',
        `eval ikeaudit_met=1, ikeaudit_opened=ikeaudit_t, ikeaudit_evidence=${evidenceOf(detection, form)}, ikeaudit_first=ikeaudit_began`,
      ];
    case 'absence':
      return [
        ...emitAbsence(form, 'ikeaudit_group', thresholds(detection, '')),
        'where ikeaudit_unanswered==1',
        'eval ikeaudit_met=1, ikeaudit_opened=ikeaudit_deadline, ikeaudit_evidence=1, ikeaudit_first=ikeaudit_t',
        'sort 0 ikeaudit_group ikeaudit_deadline ikeaudit_t',
      ];
    case 'ratio':
      return emitRatio(detection, form);
    case 'first_seen':
      return emitFirstSeen(detection, form);
    case 'deviation':
      return emitDeviation(detection, form);
  }
}

/** Every counted record meets the condition by itself. */
function opened(evidence: string): string {
  return `eval ikeaudit_met=1, ikeaudit_opened=ikeaudit_t, ikeaudit_evidence=${evidence}, ikeaudit_first=ikeaudit_t`;
}

/** N records fit into the window where the last N of them do. */
function emitEventCount(detection: Detection, _form: EventCountForm): string[] {
  const atLeast = thresholdMacro(detection, 'at_least');
  return [
    'sort 0 ikeaudit_group ikeaudit_t',
    `streamstats window=${atLeast} global=f count AS ikeaudit_n min(ikeaudit_t) AS ikeaudit_first BY ikeaudit_group`,
    `eval ikeaudit_met=if(ikeaudit_n>=${atLeast} AND ikeaudit_t-ikeaudit_first<=${millis(detection)}, 1, 0), ikeaudit_opened=ikeaudit_t, ` +
      'ikeaudit_evidence=ikeaudit_n',
  ];
}

/** A value goes out of the window when it is seen again (before the records of that moment), or when its time is over (after them). */
function emitValueCount(pack: Pack, detection: Detection, form: ValueCountForm): string[] {
  return [
    `eval ikeaudit_value=${emitValue(pack, form.distinct)}`,
    'where isnotnull(ikeaudit_value)',
    'sort 0 ikeaudit_group ikeaudit_value -ikeaudit_t',
    'streamstats current=f min(ikeaudit_t) AS ikeaudit_again BY ikeaudit_group ikeaudit_value',
    `eval ikeaudit_edge=mvappend("1", if(isnotnull(ikeaudit_again) AND ikeaudit_again-ikeaudit_t<=${millis(detection)}, "0", "2"))`,
    'mvexpand ikeaudit_edge',
    `eval ikeaudit_at=case(ikeaudit_edge=="1", ikeaudit_t, ikeaudit_edge=="0", ikeaudit_again, true(), ikeaudit_t+${millis(detection)}), ` +
      'ikeaudit_step=if(ikeaudit_edge=="1", 1, -1)',
    'sort 0 ikeaudit_group ikeaudit_at ikeaudit_edge',
    'streamstats sum(ikeaudit_step) AS ikeaudit_n BY ikeaudit_group',
    'where ikeaudit_edge=="1"',
    `eval ikeaudit_met=if(ikeaudit_n>=${thresholdMacro(detection, 'at_least')}, 1, 0), ikeaudit_opened=ikeaudit_t, ` +
      `ikeaudit_evidence=ikeaudit_n, ikeaudit_first=ikeaudit_t-${millis(detection)}`,
  ];
}

/** Records of one moment are judged together: the hits come last. Where the baseline knows a group's usual share, that must be passed too. */
function emitRatio(detection: Detection, form: RatioForm): string[] {
  return [
    `eval ikeaudit_hit=if(${emitOf(form.of)}, 1, 0), ikeaudit_edge=mvappend("1", "2")`,
    'mvexpand ikeaudit_edge',
    `eval ikeaudit_at=if(ikeaudit_edge=="1", ikeaudit_t, ikeaudit_t+${millis(detection)}), ikeaudit_step=if(ikeaudit_edge=="1", 1, -1), ` +
      'ikeaudit_hit_step=ikeaudit_step*ikeaudit_hit',
    'sort 0 ikeaudit_group ikeaudit_at ikeaudit_edge ikeaudit_hit',
    'streamstats sum(ikeaudit_step) AS ikeaudit_n sum(ikeaudit_hit_step) AS ikeaudit_hits BY ikeaudit_group',
    'where ikeaudit_edge=="1" AND ikeaudit_hit==1',
    `lookup ${baselineName(detection)} group AS ikeaudit_group OUTPUT greatest AS ikeaudit_usual`,
    `eval ikeaudit_limit=max(${thresholdMacro(detection, 'share')}, coalesce(tonumber(ikeaudit_usual), 0)), ikeaudit_met=if(` +
      `ikeaudit_n>=${thresholdMacro(detection, 'at_least')} AND ikeaudit_hits/ikeaudit_n>ikeaudit_limit, 1, 0), ` +
      `ikeaudit_opened=ikeaudit_t, ikeaudit_evidence=ikeaudit_hits, ikeaudit_first=ikeaudit_t-${millis(detection)}`,
  ];
}

/** A group that the look-up does not hold is not learnt yet, and yields nothing. Each value has its own findings. */
function emitFirstSeen(detection: Detection, form: FirstSeenForm): string[] {
  const table = baselineName(detection);
  return [
    ...emitMeasure(form.value),
    'where isnotnull(ikeaudit_value)',
    `lookup ${table} group AS ikeaudit_group OUTPUT learnt AS ikeaudit_learnt`,
    `lookup ${table} group AS ikeaudit_group value AS ikeaudit_value OUTPUT learnt AS ikeaudit_known`,
    'where isnotnull(ikeaudit_learnt) AND isnull(ikeaudit_known)',
    'eval ikeaudit_shown=ikeaudit_group, ikeaudit_group=ikeaudit_group.", ".ikeaudit_value',
    'sort 0 ikeaudit_group ikeaudit_t',
    opened('1'),
  ];
}

/**
 * A form that learns by itself where nothing was learnt is compared with what the search's own time range has shown before.
 */
function emitDeviation(detection: Detection, form: DeviationForm): string[] {
  const tolerance = thresholdMacro(detection, 'tolerance');
  const below = `ikeaudit_value<ikeaudit_least*(1-${tolerance})`;
  const above = `ikeaudit_value>ikeaudit_greatest*(1+${tolerance})`;
  const own = [
    'sort 0 ikeaudit_group ikeaudit_t',
    'streamstats current=f min(ikeaudit_value) AS ikeaudit_low max(ikeaudit_value) AS ikeaudit_high BY ikeaudit_group',
  ];
  const low = form.learns ? 'coalesce(tonumber(ikeaudit_least), ikeaudit_low)' : 'tonumber(ikeaudit_least)';
  const high = form.learns ? 'coalesce(tonumber(ikeaudit_greatest), ikeaudit_high)' : 'tonumber(ikeaudit_greatest)';
  return [
    ...emitMeasure(form.measure),
    'where isnotnull(ikeaudit_value)',
    `lookup ${baselineName(detection)} group AS ikeaudit_group OUTPUT least AS ikeaudit_least greatest AS ikeaudit_greatest`,
    ...(form.learns ? own : []),
    `eval ikeaudit_least=${low}, ikeaudit_greatest=${high}`,
    `where ${form.side === 'below' ? below : form.side === 'above' ? above : `${below} OR ${above}`}`,
    'sort 0 ikeaudit_group ikeaudit_t',
    opened('1'),
  ];
}

/** Numbers of a form: those of a match are told apart by its name. */
interface Numbers {
  within: string;
  atLeast: string;
}

function thresholds(detection: Detection, prefix: string): Numbers {
  return { within: `${thresholdMacro(detection, `${prefix}within`)}*1000`, atLeast: thresholdMacro(detection, 'at_least') };
}

function millis(detection: Detection): string {
  return `${thresholdMacro(detection, 'within')}*1000`;
}

/**
 * Step by step, the latest chain that completes it: chains are told by the row and the time of their first record, both of which only grow, so that the
 * greatest is the latest. Each record serves once: a chain counts where it begins behind the record that completed the one before.
 * @param key the field of the group; rows of one group follow each other
 * @returns commands that set `ikeaudit_complete` and `ikeaudit_began`
 */
function emitOrder({ steps }: TemporalOrderedForm, key: string, { within, atLeast }: Numbers): string[] {
  const places = steps.map(({ of }, step) => `if(${emitOf(of)}, ${step}, 99)`);
  const commands = [
    `eval ikeaudit_order=min(${places.join(', ')})`,
    `sort 0 ${key} ikeaudit_t ikeaudit_order`,
    `streamstats count AS ikeaudit_row BY ${key}`,
  ];
  const counted = steps.find((step) => step.atLeast > 1)?.atLeast;
  for (const [step, { of, atLeast: count }] of steps.entries()) {
    const [row, time] = [`ikeaudit_row_${step}`, `ikeaudit_time_${step}`];
    const found = emitOf(of);
    if (step === 0) {
      commands.push(`eval ikeaudit_taken=if(${found}, 1, 0), ${row}=ikeaudit_row, ${time}=ikeaudit_t`);
    } else {
      commands.push(
        `streamstats current=f max(ikeaudit_row_${step - 1}) AS ${row} max(ikeaudit_time_${step - 1}) AS ${time} BY ${key}`,
        `eval ikeaudit_taken=if((${found}) AND isnotnull(${time}) AND ikeaudit_t-${time}<=${within}, 1, 0)`,
      );
    }
    const number = count === counted ? atLeast : String(count);
    if (count > 1) {
      commands.push(
        `streamstats window=${number} global=f count AS ikeaudit_n min(${row}) AS ${row} min(${time}) AS ${time} BY ${key} ikeaudit_taken`,
        `eval ikeaudit_taken=if(ikeaudit_taken==1 AND ikeaudit_n>=${number} AND ikeaudit_t-${time}<=${within}, 1, 0)`,
      );
    }
    commands.push(`eval ${row}=if(ikeaudit_taken==1, ${row}, null()), ${time}=if(ikeaudit_taken==1, ${time}, null())`);
  }
  const last = steps.length - 1;
  return [
    ...commands,
    `streamstats reset_after="("isnotnull(ikeaudit_row_${last}) AND ikeaudit_row_${last}>ikeaudit_row-ikeaudit_since")" count AS ikeaudit_since BY ${key}`,
    `eval ikeaudit_complete=if(isnotnull(ikeaudit_row_${last}) AND ikeaudit_row_${last}>ikeaudit_row-ikeaudit_since, 1, 0), ` +
      `ikeaudit_began=ikeaudit_time_${last}`,
  ];
}

function evidenceOf(detection: Detection, { steps }: TemporalOrderedForm): string {
  const counted = steps.find((step) => step.atLeast > 1)?.atLeast;
  return steps.map(({ atLeast }) => (atLeast === counted ? thresholdMacro(detection, 'at_least') : atLeast)).join('+');
}

/**
 * Backwards in time the earliest answer so far is the next one; answers of the same moment come first, and count. A record is decided when the search's time
 * range ends behind its deadline; where the form says so, also at the end of a search by hand, as at the end of a log.
 */
function emitAbsence({ of, without, after, atEnd }: AbsenceForm, key: string, { within }: Numbers): string[] {
  const decided =
    atEnd === 'unanswered' ? '(ikeaudit_deadline<ikeaudit_horizon OR ikeaudit_by_hand==1)' : 'ikeaudit_deadline<ikeaudit_horizon';
  const seconds = after === undefined ? '' : `+tonumber(${after})*1000`;
  return [
    '`ikeaudit_horizon`',
    `eval ikeaudit_answer=if(${emitOf(without)}, 1, 0), ikeaudit_answered=if(ikeaudit_answer==1, ikeaudit_t, null())`,
    `sort 0 ${key} -ikeaudit_t -ikeaudit_answer`,
    `streamstats min(ikeaudit_answered) AS ikeaudit_next BY ${key}`,
    `eval ikeaudit_deadline=ikeaudit_t+${within}${seconds}`,
    `eval ikeaudit_unanswered=if((${emitOf(of)}) AND ${decided} AND (isnull(ikeaudit_next) OR ikeaudit_next>ikeaudit_deadline), 1, 0)`,
  ];
}

/** The matches that the form counts, those that others are made from first. */
function matchesUsed(detection: Detection): Match[] {
  const found: Match[] = [];
  const add = (form: Form) => {
    for (const name of inputsOf(form).flatMap(({ any, not }) => [...any, ...not])) {
      const match = detection.matches[name];
      if (!match || found.includes(match)) continue;
      add(match.form);
      found.push(match);
    }
  };
  add(detection.form);
  return found;
}

/** A match marks its records like a selection does. A record without its key, or for other parts of the detection, stays as it is. */
function emitMatch(pack: Pack, detection: Detection, { name, by, form }: Match): string[] {
  const numbers = { ...thresholds(detection, `${name}.`), atLeast: thresholdMacro(detection, `${name}.at_least`) };
  const key = `coalesce(${emitGroup(pack, by)}, "-")`;
  const [commands, made] =
    form.form === 'absence'
      ? [emitAbsence(form, 'ikeaudit_key', numbers), 'ikeaudit_unanswered']
      : [emitOrder(form, 'ikeaudit_key', numbers), 'ikeaudit_complete'];
  return [`eval ikeaudit_key=${key}`, ...commands, `eval ${flagOf(name)}=if(${made}==1 AND ikeaudit_key!="-", 1, 0)`];
}
