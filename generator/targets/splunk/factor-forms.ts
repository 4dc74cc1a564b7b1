/**
 * Forms of a header as one regex in which each capture stands as seldom as possible: `a[p]: m` and `a: m` become `a(?:\[p\])?: m`.
 */
import { escapeRegex } from '../../regex/variant-regex.js';
import type { Token } from './line-tokens.js';
import { runsBy } from './runs.js';

export type PrintHole = (token: Token) => string;

/** @param forms in the engine's order, which the result keeps. @returns the regex, in which a capture may still stand twice: see `numberGroups` */
export function factorForms(forms: Token[][], printHole: PrintHole): string {
  const distinct = unique(forms);
  const print = (tokens: Token[]) =>
    tokens.map((token) => (token.char === undefined ? printHole(token) : escapeRegex(token.char))).join('');
  if (distinct.length === 0) return '';
  const [first] = distinct as [Token[], ...Token[][]];
  if (distinct.length === 1) return print(first);
  const start = shared(distinct);
  const end = Math.min(shared(distinct.map((form) => [...form].reverse())), ...distinct.map((form) => form.length - start));
  if (start || end) {
    const middles = distinct.map((form) => form.slice(start, form.length - end));
    return print(first.slice(0, start)) + factorForms(middles, printHole) + print(first.slice(first.length - end));
  }
  const optional = factorOptional(distinct, printHole);
  if (optional !== undefined) return optional;
  const product = factorProduct(distinct);
  if (product) return factorForms(product.lefts, printHole) + print([product.pivot]) + factorForms(product.rights, printHole);
  const alike = runsBy(distinct, ([token]) => token?.key ?? '');
  if (alike.length === distinct.length) return `(?:${distinct.map(print).join('|')})`;
  return `(?:${alike.map((run) => factorForms(run, printHole)).join('|')})`;
}

/** PCRE2 refuses a name that stands twice: the second group of a name gets `_2` behind it, and so on. @returns the names that each one has now */
export function numberGroups(regex: string): { regex: string; names: Map<string, string[]> } {
  const names = new Map<string, string[]>();
  const numbered = regex.replace(/\(\?<([A-Za-z_]\w*)>/g, (_, name: string) => {
    const given = names.get(name) ?? [];
    given.push(given.length ? `${name}_${given.length + 1}` : name);
    names.set(name, given);
    return `(?<${given.at(-1)}>`;
  });
  return { regex: numbered, names };
}

function keys(form: Token[]): string {
  return form.map(({ key }) => key).join('\x01');
}

function shared(forms: Token[][]): number {
  let length = 0;
  while (forms.every((form) => form[length] && form[length]!.key === forms[0]![length]!.key)) length++;
  return length;
}

/** An empty form beside others: tried after them, or before. */
function factorOptional(forms: Token[][], printHole: PrintHole): string | undefined {
  const empty = forms.findIndex((form) => form.length === 0);
  if (empty !== 0 && empty !== forms.length - 1) return undefined;
  const others = factorForms(
    forms.filter((form) => form.length),
    printHole,
  );
  return `(?:${others})${empty === 0 ? '??' : '?'}`;
}

interface Product {
  lefts: Token[][];
  pivot: Token;
  rights: Token[][];
}

/** Forms that are every left half with every right half, in that order, around one token. */
function factorProduct(forms: Token[][]): Product | undefined {
  for (const pivot of forms[0]!) {
    const places = forms.map((form) => form.flatMap(({ key }, index) => (key === pivot.key ? [index] : [])));
    if (places.some((found) => found.length !== 1)) continue;
    const lefts = unique(forms.map((form, i) => form.slice(0, places[i]![0])));
    const rights = unique(forms.map((form, i) => form.slice(places[i]![0]! + 1)));
    const whole = lefts.flatMap((left) => rights.map((right) => keys([...left, pivot, ...right])));
    if (whole.join('\x02') === forms.map(keys).join('\x02')) return { lefts, pivot, rights };
  }
  return undefined;
}

function unique(forms: Token[][]): Token[][] {
  return [...new Map(forms.map((form) => [keys(form), form])).values()];
}
