/**
 * State per group, bounded: an attacker can make as many groups as it has spoofed addresses. Where there is no more room, groups that were seen once
 * go first, then the oldest; how many went is counted and told.
 */
export class BoundedGroups<S> {
  evicted = 0;
  private readonly limit: number;
  private readonly once = new Map<string, S>();
  private readonly often = new Map<string, S>();

  /** @param limit most groups that are kept */
  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.once.size + this.often.size;
  }

  /** @returns the group's state, made by `create` where there is none */
  get(id: string, create: () => S): S {
    const known = this.often.get(id);
    if (known !== undefined) return known;
    const seenOnce = this.once.get(id);
    if (seenOnce !== undefined) {
      this.once.delete(id);
      this.often.set(id, seenOnce);
      return seenOnce;
    }
    if (this.size >= this.limit) this.evict();
    const state = create();
    this.once.set(id, state);
    return state;
  }

  peek(id: string): S | undefined {
    return this.often.get(id) ?? this.once.get(id);
  }

  *values(): Iterable<S> {
    yield* this.often.values();
    yield* this.once.values();
  }

  delete(id: string): void {
    if (!this.often.delete(id)) this.once.delete(id);
  }

  /** Deletes the groups of which `over` is true: nothing that it holds can count any more. */
  sweep(over: (state: S) => boolean): void {
    for (const groups of [this.once, this.often]) for (const [id, state] of groups) if (over(state)) groups.delete(id);
  }

  private evict(): void {
    const groups = this.once.size ? this.once : this.often;
    groups.delete(groups.keys().next().value!);
    this.evicted++;
  }
}
