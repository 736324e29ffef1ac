// Work over up to a million rows. A statement is otherwise ended after a minute, and a transaction after half of one: right for what a
// request waits for, but it would roll back a large manifest when it is nearly stored.

import type { Database, Tx } from '@throughline/database';

/** The longest that any transaction over content may last. The collector's grace period is measured by it. */
export const LONG_MS = 15 * 60_000;

/** Runs work in a transaction of its own in which statements may take as long as the whole may. */
export function longTransaction<T>(database: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  return database.transaction(
    async (tx) => {
      await tx.sql(`SELECT set_config('statement_timeout', $1, true)`, [`${LONG_MS}ms`]);
      return work(tx);
    },
    { timeoutMs: LONG_MS },
  );
}
