/**
 * A detection as plain data: what it selects, how it counts, and what it means. Every target and the local engine are made from this and from nothing
 * else, so that a form has one meaning: the one written here.
 *
 * Time is event time. A window is sliding: the events of one group fit into it where t_last − t_first ≤ T. Durations are in seconds.
 */
import type { Place } from './diagnostic.js';
import type { Level } from './level.js';

/** `network` compares addresses with networks; `weak` asks the profile; `same` compares with another field of the record. */
export const OPERATORS = [
  'is',
  'startswith',
  'endswith',
  'contains',
  'lt',
  'lte',
  'gt',
  'gte',
  'exists',
  'cidr',
  'weak',
  'fieldref',
] as const;
export type Operator = (typeof OPERATORS)[number];

/** A field compared with values, of which one must fit. Texts compare without regard to case, as Sigma does. */
export interface Comparison {
  field: string;
  op: Operator;
  values: (string | number | boolean)[];
}

/** What a record must say: one of `any`, each with all of its comparisons; and none of `not`. */
export interface Selection {
  name: string;
  any: Comparison[][];
  not: Comparison[][];
}

/** Names of selections or matches, one of which must fit, and of selections none of which may. */
export interface Of {
  any: string[];
  not: string[];
}

/**
 * What records are grouped by. A key is a field, or one of the named keys below, which is the first of its fields that the record has: the finding says
 * which. A record without a value for a key is not counted, unless the key ends in `?`: then it belongs to the group that has none.
 */
export type Key = string;

/**
 * The keys with a name, and their fields in order. `gateway` of a log that names no host is the log itself. `sa` is an IKE SA with all that took its place
 * by rekeying: `sa_root`, where the log tells it. `child` is a CHILD SA's configuration, which some call a connection.
 */
export const KEYS: Record<string, string[]> = {
  peer: ['peer_ip', 'connection'],
  identity: ['user_identity', 'peer_id'],
  gateway: ['host'],
  tunnel: ['connection', 'peer_ip'],
  sa: ['sa_root', 'sa_id'],
  child: ['child', 'connection'],
};

/** @returns the fields of a key, of which the first that a record has counts, and whether a record may lack them all */
export function readKey(key: Key): { fields: string[]; optional: boolean } {
  const name = key.endsWith('?') ? key.slice(0, -1) : key;
  return { fields: KEYS[name] ?? [name], optional: key.endsWith('?') || name === 'gateway' };
}

/**
 * Fields that records do not have, but which are computed where they are compared, from a field of the record and its time.
 * `cert_days_left`: whole days from `timestamp` to `cert_not_after`, rounded down: negative once it is over.
 */
export const COMPUTED_FIELDS = ['cert_days_left'] as const;

/** Each matching record. Records of a group that follow within `quiet` belong to the same finding. */
export interface EventForm {
  form: 'event';
  of: Of;
  quiet: number;
}

/** At least `atLeast` records of a group in some window of `within`. */
export interface EventCountForm {
  form: 'event_count';
  of: Of;
  atLeast: number;
  within: number;
}

/** At least `atLeast` different values of `distinct` among the records of a group in some window of `within`. */
export interface ValueCountForm {
  form: 'value_count';
  of: Of;
  distinct: Key;
  atLeast: number;
  within: number;
}

/** The steps in their order, all within `within`; a step may ask for several records. Records of equal time keep their order in the input. */
export interface TemporalOrderedForm {
  form: 'temporal_ordered';
  steps: { of: Of; atLeast: number }[];
  within: number;
}

/**
 * A record of `of`, and from its time to the deadline none of `without` in its group. The deadline is `within` after it, plus the seconds that its
 * field `after` tells. Decided when event time has passed the deadline. Records whose deadline lies behind the end of the log are `undecided`, and yield
 * nothing, or `unanswered`, as `atEnd` says.
 */
export interface AbsenceForm {
  form: 'absence';
  of: Of;
  without: Of;
  within: number;
  after?: string;
  atEnd: 'undecided' | 'unanswered';
}

/** Share of `of` among `of` and `among` above `share`, in a window of `within` that holds at least `atLeast` of them. */
export interface RatioForm {
  form: 'ratio';
  of: Of;
  among: Of;
  share: number;
  atLeast: number;
  within: number;
}

/** A value that the baseline of its group does not hold; groups without a baseline yield nothing. */
export interface FirstSeenForm {
  form: 'first_seen';
  of: Of;
  value: Measure;
  /** list of the baseline that holds the values */
  baseline: BaselineName;
  quiet: number;
}

/**
 * A measure outside what the baseline of its group holds: below its least, above its greatest, or both, by more than `tolerance` (a share). Groups without
 * a baseline yield nothing; but where there is no baseline at all and `learns` is set, the earlier records of the group are its baseline.
 */
export interface DeviationForm {
  form: 'deviation';
  of: Of;
  measure: Measure;
  baseline: BaselineName;
  side: 'below' | 'above' | 'outside';
  tolerance: number;
  learns: boolean;
  quiet: number;
}

