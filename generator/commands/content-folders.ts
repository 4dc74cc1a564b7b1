import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BUILT_IN_CONTENT, type ContentFolder } from '../load/content-files.js';
import { UsageError } from './usage-error.js';

const PARTS = ['parsers', 'detections', 'mappings', 'samples', 'settings.yml'];

/** @param own what `--content` names: its files count over the package's own of the same path, and are added to them */
export function contentFolders(own: string | undefined): ContentFolder[] {
  if (own === undefined) return [BUILT_IN_CONTENT];
  if (!PARTS.some((part) => existsSync(join(own, part))))
    throw new UsageError(`"${own}" is no folder of content: it has none of ${PARTS.join(', ')}.`);
  return [BUILT_IN_CONTENT, { path: own, shown: own }];
}
