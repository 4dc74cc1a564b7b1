/** `ikeaudit test`: the parsers' samples on the local engine. */

import { checkSamples, misreadSamples } from '../check/check-samples.js';
import { printDiagnostics } from '../check/print-diagnostic.js';
import { BUILT_IN_CONTENT, loadContent } from '../load/load-content.js';
import { loadEngine } from '../load-engine.js';
import { lower } from '../lower/lower.js';
import { didYouMean } from '../model/diagnostic.js';
import { readKept } from '../pack-cache.js';
import { UsageError } from './usage-error.js';

export async function testCommand(names: string[], options: { content?: string }): Promise<number> {
  const root = options.content ?? BUILT_IN_CONTENT;
  const engine = loadEngine(root);
  const known = engine.pack.parsers.map(({ name }) => name);
  for (const name of names) {
    if (!known.includes(name))
      throw new UsageError(`Unknown parser "${name}".${didYouMean(name, known)} There are: ${known.join(', ')}.`);
  }
  const found = misreadSamples(engine).length || !readKept(root)?.checked ? await diagnose(root) : [];
  const chosen = engine.pack.parsers.filter(({ name }) => names.length === 0 || names.includes(name));
  const shown = found.filter(({ place }) => chosen.some(({ file }) => file === place.file));
  if (shown.length) process.stdout.write(`${printDiagnostics(shown, root)}\n\n`);
  for (const parser of chosen) {
    const failed = shown.filter(({ place }) => place.file === parser.file).length;
    process.stdout.write(
      `${parser.name}: ${parser.entries.length} samples, ${failed ? `${failed} wrong` : 'all read by their own line'}\n`,
    );
  }
  return shown.length ? 1 : 0;
}

/** The documents are read again for the places of the diagnostics. */
async function diagnose(root: string) {
  const { documents, diagnostics } = loadContent(root);
  const lowered = lower(documents);
  return [...diagnostics, ...lowered.diagnostics, ...checkSamples(documents, lowered.pack)];
}
