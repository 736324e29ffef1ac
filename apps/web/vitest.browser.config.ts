import { defineConfig } from 'vitest/config';

/** A real server and a real browser: one file at a time, each test with a minute. */
export default defineConfig({
  test: { include: ['e2e/**/*.test.ts'], fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000 },
});
