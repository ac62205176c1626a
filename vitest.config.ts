import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Left alone, one core of two would stand idle.
    maxWorkers: '100%',
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts'], testTimeout: 30_000 } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.itest.ts'],
          // Real servers: one cluster at a time, and a deadline in each wait instead of a race against this limit.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
