/** The engine for reading logs. Content is not checked here: `check` and `build` do that. */
import { compileEngine, type Engine, engineTables } from './engine/compile-engine.js';
import { BUILT_IN_CONTENT, type ContentFolder } from './load/content-files.js';
import { keep, readKept } from './pack-cache.js';

export async function loadEngine(folders: readonly ContentFolder[] = [BUILT_IN_CONTENT]): Promise<Engine> {
  const kept = readKept(folders);
  if (kept) return compileEngine(kept.pack, kept.tables);
  // what is kept needs no YAML, whose reader alone takes longer to load than most commands take to run
  const [{ loadContent }, { lower }] = await Promise.all([import('./load/load-content.js'), import('./lower/lower.js')]);
  const engine = compileEngine(lower(loadContent(folders).documents).pack);
  keep(folders, { pack: engine.pack, tables: engineTables(engine), checked: false });
  return engine;
}
