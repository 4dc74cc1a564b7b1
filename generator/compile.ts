/** The compiler on one screen: load, lower, check. Emitting is the targets' part. */
import { check } from './check/check.js';
import { compileEngine, engineTables } from './engine/compile-engine.js';
import { BUILT_IN_CONTENT, loadContent } from './load/load-content.js';
import { applySettings } from './lower/apply-settings.js';
import { lower } from './lower/lower.js';
import type { Diagnostic } from './model/diagnostic.js';
import type { Pack } from './model/pack.js';
import { keep, readKept } from './pack-cache.js';

export interface Compilation {
  pack: Pack;
  diagnostics: Diagnostic[];
}

/** Loads, lowers and checks the content below `root`, and applies its settings. The same content is checked once. */
export async function compile(root: string = BUILT_IN_CONTENT): Promise<Compilation> {
  const kept = readKept(root);
  if (kept?.checked) return { pack: decided(kept.pack), diagnostics: [] };
  const loaded = loadContent(root);
  const { pack, diagnostics } = lower(loaded.documents);
  const checked = loaded.diagnostics.length ? [] : await check(loaded.documents, pack);
  const all = [...loaded.diagnostics, ...diagnostics, ...checked];
  if (all.length === 0) keep(root, { pack, tables: engineTables(compileEngine(pack)), checked: true });
  return { pack: decided(pack), diagnostics: all };
}

/** Loads, lowers and applies settings without checking. */
export function loadPack(root: string = BUILT_IN_CONTENT): Pack {
  return decided(lower(loadContent(root).documents).pack);
}

/** Targets get detections as the user's settings want them. */
function decided(pack: Pack): Pack {
  return applySettings(pack, pack.settings);
}
