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
        key: (field) => ecsName(pack, field),
        constants: (event, dataset) => ({
          [ecsName(pack, 'event_kind')]: event.ecs.kind,
          [ecsName(pack, 'event_category')]: event.ecs.category,
          [ecsName(pack, 'event_type')]: event.ecs.type,
          [ecsName(pack, 'outcome')]: event.outcome,
          [ecsName(pack, 'event_module')]: 'ikev2',
          [ecsName(pack, 'event_dataset')]: `ikev2.${dataset}`,
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

function ecsName(pack: Pack, field: string): string {
  return pack.fields.get(field)?.ecs ?? `ikev2.${field}`;
}
