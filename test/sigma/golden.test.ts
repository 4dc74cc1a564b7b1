import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadPack } from '../../generator/compile.js';
import { emitSigma } from '../../generator/targets/sigma/emit.js';

const golden = fileURLToPath(new URL('../golden/sigma/', import.meta.url));
const files = emitSigma(loadPack());

describe('emitted Sigma', () => {
  it.each([...files])('%s is as committed', async (path, text) => {
    await expect(text).toMatchFileSnapshot(golden + path);
  });

  it('leaves no golden of a file that is not emitted any more', () => {
    const committed = readdirSync(golden, { recursive: true, encoding: 'utf8' }).filter((path) => /\.(?:yml|md)$/.test(path));
    expect(committed.sort()).toEqual([...files.keys()].sort());
  });
});
