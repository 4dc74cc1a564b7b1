/** transforms.conf: one stanza for each line (or for lines that say the same), for values inside of them, for look-ups and for routing. */
import type { Stanza } from './conf-file.js';
import { hasOneTime } from './emit-props.js';
import { recordReports, type RecordsPlan } from './emit-records.js';
import type { Lookup } from './lookup-tables.js';
import type { ParserPlan, Transform } from './parser-plan.js';
import { emitShippedTransform } from './shipped-records.js';
import type { ValueTransform } from './value-transforms.js';

export function emitTransforms(
  plans: ParserPlan[],
  values: Map<ParserPlan, ValueTransform[]>,
  lookups: Lookup[],
  records: RecordsPlan[],
): Stanza[] {
  const texts = records.flatMap(({ text }) => text ?? []);
  return [
    ...records.flatMap(recordReports),
    ...[...plans, ...texts].flatMap((plan) => [
      ...(plans.includes(plan) ? emitRouting(plan) : []),
      ...plan.transforms.map(lineStanza),
      ...values.get(plan)!.map(({ stanza }) => stanza),
    ]),
    emitShippedTransform(),
    ...lookups.map(lookupStanza),
  ];
}

/** transforms.conf.spec: at index time the regex needs a capture group, and the source type's name its prefix. */
function emitRouting({ parser, prefix, header }: ParserPlan): Stanza[] {
  const stanza = (name: string, comment: string, regex: string): Stanza => ({
    name: `${prefix}_${name}`,
    comment: [comment],
    settings: [
      ['REGEX', regex],
      ['DEST_KEY', 'MetaData:Sourcetype'],
      ['FORMAT', `sourcetype::${parser.sourcetype}`],
    ],
  });
  return [
    stanza('route', `Syslog of ${parser.programs.join(', ')}.`, `\\A(${header.routes.join('|')})`),
    ...(hasOneTime(parser) ? [stanza('rename', `Whatever came in as ${parser.sourcetype}:iso.`, '\\A([^\\n])')] : []),
  ];
}

export function lineStanza({ name, group, reading, regex, format }: Transform): Stanza {
  return {
    name,
    comment: [...new Set(reading.map(({ entry }) => entry.template.source))],
    settings: [
      ['SOURCE_KEY', group.field],
      ['REGEX', regex],
      ['FORMAT', format],
    ],
  };
}

export function lookupStanza({ name, ignoreCase }: Pick<Lookup, 'name' | 'ignoreCase'>): Stanza {
  return {
    name,
    settings: [
      ['filename', `${name}.csv`],
      ['max_matches', '1'],
      ...(ignoreCase ? [['case_sensitive_match', 'false'] as [string, string]] : []),
    ],
  };
}
