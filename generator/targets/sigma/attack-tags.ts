/**
 * Tactics of the techniques that fit IKE logs, as of ATT&CK 19, which split Defense Evasion into Stealth and Defense Impairment.
 * A sub-technique has the tactics of its technique. One that is missing here still gets its own tag.
 */
export const TACTICS: Record<string, string[]> = {
  T1040: ['credential-access', 'discovery'],
  T1078: ['initial-access', 'persistence', 'privilege-escalation', 'stealth'],
  T1110: ['credential-access'],
  T1133: ['initial-access', 'persistence'],
  T1485: ['impact'],
  T1190: ['initial-access'],
  T1489: ['impact'],
  T1498: ['impact'],
  T1499: ['impact'],
  T1557: ['collection', 'credential-access'],
  T1572: ['command-and-control'],
  T1590: ['reconnaissance'],
  T1595: ['reconnaissance'],
  T1600: ['defense-impairment'],
  T1649: ['credential-access'],
  T1685: ['defense-impairment'],
  T1689: ['defense-impairment'],
};

/** What ATT&CK 19 calls techniques whose ids detections give as of 18. */
const RENAMED: Record<string, string> = { 'T1562.010': 'T1689' };

/** @returns Sigma tags, tactics first: SigmaHQ wants every tactic of a technique named */
export function attackTags(ids: string[]): string[] {
  const techniques = [...new Set(ids.map((id) => RENAMED[id] ?? id))];
  const tactics = new Set(techniques.flatMap((technique) => TACTICS[technique.slice(0, 5)] ?? []));
  return [...[...tactics].sort(), ...techniques.map((technique) => technique.toLowerCase())].map((name) => `attack.${name}`);
}
