/** Output formats of `parse`: which name a neutral field has, and which constants an event brings. */
import type { EventType, Pack } from '../model/pack.js';

export const FORMAT_NAMES = ['neutral', 'ecs', 'cim'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

export interface Format {
  name: FormatName;
  /** the key of a neutral field */
  key(field: string): string;
  /** what every record of this event says, by key */
  constants(event: EventType, dataset: string): Record<string, unknown>;
}

/** @returns the format; ECS and CIM names come from mappings/fields.yml and mappings/events.yml, and from nowhere else. */
export function outputFormat(pack: Pack, name: FormatName): Format {
  switch (name) {
    case 'neutral':
      return {
        name,
        key: (field) => field,
        constants: (event) => (event.outcome === 'unknown' ? {} : { outcome: event.outcome }),
      };
    case 'ecs':
      return {
        name,
        key: (field) => pack.fields.get(field)?.ecs ?? `ikev2.${field}`,
        constants: (event, dataset) => ({
          'event.kind': event.ecs.kind,
          'event.category': event.ecs.category,
          'event.type': event.ecs.type,
          'event.outcome': event.outcome,
          'event.module': 'ikev2',
          'event.dataset': `ikev2.${dataset}`,
        }),
      };
    case 'cim':
      return {
        name,
        key: (field) => pack.fields.get(field)?.cim ?? field,
        constants: (event) =>
          event.cim?.action ? { action: event.cim.action, tag: event.cim.tags } : event.cim ? { tag: event.cim.tags } : {},
      };
  }
}
