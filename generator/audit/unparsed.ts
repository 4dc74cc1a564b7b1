/** Records of known programs that no line reads, alike ones together: what a report says of its own blind spots. */
import type { RecordReader } from '../engine/record.js';

export interface Unparsed {
  parser: string;
  /** the first of its kind */
  message: string;
  count: number;
}

const MOST_KINDS = 200;
const LONGEST = 400;

export class UnparsedSamples {
  private readonly kinds = new Map<string, Unparsed>();

  /** @returns the most frequent first */
  get rows(): Unparsed[] {
    return [...this.kinds.values()].sort((a, b) => b.count - a.count);
  }

  see(record: RecordReader): void {
    const { buffer, messageStart, messageEnd } = record;
    const message = buffer.toString('utf8', messageStart, Math.min(messageEnd, messageStart + LONGEST));
    const parser = record.process.compiled?.parser.name ?? '';
    // what varies holds digits: numbers, addresses, names of hosts
    const kind = `${parser}\0${message.replace(/\S*\d\S*/g, '#')}`;
    const known = this.kinds.get(kind);
    if (known) known.count++;
    else if (this.kinds.size < MOST_KINDS) this.kinds.set(kind, { parser, message, count: 1 });
  }
}
