/** Findings as they open, grow and end. A finding covers what follows it in its group until there was silence for so long. */
import { createHash } from 'node:crypto';
import { addPivots, type Finding, type Sighting, sightingOf } from './finding.js';
import type { Grouped } from './group.js';
import type { EventRow } from './log-event.js';

/** Findings of one detection that are kept; of the rest, the number. */
const MOST_FINDINGS = 10_000;

/** Fewer open findings are not worth a look at which of them are over. */
const FEW = 500;

/** Different values of one finding that are kept. */
const MOST_VALUES = 1000;

interface Episode {
  finding: Finding;
  values: Set<string>;
}

export class Episodes {
  readonly findings: Finding[] = [];
  /** findings that were not kept, for want of room */
  dropped = 0;
  private readonly open = new Map<string, Episode>();
  /** so many open findings are worth a look at which of them are over */
  private many = FEW;
  private readonly detection: string;
  private readonly silence: number;
  private readonly mostEvidence: number;

  /** @param silence seconds without a counted record that end a finding */
  constructor(detection: string, silence: number, mostEvidence: number) {
    this.detection = detection;
    this.silence = silence * 1000;
    this.mostEvidence = mostEvidence;
  }

  /** @returns whether a finding of the group covers the record; it is counted then */
  cover({ id }: Grouped, event: EventRow, value?: string): boolean {
    const episode = this.open.get(id);
    if (episode === undefined) return false;
    const { finding, values } = episode;
    if (event.time - finding.lastSeen > this.silence) {
      this.end(id, episode);
      return false;
    }
    finding.count++;
    if (event.time > finding.lastSeen) finding.lastSeen = event.time;
    if (value !== undefined && values.size < MOST_VALUES) values.add(value);
    if (finding.evidence.length < this.mostEvidence) finding.evidence.push(sightingOf(event));
    addPivots(finding.pivots, event);
    return true;
  }

  /**
   * @param opened when the condition was met, which is part of the finding's id
   * @param evidence the records that met it, in their order
   * @param last the record that met it
   * @param count of what is counted, where that is not the records of the evidence
   */
  begin(
    { id, group }: Grouped,
    opened: number,
    evidence: Sighting[],
    last: EventRow,
    values: string[] = [],
    count = evidence.length,
  ): void {
    if (this.findings.length >= MOST_FINDINGS) {
      this.dropped++;
      return;
    }
    const finding: Finding = {
      id: findingId(this.detection, group, opened),
      detection: this.detection,
      group,
      opened,
      firstSeen: evidence[0]?.time ?? last.time,
      lastSeen: evidence.at(-1)?.time ?? last.time,
      count,
      values,
      evidence: evidence.slice(0, this.mostEvidence),
      pivots: {},
    };
    addPivots(finding.pivots, last);
    this.findings.push(finding);
    this.open.set(id, { finding, values: new Set(values) });
  }

  /** @returns all findings, with what they have gathered */
  finish(): Finding[] {
    for (const { finding, values } of this.open.values()) if (values.size) finding.values = [...values];
    return this.findings;
  }

  /** Forgets episodes that silence has ended, where there are many: what comes later opens a new one. */
  sweep(time: number): void {
    if (this.open.size < this.many) return;
    for (const [id, episode] of this.open) if (time - episode.finding.lastSeen > this.silence) this.end(id, episode);
    this.many = Math.max(FEW, 2 * this.open.size);
  }

  private end(id: string, { finding, values }: Episode): void {
    if (values.size) finding.values = [...values];
    this.open.delete(id);
  }
}

/** @returns 32 hex digits that depend on the detection, the group and the time of opening (milliseconds) alone */
export function findingId(detection: string, group: Record<string, string>, opened: number): string {
  const keys = Object.keys(group).sort();
  const hash = createHash('sha256').update(`${detection}\0${opened}`);
  for (const key of keys) hash.update(`\0${key}\0${group[key]}`);
  return hash.digest('hex').slice(0, 32);
}
