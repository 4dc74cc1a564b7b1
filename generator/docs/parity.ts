import type { Pack } from '../model/pack.js';
import { code, GENERATED, plain, table } from './markdown.js';

/** What the tests of one target found for one detection. */
export interface ParityResult {
  verdict: string;
  /** logs on which the engine finds something */
  fired: number;
  /** logs on which target and engine find the same, of those that were run */
  agreed: number;
  run: number;
  /** names of the logs on which they differ, which only an approximate translation may */
  differing: string[];
}

/** Results by target, in the order of the columns, and by detection. */
export type Parity = Map<string, { ran: string; results: Record<string, ParityResult> }>;

/** @returns the page that shows, for every detection and target, that the same log gives the same finding */
export function emitParity(pack: Pack, parity: Parity): string {
  const rows = pack.detections.map(({ name }) => [
    code(name),
    ...[...parity.values()].map(({ results }) => {
      const result = results[name];
      if (!result) return 'not run';
      if (result.verdict === 'not expressible') return 'not expressible';
      return `${result.verdict}: ${result.agreed} of ${result.run} agree, ${result.fired} fire`;
    }),
  ]);
  const differing = [...parity].flatMap(([target, { results }]) =>
    Object.entries(results).flatMap(([name, result]) =>
      result.differing.length ? [`- ${target}, ${code(name)}: ${result.differing.map(plain).join('; ')}`] : [],
    ),
  );
  return `${GENERATED}
# Parity

The same logs went through every target, and the findings (detection, group, time of opening) were compared with those of the local engine. The logs are the recordings of real
daemons under \`samples/\` and the composed cases at the bottom of each detection. An exact translation that differs on one log fails the tests; this page is their result.
\`npm run parity\` does it all again, once \`npm cit\` has prepared the engines, and fails where a number here is not what comes out.

${[...parity].map(([target, { ran }]) => `- **${target}**: ${ran}`).join('\n')}

${table(['detection', ...parity.keys()], rows)}
${differing.length ? `\n## Where an approximate translation differs\n\n${differing.join('\n')}\n` : ''}`;
}
