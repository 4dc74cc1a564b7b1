/** Names of the fields that hold the rest of a line. PCRE2 10.42 and older refuse group names of more than 32 characters. */

const LONGEST = 32;

/**
 * @param beginning the literal text before the field, e.g. `received packet: from `
 * @param taken names in use, each with the number of names that begin with it; the new one is added
 * @returns e.g. `after_received_packet_from`
 */
export function nameGroup(beginning: string, taken: Map<string, number>): string {
  const slug = beginning
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  const base = slug === '' ? 'whole_line' : `after_${slug}`;
  for (let count = (taken.get(base) ?? 0) + 1; ; count++) {
    const suffix = count === 1 ? '' : `_${count}`;
    const name = base.slice(0, LONGEST - suffix.length).replace(/_+$/, '') + suffix;
    if (taken.has(name)) continue;
    taken.set(name, taken.get(name) ?? 1).set(base, count);
    return name;
  }
}
