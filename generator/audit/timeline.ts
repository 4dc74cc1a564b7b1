/** How many attempts, failures and successes there were in each stretch of time. The stretch grows with the log, so that a day and a year both fit. */

export const SERIES = ['initiated', 'failed', 'succeeded'] as const;
export type Series = (typeof SERIES)[number];
export type Moment = Record<Series, number>;

const MOST_MOMENTS = 400;
/** seconds, each a multiple of the one before */
const STEPS = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 21_600, 86_400, 604_800];

export class Timeline {
  private step = 0;
  private moments = new Map<number, Moment>();

  get seconds(): number {
    return STEPS[this.step]!;
  }

  /** @returns stretches in which something happened, by the millisecond at which each begins */
  get rows(): [number, Moment][] {
    const length = this.seconds * 1000;
    return [...this.moments].sort(([a], [b]) => a - b).map(([index, moment]) => [index * length, moment]);
  }

  count(series: Series, time: number, times: number): void {
    if (!Number.isFinite(time)) return;
    this.momentAt(Math.floor(time / (this.seconds * 1000)))[series] += times;
    while (this.moments.size > MOST_MOMENTS && this.step < STEPS.length - 1) this.widen();
  }

  private momentAt(index: number): Moment {
    let moment = this.moments.get(index);
    if (moment === undefined) {
      moment = { initiated: 0, failed: 0, succeeded: 0 };
      this.moments.set(index, moment);
    }
    return moment;
  }

  private widen(): void {
    const before = this.moments;
    const ratio = STEPS[this.step + 1]! / STEPS[this.step]!;
    this.step++;
    this.moments = new Map();
    for (const [index, moment] of before) {
      const wide = this.momentAt(Math.floor(index / ratio));
      for (const series of SERIES) wide[series] += moment[series];
    }
  }
}
