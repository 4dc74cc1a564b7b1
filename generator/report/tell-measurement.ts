/** What exactly was wrong, and which findings tell of the same. */
import type { Measurement } from '../audit/result.js';
import type { Finding } from '../detect/finding.js';

const NAMES: Record<string, string> = {
  dh_group: 'key exchange group',
  auth_method: 'authentication',
  lifetime: 'lifetime (seconds)',
  cert_not_after: 'valid until',
  cert_days_left: 'days left',
};

/** @returns `key exchange group MODP_2048: 112 bits of security …` */
export function tellMeasurement({ field, name, level, reason }: Measurement): string {
  const what = `${NAMES[field] ?? field} ${name}`;
  return level === undefined ? what : `${what} (${level}): ${reason}`;
}

/** @returns `468c024b (authentication/auth-failures-from-one-peer)` */
export function tellRelated({ id, detection }: Finding): string {
  return `${id.slice(0, 8)} (${detection})`;
}
