/** Opens the files of a command together, for those that read several as one log. */
import { InputError, openSource, type Source } from '../engine/source.js';
import { printable } from '../report/printable.js';
import { showProgress } from './show-progress.js';

export interface OpenSources {
  sources: Source[];
  /** told after each chunk */
  progress: ReturnType<typeof showProgress>['update'];
  /** tells on standard error that an input cannot be read (to its end). @throws any other error */
  tell: (error: unknown) => void;
}

/** @returns what `use` returns, and whether an input could not be read (to its end); the sources are closed in any case */
export async function withSources<T>(
  files: string[],
  quiet: boolean,
  use: (open: OpenSources) => Promise<T>,
): Promise<{ result: T; unreadable: boolean }> {
  let unreadable = false;
  const tell = (error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    process.stderr.write(`ikeaudit: ${printable(error.message)}\n`);
    unreadable = true;
  };
  const sources: Source[] = [];
  for (const file of files) await openSource(file).then((source) => sources.push(source), tell);
  const progress = showProgress(sources, quiet);
  try {
    const result = await use({ sources, progress: progress.update, tell });
    return { result, unreadable };
  } finally {
    progress.stop();
    for (const source of sources) await source.close();
  }
}
