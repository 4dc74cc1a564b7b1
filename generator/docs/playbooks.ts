import type { Pack } from '../model/pack.js';
import { code, GENERATED, plain } from './markdown.js';

/** @returns the page of all playbooks: what to do about a finding, and what to ask first */
export function emitPlaybooks({ playbooks, detections }: Pack): string {
  const parts = playbooks.map(({ name, title, tier, aim, guards, steps }) => {
    const used = detections.filter(({ playbook }) => playbook === name);
    return [
      `## ${name}`,
      `**${plain(title)}** (${tier}). ${plain(aim)}`,
      ...(guards.length
        ? [guards.map((guard) => `- ${plain(guard.ask)} If ${plain(guard.if)}: ${plain(guard.then)}`).join('\n')]
        : []),
      steps.map((step, index) => `${index + 1}. ${plain(step.do)}${step.guarded ? ' *(ask the guards first)*' : ''}`).join('\n'),
      `Used by ${used.map((detection) => `[${code(detection.name)}](detections/${detection.name.replace('/', '.md#')})`).join(', ') || 'no detection'}.`,
    ].join('\n\n');
  });
  return `${GENERATED}
# Playbooks

What to do about a finding. \`audit\` prints a finding's playbook, after the steps of the detection itself, and answers the guards as far as the log and \`settings.yml\`'s tables of assets and changes can.

${parts.join('\n\n')}
`;
}
