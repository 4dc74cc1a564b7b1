import type { Pack, Parser } from '../model/pack.js';
import { cell, code, GENERATED, table } from './markdown.js';

/** @returns the page of all sources that have a parser */
export function emitSources(pack: Pack): string {
  const rows = pack.parsers.map((parser) => [
    `[${cell(parser.title)}](#${anchor(parser.title)})`,
    code(parser.name),
    code(`ikev2.${parser.dataset}`),
    code(parser.sourcetype),
    String(parser.entries.filter(({ kind }) => kind === 'event').length),
    String(parser.records.codes.filter(({ event }) => event !== undefined).length),
    String([...parser.entries, ...parser.records.codes].filter(({ event }) => event === undefined).length),
  ]);
  return `${GENERATED}
# Sources

What the pack reads. Lines are texts with holes, codes are structured records that are known by their members. Data set and data stream (\`logs-ikev2.<source>-<namespace>\`) are Elastic's, the source type is Splunk's.

${table(['source', 'parser', 'data set', 'source type', 'lines', 'codes', 'declared noise'], rows)}

${pack.parsers.map((parser) => section(pack, parser)).join('\n\n')}
`;
}

function section(pack: Pack, parser: Parser): string {
  const counts = new Map<string, number>();
  for (const { event } of [...parser.entries, ...parser.records.codes])
    if (event) counts.set(event, (counts.get(event) ?? 0) + 1);
  const events = [...pack.events.keys()].filter((event) => counts.has(event));
  const programs = parser.programs.length
    ? `Programs: ${parser.programs.map(code).join(', ')}.`
    : 'Chosen by what its records look like.';
  return `## ${parser.title}

${programs} File: [${parser.file}](../${parser.file}).${samples(parser)}

Events: ${events.map((event) => `${code(event)} (${counts.get(event)})`).join(', ')}.`;
}

/** Where the samples of its lines come from, where it says so. */
function samples({ entries, records }: Parser): string {
  const counts = new Map<string, number>();
  for (const { origin } of [...entries, ...records.codes]) if (origin) counts.set(origin, (counts.get(origin) ?? 0) + 1);
  const told = [...counts].sort(([, a], [, b]) => b - a).map(([origin, count]) => `${count} ${origin}`);
  return told.length ? ` Samples: ${told.join(', ')}.` : '';
}

function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}
