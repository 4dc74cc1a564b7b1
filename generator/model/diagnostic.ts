/** A diagnostic is an error in the content (never in the code): it has a place, and all of a step are shown at once. */

export const DIAGNOSTIC_CODES = [
  'yaml-syntax',
  'known-key',
  'schema',
  'known-capture-type',
  'template-syntax',
  'capture-needs-stop',
  'adjacent-captures',
  'field-once',
  'known-field',
  'known-event',
  'known-value',
  'known-notify',
  'unique-name',
  'line-matches-sample',
  'sample-matches-its-line',
  'distinct-lines',
  'sample-addresses',
  'sample-hosts',
  'known-technique',
  'known-tactic',
  'log-anonymous',
  'group-name-length',
  'known-envelope',
  'known-table',
  'known-parser',
  'line-or-when',
  'sample-is-record',
  'path-in-sample',
  'sample-origin',
  'line-begins',
  'known-selection',
  'selection-names-event',
  'known-group-key',
  'known-number',
  'known-playbook',
  'known-detection',
  'known-threshold',
  'known-profile',
  'unique-id',
  'operator-fits',
  'measure-fits-baseline',
  'reason-for-number',
  'known-recording',
  'test-holds',
  'splunk-output',
  'splunk-limits',
] as const;

export type DiagnosticCode = (typeof DIAGNOSTIC_CODES)[number];

/** A span in a content file; offsets are characters of its text. */
export interface Place {
  file: string;
  start: number;
  end: number;
}

export interface Diagnostic {
  code: DiagnosticCode;
  place: Place;
  /** one sentence, or two, that say what is wrong with the user's own text in double quotes */
  message: string;
}

/** @returns the candidate nearest to `word` by edit distance, where one is near enough to be meant; else undefined. */
export function guess(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3), Math.min(2, Math.floor(word.length / 2))) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** @returns ` Did you mean "x"?`, or '' where nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = guess(word, candidates);
  return near === undefined ? '' : ` Did you mean "${near}"?`;
}

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}
