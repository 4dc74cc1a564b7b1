import { printDiagnostics } from '../check/print-diagnostic.js';
import type { Engine } from '../engine/compile-engine.js';
import { loadEngine } from '../load-engine.js';
import { contentFolders } from './content-folders.js';
import { UsageError } from './usage-error.js';

/**
 * The engine for reading logs with the package's content, and the user's over it. The user's is checked, as nobody has done it yet.
 * @param own what `--content` names
 */
export async function engineOf(own: string | undefined): Promise<Engine> {
  const folders = contentFolders(own);
  if (own !== undefined) {
    const { compile } = await import('../compile.js');
    const { diagnostics, documents } = await compile(folders);
    if (diagnostics.length) throw new UsageError(`the content has errors.\n\n${printDiagnostics(diagnostics, documents)}`);
  }
  return loadEngine(folders);
}
