import type { Pack } from '../model/pack.js';
import { cell, code, GENERATED, table } from './markdown.js';

/** @returns the page of all neutral events, and which sources can tell them */
export function emitEvents(pack: Pack): string {
  const rows = [...pack.events.values()].map((event) => {
    const sources = pack.parsers.filter(({ entries }) => entries.some((entry) => entry.event === event.name));
    return [
      code(event.name),
      cell(event.means),
      event.outcome,
      event.level ?? '',
      `${event.ecs.category.join(', ')}: ${event.ecs.type.join(', ')}`,
      event.cim?.dataset ?? '',
      sources.map(({ dataset }) => dataset).join(', '),
    ];
  });
  return `${GENERATED}
# Events

The closed vocabulary of what a record can say; it stands in the field \`msg_type\`. A level marks events that deserve an alert on their own. The last column names the data
sets ([sources](sources.md)) whose records can say it.

${table(['event', 'meaning', 'outcome', 'level', 'ECS category: type', 'CIM data set', 'sources'], rows)}
`;
}
