/** `ikeaudit release`: what a release of this content is made of, in one folder. Content with errors is not released. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { printDiagnostics } from '../check/print-diagnostic.js';
import { compile } from '../compile.js';
import { BUILT_IN_CONTENT } from '../load/content-files.js';
import { VERSION } from '../model/version.js';
import { changesOf, releaseFiles, type Released } from '../release/release-files.js';
import { TARGETS } from '../targets/targets.js';
import { contentFolders } from './content-folders.js';
import { UsageError } from './usage-error.js';

export async function releaseCommand(options: { out: string; content?: string; quiet?: boolean }): Promise<number> {
  const { pack, diagnostics, documents } = await compile(contentFolders(options.content));
  if (diagnostics.length) {
    process.stderr.write(`${printDiagnostics(diagnostics, documents)}\n\nNothing was released.\n`);
    return 1;
  }
  const changes = changesOf(readFileSync(join(BUILT_IN_CONTENT.path, 'CHANGELOG.md'), 'utf8'), VERSION);
  if (changes === undefined) throw new UsageError(`CHANGELOG.md has no section "## ${VERSION}".`);
  const released = new Map<string, Released>();
  for (const target of Object.values(TARGETS)) {
    for (const [name, content] of target.release(await target.emit(pack))) released.set(name, content);
  }
  const licence = new Map([['LICENSE', readFileSync(join(BUILT_IN_CONTENT.path, 'LICENSE'))]]);
  rmSync(options.out, { recursive: true, force: true });
  mkdirSync(options.out, { recursive: true });
  for (const [name, content] of releaseFiles(released, licence, changes)) {
    writeFileSync(join(options.out, name), content);
    if (!options.quiet) process.stdout.write(`${join(options.out, name)}: ${Math.ceil(content.length / 1024)} KB\n`);
  }
  return 0;
}
