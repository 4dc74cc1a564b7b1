// From the costs of all rounds to the numbers that are shown, and to the goals.

/**
 * @typedef {object} Spread
 * @property {number} median
 * @property {number} min
 * @property {number} max
 */

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} title
 * @property {import('./runs.mjs').Run['part']} part
 * @property {string} command
 * @property {Spread} cpu seconds
 * @property {Spread} wall seconds
 * @property {number} memory the highest peak, in MB
 * @property {number} [linesPerSecond] of CPU time
 * @property {number} [megabytesPerSecond] of CPU time
 * @property {number} [timesPeer] how often it could run while liblognorm reads the corpus once
 * @property {number} [timesCat] how often `cat` could run meanwhile
 * @property {string} note what a run of ikeaudit says of its input
 * @property {string} [failed]
 */

/**
 * @param {import('./runs.mjs').Run[]} runs
 * @param {Map<string, import('./measure.mjs').Cost[]>} costs by the run's id
 * @param {import('./corpus.mjs').Corpus} corpus
 * @returns {Row[]}
 */
export function summarize(runs, costs, corpus) {
  const cpuOf = (/** @type {string} */ id) => spread((costs.get(id) ?? []).map(({ cpu }) => cpu)).median;
  return runs.map(({ id, title, part, job, megabytes, lines }) => {
    const all = costs.get(id) ?? [];
    const cpu = spread(all.map((cost) => cost.cpu));
    const share = megabytes ? (megabytes * 1e6) / corpus.bytes : lines ? lines / corpus.lines : 1;
    const failed = all.find(({ exit }) => exit !== 0);
    return {
      id,
      title,
      part,
      command: job.command.join(' '),
      cpu,
      wall: spread(all.map(({ wall }) => wall)),
      memory: Math.max(...all.map(({ memory }) => memory)) / 1e6,
      ...(part === 'start'
        ? {}
        : {
            linesPerSecond: (corpus.lines * share) / cpu.median,
            megabytesPerSecond: (corpus.bytes * share) / 1e6 / cpu.median,
            timesPeer: (cpuOf('peer') * share) / cpu.median,
            timesCat: cpu.median / (cpuOf('cat') * share),
          }),
      note: all[0]?.stderr.trim().split('\n').at(-1) ?? '',
      ...(failed
        ? {
            failed: `exit ${failed.exit}: ${
              failed.stderr
                .trim()
                .split('\n')
                .find((line) => /error/i.test(line)) ?? ''
            }`.slice(0, 150),
          }
        : {}),
    };
  });
}

/** @param {number[]} values @returns {Spread} */
function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) ?? Number.NaN };
}

/** @typedef {{ goal: string, met: boolean | undefined, measured: string }} Goal `met` is undefined where it could not be measured */

/** @param {Row[]} rows all rows; a failed one meets no goal @returns {Goal[]} */
export function judge(rows) {
  const row = (/** @type {string} */ id) => rows.find((candidate) => candidate.id === id && !candidate.failed);
  const [parse, alone, long, peer] = [row('parse'), row('parse-alone'), row('parse-long'), row('peer')];
  const [audit, auditLong, flood] = [row('audit'), row('audit-long'), row('audit-flood')];
  const wall = (/** @type {string} */ id, /** @type {number} */ limit, /** @type {string} */ goal) => {
    const found = row(id);
    return {
      goal,
      met: found && found.wall.median < limit,
      measured: found ? `${found.wall.median.toFixed(2)} s, of it ${found.cpu.median.toFixed(2)} s CPU` : failure(rows, id),
    };
  };
  const noMatch = (/** @type {string} */ id, /** @type {string} */ goal) => {
    const found = row(id);
    return {
      goal,
      met: parse && found && found.cpu.median <= parse.cpu.median,
      measured:
        parse && alone && found
          ? `${found.cpu.median.toFixed(2)} s against ${parse.cpu.median.toFixed(2)} s CPU (${alone.cpu.median.toFixed(2)} s without stitching, which such a line is spared)`
          : failure(rows, id),
    };
  };
  return [
    {
      goal: 'parse reads at least 4 times as many lines as liblognorm, on one core',
      met: parse && peer && parse.timesPeer >= 4,
      measured: parse && peer ? `${parse.timesPeer.toFixed(2)} times` : failure(rows, 'peer'),
    },
    {
      goal: 'at most 128 MB, however long the input is',
      met: parse && long && Math.max(parse.memory, long.memory) <= 128,
      measured:
        parse && long
          ? `${parse.memory.toFixed(0)} MB for the corpus, ${long.memory.toFixed(0)} MB for three times as much`
          : failure(rows, 'parse-long'),
    },
    {
      goal: 'audit reads at least 1.2 million lines a second',
      met: audit && (audit.linesPerSecond ?? 0) >= 1.2e6,
      measured: audit ? `${Math.round((audit.linesPerSecond ?? 0) / 1000)} k lines/s` : failure(rows, 'audit'),
    },
    {
      goal: 'at most 256 MB for an audit, however long the input is',
      met: audit && auditLong && Math.max(audit.memory, auditLong.memory) <= 256,
      measured:
        audit && auditLong
          ? `${audit.memory.toFixed(0)} MB for the corpus, ${auditLong.memory.toFixed(0)} MB for three times as much`
          : failure(rows, 'audit-long'),
    },
    {
      goal: '… and at most 512 MB for ten million addresses',
      met: flood && flood.memory <= 512,
      measured: flood ? `${flood.memory.toFixed(0)} MB` : failure(rows, 'audit-flood'),
    },
    noMatch('parse-start', 'a line that matches nothing costs no more than one that matches: wrong at the first byte'),
    noMatch('parse-end', '… wrong at the last byte'),
    wall('build', 1, 'build takes less than 1 s'),
    wall('test', 2, 'test of one parser takes less than 2 s'),
  ];
}

/** @param {Row[]} rows @param {string} id */
function failure(rows, id) {
  return rows.find((row) => row.id === id)?.failed ?? 'not measured';
}
