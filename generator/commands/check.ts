/** `ikeaudit check`: every check of the content; diagnostics on standard output. */

import { printDiagnostics } from '../check/print-diagnostic.js';
import { compile } from '../compile.js';
import { contentFolders } from './content-folders.js';

export async function checkCommand(options: { content?: string }): Promise<number> {
  const { pack, diagnostics, documents } = await compile(contentFolders(options.content));
  if (diagnostics.length) {
    process.stdout.write(
      `${printDiagnostics(diagnostics, documents)}\n\n${diagnostics.length} ${diagnostics.length === 1 ? 'error' : 'errors'}\n`,
    );
    return 1;
  }
  const lines = pack.parsers.reduce((sum, parser) => sum + parser.entries.length, 0);
  process.stdout.write(
    `${pack.parsers.length} parsers with ${lines} lines, ${pack.events.size} events, ${pack.fields.size} fields: no errors\n`,
  );
  return 0;
}
