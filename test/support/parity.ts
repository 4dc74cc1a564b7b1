/** Compares a target's findings with the engine's, log by log, and keeps the result for the parity table (docs/parity.md). */
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { BaselineLists } from '../../generator/detect/baseline.js';
import type { LogEvent } from '../../generator/detect/log-event.js';
import type { ParityResult } from '../../generator/docs/parity.js';
import type { Detection } from '../../generator/model/detection.js';
import type { Exactness } from '../../generator/model/exactness.js';
import type { Pack } from '../../generator/model/pack.js';
import { engineFindings } from './detection-logs.js';

export class ParityBook {
  private readonly results: Record<string, ParityResult> = {};
  private readonly target: string;
  private readonly ran: string;

  /** @param ran what ran the target's rules, for readers of the table */
  constructor(target: string, ran: string) {
    this.target = target;
    this.ran = ran;
  }

  /**
   * @param logs all logs by name; composed cases of other detections are left out
   * @param find the target's findings on the log of that name, as `findingKey` writes them
   * @param of what of the engine's findings the target can be asked for, where that is not all
   * @param baselineOf what is normal on that log, where the detection compares with it
   * @returns the differences, for a message: an exact translation must have none
   */
  compare(
    pack: Pack,
    detection: Detection,
    { verdict }: Exactness,
    logs: ReadonlyMap<string, LogEvent[]>,
    find: (log: string) => string[],
    of: (findings: string[]) => string[] = (findings) => findings,
    baselineOf: (log: string) => BaselineLists | undefined = () => undefined,
  ): string[] {
    const result: ParityResult = { verdict, fired: 0, agreed: 0, run: 0, differing: [] };
    const differences: string[] = [];
    for (const [name, events] of logs) {
      if (name.includes(': ') && !name.startsWith(`${detection.name}: `)) continue;
      const wanted = of(engineFindings(pack, [detection], events, baselineOf(name)));
      const found = find(name).sort();
      result.run++;
      if (wanted.length) result.fired++;
      if (wanted.join('\n') === found.join('\n')) result.agreed++;
      else {
        result.differing.push(name);
        differences.push(`${name}\n  engine ${wanted.join(' ')}\n  ${this.target} ${found.join(' ')}`);
      }
    }
    this.results[detection.name] = result;
    return differences;
  }

  /** A detection that the target cannot say. */
  leaveOut(detection: Detection): void {
    this.results[detection.name] = { verdict: 'not expressible', fired: 0, agreed: 0, run: 0, differing: [] };
  }

  /** Compares the book with the committed one, from which docs/parity.md is made. */
  async close(): Promise<void> {
    const path = fileURLToPath(new URL(`../parity/${this.target}.json`, import.meta.url));
    await expect(`${JSON.stringify({ ran: this.ran, results: this.results }, null, 2)}\n`).toMatchFileSnapshot(path);
  }
}
