/** What of the add-on reads one line, for a person at a terminal. */
import type { Pack, Parser } from '../../model/pack.js';
import { isRecordParser, planRecords } from './emit-records.js';
import { conditionOf } from './record-values.js';
import { type ParserPlan, planParser, type Transform } from './parser-plan.js';
import { valuesAfter, valueTransforms } from './value-transforms.js';

/** @returns the stanzas of transforms.conf that read this entry, and the field that leads to them */
export function explainSplunk(pack: Pack, parserName: string, entryId: string): string[] {
  const parser = pack.parsers.find(({ name }) => name === parserName);
  if (parser && isRecordParser(parser)) return explainRecord(pack, parser, entryId);
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

/** An entry that codes choose has a condition in each EVAL; a line in a record's member has transforms. */
function explainRecord(pack: Pack, parser: Parser, entryId: string): string[] {
  const { text, fields } = planRecords(pack, parser);
  const code = parser.records.codes.find(({ id }) => id === entryId);
  if (code) return [`props [${parser.sourcetype}], EVAL-msg_type, where`, `  ${conditionOf(code.when, fields.read)}`];
  const own = text?.transforms.filter(({ reading }) => reading.some(({ entry }) => entry.id === entryId)) ?? [];
  return own.flatMap((transform) => explain(transform, []));
}

function planOf(pack: Pack, parserName: string): ParserPlan {
  const parser = pack.parsers.find(({ name }) => name === parserName);
  if (!parser) throw new Error(`Unexpected parser "${parserName}"`);
  return planParser(pack, parser);
}
