import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { migrate } from './migrate.ts';
import { emptyDatabase, markForTests } from './test-databases.ts';
import { emptyTestDatabase, testDatabase } from './testing.ts';
import type { TestDatabase } from './testing.ts';

const REFUSAL = { kind: 'forbidden', code: 'NOT_A_TEST_DATABASE' };

let test: TestDatabase;
beforeEach(async () => {
  test = await emptyTestDatabase();
});
afterEach(() => test.drop());

const count = async (table: string) => (await test.database.sql(`SELECT 1 FROM ${table}`)).length;

describe('a database', () => {
  it('is marked for tests where it has nothing in it, and keeps the mark', async () => {
    expect(await markForTests(test.database)).toBe(true);
    expect(await migrate(test.database)).not.toEqual([]);
    expect(await markForTests(test.database)).toBe(true);
    expect(await migrate(test.database)).toEqual([]);
  });

  it('is never marked where it was there before', async () => {
    const real = await testDatabase();
    expect(await markForTests(real.database)).toBe(false);
    await expect(emptyDatabase(real.database)).rejects.toMatchObject(REFUSAL);
    await real.drop();
  });

  it("is never marked where it has somebody else's table", async () => {
    await test.database.sql('CREATE TABLE theirs (id int)');
    expect(await markForTests(test.database)).toBe(false);
    await expect(emptyDatabase(test.database)).rejects.toMatchObject(REFUSAL);
    await test.database.sql('DROP TABLE theirs');
    expect(await markForTests(test.database)).toBe(true);
  });

  it('is marked by one of two servers that start at once, and both know it', async () => {
    expect(await Promise.all([markForTests(test.database), markForTests(test.database)])).toEqual([true, true]);
  });
});

describe('emptying a database for tests', () => {
  beforeEach(async () => {
    await markForTests(test.database);
    await test.database.sql('CREATE TABLE parent (id serial PRIMARY KEY)');
    await test.database.sql(
      'CREATE TABLE child (id bigint GENERATED ALWAYS AS IDENTITY, parent_id int REFERENCES parent ON DELETE RESTRICT)',
    );
    await test.database.sql('CREATE TABLE "Odd ""name""" (n int)');
  });

  it('takes every row, whatever refers to it, and keeps the book of migrations', async () => {
    await test.database.sql(`INSERT INTO parent SELECT FROM generate_series(1, 3)`);
    await test.database.sql('INSERT INTO child (parent_id) VALUES (1), (2)');
    await test.database.sql('INSERT INTO "Odd ""name""" VALUES (1)');
    await test.database.sql(`INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('1', 'x', 'x')`);
    await emptyDatabase(test.database);
    expect([await count('parent'), await count('child'), await count('"Odd ""name"""')]).toEqual([0, 0, 0]);
    expect(await count('_prisma_migrations')).toBe(1);
    expect(await markForTests(test.database)).toBe(true);
  });

  it('lets every number begin anew, those of rows that are gone already too', async () => {
    await test.database.sql('INSERT INTO parent DEFAULT VALUES');
    await test.database.sql('DELETE FROM parent');
    await emptyDatabase(test.database);
    expect(await test.database.sql('INSERT INTO parent DEFAULT VALUES RETURNING id')).toEqual([{ id: 1 }]);
  });

  it('does nothing twice', async () => {
    await emptyDatabase(test.database);
    await emptyDatabase(test.database);
    expect(await count('parent')).toBe(0);
  });

  it('waits for a transaction that writes into what looks empty, and takes what it wrote', async () => {
    const [written, go] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const writing = test.database.transaction(async (tx) => {
      await tx.sql('INSERT INTO parent DEFAULT VALUES');
      written.resolve(undefined);
      await go.promise;
      await tx.sql('INSERT INTO parent DEFAULT VALUES');
    });
    await written.promise;
    const emptying = emptyDatabase(test.database);
    go.resolve(undefined);
    await Promise.all([writing, emptying]);
    expect(await count('parent')).toBe(0);
  });
});
