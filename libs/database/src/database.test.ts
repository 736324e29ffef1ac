import { DomainError, newId } from '@throughline/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { on, openDatabase, within } from './database.ts';
import type { Tx } from './database.ts';
import { isConstraint } from './errors.ts';
import { testDatabase } from './testing.ts';
import type { TestDatabase } from './testing.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

const names = async () => (await test.database.sql<{ name: string }>('SELECT name FROM workspace')).map((row) => row.name);

describe('a transaction', () => {
  it('holds the writes of Prisma and of SQL together, and lets go of both when it fails', async () => {
    const work = test.database.transaction(async (tx) => {
      await tx.prisma.workspace.create({ data: { id: newId(), name: 'by-prisma' } });
      expect(await tx.sql('SELECT name FROM workspace WHERE name = $1', ['by-prisma'])).toHaveLength(1);
      await tx.sql('INSERT INTO workspace (id, name) VALUES ($1, $2)', [newId(), 'by-sql']);
      expect(await names()).not.toContain('by-prisma');
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    expect(await names()).not.toContain('by-sql');
  });

  it('keeps to its own connection when several are open at once', async () => {
    const pids = await Promise.all(
      [1, 2, 3].map(() =>
        test.database.transaction(async (tx) => {
          const before = await tx.sql<{ pid: number }>('SELECT pg_backend_pid() AS pid');
          await tx.prisma.workspace.count();
          await tx.sql('SELECT pg_sleep(0.05)');
          const after = await tx.sql<{ pid: number }>('SELECT pg_backend_pid() AS pid');
          expect(after).toEqual(before);
          return before[0]?.pid;
        }),
      ),
    );
    expect(new Set(pids).size).toBe(3);
  });

  it('that takes too long writes nothing behind its end, on whomever its connection is then', async () => {
    /** Writes a row; answers what stood in the way. */
    const write = (tx: Tx, name: string): Promise<unknown> =>
      tx.sql('INSERT INTO workspace (id, name) VALUES ($1, $2)', [newId(), name]).then(
        () => null,
        (error: unknown) => error,
      );
    const said: unknown[] = [];
    const slow = test.database.transaction(
      async (tx) => {
        for (let trouble: unknown = null; trouble === null;) trouble = await write(tx, `in-time-${newId()}`);
        said.push(await write(tx, 'too-late'));
      },
      { timeoutMs: 100 },
    );
    await expect(slow).rejects.toThrow();
    expect(said).toMatchObject([{ kind: 'exhausted', code: 'TRANSACTION_TOO_SLOW' }]);
    expect((await names()).filter((name) => /^(?:in-time|too-late)/.test(name))).toEqual([]);
  });

  it('is joined by a call that carries it, and opened by one that does not', async () => {
    await within(test.database, {}, async (tx) => {
      expect(on(test.database, { tx })).toBe(tx);
      await within(test.database, { tx }, async (same) => expect(same).toBe(tx));
    });
    expect(on(test.database, {})).toBe(test.database);
  });
});

describe('a refusal of the database', () => {
  it('names the unique constraint, through Prisma, through SQL and inside a transaction', async () => {
    await test.database.prisma.workspace.create({ data: { id: newId(), name: 'taken' } });
    const insert = 'INSERT INTO workspace (id, name) VALUES ($1, $2)';
    const attempts = [
      test.database.prisma.workspace.create({ data: { id: newId(), name: 'taken' } }),
      test.database.sql(insert, [newId(), 'taken']),
      test.database.transaction((tx) => tx.sql(insert, [newId(), 'taken'])),
      test.database.transaction((tx) => tx.prisma.workspace.create({ data: { id: newId(), name: 'taken' } })),
    ];
    for (const result of await Promise.allSettled(attempts)) {
      expect(result.status === 'rejected' && isConstraint(result.reason, 'unique', 'workspace_name_key')).toBe(true);
    }
  });

  it('names the check that was violated', async () => {
    const attempts = [
      test.database.prisma.workspace.create({ data: { id: newId(), name: 'not a name' } }),
      test.database.sql('INSERT INTO workspace (id, name) VALUES ($1, $2)', [newId(), 'not a name']),
    ];
    for (const result of await Promise.allSettled(attempts)) {
      expect(result.status === 'rejected' && isConstraint(result.reason, 'check', 'workspace_name_check')).toBe(true);
    }
  });

  it('says that a foreign key was violated', async () => {
    const lost = test.database.sql('INSERT INTO principal (id, workspace_id, name) VALUES ($1, $2, $3)', [newId(), newId(), 'nobody']);
    await expect(lost).rejects.toSatisfy((error) => isConstraint(error, 'foreign_key'));
  });
});

describe('a prepared statement', () => {
  const text = 'SELECT $1::int + 1 AS n';

  it('is known to its connection by one name, and answers by its values', async () => {
    const known = await test.database.transaction(async (tx) => {
      expect(await tx.sql(text, [1], { prepared: true })).toEqual([{ n: 2 }]);
      expect(await tx.sql(text, [2], { prepared: true })).toEqual([{ n: 3 }]);
      return tx.sql('SELECT statement FROM pg_prepared_statements WHERE statement = $1', [text]);
    });
    expect(known).toEqual([{ statement: text }]);
  });

  it('that failed can be tried again on the same connection', async () => {
    await test.database.transaction(async (tx) => {
      await tx.sql('SAVEPOINT before');
      await expect(tx.sql('SELECT missing FROM workspace WHERE name = $1', ['x'], { prepared: true })).rejects.toThrow(/missing/);
      await tx.sql('ROLLBACK TO before');
      await tx.sql('ALTER TABLE workspace ADD COLUMN missing int');
      expect(await tx.sql('SELECT missing FROM workspace WHERE name = $1', ['x'], { prepared: true })).toEqual([]);
      await tx.sql('ROLLBACK TO before');
    });
  });
});

describe('a statement that runs too long', () => {
  it('is given up as "exhausted"', async () => {
    const slow = test.database.transaction(async (tx) => {
      await tx.sql('SET LOCAL statement_timeout = 50');
      await tx.sql('SELECT pg_sleep(30)');
    });
    await expect(slow).rejects.toMatchObject({ kind: 'exhausted', code: 'STATEMENT_TOO_SLOW' });
  });
});

describe('a deadlock', () => {
  it('ends one of the two as "unavailable", to be tried again', async () => {
    await test.database.sql('CREATE TABLE IF NOT EXISTS pair (id int PRIMARY KEY, n int)');
    await test.database.sql('INSERT INTO pair VALUES (1, 0), (2, 0)');
    const gate = Promise.withResolvers<undefined>();
    let waiting = 0;
    const crossing = (first: number, second: number) =>
      test.database.transaction(async (tx) => {
        await tx.sql('UPDATE pair SET n = n + 1 WHERE id = $1', [first]);
        waiting += 1;
        if (waiting === 2) gate.resolve(undefined);
        await gate.promise;
        await tx.sql('UPDATE pair SET n = n + 1 WHERE id = $1', [second]);
      });
    const [one, other] = await Promise.allSettled([crossing(1, 2), crossing(2, 1)]);
    const [refused] = [one, other].filter((result) => result.status === 'rejected');
    expect([one.status, other.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect(refused?.reason).toMatchObject({ kind: 'unavailable', code: 'TRANSACTION_COLLIDED' });
  });
});

describe('64-bit integers', () => {
  it('are numbers as far as numbers are exact, and refused beyond', async () => {
    expect(await test.database.sql('SELECT 9007199254740991::bigint AS n')).toEqual([{ n: 9_007_199_254_740_991 }]);
    await expect(test.database.sql('SELECT 9007199254740993::bigint AS n')).rejects.toThrow(RangeError);
    expect(await test.database.sql('SELECT 9007199254740993::bigint::text AS n')).toEqual([{ n: '9007199254740993' }]);
  });
});

describe('a lost connection', () => {
  it('is "unavailable" where nothing listens', async () => {
    const nowhere = openDatabase({ url: 'postgresql://nobody:nothing@127.0.0.1:1/none' });
    await expect(nowhere.ping()).rejects.toMatchObject({ kind: 'unavailable', code: 'DATABASE_UNAVAILABLE' });
    await expect(nowhere.prisma.workspace.count()).rejects.toBeInstanceOf(DomainError);
    await expect(nowhere.transaction((tx) => tx.sql('SELECT 1'))).rejects.toMatchObject({ kind: 'unavailable' });
    await nowhere.close();
  });

  it('is "unavailable" to the transaction that it cut, and heals by the next one', async () => {
    const cut = test.database.transaction(async (tx) => {
      const [row] = await tx.sql<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await test.database.sql('SELECT pg_terminate_backend($1)', [row?.pid]);
      await tx.sql('SELECT 1');
    });
    await expect(cut).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await test.database.transaction((tx) => tx.sql('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
  });

  it('while idle goes unnoticed', async () => {
    const text = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';
    await Promise.all([test.database.ping(), test.database.ping(), test.database.ping()]);
    await test.database.sql(text);
    await expect.poll(() => test.database.ping().then(() => 'healed')).toBe('healed');
  });
});
