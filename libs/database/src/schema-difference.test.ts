import { afterAll, beforeAll, expect, it } from 'vitest';

import { differenceToModels } from './schema-difference.ts';
import { testDatabase } from './testing.ts';
import type { TestDatabase } from './testing.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

it('finds nothing to do after every migration', async () => {
  expect(await differenceToModels({ url: test.url, from: 'database' })).toBe('');
});

it('writes the SQL of a column that the database lacks', async () => {
  await test.database.sql('ALTER TABLE workspace DROP COLUMN created_at');
  expect(await differenceToModels({ url: test.url, from: 'database' })).toMatch(/ALTER TABLE "workspace" ADD COLUMN\s+"created_at"/);
});

it('writes everything for an empty start', async () => {
  expect(await differenceToModels({ url: test.url, from: 'nothing' })).toContain('CREATE TABLE "workspace"');
});
