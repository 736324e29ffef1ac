// What every project's vitest.config.ts shares. A project whose tests need PostgreSQL asks for `database: true`.

import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

/** @param options `database` starts a throwaway PostgreSQL around the project's tests, unless the caller of vitest did. */
export function projectConfig(options: { database?: boolean } = {}) {
  const setup = fileURLToPath(new URL('./libs/database/src/testing-setup.ts', import.meta.url));
  return defineConfig({
    // Vite would take graphql's ES module and Node, in the packages that it loads itself, the CommonJS one: two realms, which
    // refuse each other's types. Everybody gets the one that Node takes.
    resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(new URL('./node_modules/graphql/index.js', import.meta.url)) }] },
    test: {
      include: ['src/**/*.test.ts'],
      globalSetup: options.database === true ? [setup] : [],
      // Workers share the machine with PostgreSQL and with other projects' tests; slow is not broken.
      maxWorkers: 2,
      testTimeout: 30_000,
      hookTimeout: 60_000,
      // The file is what scripts/test.mjs adds up.
      reporters: ['default', ['json', { outputFile: 'test-results/vitest.json' }]],
    },
  });
}
