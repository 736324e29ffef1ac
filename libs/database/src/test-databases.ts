// Databases that a test suite may empty. One is marked before its first table is made, by a server that was told to serve tests; what was
// there before that is somebody's, and is never marked. The mark is a comment on the book of migrations, which emptying leaves alone.

import { DomainError } from '@throughline/kernel';

import type { Database, Tx } from './database.ts';
import { BOOK, LOCK } from './migrate.ts';

const MARK = 'Throughline: made for tests, to be emptied at any time.';
/** Somebody may be writing in the background: waiting for them is tried so often. */
const ATTEMPTS = 5;

/**
 * Marks a database that has nothing in it yet, and answers whether it has the mark: false where it held anything before. For the start of a
 * server, before the migrations.
 */
export function markForTests(database: Database): Promise<boolean> {
  return database.transaction(async (tx) => {
    // Against a server that brings the same database up to date.
    await tx.sql(`SELECT 1 FROM pg_advisory_xact_lock(${LOCK})`);
    const [found] = await tx.sql<{ empty: boolean }>(
      `SELECT NOT EXISTS (
         SELECT 1 FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
           AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
       ) AS empty`,
    );
    if (found?.empty !== true) return isMarked(tx);
    await tx.sql(BOOK);
    await tx.sql(`COMMENT ON TABLE _prisma_migrations IS '${MARK}'`);
    return true;
  });
}

async function isMarked(tx: Tx): Promise<boolean> {
  const [row] = await tx.sql<{ mark: string | null }>(`SELECT obj_description(to_regclass('_prisma_migrations'), 'pg_class') AS mark`);
  return row?.mark === MARK;
}

/**
 * Takes every row out of a marked database, in one step, and lets its numbers begin anew. Throws `forbidden` NOT_A_TEST_DATABASE for one
 * that has no mark. Waits for what is being written, for a while.
 */
export async function emptyDatabase(database: Database): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await database.transaction(truncateAll);
      return;
    } catch (error) {
      const collided = error instanceof DomainError && error.code === 'TRANSACTION_COLLIDED';
      if (!collided || attempt === ATTEMPTS) throw error;
    }
  }
}

async function truncateAll(tx: Tx): Promise<void> {
  if (!(await isMarked(tx))) {
    throw new DomainError({
      kind: 'forbidden',
      code: 'NOT_A_TEST_DATABASE',
      message: 'This database was not made for tests, so that nothing empties it.',
    });
  }
  const tables = await tx.sql<{ name: string }>(
    `SELECT quote_ident(relname) AS name FROM pg_class
     WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> '_prisma_migrations'`,
  );
  if (tables.length === 0) return;
  // First of all, so that nobody is still writing into a table that looks empty.
  await tx.sql(`LOCK TABLE ${tables.map(({ name }) => name).join(', ')} IN ACCESS EXCLUSIVE MODE`);
  // A table without rows has nothing to lose, and truncating it would cost a file for itself and one for each index.
  const some = tables.map(({ name }) => `SELECT '${name.replaceAll("'", "''")}' AS name WHERE EXISTS (SELECT 1 FROM ${name})`);
  const full = await tx.sql<{ name: string }>(some.join(' UNION ALL '));
  if (full.length > 0) await tx.sql(`TRUNCATE ${full.map(({ name }) => name).join(', ')} CASCADE`);
  const sequences = await tx.sql<{ name: string }>(
    `SELECT quote_ident(sequencename) AS name FROM pg_sequences WHERE schemaname = current_schema() AND last_value IS NOT NULL`,
  );
  for (const { name } of sequences) await tx.sql(`ALTER SEQUENCE ${name} RESTART`);
}
