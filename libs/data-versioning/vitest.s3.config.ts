import { defineConfig } from 'vitest/config';

// What the core keeps in S3, against a real server, named by THROUGHLINE_TEST_S3_ENDPOINT, _ACCESS_KEY and _SECRET_KEY:
//   node scripts/s3-server.mjs --run npm run test:s3 --workspace @throughline/data-versioning
export default defineConfig({
  test: {
    include: ['core/remotes/s3.test.ts', 'core/**/*.s3.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', ['json', { outputFile: 'test-results/vitest-s3.json' }]],
  },
});
