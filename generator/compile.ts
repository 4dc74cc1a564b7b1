/** The compiler on one screen: load, lower, check. Emitting is the targets' part. */
import { check } from './check/check.js';
import { BUILT_IN_CONTENT, type ContentDocument, loadContent } from './load/load-content.js';
import { lower } from './lower/lower.js';
import type { Diagnostic } from './model/diagnostic.js';
import type { Pack } from './model/pack.js';

export interface Compilation {
  documents: ContentDocument[];
  pack: Pack;
  diagnostics: Diagnostic[];
}

/** Loads, lowers and checks the content below `root`. */
export async function compile(root: string = BUILT_IN_CONTENT): Promise<Compilation> {
  const loaded = loadContent(root);
  const { pack, diagnostics } = lower(loaded.documents);
  const checked = loaded.diagnostics.length ? [] : await check(loaded.documents, pack);
  return { documents: loaded.documents, pack, diagnostics: [...loaded.diagnostics, ...diagnostics, ...checked] };
}

/** Loads and lowers without checking: for reading logs with content that was checked when it was built. */
export function loadPack(root: string = BUILT_IN_CONTENT): Pack {
  return lower(loadContent(root).documents).pack;
}
