/** props.conf: what Splunk does with a source type, at index time and at search time. */
import { isIndented, type Pack, type Parser } from '../../model/pack.js';
import { ERROR_WORD, NOTIFY_WORD, wordOf } from './capture-line.js';
import type { Stanza } from './conf-file.js';
import { deriveFields } from './derive-fields.js';
import { ALGORITHM_FIELDS, type AlgorithmType, type Lookup } from './lookup-tables.js';
import { planRecords, recordEvals, recordIndexTime, recordReports, type RecordsPlan } from './emit-records.js';
import type { ParserPlan, Transform } from './parser-plan.js';
import { emitShippedSourcetype, SYSLOG } from './shipped-records.js';
import { UNREAD } from './split-dispatch.js';
import { type ValueTransform, valuesAfter } from './value-transforms.js';

type Settings = [string, string][];

/** A record is a line, as for the engine. props.conf.spec: the text of the capture group is thrown away. */
const BREAKER = '((?:\\r?\\n)+)';
/** Where the further lines of a record are indented, they stay with it, behind a blank instead of the break. */
const INDENTED_BREAKER = `${BREAKER}(?![ \\t])`;
const JOIN_INDENTED: [string, string] = ['SEDCMD-ikeaudit_lines', 's/\\r?\\n[ \\t]+/ /g'];

export function emitProps(
  pack: Pack,
  plans: ParserPlan[],
  values: Map<ParserPlan, ValueTransform[]>,
  events: Lookup[],
  records: RecordsPlan[],
): Stanza[] {
  const time = { rfc3164: indexTime('%b %d %H:%M:%S', 32), iso: indexTime('%Y-%m-%dT%H:%M:%S.%6N%:z', 40) };
  const routes = plans.map(({ prefix }) => `${prefix}_route`).join(', ');
  const syslog = (name: string, means: string, settings: Settings): Stanza => ({
    name,
    comment: [`Syslog of whole hosts, ${means}. Only for inputs: records of our programs get their own source type.`],
    settings: [
      ['category', 'Network & Security'],
      ['description', `Syslog with IKE daemons in it, ${means}`],
      ['pulldown_type', 'true'],
      ...settings,
      ['KV_MODE', 'none'],
      ['TRANSFORMS-ikeaudit', routes],
    ],
  });
  return [
    syslog(SYSLOG, 'times of RFC 3164', time.rfc3164),
    syslog(`${SYSLOG}:iso`, 'times of ISO 8601 (RFC 5424)', time.iso),
    emitShippedSourcetype(pack, timed('\\A\\{"_time":"', '%Y-%m-%dT%H:%M:%S.%3NZ', 24), events),
    ...plans.flatMap((plan) => [
      emitSourcetype(pack, plan, values.get(plan)!, events),
      ...(hasOneTime(plan.parser) ? [emitIsoSourcetype(plan)] : []),
    ]),
    ...records.map((plan) => emitRecords(pack, plan, values, events)),
    ...sharedNames(records).map((name) => emitShared(pack, name, records, events)),
  ];
}

function emitRecords(pack: Pack, plan: RecordsPlan, values: Map<ParserPlan, ValueTransform[]>, events: Lookup[]): Stanza {
  const { parser, text } = plan;
  const evals = recordEvals(pack, [plan], false);
  return {
    name: parser.sourcetype,
    comment: [`${parser.title}, from ${parser.file}: records of ${Object.keys(parser.structured).join(', ')}.`],
    settings: [
      ['category', 'Network & Security'],
      ['description', `${parser.title}: IKE and IPsec`],
      ['pulldown_type', 'true'],
      ...recordIndexTime(pack, plan),
      ['KV_MODE', plan.fields.hasJson ? 'json' : 'none'],
      ...(text ? [...emitExtracts(text), ...emitReports(text, values.get(text)!)] : []),
      ...recordReport([plan]),
      ...evals,
      ...(text ? emitLookups(text, []) : []),
      ...eventSettings(events, evals),
    ],
  };
}

