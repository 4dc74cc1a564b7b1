/** `ikeaudit check`: every check of the content, of the logs among its samples, and of what targets would emit; diagnostics on standard output. */
import { checkLogs } from '../check/check-logs.js';
import { printDiagnostics } from '../check/print-diagnostic.js';
import { compile } from '../compile.js';
import { loadContent } from '../load/load-content.js';
import { loadSampleLogs } from '../load/load-sample-logs.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Pack } from '../model/pack.js';
import { PassedChecks } from '../pack-cache.js';
import { TARGETS } from '../targets/targets.js';
import { contentFolders } from './content-folders.js';

export async function checkCommand(options: { content?: string; deep?: boolean; quiet?: boolean }): Promise<number> {
  const folders = contentFolders(options.content);
  const { pack, diagnostics, documents } = await compile(folders);
  const logs = loadSampleLogs(folders);
  // of content with errors no target can be made
  const output = diagnostics.length ? [] : await checkOutput(pack, options.deep === true);
  const found = [...diagnostics, ...checkLogs(logs, pack), ...output];
  if (found.length) {
    // content that was checked before comes without its documents
    const texts = documents.length ? documents : loadContent(folders).documents;
    process.stdout.write(
      `${printDiagnostics(found, [...texts, ...logs])}\n\n${found.length} ${found.length === 1 ? 'error' : 'errors'}\n`,
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

async function checkOutput(pack: Pack, deep: boolean): Promise<Diagnostic[]> {
  const passed = new PassedChecks();
  const found: Diagnostic[] = [];
  for (const target of Object.values(TARGETS)) {
    for (const { reads, run } of (await target.checks?.(pack)) ?? []) {
      if (!deep && passed.has(reads)) continue;
      const wrong = await run(deep);
      if (wrong.length === 0) passed.add(reads);
      found.push(...wrong);
    }
  }
  passed.keep();
  return found;
}
