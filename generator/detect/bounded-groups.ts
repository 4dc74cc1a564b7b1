/** Fewer groups are not worth a look at which of them are over. */
const FEW = 500;

/**
 * State per group, bounded: an attacker can make as many groups as it has spoofed addresses. Where there is no more room, groups that were seen once
 * go first, then the oldest; how many went is counted and told.
 */
export class BoundedGroups<S> {
  evicted = 0;
  private readonly limit: number;
  private readonly onEvict: ((state: S) => void) | undefined;
  /** so many groups are worth a look at which of them are over */
  private many: number;
  private readonly once = new Map<string, S>();
  private readonly often = new Map<string, S>();
  /** stand at the oldest group: a new iterator would pass all that have been deleted before */
  private oldestOnce: IterableIterator<string> | undefined;
  private oldestOften: IterableIterator<string> | undefined;

  /**
   * @param limit most groups that are kept
   * @param onEvict is told the state of each group that has to go
   */
  constructor(limit: number, onEvict?: (state: S) => void) {
    this.limit = limit;
    this.onEvict = onEvict;
    this.many = Math.min(limit, FEW);
  }

  get size(): number {
    return this.once.size + this.often.size;
  }

  /** @returns the group's state, made by `create` where there is none */
  get(id: string, create: () => S): S {
    return this.find(id) ?? this.add(id, create());
  }

  /** @returns the state of a group that is seen again */
  find(id: string): S | undefined {
    const known = this.often.get(id);
    if (known !== undefined) return known;
    const seenOnce = this.once.get(id);
    if (seenOnce === undefined) return undefined;
    this.once.delete(id);
    this.often.set(id, seenOnce);
    return seenOnce;
  }

  /** Keeps the state of a group that is not there yet. */
  add(id: string, state: S): S {
    if (this.size >= this.limit) this.evict();
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

  /** Deletes the groups of which `over` is true, as nothing that they hold can count any more; but only if there are many more than were left the last time. */
  sweep(over: (state: S) => boolean): void {
    if (this.size < this.many) return;
    for (const groups of [this.once, this.often]) for (const [id, state] of groups) if (over(state)) groups.delete(id);
    this.many = Math.min(this.limit, Math.max(FEW, 2 * this.size));
  }

  private evict(): void {
    const single = this.once.size > 0;
    const groups = single ? this.once : this.often;
    let oldest = single ? this.oldestOnce : this.oldestOften;
    let next = oldest?.next();
    if (next === undefined || next.done === true) {
      oldest = groups.keys();
      if (single) this.oldestOnce = oldest;
      else this.oldestOften = oldest;
      next = oldest.next();
    }
    const id = next.value as string;
    const state = groups.get(id)!;
    groups.delete(id);
    this.evicted++;
    this.onEvict?.(state);
  }
}
