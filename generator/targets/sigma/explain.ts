/** What of the rules selects one line, for a person at a terminal. */
import { fieldsOfTake } from '../../engine/compile-records.js';
import type { Pack } from '../../model/pack.js';
import { templateFields } from '../../model/template.js';
import { ruleFields, rulePath } from './emit-rule.js';

/** @returns which rule selects what this entry reads, and which of its captures that rule shows */
export function explainSigma(pack: Pack, parserName: string, entryId: string): string[] {
  const { event: name, captured } = entryOf(pack, parserName, entryId);
  const event = name === undefined ? undefined : pack.events.get(name);
  if (!event) return ['no rule: the line is declared noise'];
  if (event.level === undefined) return [`no rule: "${event.name}" has no level, it is not worth an alert on its own`];
  const shown = ruleFields(pack, event).filter((field) => captured.has(field.name));
  return [
    `rule      ${rulePath(event)}, level ${event.level}`,
    `selection ${pack.fields.get('msg_type')!.sigma}: ${event.name}`,
    ...(shown.length ? [`fields    ${shown.map((field) => field.sigma).join(', ')}`] : []),
  ];
}

/** An entry with a line, or one that codes choose, with the fields that it fills. */
function entryOf(pack: Pack, parserName: string, entryId: string): { event?: string; captured: Set<string> } {
  const parser = pack.parsers.find(({ name }) => name === parserName);
  const line = parser?.entries.find(({ id }) => id === entryId);
  if (line) return { event: line.event, captured: new Set([...templateFields(line.template), ...Object.keys(line.set)]) };
  const code = parser?.records.codes.find(({ id }) => id === entryId);
  if (!parser || !code) throw new Error(`Unexpected entry "${entryId}" of parser "${parserName}"`);
  const takes = [...parser.records.take, ...code.take];
  return {
    event: code.event,
    captured: new Set([...takes.flatMap((take) => fieldsOfTake(parser, take)), ...Object.keys(code.set)]),
  };
}
