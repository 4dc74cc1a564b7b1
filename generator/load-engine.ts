/** The engine for reading logs. Content is not checked here: `check` and `build` do that. */
import { compileEngine, type Engine, engineTables } from './engine/compile-engine.js';
import { BUILT_IN_CONTENT, type ContentFolder, loadContent } from './load/load-content.js';
import { lower } from './lower/lower.js';
import { keep, readKept } from './pack-cache.js';

export function loadEngine(folders: readonly ContentFolder[] = [BUILT_IN_CONTENT]): Engine {
  const kept = readKept(folders);
  if (kept) return compileEngine(kept.pack, kept.tables);
  const engine = compileEngine(lower(loadContent(folders).documents).pack);
  keep(folders, { pack: engine.pack, tables: engineTables(engine), checked: false });
  return engine;
}
