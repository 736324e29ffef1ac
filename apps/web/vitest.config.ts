import { defineConfig } from 'vitest/config';

// It stands in this folder's TypeScript project, so it cannot share the file of the others at the root.
export default defineConfig({
  test: { include: ['src/**/*.test.ts'], reporters: ['default', ['json', { outputFile: 'test-results/vitest.json' }]] },
});
