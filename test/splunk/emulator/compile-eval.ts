/** Eval expressions as functions over rows. A function that is not in the table is an error, never null. */
import { BlockList, isIP } from 'node:net';
import { readTime } from './index-time.js';
import { matchesSearch, parseSearch } from './match-search.js';
import type { Expression } from './parse-eval.js';
import type { Pcre } from '../support/pcre.js';
import { compareValues, type Computed, fromList, listOf, type Row, toNumber, toText, type Value } from './value.js';

export interface Surroundings {
  pcre: Pcre;
  /** seconds since 1970 */
  now: number;
}

export type Compute = (row: Row) => Computed;

/** @throws where a function is unknown or has too few arguments */
export function compileEval(expression: Expression, around: Surroundings): Compute {
  switch (expression.kind) {
    case 'text':
    case 'number': {
      const { value } = expression;
      return () => value;
    }
    case 'field': {
      const { name } = expression;
      return (row) => row[name];
    }
    case 'not': {
      const of = compileEval(expression.of, around);
      return (row) => {
        const value = of(row);
        return value === undefined ? undefined : !condition(value);
      };
    }
    case 'minus': {
      const of = compileEval(expression.of, around);
      return (row) => {
        const value = toNumber(of(row));
        return value === undefined ? undefined : -value;
      };
    }
    case 'binary':
      return compileBinary(expression.op, compileEval(expression.left, around), compileEval(expression.right, around));
    case 'call':
      return compileCall(expression.name, expression.of, around);
  }
}

function compileBinary(op: string, left: Compute, right: Compute): Compute {
  // Search Manual: a comparison with null is neither true nor false; AND and OR need no more than they must
  if (op === 'and')
    return (row) => {
      const [a, b] = [left(row), right(row)];
      if (a === false || b === false) return false;
      return a === undefined || b === undefined ? undefined : condition(a) && condition(b);
    };
  if (op === 'or')
    return (row) => {
      const [a, b] = [left(row), right(row)];
      if (a === true || b === true) return true;
      return a === undefined || b === undefined ? undefined : condition(a) || condition(b);
    };
  // "The "." … operator … concatenates strings and numbers"; with null the result is null
  if (op === '.')
    return (row) => {
      const [a, b] = [toText(left(row)), toText(right(row))];
      return a === undefined || b === undefined ? undefined : a + b;
    };
  const arithmetic = ARITHMETIC[op];
  if (arithmetic)
    return (row) => {
      const [a, b] = [toNumber(left(row)), toNumber(right(row))];
      return a === undefined || b === undefined ? undefined : arithmetic(a, b);
    };
  const comparison = COMPARISON[op];
  if (!comparison) throw new Error(`unknown operator ${op}`);
  return (row) => {
    const [a, b] = [left(row), right(row)];
    if (a === undefined || b === undefined) return undefined;
    if (Array.isArray(a) || Array.isArray(b)) throw new Error('a comparison with a multivalue field is not documented');
    return comparison(compareValues(a, b));
  };
}

const ARITHMETIC: Record<string, (a: number, b: number) => number | undefined> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? undefined : a / b),
  '%': (a, b) => (b === 0 ? undefined : a % b),
};

const COMPARISON: Record<string, (order: number) => boolean> = {
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
};

function condition(value: Computed): boolean {
  if (typeof value !== 'boolean') throw new Error(`"${toText(value)}" is no condition`);
  return value;
}

