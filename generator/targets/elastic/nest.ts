/** Dotted names and nested objects: a document that other processors can read has objects, not keys with dots. */

export type Nested = { [key: string]: unknown };

/** @returns the path of a dotted name, from the outermost object in */
export function pathOf(name: string): string[] {
  return name.split('.');
}

/** @returns the object that has `flat`'s values at the paths of its keys */
export function nest(flat: Record<string, unknown>): Nested {
  const root: Nested = {};
  for (const [name, value] of Object.entries(flat)) {
    const path = pathOf(name);
    const last = path.pop()!;
    let at = root;
    for (const step of path) at = (at[step] ??= {}) as Nested;
    at[last] = value;
  }
  return root;
}
