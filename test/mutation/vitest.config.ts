import { defineConfig } from 'vitest/config';

// `npm run mutation`: not a part of `npm test`, as it tries out the tests themselves.
export default defineConfig({
  test: {
    include: ['test/mutation/*.test.ts'],
    maxWorkers: 1,
    hookTimeout: 600_000,
    globalSetup: ['test/elastic/open-search.setup.mjs', 'test/elastic/elasticsearch-8.setup.mjs'],
  },
});
