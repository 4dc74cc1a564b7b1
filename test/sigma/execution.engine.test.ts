/** Our rules fire: pysigma-backend-sqlite runs each of them over recorded and composed logs, and finds what the engine finds. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPack } from '../../generator/compile.js';
import type { LogEvent } from '../../generator/detect/log-event.js';
import { detectionPath, sigmaExactness } from '../../generator/targets/sigma/emit-detection.js';
import { emitSigma } from '../../generator/targets/sigma/emit.js';
import { composedCases, recordedEvents, recordings } from '../support/detection-logs.js';
import { ParityBook } from '../support/parity.js';
import { runOnSqlite, type SqliteResults, sqliteFindings } from './run-on-sqlite.js';
import { writeFiles } from './run-sigma.js';

const pack = loadPack();
const expressible = pack.detections.filter((detection) => sigmaExactness(detection).verdict !== 'not expressible');
const folder = writeFiles(emitSigma(pack));
afterAll(() => rmSync(folder, { recursive: true }));

const logs = new Map<string, LogEvent[]>();
let results: Record<string, SqliteResults>;

beforeAll(async () => {
  for (const name of recordings()) logs.set(name, await recordedEvents(name));
  for (const detection of expressible) for (const [name, events] of composedCases(detection)) logs.set(name, events);
  results = runOnSqlite(
    pack,
    expressible.map((detection) => [join(folder, detectionPath(detection)), detection]),
    logs,
  );
});

const book = new ParityBook(
  'sigma',
  "pysigma-backend-sqlite on the engine's events; its alerts suppressed as a finding covers what follows it",
);

describe.each(pack.detections.map((detection) => ({ name: detection.name, detection })))('$name', ({ detection }) => {
  const exactness = sigmaExactness(detection);
  it(`is ${exactness.verdict}`, () => {
    if (exactness.verdict === 'not expressible') {
      book.leaveOut(detection);
      return;
    }
    const differences = book.compare(pack, detection, exactness, logs, (log) =>
      sqliteFindings(pack, detection, results[join(folder, detectionPath(detection))]!, log),
    );
    if (exactness.verdict === 'exact') expect(differences).toEqual([]);
  });
});

it('agrees with the committed table', () => book.close());
