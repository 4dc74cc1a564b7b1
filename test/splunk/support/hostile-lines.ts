/** Lines that are meant to be slow: long runs of what ends a capture, and lines that fail at their very end. */

import { captureType } from '../../../generator/model/capture-types.js';
import type { Step } from '../../../generator/model/template.js';
import type { Line } from '../../../generator/targets/splunk/line-tokens.js';

const LONG = 10_000;
const HEAD = 'Nov 24 06:00:00 gw charon[1]: 05[IKE] ';

const VALUES: Record<string, string> = {
  ip: '192.0.2.1',
  time: 'Nov 20 07:00:00 UTC 2026',
  timestamp: 'Nov 20 07:00:00',
};

/** Bodies of one thing over and over. */
export const HOSTILE_BODIES = ["'", ']...', '[', ' ', '] => ', 'a', "' - '", '<1|', '{1} '].map(
  (text) => HEAD + text.repeat(LONG / text.length),
);

/** @returns the line with its text captures filled with almost what ends them, and one byte too many at the end */
export function nearMiss({ variant }: Line): string {
  const holes = variant.parts.filter((part) => part.kind === 'step' && isText(part)).length;
  const parts = variant.parts.map((part) =>
    part.kind === 'literal' ? part.text : fill(part, Math.floor(LONG / Math.max(1, holes))),
  );
  return `${HEAD}${parts.join('')}!`;
}

function isText({ type }: Step): boolean {
  return ['first', 'last', 'rest'].includes(captureType(type).takes);
}

function fill(step: Step, length: number): string {
  if (!isText(step)) return VALUES[step.type] ?? (captureType(step.type).takes === 'class-or-stop' ? 'w' : '1');
  const almost = step.stop.slice(0, -1) || step.stop || "'";
  return `${almost.repeat(Math.ceil(length / almost.length)).slice(0, length)}x`;
}
