/** `ikeaudit baseline`: learns from logs what is normal. */
import { writeFileSync } from 'node:fs';
import { EventReader } from '../audit/read-events.js';
import { BaselineLearner } from '../detect/learn-baseline.js';
import { applySettings } from '../lower/apply-settings.js';
import { BASELINES } from '../model/detection.js';
import { printable } from '../report/printable.js';
import { forcedParser, nowOf, zoneOf } from './parse.js';
import { withSources } from './with-sources.js';
import { engineOf } from './engine-of.js';

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
  const engine = await engineOf(options.content);
  const learner = new BaselineLearner(applySettings(engine.pack, engine.pack.settings));
  const { unreadable } = await withSources(files, options.quiet === true, async ({ sources, progress, tell }) => {
    const reader = new EventReader(engine, {
      clock: { now: nowOf(options.now), zone: zoneOf(options.zone) },
      forced: forcedParser(engine, options.parser),
      wanted: learner.wanted,
      progress,
      onBroken: (_, failure) => tell(failure),
      onEvent: (event) => learner.take(event),
    });
    await reader.parser.parseAll(sources);
    await reader.parser.finish();
  });
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
