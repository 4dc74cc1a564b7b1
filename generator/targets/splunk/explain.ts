/** What of the add-on reads one line, for a person at a terminal. */
import type { Pack } from '../../model/pack.js';
import { type ParserPlan, planParser, type Transform } from './parser-plan.js';
import { valuesAfter, valueTransforms } from './value-transforms.js';

/** @returns the stanzas of transforms.conf that read this entry, and the field that leads to them */
export function explainSplunk(pack: Pack, parserName: string, entryId: string): string[] {
  const plan = planOf(pack, parserName);
  const own = plan.transforms.filter(({ reading }) => reading.some(({ entry }) => entry.id === entryId));
  if (own.length === 0) throw new Error(`Unexpected entry "${entryId}" of parser "${parserName}"`);
  return own.flatMap((transform) => explain(transform, valuesAfter(valueTransforms(pack, plan), [transform])));
}

function explain({ name, group, regex, format }: Transform, values: string[]): string[] {
  return [
    `transforms [${name}]`,
    `  SOURCE_KEY = ${group.field}`,
    `  REGEX = ${regex}`,
    `  FORMAT = ${format}`,
    ...values.map((value) => `  then [${value}]`),
  ];
}

function planOf(pack: Pack, parserName: string): ParserPlan {
  const parser = pack.parsers.find(({ name }) => name === parserName);
  if (!parser) throw new Error(`Unexpected parser "${parserName}"`);
  return planParser(pack, parser);
}
