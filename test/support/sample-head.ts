/** What stands before a sample in a record of its program: samples are messages without header. */
import type { Parser } from '../../generator/model/pack.js';

/** Envelopes that only some parsers read. */
const OWN: Record<string, (program: string) => string> = {
  cisco: (program) => `Nov 24 2026 06:00:00 gw : %${program}-5-`,
};

export function sampleHead({ envelopes: [envelope], programs: [program] }: Parser): string {
  return envelope === undefined ? `Nov 24 06:00:00 gw ${program}[1]: ` : OWN[envelope]!(program!);
}