export type Form =
  EventForm | EventCountForm | ValueCountForm | TemporalOrderedForm | AbsenceForm | RatioForm | FirstSeenForm | DeviationForm;

/** @returns what a form looks at, in its order: the steps, what must not follow, or what a share is of */
export function inputsOf(form: Form): Of[] {
  switch (form.form) {
    case 'temporal_ordered':
      return form.steps.map(({ of }) => of);
    case 'absence':
      return [form.of, form.without];
    case 'ratio':
      return [form.of, form.among];
    default:
      return [form.of];
  }
}

/** @returns seconds of silence that end a finding: its window, where the form gives no other */
export function silenceOf(form: Form): number {
  return 'quiet' in form ? form.quiet : form.within;
}

/**
 * What a baseline is asked about a record: a number or a text made from its fields. `network`: /24 or /48 of `peer_ip`. `suite`: encryption, integrity,
 * prf and dh_group, joined by `/`, with `-` for what is not told. `strength`: the least of the bits of these four, as transforms.yml tells them.
 * `lifetime`, `rekey_interval`: the fields `lifetime`, `rekey_in`. `hour`: of the day, in UTC.
 */
export const MEASURES = ['network', 'suite', 'strength', 'lifetime', 'rekey_interval', 'hour'] as const;
export type Measure = (typeof MEASURES)[number];

export const BASELINES = ['networks', 'suites', 'strength', 'lifetimes', 'rekey_intervals', 'failure_rate', 'hours'] as const;
export type BaselineName = (typeof BASELINES)[number];

/** Records that a nested form makes, by name: for `absence` the record that had no answer, for `temporal_ordered` the one that completed it. */
export interface Match {
  name: string;
  by: Key[];
  form: AbsenceForm | TemporalOrderedForm;
}

export type Tier = 'high' | 'medium' | 'low';

/**
 * What a log, and what a user keeps of his assets and changes, may say to a guard: whether the peer connects, whether others do while the finding lasts, whether several
 * identities share its address, whether its identity comes from several addresses, what is known of the asset, and whether a change was announced for that time.
 */
export const FACTS = ['connects', 'others_connect', 'shared', 'roams', 'asset', 'change'] as const;
export type Fact = (typeof FACTS)[number];

/** What to do about a kind of finding, step by step, and what must be asked before anything is blocked. */
export interface Playbook {
  name: string;
  title: string;
  tier: Tier;
  /** one sentence: what this playbook achieves */
  aim: string;
  /** asked before a step that has `guarded` */
  guards: Guard[];
  steps: { do: string; guarded: boolean }[];
  file: string;
}

export interface Guard {
  ask: string;
  if: string;
  then: string;
  /** what the audit answers it by, where it can */
  fact?: Fact;
}

export interface DetectionTest {
  name: string;
  /** a folder of samples/, and a log in it */
  recording?: string;
  log?: string;
  /** raw lines */
  lines?: string;
  /** neutral events, composed */
  events?: ComposedEvent[];
  /** for detections that need one */
  baseline?: Record<string, unknown>;
  settings?: Record<string, unknown>;
  /** all findings of this detection, in the order in which they open; empty for a quiet test */
  findings: { group: Record<string, string>; count?: number; opened?: string }[];
  place: Place;
}

/**
 * `times` events, `every` so often from `at` on; `{n}` in a value is the number of the event, from 1. They arrive in the order of their times, or `late`
 * seconds after.
 */
export interface ComposedEvent {
  at: number;
  every: number;
  times: number;
  late: number;
  fields: Record<string, string | number | boolean | (string | number)[]>;
}

export interface Detection {
  /** folder and file: `authentication/auth-failures-from-one-peer` */
  name: string;
  title: string;
  id: string;
  status: 'experimental' | 'test' | 'stable';
  level: Level;
  description: string;
  /** what it does not catch */
  misses: string;
  /** which sources can show it, and with which settings, where that is not all of them */
  shown: string;
  references: string[];
  /** ATT&CK technique ids, as of ATT&CK 18; targets map them to their version */
  attack: string[];
  selections: Record<string, Selection>;
  matches: Record<string, Match>;
  /** the detection whose selections, matches, numbers and reasons this one has too; '' for none. They are in `selections`, `matches`, … already */
  base: string;
  /** numbers that selections compare with, by name: `$days`. Settings may change them */
  numbers: Record<string, number>;
  /** alternative groupings: each is a list of keys, and is counted for itself */
  groupings: Key[][];
  form: Form;
  /** reason for each number, by its YAML name (`at_least`, `within`, …; of a match `<match>.within`; of `numbers` its name) */
  because: Record<string, string>;
  falsePositives: string[];
  playbook: string;
  /** steps for this detection alone, before the playbook's */
  response: string[];
  tests: { fires: DetectionTest[]; quiet: DetectionTest[] };
  place: { whole: Place; id: Place };
  file: string;
}
