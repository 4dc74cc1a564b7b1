/** Puts records in order of event time; those of equal time keep the order of the input. Most come in order already: a heap has the others. */
import type { EventRow } from './log-event.js';

/** Records that wait for late ones at once; in a flood, what is later than these is counted as late. */
const MOST_WAITING = 20_000;

export class EventQueue {
  /** the newest time that came in */
  newest = Number.NEGATIVE_INFINITY;
  /** those that came in order: `inOrder[first]` is the oldest */
  private inOrder: EventRow[] = [];
  private first = 0;
  /** those that came after newer ones */
  private readonly heap: EventRow[] = [];
  private readonly lateBy: number;

  /** @param lateBy milliseconds that a record waits for older ones */
  constructor(lateBy: number) {
    this.lateBy = lateBy;
  }

  push(event: EventRow): void {
    if (event.time >= this.newest) {
      this.newest = event.time;
      this.inOrder.push(event);
    } else this.pushLate(event);
  }

  /** @returns the oldest record, if no older one may still come, or there is no more room to wait */
  shift(): EventRow | undefined {
    const oldest = this.oldest();
    if (oldest === undefined) return undefined;
    const waiting = this.inOrder.length - this.first + this.heap.length;
    return oldest.time < this.newest - this.lateBy || waiting > MOST_WAITING ? this.take() : undefined;
  }

  /** @returns the oldest record */
  take(): EventRow | undefined {
    const oldest = this.oldest();
    if (oldest === undefined) return undefined;
    if (oldest === this.heap[0]) {
      this.popLate();
      return oldest;
    }
    this.first++;
    if (this.first >= 1024 && this.first * 2 >= this.inOrder.length) {
      this.inOrder = this.inOrder.slice(this.first);
      this.first = 0;
    }
    return oldest;
  }

  private oldest(): EventRow | undefined {
    const inOrder = this.inOrder[this.first];
    const late = this.heap[0];
    return late !== undefined && (inOrder === undefined || isBefore(late, inOrder)) ? late : inOrder;
  }

  private pushLate(event: EventRow): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  private popLate(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: EventRow, b: EventRow): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
