import type { Pack } from '../model/pack.js';
import { cell, code, GENERATED, table } from './markdown.js';

/** @returns the page of all neutral fields and their names in ECS, CIM and Sigma */
export function emitFields(pack: Pack): string {
  const rows = [...pack.fields.values()].map((field) => [
    code(field.name),
    field.type + (field.list ? ', list' : ''),
    cell(field.means) + (field.values ? ` One of: ${field.values.map(code).join(', ')}.` : ''),
    code(field.ecs),
    code(field.cim),
    code(field.sigma),
    field.peerControlled ? 'yes' : '',
  ]);
  return `${GENERATED}
# Fields

Each neutral field once, with its name in the Elastic Common Schema, Splunk's Common Information Model and Sigma. "Peer chooses" marks texts that an unauthenticated peer
decides: they are hostile input, and nothing that follows them in a line is believed unseen.

${table(['field', 'type', 'meaning', 'ECS', 'CIM', 'Sigma', 'peer chooses'], rows)}
`;
}
