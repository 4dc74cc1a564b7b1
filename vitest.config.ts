import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// `fast` needs nothing but Node; `browser` needs Chromium; `package` needs the registry; `delivery` needs rsyslog and journald's tools; `engines` needs what test/toolchain/prepare.mjs sets up, and starts each engine once.
export default defineConfig({
  test: {
    // The default leaves one core idle, half of a machine of two.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      {
        test: {
          name: 'fast',
          // The content is read and compiled once a worker, not once a file; no test of this project changes a module.
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.engine.test.ts', 'test/delivery/**', 'test/browser/**', 'test/package/**', 'test/mutation/**'],
          testTimeout: 60_000,
        },
      },
      { test: { name: 'browser', include: ['test/browser/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { name: 'package', include: ['test/package/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 } },
      { test: { name: 'delivery', include: ['test/delivery/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        test: {
          name: 'engines',
          include: ['test/**/*.engine.test.ts', 'test/toolchain/*.test.mjs'],
          globalSetup: [
            'test/elastic/open-search.setup.mjs',
            'test/elastic/elasticsearch-7.setup.mjs',
            'test/elastic/elasticsearch-8.setup.mjs',
          ],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
