/** `ikeaudit baseline`: learns from logs what is normal. */
import { writeFileSync } from 'node:fs';
import { EventReader } from '../audit/read-events.js';
import { BaselineLearner } from '../detect/learn-baseline.js';
import { InputError, openSource, type Source } from '../engine/source.js';
import { loadEngine } from '../load-engine.js';
import { applySettings } from '../lower/apply-settings.js';
import { BASELINES } from '../model/detection.js';
import { printable } from '../report/printable.js';
import { forcedParser, nowOf, zoneOf } from './parse.js';
import { showProgress } from './show-progress.js';

export interface BaselineOptions {
  content?: string;
  out: string;
  now?: string;
  zone: string;
  parser?: string;
  quiet?: boolean;
}

/** @returns the exit code: 2 where an input could not be read (to its end); then nothing is written */
export async function baselineCommand(files: string[], options: BaselineOptions): Promise<number> {
  const engine = loadEngine(options.content);
  const learner = new BaselineLearner(applySettings(engine.pack, engine.pack.settings));
  let unreadable = false;
  const tell = (error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    process.stderr.write(`ikeaudit: ${printable(error.message)}\n`);
    unreadable = true;
  };
  const sources: Source[] = [];
  for (const file of files) await openSource(file).then((source) => sources.push(source), tell);
  const progress = showProgress(sources, options.quiet === true);
  try {
    const reader = new EventReader(engine, {
      clock: { now: nowOf(options.now), zone: zoneOf(options.zone) },
      forced: forcedParser(engine, options.parser),
      wanted: learner.wanted,
      progress: progress.update,
      onBroken: (_, failure) => tell(failure),
      onEvent: (event) => learner.feed(event),
    });
    await reader.parser.parseAll(sources);
    await reader.parser.finish();
  } finally {
    progress.stop();
    for (const source of sources) await source.close();
  }
  if (unreadable) return 2;
  const learnt = learner.finish();
  writeFileSync(options.out, `${JSON.stringify(learnt, null, 1)}\n`);
  if (!options.quiet) {
    const { records, period, forgotten } = learnt;
    const entries = BASELINES.reduce((sum, name) => sum + (learnt[name]?.length ?? 0), 0);
    const when = period.from === undefined ? '' : ` from ${period.from} to ${period.to}`;
    const lost = forgotten ? `, ${forgotten} forgotten for want of room` : '';
    process.stderr.write(`${printable(options.out)}: ${entries} entries from ${records} records${when}${lost}\n`);
  }
  return 0;
}
