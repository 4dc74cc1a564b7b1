import { createHash } from 'node:crypto';

/** Made once for the rules of this pack. A new one would make every rule a stranger to those who imported the old one. */
const NAMESPACE = '7d9f1c52-3a0e-4b6b-9d35-5c1f0a8e2b47';

/** @returns the UUID (version 5, RFC 9562) of the event's rule: the same in every build, whatever else changes in the rule */
export function ruleId(eventName: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(eventName)
    .digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
