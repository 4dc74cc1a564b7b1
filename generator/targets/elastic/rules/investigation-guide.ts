/** The investigation guide of a rule: what to do first, what must be asked before anything is blocked, and where to look on. */
import type { Detection } from '../../../model/detection.js';
import type { Pack } from '../../../model/pack.js';
import { INDEX } from './esql-query.js';
import type { RulePlan } from './plan-rules.js';

/** Fields from which drilldowns are made, by what they lead to. */
const PIVOTS: [string, string[]][] = [
  [
    'Flow records and packet captures',
    ['peer_ip', 'peer_port', 'local_ip', 'local_port', 'ike_spi_i', 'ike_spi_r', 'esp_spi_in', 'esp_spi_out'],
  ],
  ['RADIUS, directory and endpoint logs', ['user_identity', 'peer_id', 'assigned_ip']],
  ['The gateway’s own log', ['connection', 'sa_id', 'cert_serial', 'cert_subject']],
];

/** @returns Markdown */
export function investigationGuide(pack: Pack, detection: Detection, plan: RulePlan): string {
  const playbook = pack.playbooks.find(({ name }) => name === detection.playbook);
  const ecs = (name: string) => pack.fields.get(name)?.ecs ?? name;
  const steps = [
    ...detection.response,
    ...(playbook?.steps ?? []).map((step) => (step.guarded ? `(guarded) ${step.do}` : step.do)),
  ];
  return [
    `## ${playbook?.title ?? 'Response'}`,
    '',
    playbook?.aim ?? '',
    '',
    ...section(
      'What to do',
      steps.map((step, index) => `${index + 1}. ${step}`),
    ),
    ...section(
      'Ask before a guarded step',
      (playbook?.guards ?? []).map(({ ask, if: answer, then }) => `- ${ask} If ${answer}: ${then}`),
    ),
    ...section(
      'Where to look on, five minutes before and after',
      PIVOTS.map(([where, fields]) => `- ${where}: ${fields.map((name) => `\`${ecs(name)}\``).join(', ')}`),
    ),
    ...section('The records', [
      `- Discover, \`${INDEX}\`: ${plan.columns.map((name) => `\`${name}: "<value of the alert>"\``).join(' and ') || 'all records'}`,
    ]),
    ...section('What this rule misses', [detection.misses]),
    ...section(
      'Numbers, and why',
      Object.entries(detection.because).map(([name, reason]) => `- \`${name}\`: ${reason}`),
    ),
  ]
    .join('\n')
    .trim();
}

function section(title: string, lines: string[]): string[] {
  const filled = lines.filter(Boolean);
  return filled.length ? [`### ${title}`, '', ...filled, ''] : [];
}
