/** `ikeaudit check`: every check of the content, and of the logs among its samples; diagnostics on standard output. */
import { checkLogs } from '../check/check-logs.js';
import { printDiagnostics } from '../check/print-diagnostic.js';
import { compile } from '../compile.js';
import { loadSampleLogs } from '../load/load-sample-logs.js';
import { contentFolders } from './content-folders.js';

export async function checkCommand(options: { content?: string; quiet?: boolean }): Promise<number> {
  const folders = contentFolders(options.content);
  const { pack, diagnostics, documents } = await compile(folders);
  const logs = loadSampleLogs(folders);
  const found = [...diagnostics, ...checkLogs(logs, pack)];
  if (found.length) {
    process.stdout.write(
      `${printDiagnostics(found, [...documents, ...logs])}\n\n${found.length} ${found.length === 1 ? 'error' : 'errors'}\n`,
    );
    return 1;
  }
  if (options.quiet) return 0;
  const lines = pack.parsers.reduce((sum, parser) => sum + parser.entries.length, 0);
  process.stdout.write(
    `${pack.parsers.length} parsers with ${lines} lines, ${pack.events.size} events, ${pack.fields.size} fields: no errors\n`,
  );
  return 0;
}
