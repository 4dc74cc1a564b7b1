import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { preparePart } from './prepare-part.mjs';

describe('a part', () => {
  let cache, input, runs, part;

  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'ikeaudit-part-'));
    input = join(cache, 'input.txt');
    writeFileSync(input, 'one');
    runs = 0;
    part = {
      name: 'part',
      means: 'something',
      inputs: [input],
      prepare: async (folder) => {
        runs += 1;
        writeFileSync(join(folder, 'made'), String(runs));
      },
    };
  });

  afterEach(() => rmSync(cache, { recursive: true }));

  it('is prepared once', async () => {
    await preparePart(part, cache);
    await preparePart(part, cache);
    expect(runs).toBe(1);
    expect(readFileSync(join(cache, 'part/made'), 'utf8')).toBe('1');
  });

  it('is prepared anew, in an empty folder, when an input changes', async () => {
    await preparePart(part, cache);
    writeFileSync(join(cache, 'part/left-over'), '');
    writeFileSync(input, 'two');
    await preparePart(part, cache);
    expect(readdirSync(join(cache, 'part'))).toEqual(['made']);
    expect(runs).toBe(2);
  });

  it('leaves neither stamp nor lock when it fails, and is tried again', async () => {
    const broken = { ...part, prepare: () => Promise.reject(new Error('no network')) };
    await expect(preparePart(broken, cache)).rejects.toThrow('no network');
    expect(readdirSync(cache).sort()).toEqual(['input.txt', 'part']);
    await preparePart(part, cache);
    expect(runs).toBe(1);
  });

  it('does not keep its stamp while it is made anew', async () => {
    await preparePart(part, cache);
    writeFileSync(input, 'two');
    await expect(preparePart({ ...part, prepare: () => Promise.reject(new Error('no')) }, cache)).rejects.toThrow();
    expect(existsSync(join(cache, 'part.stamp'))).toBe(false);
  });

  it('is prepared by one of several runs at a time', async () => {
    const slow = {
      ...part,
      prepare: async () => {
        runs += 1;
        await new Promise((resolve) => setTimeout(resolve, 300));
      },
    };
    await Promise.all([preparePart(slow, cache), preparePart(slow, cache), preparePart(slow, cache)]);
    expect(runs).toBe(1);
  });

  it('is not held up by the lock of a process that is gone', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    writeFileSync(join(cache, 'part.lock'), String(child.pid));
    await preparePart(part, cache);
    expect(runs).toBe(1);
  });
});