function compileCall(name: string, parts: Expression[], around: Surroundings): Compute {
  const of = parts.map((part) => compileEval(part, around));
  const [first, second, third] = of as [Compute, Compute, Compute];
  const need = (least: number, most = least) => {
    if (of.length < least || of.length > most) throw new Error(`${name}() takes ${least} to ${most} arguments, not ${of.length}`);
  };
  const onText = (work: (text: string) => Value): Compute => {
    need(1);
    // a multivalue field is worked on value by value
    return (row) => {
      const value = first(row) as Value;
      if (value === undefined) return undefined;
      if (Array.isArray(value)) return fromList(value.flatMap((one) => listOf(work(one))));
      return work(toText(value)!);
    };
  };
  const isTrue = (compute: Compute, row: Row) => {
    const value = compute(row);
    return value !== undefined && condition(value);
  };
  switch (name) {
    case 'if': // "If the <predicate> expression evaluates to TRUE, returns the <true_value>, otherwise … the <false_value>"
      need(3);
      return (row) => (isTrue(first, row) ? second(row) : third(row));
    case 'case': // "returns the first value for which the condition evaluates to TRUE … if none … the default is NULL"
      if (of.length % 2) throw new Error('case() takes pairs');
      return (row) => {
        for (let i = 0; i < of.length; i += 2) if (isTrue(of[i]!, row)) return of[i + 1]!(row);
        return undefined;
      };
    case 'coalesce': // "returns the first value that is not NULL"
      need(1, 99);
      return (row) => {
        for (const compute of of) {
          const value = compute(row);
          if (value !== undefined) return value;
        }
        return undefined;
      };
    case 'true':
      need(0);
      return () => true;
    case 'false':
      need(0);
      return () => false;
    case 'null':
      need(0);
      return () => undefined;
    case 'isnull':
      need(1);
      return (row) => first(row) === undefined;
    case 'isnotnull':
      need(1);
      return (row) => first(row) !== undefined;
    case 'in': // "returns TRUE if one of the values in the list matches a value that you specify"
      need(2, 999);
      return (row) => {
        const value = first(row);
        if (value === undefined) return undefined;
        if (Array.isArray(value)) throw new Error('in() with a multivalue field is not documented');
        return of.slice(1).some((one) => {
          const other = one(row);
          return other !== undefined && compareValues(value, other) === 0;
        });
      };
    case 'lower':
      return onText((text) => text.toLowerCase());
    case 'upper':
      return onText((text) => text.toUpperCase());
    case 'len':
      return onText((text) => text.length);
    case 'tonumber': // "converts a string to a number … if the value cannot be parsed … returns NULL"
      need(1);
      return (row) => toNumber(first(row));
    case 'tostring': // "hex: converts X to hexadecimal"
      need(1, 2);
      return (row) => {
        const value = first(row);
        if (!second) return toText(value);
        const number = toNumber(value);
        if (toText(second(row)) !== 'hex') throw new Error('tostring(): only "hex" is emulated');
        return number === undefined ? undefined : `0x${number.toString(16).toUpperCase()}`;
      };
    case 'nullif': // "compares the values of <field1> and <field2> and returns NULL if <field1> = <field2>. Otherwise … returns the value in <field1>"
      need(2);
      return (row) => {
        const [value, other] = [first(row), second(row)];
        if (value === undefined || other === undefined) return value;
        if (Array.isArray(value)) throw new Error('nullif() with a multivalue field is not documented');
        return compareValues(value, other) === 0 ? undefined : value;
      };
    case 'round':
      need(1, 2);
      return (row) => {
        const value = toNumber(first(row));
        if (value === undefined) return undefined;
        const scale = 10 ** (second ? toNumber(second(row))! : 0);
        return Math.round(value * scale) / scale;
      };
    case 'floor':
      need(1);
      return (row) => {
        const value = toNumber(first(row));
        return value === undefined ? undefined : Math.floor(value);
      };
    case 'min':
    case 'max':
      need(1, 99);
      return (row) => {
        const values = of.map((compute) => compute(row)).filter((value) => value !== undefined);
        const sorted = values.sort(compareValues);
        return name === 'min' ? sorted[0] : sorted.at(-1);
      };
    case 'match': // "returns TRUE if the regular expression <regex> finds a match against any substring of the string value <str>"
      need(2);
      return (row) => {
        const [value, regex] = [first(row), toText(second(row))!];
        if (value === undefined) return undefined;
        if (Array.isArray(value)) throw new Error('match() with a multivalue field is not documented');
        return around.pcre.match(regex, toText(value)!) !== undefined;
      };
    case 'like': // "returns TRUE if TEXT matches PATTERN … % matches multiple characters, _ matches a single character"
      need(2);
      return (row) => {
        const [text, pattern] = [toText(first(row)), toText(second(row))];
        if (text === undefined || pattern === undefined) return undefined;
        const regex = pattern
          .replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
          .replace(/%/g, '.*')
          .replace(/_/g, '.');
        return new RegExp(`^${regex}$`, 's').test(text);
      };
    case 'isnum':
      need(1);
      return (row) => toNumber(first(row)) !== undefined;
    case 'searchmatch': {
      // "returns TRUE if the event matches the search string"
      need(1);
      const [search] = parts;
      if (search!.kind !== 'text') throw new Error('searchmatch() of a text that is calculated');
      const term = parseSearch(search.value);
      return (row) => matchesSearch(term, row);
    }
    case 'replace': // "substitutes the replacement string for every occurrence of the regular expression in the string"
      need(3);
      return (row) => {
        const text = toText(first(row));
        return text === undefined ? undefined : around.pcre.replace(toText(second(row))!, text, toText(third(row))!);
      };
    case 'trim': // "If <trim_chars> is not specified, spaces and tabs are removed from both sides"
      need(1, 2);
      return (row) => {
        const text = toText(first(row));
        const out = second ? toText(second(row))! : ' \t';
        return text === undefined ? undefined : trim(text, out);
      };
    case 'split': // "splits the string values on the delimiter and returns the string values as a multivalue field"
      need(2);
      return (row) => {
        const text = toText(first(row));
        return text === undefined ? undefined : fromList(text.split(toText(second(row))!));
      };
    case 'mvappend': // "returns a multivalue result based on all of the values specified"
      need(1, 99);
      return (row) => fromList(of.flatMap((compute) => listOf(compute(row) as Value)));
    case 'mvcount': // "returns … NULL if the field has no values"
      need(1);
      return (row) => listOf(first(row) as Value).length || undefined;
    case 'mvindex': // "indexes start at zero … If the indexes are out of range … NULL"
      need(2);
      return (row) => listOf(first(row) as Value).at(toNumber(second(row))!);
    case 'mvdedup':
      need(1);
      return (row) => fromList([...new Set(listOf(first(row) as Value))]);
    case 'mvjoin':
      need(2);
      return (row) => {
        const values = listOf(first(row) as Value);
        return values.length ? values.join(toText(second(row))!) : undefined;
      };
    case 'mvfilter': {
      // "filters a multivalue field based on an arbitrary Boolean expression … can reference only one field at a time"
      need(1);
      const names = new Set(referenced(parts[0]!));
      if (names.size !== 1) throw new Error('mvfilter() can reference only one field');
      const [field] = names as unknown as [string];
      return (row) => fromList(listOf(row[field]).filter((one) => isTrue(first, { ...row, [field]: one })));
    }
    case 'cidrmatch': // "returns TRUE … when the IP address … belongs to a particular CIDR subnet"
      need(2);
      return (row) => {
        const [network, address] = [toText(first(row))!, toText(second(row))];
        return address === undefined ? undefined : isInNetwork(network, address);
      };
    case 'now':
      need(0);
      return () => around.now;
    case 'strftime':
      need(2);
      return (row) => {
        const time = toNumber(first(row));
        return time === undefined ? undefined : printTime(time, toText(second(row))!);
      };
    case 'strptime': // "takes a human readable time … and parses the time into a UNIX timestamp"
      need(2);
      return (row) => {
        const text = toText(first(row));
        return text === undefined ? undefined : readTime(text, toText(second(row))!, around.now);
      };
    case 'substr': // "The index follows SQLite semantics; … start at 1"
      need(2);
      return (row) => toText(first(row))?.slice(toNumber(second(row))! - 1);
    case 'relative_time': {
      need(2);
      return (row) => {
        const [time, step] = [toNumber(first(row)), toText(second(row))!];
        const found = /^([-+]\d+)([smhd])$/.exec(step);
        if (!found) throw new Error(`relative_time(): ${step}`);
        return time === undefined ? undefined : time + Number(found[1]) * { s: 1, m: 60, h: 3600, d: 86_400 }[found[2] as 's']!;
      };
    }
    default:
      throw new Error(`unknown function ${name}()`);
  }
}

