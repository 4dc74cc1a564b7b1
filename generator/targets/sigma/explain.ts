/** What of the rules selects one line, for a person at a terminal. */
import type { Entry, Pack } from '../../model/pack.js';
import { templateFields } from '../../model/template.js';
import { ruleFields, rulePath } from './emit-rule.js';

/** @returns which rule selects what this entry reads, and which of its captures that rule shows */
export function explainSigma(pack: Pack, parserName: string, entryId: string): string[] {
  const entry = entryOf(pack, parserName, entryId);
  const event = entry.event === undefined ? undefined : pack.events.get(entry.event);
  if (!event) return ['no rule: the line is declared noise'];
  if (event.level === undefined) return [`no rule: "${event.name}" has no level, it is not worth an alert on its own`];
  const captured = new Set([...templateFields(entry.template), ...Object.keys(entry.set)]);
  const shown = ruleFields(pack, event).filter((field) => captured.has(field.name));
  return [
    `rule      ${rulePath(event)}, level ${event.level}`,
    `selection ${pack.fields.get('msg_type')!.sigma}: ${event.name}`,
    ...(shown.length ? [`fields    ${shown.map((field) => field.sigma).join(', ')}`] : []),
  ];
}

function entryOf(pack: Pack, parserName: string, entryId: string): Entry {
  const entry = pack.parsers.find(({ name }) => name === parserName)?.entries.find(({ id }) => id === entryId);
  if (!entry) throw new Error(`Unexpected entry "${entryId}" of parser "${parserName}"`);
  return entry;
}
