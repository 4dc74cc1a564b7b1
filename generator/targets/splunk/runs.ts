/** @returns the items in runs of neighbours with the same key */
export function runsBy<T>(items: T[], keyOf: (item: T) => string): T[][] {
  const runs: { key: string; items: T[] }[] = [];
  for (const item of items) {
    const key = keyOf(item);
    const last = runs.at(-1);
    if (last?.key === key) last.items.push(item);
    else runs.push({ key, items: [item] });
  }
  return runs.map((run) => run.items);
}