function referenced(expression: Expression): string[] {
  if (expression.kind === 'field') return [expression.name];
  if (expression.kind === 'call') return expression.of.flatMap(referenced);
  if (expression.kind === 'binary') return [...referenced(expression.left), ...referenced(expression.right)];
  return expression.kind === 'not' || expression.kind === 'minus' ? referenced(expression.of) : [];
}

function trim(text: string, out: string): string {
  let [from, to] = [0, text.length];
  while (from < to && out.includes(text[from]!)) from++;
  while (to > from && out.includes(text[to - 1]!)) to--;
  return text.slice(from, to);
}

function isInNetwork(network: string, address: string): boolean {
  const [base, bits] = network.split('/') as [string, string | undefined];
  const version = isIP(base);
  if (version === 0 || isIP(address) !== version) return false;
  const list = new BlockList();
  list.addSubnet(base, Number(bits ?? (version === 4 ? 32 : 128)), version === 4 ? 'ipv4' : 'ipv6');
  return list.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

function printTime(seconds: number, format: string): string {
  const iso = new Date(Math.round(seconds * 1000)).toISOString();
  const parts: Record<string, string> = {
    Y: iso.slice(0, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    Z: 'UTC',
    F: iso.slice(0, 10),
    T: iso.slice(11, 19),
  };
  return format.replace(/%(.)/g, (_, letter: string) => {
    if (!(letter in parts)) throw new Error(`strftime(): %${letter}`);
    return parts[letter]!;
  });
}
