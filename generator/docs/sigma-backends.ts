import type { Pack } from '../model/pack.js';
import { code, GENERATED, plain, table } from './markdown.js';

/** What a backend makes of a detection's file. */
export interface BackendResult {
  converted: boolean;
  /** why not */
  error?: string;
  /** what the queries are made of that changes the meaning */
  traits?: string[];
  /** why they cannot be read */
  invalid?: string;
  /** on so many cases the queries find something, of those on which the engine does */
  found?: number;
  of?: number;
}

/** By detection and backend. */
export type BackendResults = Record<string, Record<string, BackendResult>>;

const BACKENDS: Record<string, string> = {
  splunk: 'Splunk',
  esql: 'ES\\|QL',
  eql: 'EQL',
  lucene: 'Lucene (Elasticsearch)',
  opensearch_lucene: 'Lucene (OpenSearch)',
};

/** @returns the page on what pySigma's backends make of our correlations */
export function emitSigmaBackends(pack: Pack, results: BackendResults): string {
  const rows = pack.detections
    .filter(({ name }) => name in results)
    .map(({ name, form }) => [
      code(name),
      form.form,
      ...Object.keys(BACKENDS).map((backend) => cellOf(results[name]![backend]!)),
    ]);
  return `${GENERATED}
# What other Sigma backends make of our correlations

Rules of single events are safe: every backend converts them, except where two fields are compared. Correlations are not: the table shows what pySigma's usual backends
make of each detection that counts or asks for an order. "2 of 4" means: a case on which the local engine finds something was begun at four places of the window, and the query found it twice.
Most cases are at the edge, and take exactly the window, which a fixed bin never holds whole: a real attack that goes on for long is found sooner or later.
Splunk's queries ran in an emulator of Splunk, EQL's on the \`eql\` package; ES|QL's and Lucene's were not run.

- **fixed bins**: the window is cut at full minutes or hours, so that what straddles a cut is counted in two halves: twelve failures become six and six.
- **no window**: the query has none at all.
- **repeats of one value instead of different values**: five failures of one identity fire, five identities do not.
- **a query within a query**, **invalid**: the language has no such thing.
- **not converted**: the backend says so itself.

What to do: on Splunk and Elastic take the packages made for them (\`ikeaudit build --target splunk elastic\`), whose windows slide: [parity.md](parity.md). For another SIEM, look for a backend whose
correlations slide, as SQLite's do, and lower the threshold to half where it has fixed bins: whatever fills a window fills half of one of two neighbouring bins.

${table(['detection', 'form', ...Object.values(BACKENDS)], rows)}

Detections that are missing here are of a single event, or *not expressible* in Sigma: then the file has the base rules alone, and Splunk's and Elastic's packages have the whole.
`;
}

function cellOf({ converted, error = '', traits = [], invalid, found, of }: BackendResult): string {
  if (!converted) return `not converted: ${plain(error).replaceAll('|', '\\|')}`;
  const parts = [
    ...traits,
    ...(invalid === undefined ? [] : ['invalid']),
    ...(found === undefined || of === 0 ? [] : [`finds ${found} of ${of}`]),
  ];
  return parts.join('; ') || 'converted';
}
