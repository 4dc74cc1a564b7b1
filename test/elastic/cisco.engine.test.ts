/** The pipelines of Cisco's devices on a real node read what the engine reads: every sample, every form of header, records of several lines, and lines that are nearly samples. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtInEngine } from '../support/parse-text.js';
import { sampleHead } from '../support/sample-head.js';
import { differences, engineEvents, NOW } from './support/compare.js';
import { type Document, install, Node } from './support/node.js';

const samples = fileURLToPath(new URL('../../samples/cisco/', import.meta.url));
const parsers = builtInEngine().pack.parsers.filter(({ vendor }) => vendor === 'Cisco');

let node: Node;
beforeAll(async () => {
  node = new Node();
  await install(node);
});

describe.each(parsers.map((parser) => [parser.name, parser] as const))('%s', (_, parser) => {
  const compareLines = async (lines: string[]) => {
    const events = await engineEvents(lines);
    const documents = await node.simulate(
      `ikeaudit-${parser.dataset}`,
      lines.map((message) => ({ message, '@timestamp': NOW })),
    );
    return lines.flatMap((line, index) => {
      const wrong = differences(events[index]!, documents[index] as Document);
      return wrong.length ? [`${line}\n  ${wrong.join('\n  ')}`] : [];
    });
  };
  const folder = `${samples}${parser.dataset}/`;

  it.each(readdirSync(folder))('reads samples/cisco/…/%s like the engine', async (name) => {
    expect(
      await compareLines(
        readFileSync(folder + name, 'utf8')
          // indented lines belong to the record before them
          .split(/\n(?![ \t])/)
          .filter((record) => record.trim() !== ''),
      ),
    ).toEqual([]);
  });

  it('reads the sample of every line like the engine', async () => {
    expect(await compareLines(parser.entries.map(({ sample }) => sampleHead(parser) + sample))).toEqual([]);
  });

  it('reads what is nearly a sample like the engine', async () => {
    const inserted = fc.constantFrom(
      '',
      ' ',
      ': ',
      'é',
      '\u{1f511}',
      '::',
      '2001:db8::1:500',
      '0x',
      'Unknown',
      '%ASA-5-',
      ' IKEv2 ',
      '.',
    );
    const sample = fc.constantFrom(...parser.entries.map(({ sample }) => sample));
    const line = fc
      .tuple(sample, sample, fc.nat(160), fc.nat(160), inserted)
      .map(([a, b, from, to, text]) => a.slice(0, from) + text + (to % 3 === 0 ? b.slice(to) : a.slice(from + (to % 3))));
    expect(await compareLines(fc.sample(line, { numRuns: 5_000, seed: 1 }).map((text) => sampleHead(parser) + text))).toEqual([]);
  });
});
