/** `ikeaudit test`: the parsers' samples on the local engine. */
import { printDiagnostics } from '../check/print-diagnostic.js';
import { checkSamples } from '../check/check-samples.js';
import { BUILT_IN_CONTENT, loadContent } from '../load/load-content.js';
import { lower } from '../lower/lower.js';
import { didYouMean } from '../model/diagnostic.js';
import { UsageError } from './usage-error.js';

export async function testCommand(names: string[], options: { content?: string }): Promise<number> {
  const root = options.content ?? BUILT_IN_CONTENT;
  const loaded = loadContent(root);
  const { pack, diagnostics } = lower(loaded.documents);
  const known = pack.parsers.map(({ name }) => name);
  for (const name of names) {
    if (!known.includes(name)) throw new UsageError(`Unknown parser "${name}".${didYouMean(name, known)} There are: ${known.join(', ')}.`);
  }
  const chosen = pack.parsers.filter(({ name }) => names.length === 0 || names.includes(name));
  const found = [...loaded.diagnostics, ...diagnostics, ...checkSamples(loaded.documents, { ...pack, parsers: chosen })];
  if (found.length) process.stdout.write(`${printDiagnostics(found, root)}\n\n`);
  for (const parser of chosen) {
    const failed = found.filter(({ place }) => place.file === parser.file).length;
    process.stdout.write(`${parser.name}: ${parser.entries.length} samples, ${failed ? `${failed} wrong` : 'all read by their own line'}\n`);
  }
  return found.length ? 1 : 0;
}
