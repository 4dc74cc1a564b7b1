/** What of the output reads one line, for a person at a terminal. */
import { outputFormat } from '../../engine/formats.js';
import { templateVariants } from '../../lower/variants.js';
import { captureType } from '../../model/capture-types.js';
import { type Pack, type Parser, peerControlledFields } from '../../model/pack.js';
import type { Literal, Step } from '../../model/template.js';
import { pipelineName, READ_RECORD } from './emit-pipeline.js';
import { meaningsOfLines } from './line-meanings.js';

/** @returns the pipeline and processor that read this entry, and for each of its variants the way through the tree and what it says */
export function explainElastic(pack: Pack, parserName: string, entryId: string): string[] {
  const parser = pack.parsers.find(({ name }) => name === parserName);
  const entry = parser?.entries.find(({ id }) => id === entryId);
  const code = parser?.records.codes.find(({ id }) => id === entryId);
  if (parser && code) {
    const conditions = code.when.map(({ path, values }) => `  ${path}: ${values.join(', ')}`);
    return [`pipeline ${pipelineName(parser)}, processor ${READ_RECORD}, params.records.codes:`, ...conditions];
  }
  if (!parser || !entry) throw new Error(`Unexpected entry "${entryId}" of parser "${parserName}"`);
  const { meanings, numbers } = meaningsOfLines(pack, parser);
  const first = variantsBefore(pack, parser, entryId);
  const ways = templateVariants(entry.template, peerControlledFields(pack)).flatMap(({ parts }, index) => {
    const number = numbers[first + index]!;
    return [
      `  ${parts.map((part) => printPart(pack, part)).join(' ')}`,
      `    params.meanings[${number}] = ${JSON.stringify(meanings[number])}`,
    ];
  });
  return [`pipeline ${pipelineName(parser)}, processor ${READ_RECORD}, params.lines:`, ...ways];
}

function variantsBefore(pack: Pack, parser: Parser, entryId: string): number {
  const before = parser.entries.slice(
    0,
    parser.entries.findIndex(({ id }) => id === entryId),
  );
  return before.reduce((sum, { template }) => sum + templateVariants(template, peerControlledFields(pack)).length, 0);
}

function printPart(pack: Pack, part: Literal | Step): string {
  if (part.kind === 'literal') return JSON.stringify(part.text);
  const { value } = captureType(part.type);
  const target = part.field === '_' ? '' : ` -> ${outputFormat(pack, 'ecs').key(part.field)}`;
  return `{${part.type}${target}${value === 'text' || value === 'number' ? '' : ` as ${value}`}${part.unique ? ', its end only once' : ''}}`;
}
