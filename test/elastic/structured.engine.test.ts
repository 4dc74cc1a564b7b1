/** Structured records on a real node: the pipeline reads every sample, and what is nearly one, as the engine does; also what a shipper has unpacked. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtInEngine } from '../support/parse-text.js';
import { differences, engineEvents, NOW } from './support/compare.js';
import { type Document, install, Node } from './support/node.js';

const parsers = builtInEngine().pack.parsers.filter(({ records }) => records.codes.length + records.samples.length > 0);
const samplesOf = ({ records }: (typeof parsers)[number]) => [
  ...records.codes.map(({ sample }) => sample),
  ...records.samples.map(({ text }) => text),
];

/** What stands before or behind an element is another record. */
function isOneRecord(line: string): boolean {
  const end = line.indexOf('</Event>');
  return line.lastIndexOf('<Event') <= 0 && (end < 0 || end === line.length - '</Event>'.length);
}

/** A node reads an object, and forgives braces that follow it; and it refuses one that has a name twice. */
function isForgiven(line: string): boolean {
  try {
    if (JSON.stringify(JSON.parse(line)).length < line.length - 8) return true;
  } catch {
    // not JSON for either
  }
  return [-1, -2, -3].some((end) => {
    try {
      JSON.parse(line.slice(0, end));
      return true;
    } catch {
      return false;
    }
  });
}

let node: Node;
beforeAll(async () => {
  node = new Node();
  await install(node);
});

/** Documents of the same data stream are read by one pipeline: another parser's records are none of its own. */
async function compareRecords(dataset: string, parser: string, lines: string[]): Promise<string[]> {
  const events = await engineEvents(lines, { only: parser });
  const documents = await node.simulate(
    `ikeaudit-${dataset}`,
    lines.map((message) => ({ message, '@timestamp': NOW })),
  );
  return lines.flatMap((line, index) => {
    const wrong = differences(events[index]!, documents[index] as Document);
    return wrong.length ? [`${line}\n  ${wrong.join('\n  ')}`] : [];
  });
}

describe.each(parsers)('$name', (parser) => {
  it('reads its samples', async () => {
    expect(await compareRecords(parser.dataset, parser.name, samplesOf(parser))).toEqual([]);
  });

  // a line without a name is a named program's by its data stream: the engine does not know of streams
  it.skipIf(parser.programs.length > 0)('reads what is nearly a sample', async () => {
    // no braces: a node reads an object and forgives what follows it
    const hostile = [
      '',
      ' ',
      '"',
      '\\',
      "'",
      '<',
      '</Data>',
      '&amp;',
      '&#x41;',
      '&',
      ']]>',
      '-',
      '0',
      '::',
      'é',
      '\u{1f511}',
      '\\u0000',
    ];
    const sample = fc.constantFrom(...samplesOf(parser));
    const line = fc.tuple(sample, fc.nat(2000), fc.nat(6), fc.constantFrom(...hostile)).map(([text, at, removed, inserted]) => {
      const place = at % text.length;
      return (text.slice(0, place) + inserted + text.slice(place + removed)).replace(/[\r\n]/g, '');
    });
    const lines = fc
      .sample(line, { numRuns: 1500, seed: 2 })
      .filter((text) => text.trim() !== '' && isOneRecord(text) && !isForgiven(text));
    expect(await compareRecords(parser.dataset, parser.name, lines)).toEqual([]);
  });
});

it('reads what a shipper has unpacked', async () => {
  const sample = parsers
    .find(({ dataset }) => dataset === 'ikeext')!
    .records.codes.map(({ sample }) => sample)
    .find((text) => text.startsWith('{"@timestamp"'))!;
  const unpacked = {
    ...JSON.parse(sample),
    message: 'An IPsec main mode negotiation failed.',
    event: { action: 'IPsec Main Mode', code: '4653' },
  };
  const [event] = await engineEvents([sample], {});
  const [document] = await node.simulate('ikeaudit-ikeext', [unpacked]);
  const { winlog: _, event: own, message: __, ...rest } = document as Document & { event: Document };
  const { code: ___, ...others } = own;
  expect(differences(event!, { ...rest, event: others })).toEqual([]);
});
