/** A selection as a function over records. Comparisons mean what Sigma's do: texts without regard to case, of a list any value. */
import { BlockList, isIP } from 'node:net';
import type { Comparison, Detection, Of, Selection } from '../model/detection.js';
import { fieldNumber } from '../model/field-numbers.js';
import type { EventRow } from './log-event.js';

export type Predicate = (event: Pick<EventRow, 'values'>) => boolean;

/** The field that says which event a record is; every selection asks for it, so that records can be sorted by it first. */
const EVENT = 'msg_type';

/** @returns the names of the events that a selection can match; undefined where it does not say */
export function eventsOf(selection: Selection): string[] | undefined {
  const named = selection.any.map((comparisons) => comparisons.find(({ field, op }) => field === EVENT && op === 'is')?.values);
  return named.every((values) => values !== undefined) ? [...new Set(named.flat().map(String))] : undefined;
}

const always: Predicate = () => true;
const never: Predicate = () => false;

/** @param name of the event that all records are that are asked about, where that is known */
export function compileSelection({ any, not }: Selection, name?: string): Predicate {
  return butNot(anyOf(any.map((all) => compileAll(all, name))), anyOf(not.map((all) => compileAll(all, name))));
}

/**
 * @param name of the event that all records are that are asked about, where that is known
 * @returns whether a record matches one of the selections that `of` names (names of matches are left out here) and none that it refuses
 */
export function compileOf(of: Of, { selections }: Pick<Detection, 'selections'>, name?: string): Predicate {
  const named = (names: string[]) =>
    anyOf(names.flatMap((one) => selections[one] ?? []).map((selection) => compileSelection(selection, name)));
  return butNot(named(of.any), named(of.not));
}

function compileAll(comparisons: Comparison[], name: string | undefined): Predicate {
  const tests: Predicate[] = [];
  for (const comparison of comparisons) {
    const decided = name !== undefined && comparison.field === EVENT && comparison.op === 'is';
    if (!decided) tests.push(compileComparison(comparison));
    else if (!comparison.values.some((value) => String(value).toLowerCase() === name.toLowerCase())) return never;
  }
  if (tests.length === 0) return always;
  if (tests.length === 1) return tests[0]!;
  return (event) => {
    for (let i = 0; i < tests.length; i++) if (!tests[i]!(event)) return false;
    return true;
  };
}

function anyOf(predicates: Predicate[]): Predicate {
  if (predicates.includes(always)) return always;
  const tests = predicates.filter((test) => test !== never);
  if (tests.length === 0) return never;
  if (tests.length === 1) return tests[0]!;
  return (event) => {
    for (let i = 0; i < tests.length; i++) if (tests[i]!(event)) return true;
    return false;
  };
}

function butNot(wanted: Predicate, refused: Predicate): Predicate {
  if (refused === never) return wanted;
  return (event) => wanted(event) && !refused(event);
}

/** @returns whether a record's value compares so */
export function compileComparison({ field, op, values: wantedValues }: Comparison): Predicate {
  const number = fieldNumber(field);
  const anyText = (fits: (text: string, wanted: string) => boolean): Predicate => {
    const wanted = wantedValues.map((value) => String(value).toLowerCase());
    return ({ values }) =>
      valuesOf(values[number]).some((value) => wanted.some((text) => fits(String(value).toLowerCase(), text)));
  };
  const anyNumber = (fits: (value: number, wanted: number) => boolean): Predicate => {
    const wanted = wantedValues.map(Number);
    return ({ values }) =>
      valuesOf(values[number]).some((value) => value !== '' && wanted.some((one) => fits(Number(value), one)));
  };
  switch (op) {
    case 'is': {
      const wanted = new Set(wantedValues.map((value) => String(value).toLowerCase()));
      const isWanted = (value: unknown) => wanted.has(value as string) || wanted.has(String(value).toLowerCase());
      return ({ values }) => {
        const value = values[number];
        return Array.isArray(value) ? value.some(isWanted) : value !== undefined && isWanted(value);
      };
    }
    case 'startswith':
      return anyText((text, wanted) => text.startsWith(wanted));
    case 'endswith':
      return anyText((text, wanted) => text.endsWith(wanted));
    case 'contains':
      return anyText((text, wanted) => text.includes(wanted));
    case 'lt':
      return anyNumber((value, wanted) => value < wanted);
    case 'lte':
      return anyNumber((value, wanted) => value <= wanted);
    case 'gt':
      return anyNumber((value, wanted) => value > wanted);
    case 'gte':
      return anyNumber((value, wanted) => value >= wanted);
    case 'exists':
      return ({ values }) => valuesOf(values[number]).length > 0 === (wantedValues[0] !== false);
    case 'fieldref':
      const named = wantedValues.map((name) => fieldNumber(String(name)));
      return ({ values }) => {
        const others = named.flatMap((other) => valuesOf(values[other])).map((value) => String(value).toLowerCase());
        return valuesOf(values[number]).some((value) => others.includes(String(value).toLowerCase()));
      };
    case 'cidr': {
      const networks = compileNetworks(wantedValues.map(String));
      return ({ values }) => valuesOf(values[number]).some((value) => networks(String(value)));
    }
    case 'weak':
      throw new Error('Unexpected comparison with a profile: applySettings resolves them');
  }
}

/** @returns whether an address is in one of the networks */
export function compileNetworks(networks: string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address, bits] = network.split('/') as [string, string | undefined];
    const version = isIP(address);
    if (version === 0) continue;
    const family = version === 4 ? 'ipv4' : 'ipv6';
    list.addSubnet(address, bits === undefined ? (version === 4 ? 32 : 128) : Number(bits), family);
  }
  return (address) => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
}

function valuesOf(value: unknown): unknown[] {
  if (value === undefined || value === null || value === '') return [];
  return Array.isArray(value) ? value : [value];
}
