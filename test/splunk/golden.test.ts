/** The whole add-on as committed: a reviewer sees what a change does to it. `npx vitest -u` writes it anew. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { files } from './support/built.js';

const GOLDEN = fileURLToPath(new URL('../golden/splunk/', import.meta.url));

describe('dist/splunk', () => {
  it.each([...files])('%s', async (path, content) => {
    await expect(content).toMatchFileSnapshot(GOLDEN + path);
  });
  it('has no other file', () => {
    const golden = readdirSync(GOLDEN, { recursive: true, encoding: 'utf8' }).filter((path) => /\.[a-z]+$/.test(path));
    expect(golden.sort()).toEqual([...files.keys()].sort());
  });
});
