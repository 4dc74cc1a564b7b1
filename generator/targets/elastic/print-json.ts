/**
 * JSON for reviewers: what fits a line stands on one, and a list with a single compound member opens and closes with that member. So a change to one
 * line of a parser changes few lines of the output, and deep trees do not run off to the right.
 */

const WIDTH = 140;

/** @returns the text, with a newline at its end; members that are undefined are left out */
export function printJson(value: unknown): string {
  return `${print(value, '', WIDTH, new Map())}\n`;
}

/** A compound value on one line. */
interface Flat {
  text: string;
  /** how many characters must be left on the line */
  needs: number;
}

/** What is known of compound values: undefined for those that fit no line. */
type Known = Map<object, Flat | undefined>;

/** @param room characters that are left on the line */
function print(value: unknown, indent: string, room: number, known: Known): string {
  if (!isCompound(value)) return JSON.stringify(value);
  const flat = flatten(value, known);
  if (flat && flat.needs <= room) return flat.text;
  const inner = `${indent} `;
  const left = WIDTH - inner.length;
  if (!Array.isArray(value)) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    const lines = members.map(
      ([key, member]) => `${inner}${JSON.stringify(key)}: ${print(member, inner, left - key.length - 4, known)}`,
    );
    return `{\n${lines.join(',\n')}\n${indent}}`;
  }
  if (value.filter(isCompound).length === 1) return `[${value.map((item) => print(item, indent, 0, known)).join(', ')}]`;
  return `[\n${value.map((item) => inner + print(item, inner, left, known)).join(',\n')}\n${indent}]`;
}

function isCompound(value: unknown): value is object {
  return value !== null && typeof value === 'object';
}

/** Each value is tried once, whatever stands around it. */
function flatten(value: object, known: Known): Flat | undefined {
  if (known.has(value)) return known.get(value);
  const flat = flattenMembers(value, known);
  known.set(value, flat);
  return flat;
}

function flattenMembers(value: object, known: Known): Flat | undefined {
  const isList = Array.isArray(value);
  const parts: string[] = [];
  let used = 4;
  let needs = Number.NEGATIVE_INFINITY;
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const name = isList ? '' : `${JSON.stringify(key)}: `;
    const inner = isCompound(member) ? flatten(member, known) : { text: JSON.stringify(member), needs: 0 };
    if (!inner) return undefined;
    const length = name.length + inner.text.length + 2;
    needs = Math.max(needs, used + length - 2, used + name.length + inner.needs);
    if (needs > WIDTH) return undefined;
    used += length;
    parts.push(name + inner.text);
  }
  return { text: isList ? `[${parts.join(', ')}]` : parts.length ? `{ ${parts.join(', ')} }` : '{}', needs };
}
