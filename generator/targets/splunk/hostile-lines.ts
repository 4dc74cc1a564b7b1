/** Lines that are meant to be slow: long runs of what ends a capture, and lines that fail at their very end. */
import { captureType } from '../../model/capture-types.js';
import type { Step, Variant } from '../../model/template.js';

const LONG = 10_000;

const VALUES: Record<string, string> = {
  ip: '192.0.2.1',
  time: 'Nov 20 07:00:00 UTC 2026',
  timestamp: 'Nov 20 07:00:00',
};

/** Messages of one thing over and over. */
export const HOSTILE_MESSAGES = ["'", ']...', '[', ' ', '] => ', 'a', "' - '", '<1|', '{1} '].map((text) =>
  text.repeat(LONG / text.length),
);

/** @returns the line with its text captures filled with almost what ends them, and one byte too many at the end; undefined where it has none */
export function nearMiss({ parts }: Variant): string | undefined {
  const holes = parts.filter((part) => part.kind === 'step' && isText(part)).length;
  if (holes === 0) return undefined;
  return `${parts.map((part) => (part.kind === 'literal' ? part.text : fill(part, Math.floor(LONG / holes)))).join('')}!`;
}

function isText({ type }: Step): boolean {
  return ['first', 'last', 'rest'].includes(captureType(type).takes);
}

function fill(step: Step, length: number): string {
  if (!isText(step)) return VALUES[step.type] ?? (captureType(step.type).takes === 'class-or-stop' ? 'w' : '1');
  const almost = step.stop.slice(0, -1) || step.stop || "'";
  return `${almost.repeat(Math.ceil(length / almost.length)).slice(0, length)}x`;
}
