/**
 * JSON for reviewers: what fits a line stands on one, and a list with a single compound member opens and closes with that member. So a change to one
 * line of a parser changes few lines of the output, and deep trees do not run off to the right.
 */

const WIDTH = 140;

/** @returns the text, with a newline at its end; members that are undefined are left out */
export function printJson(value: unknown): string {
  return `${print(value, '', WIDTH)}\n`;
}

/** @param room characters that are left on the line */
function print(value: unknown, indent: string, room: number): string {
  const flat = printFlat(value, room);
  if (flat !== undefined) return flat;
  const inner = `${indent} `;
  const left = WIDTH - inner.length;
  if (!Array.isArray(value)) {
    const members = Object.entries(value as object).filter(([, member]) => member !== undefined);
    const lines = members.map(
      ([key, member]) => `${inner}${JSON.stringify(key)}: ${print(member, inner, left - key.length - 4)}`,
    );
    return `{\n${lines.join(',\n')}\n${indent}}`;
  }
  if (value.filter(isCompound).length === 1) return `[${value.map((item) => print(item, indent, 0)).join(', ')}]`;
  return `[\n${value.map((item) => inner + print(item, inner, left)).join(',\n')}\n${indent}]`;
}

function isCompound(value: unknown): boolean {
  return value !== null && typeof value === 'object';
}

/** @returns undefined where the value does not fit; a text or number always does */
function printFlat(value: unknown, room: number): string | undefined {
  if (!isCompound(value)) return JSON.stringify(value);
  const members = Object.entries(value as object).filter(([, member]) => member !== undefined);
  const parts: string[] = [];
  let left = room - 4;
  for (const [key, member] of members) {
    const name = Array.isArray(value) ? '' : `${JSON.stringify(key)}: `;
    const text = left < 0 ? undefined : printFlat(member, left - name.length);
    if (text === undefined) return undefined;
    parts.push(name + text);
    left -= name.length + text.length + 2;
  }
  if (left < -2 && members.length) return undefined;
  return Array.isArray(value) ? `[${parts.join(', ')}]` : parts.length ? `{ ${parts.join(', ')} }` : '{}';
}