/** Source types that users have for the records of several parsers, and of others: nothing of them is changed but what is ours. */
function emitShared(pack: Pack, name: string, records: RecordsPlan[], events: Lookup[]): Stanza {
  const plans = records
    .filter(({ parser }) => Object.hasOwn(parser.sourcetypes, name))
    .map(({ parser }) => planRecords(pack, { ...parser, structured: { [parser.sourcetypes[name]!]: {} } }));
  return {
    name,
    comment: [`Records of ${plans.map(({ parser }) => parser.title).join(', ')} among others.`],
    settings: [...recordReport(plans), ...recordEvals(pack, plans, true), ...eventSettings(events)],
  };
}

function sharedNames(records: RecordsPlan[]): string[] {
  return [...new Set(records.flatMap(({ parser }) => Object.keys(parser.sourcetypes)))];
}

function recordReport(plans: RecordsPlan[]): Settings {
  const names = plans.flatMap((plan) => recordReports(plan).map(({ name }) => name));
  return names.length ? [['REPORT-ikeaudit_record', names.join(', ')]] : [];
}

/**
 * @param own calculated fields, where the source type is ours: a member of a record that has the name of one of our fields, as `action`, does not mean the
 * same and gives way (OUTPUT), but what the parser itself says of an event stays (OUTPUTNEW)
 */
function eventSettings(events: Lookup[], own?: Settings): Settings {
  return events.map(({ name, columns: [, ...outputs] }) => {
    const isFree = own !== undefined && !outputs.some((output) => own.some(([key]) => key === `EVAL-${output}`));
    return [`LOOKUP-${name}`, `${name} msg_type ${isFree ? 'OUTPUT' : 'OUTPUTNEW'} ${outputs.join(' ')}`];
  });
}

/** Headers of a parser's own have times of many forms, which Splunk finds by itself; syslog has one, which is told. */
export function hasOneTime({ envelopes }: Parser): boolean {
  return envelopes.length === 0;
}

function emitSourcetype(pack: Pack, plan: ParserPlan, values: ValueTransform[], events: Lookup[]): Stanza {
  const { parser } = plan;
  return {
    name: parser.sourcetype,
    comment: [
      `${parser.title}, from ${parser.file}${hasOneTime(parser) ? ": syslog (RFC 3164) and the program's own dated file" : ''}.`,
    ],
    settings: [
      ['category', 'Network & Security'],
      ['description', `${parser.title}: IKE and IPsec`],
      ['pulldown_type', 'true'],
      ...(hasOneTime(parser) ? indexTime('%b %d %H:%M:%S', 32) : [...records(isIndented(pack, parser)), timeWithin(64)]),
      ['KV_MODE', 'none'],
      ...emitExtracts(plan),
      ...emitReports(plan, values),
      ...[...deriveFields(pack, plan)].map(([field, expression]): [string, string] => [`EVAL-${field}`, expression]),
      ...emitLookups(plan, events),
    ],
  };
}

/**
 * One source type has one TIME_FORMAT. Records with ISO times come in under this name and are renamed: search-time settings follow the new name,
 * and the time has been read by then.
 */
function emitIsoSourcetype({ parser, prefix }: ParserPlan): Stanza {
  return {
    name: `${parser.sourcetype}:iso`,
    comment: [
      `The same with ISO 8601 times (RFC 5424, rsyslog's own format). Only for inputs: events are renamed to ${parser.sourcetype}.`,
    ],
    settings: [
      ['category', 'Network & Security'],
      ['description', `${parser.title}, times in ISO 8601`],
      ['pulldown_type', 'true'],
      ...indexTime('%Y-%m-%dT%H:%M:%S.%6N%:z', 40),
      ['TRANSFORMS-ikeaudit', `${prefix}_rename`],
    ],
  };
}

function records(indented = false): Settings {
  const breaker = indented ? INDENTED_BREAKER : BREAKER;
  return [
    ['SHOULD_LINEMERGE', 'false'],
    ['LINE_BREAKER', breaker],
    ['EVENT_BREAKER_ENABLE', 'true'],
    ['EVENT_BREAKER', breaker],
    ['TRUNCATE', '65536'],
    ...(indented ? [JOIN_INDENTED] : []),
  ];
}

