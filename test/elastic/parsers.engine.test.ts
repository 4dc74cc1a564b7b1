/** Each parser's pipeline on a real node reads the sample of every line as the engine does; structured.engine.test.ts has those of records. */
import { beforeAll, expect, it } from 'vitest';
import { builtInEngine } from '../support/parse-text.js';
import { sampleHead } from '../support/sample-head.js';
import { differences, engineEvents, NOW } from './support/compare.js';
import { type Document, install, Node } from './support/node.js';

let node: Node;
beforeAll(async () => {
  node = new Node();
  await install(node);
});

const parsers = builtInEngine().pack.parsers.filter(({ entries, programs }) => entries.length && programs.length);

it.each(parsers.map((parser) => [parser.name, parser] as const))('%s', async (name, parser) => {
  const lines = parser.entries.map(({ sample }) => sampleHead(parser) + sample);
  const events = await engineEvents(lines, { parser: name });
  const documents = await node.simulate(
    `ikeaudit-${parser.dataset}`,
    lines.map((message) => ({ message, '@timestamp': NOW })),
  );
  const wrong = lines.flatMap((line, index) => {
    const found = differences(events[index]!, documents[index] as Document);
    return found.length ? [`${line}\n  ${found.join('\n  ')}`] : [];
  });
  expect(wrong).toEqual([]);
});
