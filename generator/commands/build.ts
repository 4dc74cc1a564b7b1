/** `ikeaudit build`: the pack into dist/<target>/. Content with errors is not built. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { printDiagnostics } from '../check/print-diagnostic.js';
import { compile } from '../compile.js';
import { TARGETS } from '../targets/targets.js';
import { contentFolders } from './content-folders.js';

export async function buildCommand(options: {
  target?: string[];
  out: string;
  content?: string;
  quiet?: boolean;
}): Promise<number> {
  const names = options.target ?? Object.keys(TARGETS);
  const { pack, diagnostics, documents } = await compile(contentFolders(options.content));
  if (diagnostics.length) {
    process.stderr.write(`${printDiagnostics(diagnostics, documents)}\n\nNothing was built.\n`);
    return 1;
  }
  for (const name of names) {
    const files = await TARGETS[name]!.emit(pack);
    const folder = join(options.out, name);
    removeOthers(folder, files);
    let bytes = 0;
    for (const [path, content] of files) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      bytes += Buffer.byteLength(content);
    }
    if (!options.quiet) process.stdout.write(`${folder}: ${files.size} files, ${Math.round(bytes / 1024)} KB\n`);
  }
  return 0;
}

/** Removes what an earlier build left; what is written again is written over, which costs less. */
function removeOthers(folder: string, files: ReadonlyMap<string, unknown>): void {
  if (!existsSync(folder)) return;
  const kept = new Set(files.keys());
  for (const path of files.keys()) for (let at = dirname(path); at !== '.'; at = dirname(at)) kept.add(at);
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!kept.has(path.replaceAll('\\', '/'))) rmSync(join(folder, path), { recursive: true, force: true });
  }
}
