/** Progress of a long reading, on standard error and on a terminal only. */
import cliProgress from 'cli-progress';
import type { Counts } from '../engine/parse-records.js';
import type { Source } from '../engine/source.js';

export interface Progress {
  update: ((bytes: number, counts: Counts) => void) | undefined;
  stop: () => void;
}

const NOTHING: Progress = { update: undefined, stop: () => {} };
/** Short readings are over before one could read it. */
const AFTER = 700;

/** @returns how far the reading is, how fast it goes, and, where all sizes are known, what is left */
export function showProgress(sources: Source[], quiet: boolean): Progress {
  if (quiet || process.stderr.isTTY !== true || process.env.TERM === 'dumb') return NOTHING;
  const begun = Date.now();
  const known = sources.every(({ size }) => size !== undefined);
  const total = sources.reduce((sum, { size }) => sum + (size ?? 0), 0);
  const bar = new cliProgress.SingleBar({
    format: known ? '{bar} {percentage} %  {read} MB, {lines} lines/s, {left} left' : '{read} MB read, {lines} lines/s',
    barCompleteChar: '━',
    barIncompleteChar: ' ',
    barsize: 30,
    fps: 5,
    clearOnComplete: true,
    hideCursor: true,
    linewrap: false,
    gracefulExit: true,
    stream: process.stderr,
  });
  let started = false;
  return {
    update(bytes, { read }) {
      const seconds = (Date.now() - begun) / 1000;
      if (seconds * 1000 < AFTER) return;
      if (!started) bar.start(known ? Math.max(1, total) : 1, 0);
      started = true;
      const left = bytes > 0 ? Math.max(0, Math.round((seconds * (total - bytes)) / bytes)) : 0;
      bar.update(Math.min(bytes, Math.max(1, total)), {
        read: Math.round(bytes / 1e6),
        lines: Math.round(read / seconds).toLocaleString('en'),
        left: left >= 60 ? `${Math.floor(left / 60)} m ${left % 60} s` : `${left} s`,
      });
    },
    stop() {
      if (started) bar.stop();
    },
  };
}
