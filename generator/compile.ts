/** The compiler on one screen: load, lower, check. Emitting is the targets' part. */
import { check } from './check/check.js';
import { compileEngine, type Engine, engineTables } from './engine/compile-engine.js';
import { BUILT_IN_CONTENT, type ContentFolder } from './load/content-files.js';
import { type ContentDocument, loadContent } from './load/load-content.js';
import { applySettings } from './lower/apply-settings.js';
import { lower } from './lower/lower.js';
import type { Diagnostic } from './model/diagnostic.js';
import type { Pack } from './model/pack.js';
import { keep, readKept } from './pack-cache.js';

export interface Compilation {
  pack: Pack;
  diagnostics: Diagnostic[];
  /** what the diagnostics are about; empty where there are none */
  documents: ContentDocument[];
}

/** Loads, lowers and checks the content of the folders, and applies its settings. The same content is checked once. */
export async function compile(folders: readonly ContentFolder[] = [BUILT_IN_CONTENT]): Promise<Compilation> {
  const kept = readKept(folders);
  if (kept?.checked) return { pack: decided(kept.pack), diagnostics: [], documents: [] };
  const loaded = loadContent(folders);
  const { pack, diagnostics } = lower(loaded.documents);
  let engine: Engine | undefined;
  const engineOf = () => (engine ??= compileEngine(pack));
  const checked = loaded.diagnostics.length ? [] : await check(loaded.documents, pack, engineOf);
  const all = [...loaded.diagnostics, ...diagnostics, ...checked];
  if (all.length === 0) keep(folders, { pack, tables: engineTables(engineOf()), checked: true });
  return { pack: decided(pack), diagnostics: all, documents: loaded.documents };
}

/** Loads, lowers and applies settings without checking. */
export function loadPack(folders: readonly ContentFolder[] = [BUILT_IN_CONTENT]): Pack {
  return decided(lower(loadContent(folders).documents).pack);
}

/** Targets get detections as the user's settings want them. */
function decided(pack: Pack): Pack {
  return applySettings(pack, pack.settings);
}