function timeWithin(characters: number): [string, string] {
  return ['MAX_TIMESTAMP_LOOKAHEAD', String(characters)];
}

function indexTime(format: string, lookahead: number): Settings {
  return timed('\\A(?:<[0-9]{1,3}>(?:1 )?)?', format, lookahead);
}

function timed(prefix: string, format: string, lookahead: number): Settings {
  return [...records(), ['TIME_PREFIX', prefix], ['TIME_FORMAT', format], timeWithin(lookahead)];
}

/**
 * Where a dozen lines differ behind a text, the dispatch looks for the end of each: as many steps for a byte. That is linear, but more than the default limit of
 * 100,000 steps in lines of 10,000 bytes, which Splunk would then not read at all. props.conf.spec: the limit of a stanza's EXTRACTs.
 */
const MATCH_LIMIT = '1000000';

/** props.conf.spec: EXTRACTs run in ASCII order of their classes, and `in` names a field of an earlier one. */
function emitExtracts({ header, dispatch }: ParserPlan): Settings {
  const number = (index: number) => String(index + 1).padStart(2, '0');
  return [
    ['MATCH_LIMIT', MATCH_LIMIT],
    [`EXTRACT-ikeaudit_1_${header.name}`, header.regex],
    ...dispatch.literal.map((regex, index): [string, string] => [
      `EXTRACT-ikeaudit_2_line_${number(index)}`,
      `${regex} in message`,
    ]),
    ...dispatch.generic.map((regex, index): [string, string] => [
      `EXTRACT-ikeaudit_3_line_${number(index)}`,
      `${regex} in ${UNREAD}`,
    ]),
  ];
}

/**
 * One REPORT for each group. The order between REPORTs is not documented, the order within one is (props.conf.spec): so lines with a value that
 * other transforms read share one REPORT with them, and these come last. Each of them is named once, or it would add its values twice.
 */
function emitReports({ transforms }: ParserPlan, values: ValueTransform[]): Settings {
  const byField = new Map<string, Transform[]>();
  for (const transform of transforms)
    byField.set(transform.group.field, [...(byField.get(transform.group.field) ?? []), transform]);
  const groups = [...byField];
  const feeding = groups.filter(([, own]) => valuesAfter(values, own).length);
  const names = (own: Transform[]) => own.map(({ name }) => name);
  const last = [...feeding.flatMap(([, own]) => names(own)), ...values.map(({ stanza }) => stanza.name)];
  return [
    ...groups
      .filter((group) => !feeding.includes(group))
      .map(([field, own]): [string, string] => [`REPORT-ikeaudit_${field}`, names(own).join(', ')]),
    ...(last.length ? [['REPORT-ikeaudit_values', last.join(', ')] as [string, string]] : []),
  ];
}

function emitLookups({ prefix, lineFields }: ParserPlan, events: Lookup[]): Settings {
  const words: Settings = [
    ['LOOKUP-ikeaudit_notify', `${prefix}_notifies word AS ${NOTIFY_WORD} OUTPUTNEW notify`],
    ['LOOKUP-ikeaudit_error_code', `${prefix}_errors word AS ${ERROR_WORD} OUTPUTNEW error_code`],
  ];
  const kinds = [...lineFields.values()].flatMap((set) => [...set]);
  const algorithms =
    kinds.includes('proposal') || kinds.includes('suite') ? (Object.keys(ALGORITHM_FIELDS) as AlgorithmType[]) : [];
  const fields = new Map<string, AlgorithmType>(algorithms.map((type) => [ALGORITHM_FIELDS[type], type]));
  for (const [field, of] of lineFields) if (of.has('key-exchange')) fields.set(field, 'key_exchange');
  return [
    ...(kinds.includes('notify') || kinds.includes('payloads') ? words : []),
    ...[...fields].map(([field, type]): [string, string] => {
      const column = ALGORITHM_FIELDS[type];
      return [
        `LOOKUP-ikeaudit_${field}`,
        `${prefix}_${type} word AS ${wordOf(field)} OUTPUTNEW ${column}${column === field ? '' : ` AS ${field}`}`,
      ];
    }),
    ...eventSettings(events),
  ];
}
