import { code, GENERATED, plain, table } from './markdown.js';

/** One fault, and whether the comparison with the engine on the right content noticed it, by target. A target that it does not concern is missing. */
export interface MutationResult {
  fault: string;
  /** where it was made: a detection, or a part of a parser or of the vocabulary */
  where: string;
  caught: Record<string, boolean>;
}

const TARGETS = ['engine', 'splunk', 'elastic', 'sigma'];

/** @param parts results of the runs, by what was changed */
export function emitMutation(parts: Record<string, MutationResult[]>): string {
  const all = Object.values(parts).flat();
  const count = (results: MutationResult[], target: string) => {
    const concerned = results.filter(({ caught }) => target in caught);
    return concerned.length ? `${concerned.filter(({ caught }) => caught[target]).length} of ${concerned.length}` : '–';
  };
  const pairs = all.flatMap(({ caught }) => Object.values(caught));
  const kinds = [...new Set(all.map(({ fault }) => fault))].sort();
  const missed = all.flatMap(({ fault, where, caught }) =>
    Object.entries(caught).flatMap(([target, is]) => (is ? [] : [`- ${target}: ${plain(fault)}, in ${code(where)}`])),
  );
  return `${GENERATED}
# Would the tests notice?

The proof is tried out: ${all.length} faults were made on purpose, one at a time, each in a detection, in a parser or in the vocabulary. A target made from the wrong content must then
disagree with the local engine on the right one (and the engine with the tests of the detections, or with a target), on the same logs and by the same comparison as for [parity.md](parity.md). Golden files, which notice every change, do not count.

**${pairs.filter(Boolean).length} of ${pairs.length} pairs of fault and target were caught; of ${all.length} faults, ${all.filter(({ caught }) => Object.values(caught).every(Boolean)).length} on every target that they concern.**

${table(
  ['fault', ...TARGETS],
  [
    ...kinds.map((kind) => [
      plain(kind),
      ...TARGETS.map((target) =>
        count(
          all.filter(({ fault }) => fault === kind),
          target,
        ),
      ),
    ]),
    ['**all**', ...TARGETS.map((target) => count(all, target))],
  ],
)}
${missed.length ? `\n## Not caught\n\n${missed.join('\n')}\n` : ''}
\`npm run mutation\` does it again. What runs each target is told in [parity.md](parity.md); detections that compare with a baseline are changed on the engine alone here.
`;
}
