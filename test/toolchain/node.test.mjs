import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startNode } from './node.mjs';
import { isRunning } from './take-lock.mjs';

describe('a node', () => {
  it('says how to prepare what is not there', async () => {
    await expect(startNode('opensearch-0')).rejects.toThrow('node test/toolchain/prepare.mjs opensearch-0');
  });

  it('answers at its url, and not any more when it is stopped', { timeout: 60_000 }, async () => {
    const [one, two] = await Promise.all([startNode('opensearch-2.19.6'), startNode('opensearch-2.19.6')]);
    try {
      expect(one.url).not.toBe(two.url);
      const { version } = await (await fetch(one.url)).json();
      expect(version.number).toBe('2.19.6');
    } finally {
      await Promise.all([one.stop(), two.stop()]);
    }
    await expect(fetch(one.url)).rejects.toThrow();
  });

  it('ends with the process that started it, even if that is killed', { timeout: 60_000 }, async () => {
    const script = `import { startNode } from ${JSON.stringify(join(import.meta.dirname, 'node.mjs'))};
      const node = await startNode('opensearch-2.19.6');
      console.log(node.pid);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)));
    parent.kill('SIGKILL');
    await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
  });
});
