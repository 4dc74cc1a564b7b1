/**
 * Puts a user's settings into the pack: thresholds into forms, the profile's weak algorithms and limits into comparisons, exclusions into selections.
 * What comes out holds plain values only, so that no target needs to know of profiles or settings.
 */
import { ALGORITHM_FIELDS, profileNumber, weakValues } from '../model/algorithm-levels.js';
import type { Comparison, Detection, Form, Match, Selection } from '../model/detection.js';
import type { Pack } from '../model/pack.js';
import type { Exclusion, Settings } from '../model/settings.js';
import { readDuration } from './lower-detection.js';

/** The numbers of a form by their YAML names, and the member that holds each. */
const NUMBERS: Record<string, string> = {
  at_least: 'atLeast',
  within: 'within',
  quiet: 'quiet',
  share: 'share',
  tolerance: 'tolerance',
};
const DURATIONS = ['within', 'quiet'];

/** @returns the pack as `settings` want it; detections that are disabled are left out */
export function applySettings(pack: Pack, settings: Settings): Pack {
  const detections = pack.detections
    .filter(({ name }) => !settings.disabled.includes(name))
    .map((detection) => applyTo(detection, pack, settings));
  const advice = pack.advice.map((one) => ({ ...one, selections: resolveSelections(one.selections, pack, settings, one.name) }));
  return { ...pack, detections, advice, settings };
}

/** @returns the numbers that can be set, by YAML name: `at_least`, `within`, `unanswered.within`, `days`; of an ordered form, the first step's count */
export function thresholdsOf({ form, matches, numbers }: Detection): Record<string, number> {
  const own = Object.entries(numbersOf(form));
  const nested = Object.values(matches).flatMap((match) =>
    Object.entries(numbersOf(match.form)).map(([name, value]): [string, number] => [`${match.name}.${name}`, value]),
  );
  return Object.fromEntries([...own, ...nested, ...Object.entries(numbers)]);
}

function numbersOf(form: Form): Record<string, number> {
  const body = form as unknown as Record<string, number>;
  const plain = Object.entries(NUMBERS).flatMap(([name, member]): [string, number][] =>
    typeof body[member] === 'number' && !Number.isNaN(body[member]) ? [[name, body[member]]] : [],
  );
  const counted = form.form === 'temporal_ordered' ? form.steps.find(({ atLeast }) => atLeast > 1) : undefined;
  return Object.fromEntries(counted ? [['at_least', counted.atLeast], ...plain] : plain);
}

function applyTo(detection: Detection, pack: Pack, settings: Settings): Detection {
  const wanted = settings.thresholds[detection.name] ?? {};
  const numbers = Object.fromEntries(
    Object.entries(detection.numbers).map(([name, value]) => [name, name in wanted ? Number(wanted[name]) : value]),
  );
  const matches = Object.values(detection.matches).map((match): [string, Match] => [
    match.name,
    { ...match, form: setNumbers(match.form, wanted, `${match.name}.`) },
  ]);
  return {
    ...detection,
    selections: resolveSelections(detection.selections, pack, settings, detection.name, numbers),
    matches: Object.fromEntries(matches),
    numbers,
    form: setNumbers(detection.form, wanted, ''),
  };
}

/** @param name of the detection or piece of advice, which an exclusion may name */
function resolveSelections(
  selections: Record<string, Selection>,
  pack: Pack,
  settings: Settings,
  name: string,
  numbers: Record<string, number> = {},
): Record<string, Selection> {
  const exclusions = settings.exclude.filter(({ detections }) => isFor(detections, name));
  const excluded = exclusions.flatMap(excludedRecords);
  const numberOf = (number: string) => numbers[number] ?? profileNumber(pack, settings.profile, number);
  const resolved = (alternatives: Comparison[][]) => resolveAll(alternatives, pack, settings.profile, numberOf);
  return Object.fromEntries(
    Object.values(selections).map((selection): [string, Selection] => [
      selection.name,
      {
        ...selection,
        any: resolved(selection.any),
        not: [...resolved(selection.not), ...excluded],
      },
    ]),
  );
}

function setNumbers<F extends Form>(form: F, wanted: Record<string, number | string>, prefix: string): F {
  const changed = { ...form } as Record<string, unknown>;
  for (const [name, member] of Object.entries(NUMBERS)) {
    const value = wanted[prefix + name];
    if (value === undefined) continue;
    const number = DURATIONS.includes(name) ? readDuration(value) : Number(value);
    if (name === 'at_least' && form.form === 'temporal_ordered') {
      changed.steps = form.steps.map((step) => (step.atLeast > 1 ? { ...step, atLeast: number } : step));
    } else changed[member] = number;
  }
  return changed as F;
}

type NumberOf = (name: string) => number | undefined;

/** @returns the alternatives; one that asks for what the profile does not have (a weak algorithm, a limit) can never hold, and is left out */
function resolveAll(alternatives: Comparison[][], pack: Pack, profile: string, numberOf: NumberOf): Comparison[][] {
  return alternatives
    .map((comparisons) => comparisons.map((comparison) => resolve(comparison, pack, profile, numberOf)))
    .filter((comparisons) => comparisons.every(({ values }) => values.length > 0));
}

function resolve(comparison: Comparison, pack: Pack, profile: string, numberOf: NumberOf): Comparison {
  const { field, op, values } = comparison;
  if (op === 'weak' && field in ALGORITHM_FIELDS) return { field, op: 'is', values: weakValues(pack, profile, field) };
  if (!values.some((value) => typeof value === 'string' && value.startsWith('$'))) return comparison;
  return {
    ...comparison,
    values: values.flatMap((value) =>
      typeof value === 'string' && value.startsWith('$') ? (numberOf(value.slice(1)) ?? []) : value,
    ),
  };
}

function excludedRecords({ peers, identities, connections }: Exclusion): Comparison[][] {
  const networks = peers.filter((peer) => peer.includes('/'));
  const addresses = peers.filter((peer) => !peer.includes('/'));
  const is = (field: string, values: string[]): Comparison[][] => (values.length ? [[{ field, op: 'is', values }]] : []);
  return [
    ...is('peer_ip', addresses),
    ...(networks.length ? [[{ field: 'peer_ip', op: 'cidr', values: networks } satisfies Comparison]] : []),
    ...is('user_identity', identities),
    ...is('peer_id', identities),
    ...is('connection', connections),
  ];
}

function isFor(names: string[], detection: string): boolean {
  return (
    names.length === 0 ||
    names.some((name) => name === detection || (name.endsWith('/*') && detection.startsWith(name.slice(0, -1))))
  );
}
