// How fast ikeaudit is, and what it takes: `npm run bench -- [--rounds N] [--core N] [--json FILE] [--lib DIR]`.
// Nothing is asserted here; the goals are told with yes or no.

import { rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { makeCorpus } from './corpus.mjs';
import { measure } from './measure.mjs';
import { checkRulebase, countMatches, HAND_WRITTEN_RULEBASE, missingPeer } from './peers.mjs';
import { printReport } from './report.mjs';
import { writeRulebase } from './rulebase.mjs';
import { listRuns } from './runs.mjs';
import { judge, summarize } from './summary.mjs';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, '.cache/bench');

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    core: { type: 'string', default: '0' },
    json: { type: 'string' },
    lib: { type: 'string', default: join(ROOT, 'lib') },
  },
});
const rounds = Math.max(1, Number(options.rounds) || 5);
const core = process.platform === 'linux' ? Number(options.core) : undefined;
const lib = resolve(options.lib);
// what runs leave behind, and the rulebase: one folder a process, so that two benches do not meet
const own = join(FOLDER, `run-${process.pid}`);

say('making the corpus, where it is not there yet');
const corpus = makeCorpus(FOLDER);
const missing = missingPeer();
if (missing) say(missing);
const { loadPack } = await import(pathToFileURL(join(lib, 'compile.js')).href);
const rulebase = writeRulebase(loadPack(), FOLDER);
if (!missing) for (const file of [rulebase.file, HAND_WRITTEN_RULEBASE]) checkRulebase(file);
const matches = missing ? undefined : countMatches(rulebase.file, corpus.file);

const runs = listRuns({ corpus, cli: join(lib, 'cli.js'), rulebase: missing ? undefined : rulebase.file, folder: own });
/** @type {Map<string, import('./measure.mjs').Cost[]>} */
const costs = new Map(runs.map(({ id }) => [id, []]));
const loads = [];
try {
  // brings the corpus into memory and fills the engine's cache
  for (const id of ['wc', 'one']) measure(runs.find((run) => run.id === id).job, core);
  for (let round = 1; round <= rounds; round++) {
    for (const { id, title, job, once } of runs) {
      if (once && round > 1) continue;
      say(`round ${round} of ${rounds}: ${title}`);
      loads.push(loadavg()[0]);
      costs.get(id).push(measure(job, core));
    }
  }
} finally {
  rmSync(own, { recursive: true, force: true });
}

const rows = summarize(runs, costs, corpus);
const goals = judge(rows);
const machine = {
  processor: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  node: process.version,
  // more than one: others used the machine, and wall times are too long
  load: Math.max(...loads),
};
const { bytes, lines, charonLines } = corpus;
if (options.json)
  writeFileSync(
    options.json,
    `${JSON.stringify({ machine, rounds, core, corpus: { bytes, lines, charonLines }, rulebase: { ...rulebase, matches }, rows, goals }, null, 2)}\n`,
  );
console.log(
  [
    `${machine.processor}, ${machine.cores} cores, Node ${machine.node}; highest load while it ran: ${machine.load.toFixed(1)}`,
    `${rounds} interleaved rounds of whole processes, ${core === undefined ? 'not held to one core' : `held to core ${core}`}; MB are 10^6 bytes, a peak under 10 MB is the meter’s own`,
    `corpus: ${(bytes / 1e6).toFixed(0)} MB, ${lines} lines, of them ${charonLines} of charon; ${(bytes / lines).toFixed(0)} bytes a line`,
    `rulebase: ${rulebase.rules} rules from the pack’s ${rulebase.entries} lines of charon`,
    ...(matches === undefined ? [] : [`lognormalizer matches ${matches} lines of the corpus with it`]),
    ...(missing ? [missing] : []),
    '',
    printReport(rows, goals),
  ].join('\n'),
);

/** @param {string} text */
function say(text) {
  process.stderr.write(`${text}\n`);
}
