/**
 * ATT&CK as Kibana 8.19 and 9 know it (version 18: Defense Evasion is one tactic, and Downgrade Attack a sub-technique of Impair Defenses): names and tactics of the
 * techniques that detections name.
 */

interface Tactic {
  id: string;
  name: string;
}

const TACTICS: Record<string, Tactic> = {
  reconnaissance: { id: 'TA0043', name: 'Reconnaissance' },
  'initial-access': { id: 'TA0001', name: 'Initial Access' },
  persistence: { id: 'TA0003', name: 'Persistence' },
  'defense-evasion': { id: 'TA0005', name: 'Defense Evasion' },
  'credential-access': { id: 'TA0006', name: 'Credential Access' },
  collection: { id: 'TA0009', name: 'Collection' },
  'command-and-control': { id: 'TA0011', name: 'Command and Control' },
  impact: { id: 'TA0040', name: 'Impact' },
};

/** A technique stands under the tactic that fits an IKE log best: one is enough to find it. */
const TECHNIQUES: Record<string, { name: string; tactic: string }> = {
  T1040: { name: 'Network Sniffing', tactic: 'credential-access' },
  T1078: { name: 'Valid Accounts', tactic: 'initial-access' },
  T1110: { name: 'Brute Force', tactic: 'credential-access' },
  'T1110.001': { name: 'Password Guessing', tactic: 'credential-access' },
  'T1110.003': { name: 'Password Spraying', tactic: 'credential-access' },
  'T1110.004': { name: 'Credential Stuffing', tactic: 'credential-access' },
  T1133: { name: 'External Remote Services', tactic: 'initial-access' },
  T1190: { name: 'Exploit Public-Facing Application', tactic: 'initial-access' },
  T1485: { name: 'Data Destruction', tactic: 'impact' },
  T1489: { name: 'Service Stop', tactic: 'impact' },
  T1498: { name: 'Network Denial of Service', tactic: 'impact' },
  'T1498.001': { name: 'Direct Network Flood', tactic: 'impact' },
  T1499: { name: 'Endpoint Denial of Service', tactic: 'impact' },
  'T1499.002': { name: 'Service Exhaustion Flood', tactic: 'impact' },
  'T1556.004': { name: 'Network Device Authentication', tactic: 'defense-evasion' },
  T1556: { name: 'Modify Authentication Process', tactic: 'defense-evasion' },
  T1557: { name: 'Adversary-in-the-Middle', tactic: 'credential-access' },
  T1562: { name: 'Impair Defenses', tactic: 'defense-evasion' },
  'T1562.010': { name: 'Downgrade Attack', tactic: 'defense-evasion' },
  T1572: { name: 'Protocol Tunneling', tactic: 'command-and-control' },
  T1590: { name: 'Gather Victim Network Information', tactic: 'reconnaissance' },
  'T1590.004': { name: 'Network Topology', tactic: 'reconnaissance' },
  T1595: { name: 'Active Scanning', tactic: 'reconnaissance' },
  'T1595.001': { name: 'Scanning IP Blocks', tactic: 'reconnaissance' },
  'T1595.002': { name: 'Vulnerability Scanning', tactic: 'reconnaissance' },
  T1600: { name: 'Weaken Encryption', tactic: 'defense-evasion' },
  'T1600.001': { name: 'Reduce Key Space', tactic: 'defense-evasion' },
  T1649: { name: 'Steal or Forge Authentication Certificates', tactic: 'credential-access' },
};

const SITE = 'https://attack.mitre.org';

/** @returns the techniques as a rule names them, by tactic. @throws for one without a name here: a test asks for all of the catalogue's */
export function threatOf(ids: string[]): object[] {
  const tactics = new Map<string, Map<string, string[]>>();
  for (const id of ids) {
    const technique = id.slice(0, 5);
    const { tactic } = namedTechnique(technique);
    const techniques = tactics.get(tactic) ?? new Map<string, string[]>();
    tactics.set(tactic, techniques);
    techniques.set(technique, [...(techniques.get(technique) ?? []), ...(id === technique ? [] : [id])]);
  }
  return [...tactics].map(([tactic, techniques]) => ({
    framework: 'MITRE ATT&CK',
    tactic: { ...TACTICS[tactic], reference: `${SITE}/tactics/${TACTICS[tactic]!.id}/` },
    technique: [...techniques].map(([id, below]) => ({
      id,
      name: namedTechnique(id).name,
      reference: `${SITE}/techniques/${id}/`,
      subtechnique: below.map((sub) => ({
        id: sub,
        name: namedTechnique(sub).name,
        reference: `${SITE}/techniques/${sub.replace('.', '/')}/`,
      })),
    })),
  }));
}

function namedTechnique(id: string) {
  const technique = TECHNIQUES[id];
  if (!technique) throw new Error(`Unexpected technique "${id}": it has no name in attack.ts`);
  return technique;
}
