/** Puts records in order of event time; those of equal time keep the order of the input. A binary heap, which is nearly sorted already. */
import type { LogEvent } from './log-event.js';

/** Records that wait for late ones at once; in a flood, what is later than these is counted as late. */
const MOST_WAITING = 20_000;

export class EventQueue {
  /** the newest time that came in */
  newest = Number.NEGATIVE_INFINITY;
  private readonly heap: LogEvent[] = [];
  private readonly lateBy: number;

  /** @param lateBy milliseconds that a record waits for older ones */
  constructor(lateBy: number) {
    this.lateBy = lateBy;
  }

  push(event: LogEvent): void {
    const { heap } = this;
    if (event.time > this.newest) this.newest = event.time;
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

  /** @returns the oldest record, if no older one may still come, or there is no more room to wait */
  shift(): LogEvent | undefined {
    const first = this.heap[0];
    if (first === undefined) return undefined;
    return first.time < this.newest - this.lateBy || this.heap.length > MOST_WAITING ? this.take() : undefined;
  }

  /** @returns the oldest record */
  take(): LogEvent | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || first === last) return first;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last!;
    return first;
  }
}

function isBefore(a: LogEvent, b: LogEvent): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
