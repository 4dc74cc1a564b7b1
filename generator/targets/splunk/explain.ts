/** What of the add-on reads one line, for a person at a terminal. */
import type { Pack, Parser } from '../../model/pack.js';
import { fieldsOfRecord, isRecordParser, transformsInRecord } from './emit-records.js';
import { fieldsOfLines, prefixOf, type Transform, transformsOf } from './parser-plan.js';
import { conditionOf } from './record-values.js';
import { valuesAfter, valueTransforms } from './value-transforms.js';

/** @returns the stanzas of transforms.conf that read this entry, and the field that leads to them */
export function explainSplunk(pack: Pack, parserName: string, entryId: string): string[] {
  const parser = pack.parsers.find(({ name }) => name === parserName);
  if (!parser) throw new Error(`Unexpected parser "${parserName}"`);
  if (isRecordParser(parser)) return explainRecord(pack, parser, entryId);
  const prefix = prefixOf(parser);
  const own = transformsOf(pack, parser, entryId, prefix);
  if (own.length === 0) throw new Error(`Unexpected entry "${entryId}" of parser "${parserName}"`);
  // what other lines capture needs no transforms here
  const values = valueTransforms(pack, {
    parser,
    prefix,
    lineFields: fieldsOfLines(own.flatMap(({ reading }) => reading.map(({ entry }) => entry))),
  });
  return own.flatMap((transform) => explain(transform, valuesAfter(values, [transform])));
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
  const code = parser.records.codes.find(({ id }) => id === entryId);
  if (code)
    return [
      `props [${parser.sourcetype}], EVAL-msg_type, where`,
      `  ${conditionOf(code.when, fieldsOfRecord(pack, parser).read)}`,
    ];
  return transformsInRecord(pack, parser, entryId).flatMap((transform) => explain(transform, []));
}
