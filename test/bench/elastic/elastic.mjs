// What a document costs an ingest node: `npm run bench:elastic -- [--node NAME] [--rounds N] [--documents N] [--lib DIR] [--only WORD]`. Linux only.
// Every pipeline ends with `drop`; what is told is CPU time above a pipeline that does nothing else, of the same node in the same run. It is that of the
// node's threads without its compiler's, so that other programs on the machine disturb little. (The times of _nodes/stats/ingest are of no use: 7.10
// cuts them off, and OpenSearch 2.19 charges each document with its whole batch.) Nothing is asserted here.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { startNode } from '../../toolchain/node.mjs';
import { byUse, entryOf, readRecorded, sample, withEntries } from '../recorded.mjs';
import { grokList, handWritten, headerAlone } from './pipelines.mjs';

const ROOT = join(import.meta.dirname, '../../..');
const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: 'opensearch-2.19.6' },
    rounds: { type: 'string', default: '5' },
    documents: { type: 'string', default: '6000' },
    lib: { type: 'string', default: join(ROOT, 'lib') },
    only: { type: 'string', default: '' },
  },
});
const lib = (/** @type {string} */ path) => import(pathToFileURL(join(resolve(options.lib), path)).href);
const { loadEngine } = await lib('load-engine.js');
const { RecordReader } = await lib('engine/record.js');
const { ingestPipeline } = await lib('targets/elastic/emit-pipeline.js');

const PARSER = 'strongswan.charon';
/** charon through syslog: nearly all that is written. */
const FORM = /^[A-Z][a-z]{2} \d{2} [\d:]{8} \S+ charon\[\d+\]: \d+\[[A-Z]{3}\] (?!<)/;
const HEAD = 'Nov 24 06:04:20 gw1 charon[809]: 11[IKE] ';
const BATCH = 1000;
/** The node's compiler works on what was run before. */
const COMPILERS = /^(C[12] Compiler|Sweeper|Signal)/;
/** A pipeline that takes so long for a batch need not take more of them in a round. */
const LONG = 1_500_000_000;

const engine = await loadEngine();
const parser = engine.pack.parsers.find((/** @type {any} */ each) => each.name === PARSER);
const read = readRecorded(engine, RecordReader, PARSER, /^samples\/strongswan\/.*gateway\.log$/).filter(({ text }) =>
  FORM.test(text),
);
const used = byUse(parser, read);

// as a user's node runs, but for the memory
const node = await startNode(options.node, { jvm: ['-Xms1g', '-Xmx1g', '-XX:+UseSerialGC'] });
try {
  await measureAll();
} finally {
  await node.stop();
}

async function measureAll() {
  /** @type {[what: string, templates: number, processors: object[]][]} */
  const compared = [['header alone', 0, headerAlone()]];
  for (const count of [40, 400]) {
    compared.push(
      ['hand-written', count, handWritten(used.slice(0, count))],
      ['one grok', count, grokList(used.slice(0, count))],
    );
  }
  for (const count of [40, 400, parser.entries.length])
    compared.push([
      'ikeaudit',
      count,
      ingestPipeline(engine.pack, withEntries(parser, used.slice(0, count)), { zone: 'UTC', drop: [] }).processors,
    ]);
  const pipelines = [];
  await put('bench-empty', []);
  for (const [what, templates, processors] of compared) {
    const name = `bench-${what.replace(/\W/g, '')}-${templates}`;
    if (!name.includes(options.only)) continue;
    await put(name, processors);
    pipelines.push({ name, what, templates, ...lines(templates || 40) });
  }
  const rows = [];
  const kinds = /** @type {const} */ (['mixed', 'first', 'last', 'none']);
  // the first kind would be told with what the node's compiler has not seen yet
  for (const lines of kinds) for (const pipeline of pipelines) await cost(pipeline.name, batches(pipeline[lines]));
  for (const lines of kinds) {
    const costs = new Map(pipelines.map(({ name }) => [name, { above: Number.POSITIVE_INFINITY, all: [] }]));
    for (const pipeline of pipelines) {
      const bodies = batches(pipeline[lines]);
      const empty = [];
      const full = [];
      for (let round = -1; round < Number(options.rounds); round++) {
        const base = await cost('bench-empty', bodies);
        const own = await cost(pipeline.name, bodies);
        if (round < 0) continue; // the first warms up
        empty.push(base);
        full.push(own);
      }
      costs.get(pipeline.name).above = Math.min(...full) - Math.min(...empty);
      costs.get(pipeline.name).all = full.map((one, index) => one - empty[index]);
    }
    for (const { name, what, templates } of pipelines) rows.push({ lines, what, templates, ...costs.get(name) });
    process.stderr.write(`${lines}\n`);
  }
  print(pipelines, rows);
}

