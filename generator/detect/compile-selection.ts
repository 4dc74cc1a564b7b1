/** A selection as a function over records. Comparisons mean what Sigma's do: texts without regard to case, of a list any value. */
import { BlockList, isIP } from 'node:net';
import type { Comparison, Detection, Of, Selection } from '../model/detection.js';
import type { LogEvent } from './log-event.js';

export type Predicate = (event: LogEvent) => boolean;

/** The field that says which event a record is; every selection asks for it, so that records can be sorted by it first. */
const EVENT = 'msg_type';

/** @returns the names of the events that a selection can match; undefined where it does not say */
export function eventsOf(selection: Selection): string[] | undefined {
  const named = selection.any.map((comparisons) => comparisons.find(({ field, op }) => field === EVENT && op === 'is')?.values);
  return named.every((values) => values !== undefined) ? [...new Set(named.flat().map(String))] : undefined;
}

export function compileSelection({ any, not }: Selection): Predicate {
  const wanted = any.map(compileAll);
  const refused = not.map(compileAll);
  return (event) => wanted.some((test) => test(event)) && !refused.some((test) => test(event));
}

/** @returns whether a record matches one of the selections that `of` names (names of matches are left out here) and none that it refuses */
export function compileOf(of: Of, { selections }: Pick<Detection, 'selections'>): Predicate {
  const named = (names: string[]) => names.flatMap((name) => selections[name] ?? []).map(compileSelection);
  const wanted = named(of.any);
  const refused = named(of.not);
  return (event) => wanted.some((test) => test(event)) && !refused.some((test) => test(event));
}

function compileAll(comparisons: Comparison[]): Predicate {
  const tests = comparisons.map(compileComparison);
  return (event) => tests.every((test) => test(event));
}

function compileComparison({ field, op, values }: Comparison): Predicate {
  const anyText = (fits: (text: string, wanted: string) => boolean): Predicate => {
    const wanted = values.map((value) => String(value).toLowerCase());
    return ({ fields }) =>
      valuesOf(fields[field]).some((value) => wanted.some((text) => fits(String(value).toLowerCase(), text)));
  };
  const anyNumber = (fits: (value: number, wanted: number) => boolean): Predicate => {
    const wanted = values.map(Number);
    return ({ fields }) =>
      valuesOf(fields[field]).some((value) => value !== '' && wanted.some((number) => fits(Number(value), number)));
  };
  switch (op) {
    case 'is': {
      const wanted = new Set(values.map((value) => String(value).toLowerCase()));
      return ({ fields }) => {
        const value = fields[field];
        if (Array.isArray(value)) return value.some((one) => wanted.has(String(one).toLowerCase()));
        return value !== undefined && wanted.has(String(value).toLowerCase());
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
      return ({ fields }) => valuesOf(fields[field]).length > 0 === (values[0] !== false);
    case 'fieldref':
      return ({ fields }) => {
        const others = values.flatMap((name) => valuesOf(fields[String(name)])).map((value) => String(value).toLowerCase());
        return valuesOf(fields[field]).some((value) => others.includes(String(value).toLowerCase()));
      };
    case 'cidr': {
      const networks = compileNetworks(values.map(String));
      return ({ fields }) => valuesOf(fields[field]).some((value) => networks(String(value)));
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
