/** How sure a finding is: how far beyond its threshold it went, and how its records got their peer. */
import type { Finding } from '../detect/finding.js';
import type { Detection } from '../model/detection.js';
import { tellDuration } from './tell.js';

export function tellCertainty(finding: Finding, { form, status }: Detection): string {
  const parts: string[] = [];
  const counted = form.form === 'value_count' ? Math.max(finding.values.length, form.atLeast) : finding.count;
  if ('atLeast' in form && 'within' in form)
    parts.push(`${counted} where ${form.atLeast} in ${tellDuration(form.within * 1000)} are enough.`);
  const ordered = finding.evidence.filter(({ byOrder }) => byOrder).length;
  if (ordered > 0 && 'peer_ip' in finding.group)
    parts.push(
      `The peer of ${ordered} of ${finding.evidence.length} records was found by the order of the file, and may be wrong where exchanges overlap.`,
    );
  if (status === 'experimental') parts.push('This detection is experimental.');
  return parts.join(' ') || 'Each record says it by itself.';
}
