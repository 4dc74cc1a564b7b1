/** Check: each entry that codes choose reads its own sample, a whole record, and no two such entries could read the same one. */
import type { CompiledParser, Engine } from '../engine/compile-engine.js';
import { areDisjoint, bySpecificity, type CompiledCode } from '../engine/compile-records.js';
import { type FoundRecord, RecordFinder } from '../engine/find-record.js';
import { holds, isAt, textAt } from '../engine/find-path.js';
import { type ContentDocument, placeOf } from '../load/load-content.js';
import { EVENT, RecordReader } from '../engine/record.js';
import type { Diagnostic, Place } from '../model/diagnostic.js';
import type { Parser } from '../model/pack.js';
import type { CodeEntry, Condition } from '../model/record-form.js';

const CLOCK = { now: 0, zone: 'UTC' };

/** @param engine of the pack that the documents became */
export function checkRecords(documents: ContentDocument[], engine: Engine): Diagnostic[] {
  const finder = new RecordFinder(engine, CLOCK);
  return engine.parsers.flatMap((compiled) => [
    ...overlaps(compiled.parser),
    ...compiled.parser.records.codes.flatMap((entry) => checkSample(compiled, entry, finder)),
    ...compiled.parser.records.samples.flatMap((sample) => checkRecord(compiled, sample, finder, engine)),
    ...pathsOfNoSample(documents, compiled, finder),
  ]);
}

function checkSample(compiled: CompiledParser, entry: CodeEntry, finder: RecordFinder): Diagnostic[] {
  const found = finder.find(entry.sample);
  const report = (code: Diagnostic['code'], message: string): Diagnostic[] => [{ code, place: entry.place.sample, message }];
  if (!found) return report('sample-is-record', 'The sample is no record of a known spelling. Describe it as an envelope.');
  if (found.compiled !== compiled) return report('sample-is-record', notSelected(compiled, found));
  const plan = found.plan!;
  const by = plan.codes.find(({ when }) => when.every((test) => holds(found.tree, test)));
  const own = plan.codes.find((code) => code.entry === entry)!;
  if (!by || by.entry !== entry) return report('sample-matches-its-line', missed(entry, own, by, found));
  return own.take.flatMap(({ way }, index) =>
    isAt(found.tree, way)
      ? []
      : report('path-in-sample', `The sample has nothing at "${entry.take[index]!.path}".${members(found)}`),
  );
}

/** A record that is read by a line in its message. */
function checkRecord(
  compiled: CompiledParser,
  { text, place }: { text: string; place: Place },
  finder: RecordFinder,
  engine: Engine,
): Diagnostic[] {
  const found = finder.find(text);
  if (!found) {
    return [
      { code: 'sample-is-record', place, message: 'The sample is no record of a known spelling. Describe it as an envelope.' },
    ];
  }
  if (found.compiled !== compiled) return [{ code: 'sample-is-record', place, message: notSelected(compiled, found) }];
  const bytes = Buffer.from(text);
  if (new RecordReader(engine, CLOCK).read(bytes, 0, bytes.length) === EVENT) return [];
  return [{ code: 'sample-matches-its-line', place, message: `No line reads the message of this sample, "${found.message}".` }];
}

function notSelected({ parser, records }: CompiledParser, { form, tree, compiled }: FoundRecord): string {
  if (compiled) return `The parser "${compiled.parser.name}" selects this sample, as "${form.envelope.name}".`;
  const plan = records.get(form);
  if (!plan)
    return `The sample is a record of the envelope "${form.envelope.name}", which "structured" of this parser does not name.`;
  const failing = plan.where.findIndex((test) => !holds(tree, test));
  if (failing < 0) return `The program of this sample is none of "select".`;
  const { path } = parser.records.where[failing]!;
  return `"select" does not choose the sample: it has "${textAt(tree, plan.where[failing]!.way)}" at "${path}".`;
}

function missed(entry: CodeEntry, own: CompiledCode, by: CompiledCode | undefined, found: FoundRecord): string {
  const failing = own.when.findIndex((test) => !holds(found.tree, test));
  if (failing < 0)
    return `This sample is read by the more specific entry of "${by!.entry.event ?? 'ignored'}". Choose one that only its own entry reads.`;
  const { path, values } = entry.when[failing]!;
  const has = textAt(found.tree, own.when[failing]!.way);
  const wanted = values.map((value) => `"${value}"`).join(' or ');
  return has === ''
    ? `The sample has nothing at "${path}".${members(found)}`
    : `The sample has "${has}" at "${path}", not ${wanted}.`;
}

function members({ tree }: FoundRecord): string {
  return ` There are: ${Object.keys(tree).slice(0, 12).join(', ')}.`;
}

/** A path that no sample has is a path that nothing proves. */
function pathsOfNoSample(documents: ContentDocument[], compiled: CompiledParser, finder: RecordFinder): Diagnostic[] {
  const { parser } = compiled;
  const document = documents.find(({ file }) => file === parser.file)!;
  const samples = [...parser.records.codes.map(({ sample }) => sample), ...parser.records.samples.map(({ text }) => text)];
  const found = samples.flatMap((sample) => finder.find(sample) ?? []);
  const paths = [...new Set(parser.records.take.map(({ path }) => path))];
  return paths.flatMap((path): Diagnostic[] => {
    const index = parser.records.take.findIndex((take) => take.path === path);
    if (found.some(({ plan, tree }) => plan && isAt(tree, plan.take[index]!.way))) return [];
    return [
      {
        code: 'path-in-sample',
        place: placeOf(document, ['take', path], 'key'),
        message: `No sample has anything at "${path}".`,
      },
    ];
  });
}

/** Two entries with as many conditions must exclude each other: else nothing decides between them. */
function overlaps({ records }: Parser): Diagnostic[] {
  const codes = bySpecificity(records.codes);
  return codes.flatMap((entry, index): Diagnostic[] => {
    const other = codes
      .slice(0, index)
      .find((earlier) => earlier.when.length === entry.when.length && !areDisjoint(earlier.when, entry.when));
    if (!other) return [];
    const message = `This entry and the one of "${other.event ?? 'ignored'}" with ${describe(other.when)} may both read a record: nothing decides between them. Add a condition to one.`;
    return [{ code: 'distinct-lines', place: entry.place.entry, message }];
  });
}

function describe(when: Condition[]): string {
  return when.map(({ path, values }) => `${path} ${values.map((value) => `"${value}"`).join(', ')}`).join(' and ');
}