/** The lines of each kind; those of forty templates for all, so that nothing but the number of templates differs. */
function lines(/** @type {number} */ templates) {
  const ordered = used.slice(0, templates);
  const forty = new Set(used.slice(0, 40));
  const mixed = sample(
    read.filter(({ entry }) => forty.has(entry)),
    2000,
  ).map(({ text }) => text);
  const reader = new RecordReader(engine, { now: Date.UTC(2026, 11, 1), zone: 'UTC' });
  const none = mixed.map((text) => `${text.slice(0, -1)}~~`).filter((text) => !entryOf(reader, PARSER, text));
  const of = (/** @type {any} */ entry) => read.find((one) => one.entry === entry)?.text ?? HEAD + entry.sample;
  return { mixed, first: [of(ordered[0])], last: [of(ordered.at(-1))], none };
}

function batches(/** @type {string[]} */ lines) {
  let next = 0;
  const document = () => JSON.stringify({ message: lines[next++ % lines.length], '@timestamp': '2026-12-01T00:00:00Z' });
  return Array.from({ length: Math.ceil(Number(options.documents) / BATCH) }, () =>
    Array.from({ length: BATCH }, () => `{"create":{}}\n${document()}\n`).join(''),
  );
}

/** @returns {Promise<number>} CPU time of a document, in µs */
async function cost(/** @type {string} */ pipeline, /** @type {string[]} */ bodies) {
  const before = busy();
  let count = 0;
  for (const body of bodies) {
    const answer = await fetch(`${node.url}/bench/_bulk?pipeline=${pipeline}&filter_path=errors,items.*.error`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body,
    });
    const text = await answer.text();
    if (!answer.ok || text !== '{"errors":false}') throw new Error(`${pipeline}: ${text.slice(0, 400)}`);
    count += BATCH;
    if (busy() - before > LONG) break;
  }
  return (busy() - before) / 1000 / count;
}

/** CPU time of the node's threads, in ns. */
function busy() {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${node.pid}/task`)) {
    try {
      const folder = `/proc/${node.pid}/task/${thread}`;
      if (!COMPILERS.test(readFileSync(`${folder}/comm`, 'utf8')))
        sum += Number(readFileSync(`${folder}/schedstat`, 'utf8').split(' ')[0]);
    } catch {
      // it has ended meanwhile
    }
  }
  return sum;
}

async function put(/** @type {string} */ name, /** @type {object[]} */ processors) {
  const answer = await fetch(`${node.url}/_ingest/pipeline/${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ processors: [...processors, { drop: {} }] }),
  });
  if (!answer.ok) throw new Error(`${name}: ${(await answer.text()).slice(0, 400)}`);
}

function print(/** @type {any[]} */ pipelines, /** @type {any[]} */ rows) {
  const of = (/** @type {any} */ { what, templates }, /** @type {string} */ lines) =>
    rows.find((row) => row.lines === lines && row.what === what && row.templates === templates);
  console.log(
    `${options.node}: CPU µs of a document above an empty pipeline, the least of ${options.rounds} rounds (median of the rounds)`,
  );
  console.table(
    pipelines.map((pipeline) => ({
      pipeline: pipeline.what,
      templates: pipeline.templates || '',
      ...Object.fromEntries(
        ['mixed', 'first', 'last', 'none'].map((lines) => {
          const { above, all } = of(pipeline, lines);
          return [lines, `${above.toFixed(1)} (${median(all).toFixed(1)})`];
        }),
      ),
    })),
  );
}

function median(/** @type {number[]} */ values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
