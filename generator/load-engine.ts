/** The engine for reading logs. Content is not checked here: `check` and `build` do that. */
import { compileEngine, type Engine, engineTables } from './engine/compile-engine.js';
import { BUILT_IN_CONTENT, loadContent } from './load/load-content.js';
import { lower } from './lower/lower.js';
import { keep, readKept } from './pack-cache.js';

/** @param root folder of the content */
export function loadEngine(root: string = BUILT_IN_CONTENT): Engine {
  const kept = readKept(root);
  if (kept) return compileEngine(kept.pack, kept.tables);
  const engine = compileEngine(lower(loadContent(root).documents).pack);
  keep(root, { pack: engine.pack, tables: engineTables(engine), checked: false });
  return engine;
}
