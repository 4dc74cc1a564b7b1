import type { EventType } from '../../model/pack.js';

/** What makes such an event without an attacker, by the event's first ECS category: what fails in the same part of IKE fails for the same reasons. */
const BY_CATEGORY: Record<string, string[]> = {
  process: ['Maintenance of the gateway'],
  configuration: ['Planned changes of the configuration'],
  network: ['Peers with an outdated or mistaken configuration', 'Links that lose, repeat or reorder packets'],
  authentication: ['Users who mistype a password', 'Credentials or certificates that were changed at one end only'],
  session: ['Unstable links, and devices that sleep or move', 'Lifetimes or selectors that differ between the ends'],
};

/** @returns sentences for Sigma's `falsepositives` */
export function falsePositives(event: EventType): string[] {
  return BY_CATEGORY[event.ecs.category[0] ?? ''] ?? ['Unknown'];
}
