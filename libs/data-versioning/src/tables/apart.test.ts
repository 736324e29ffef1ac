// The reader is a process of its own so that a server which nobody asks has none of it in its memory. An import would undo that unseen.

import { execFileSync } from 'node:child_process';

import { expect, it } from 'vitest';

it('the domain loads neither DuckDB nor Arrow into the process that serves', () => {
  const program = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    await import(${JSON.stringify(new URL('../index.ts', import.meta.url).href)});
    console.log(JSON.stringify(loaded));
  `;
  const loaded = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })) as string[];
  expect(loaded.some((url) => url.endsWith('/tables/run.ts'))).toBe(true);
  expect(loaded.filter((url) => /@duckdb|apache-arrow/.test(url))).toEqual([]);
});
