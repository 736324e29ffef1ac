// SQL for cards: what is kept ready to be answered of a run. Nothing here trusts a card that could be stale:
//
//   run_change    a row for each statement that changed what a card shows, written by triggers in the change's own transaction
//   metric_batch  points that are not in the summaries yet
//
// A card counts only where its run has neither. Whoever writes one holds a lock that keeps other writers of cards away, then takes the run's
// changes out of the table, and only then, in later statements, reads what it writes down: each statement sees all that was committed
// before it began, so that the card holds every change that was taken out. A change that is committed meanwhile leaves its row, and the card
// that was just written does not count.

import type { Queryable, Tx } from '@throughline/database';
import { invariant } from '@throughline/kernel';

/** The body of the card of `run r`, NULL where there is none that counts. A column for searches. */
export function cardColumn(layout: number): string {
  invariant(Number.isSafeInteger(layout), 'the layout of a card is a whole number');
  // OFFSET 0: three looks by keys, whatever the planner thinks of the tables' sizes.
  return `(SELECT c.body FROM run_card c WHERE c.run_id = r.id AND c.layout = ${layout}
     AND NOT EXISTS (SELECT 1 FROM run_change x WHERE x.run_id = c.run_id OFFSET 0)
     AND NOT EXISTS (SELECT 1 FROM metric_batch b WHERE b.run_id = c.run_id OFFSET 0)) AS card`;
}

/** The cards that count of these runs. */
export async function selectCards(
  db: Queryable,
  options: { workspaceId: string; runIds: readonly string[]; layout: number },
): Promise<Map<string, string>> {
  const rows = await db.sql<{ id: string; card: string | null }>(
    `SELECT r.id, ${cardColumn(options.layout)} FROM run r WHERE r.workspace_id = $1 AND r.id = ANY ($2::uuid[])`,
    [options.workspaceId, options.runIds],
  );
  return new Map(rows.flatMap(({ id, card }) => (card === null ? [] : [[id, card]])));
}

/**
 * Takes those of these runs for whose cards now is the time: that nobody else writes the card of, nobody is removing, and that had no change
 * for a while. Nobody else writes their cards until the transaction ends. Answers them in order.
 */
export async function takeForCards(tx: Tx, options: { workspaceId: string; runIds: readonly string[]; restMs: number }): Promise<string[]> {
  const rows = await tx.sql<{ id: string }>(
    `SELECT r.id FROM run r WHERE r.workspace_id = $1 AND r.id = ANY ($2::uuid[])
       AND NOT EXISTS (SELECT 1 FROM metric_batch b WHERE b.run_id = r.id)
       AND ($3::int = 0 OR NOT EXISTS (SELECT 1 FROM run_change x WHERE x.run_id = r.id AND x.changed_at > now() - $3 * interval '1 millisecond'))
       AND pg_try_advisory_xact_lock(hashtextextended(r.id::text, 7253))
     ORDER BY r.id FOR KEY SHARE OF r SKIP LOCKED`,
    [options.workspaceId, options.runIds, options.restMs],
  );
  return rows.map(({ id }) => id);
}

/** Takes away the cards of runs that are taken, and the changes that are told of them. What is read in later statements has these in it. */
export async function removeCards(tx: Tx, runIds: readonly string[]): Promise<void> {
  await tx.sql(
    `WITH changes AS (DELETE FROM run_change WHERE run_id = ANY ($1::uuid[])) DELETE FROM run_card WHERE run_id = ANY ($1::uuid[])`,
    [runIds],
  );
}

export async function insertCards(tx: Tx, layout: number, cards: ReadonlyMap<string, string>): Promise<void> {
  await tx.sql(`INSERT INTO run_card (run_id, layout, body) SELECT u.id, $1, u.body FROM unnest($2::uuid[], $3::text[]) AS u(id, body)`, [
    layout,
    [...cards.keys()],
    [...cards.values()],
  ]);
}

/** A run of some workspace. */
export interface Place {
  id: string;
  workspaceId: string;
}

/**
 * Runs that were changed, and rest since: those that ended for a shorter time than those under way, which may go on at any moment. The ones that wait
 * longest come first.
 */
export function selectRested(db: Queryable, options: { endedMs: number; openMs: number; limit: number }): Promise<Place[]> {
  return db.sql<Place>(
    `SELECT r.id, r.workspace_id AS "workspaceId"
     FROM (SELECT run_id, max(changed_at) AS last, min(id) AS first FROM run_change GROUP BY run_id) c JOIN run r ON r.id = c.run_id
     WHERE r.workspace_id <> r.id
       AND c.last < now() - CASE WHEN r.status IN ('RUNNING', 'SCHEDULED') THEN $2::int ELSE $1::int END * interval '1 millisecond'
     ORDER BY c.first LIMIT $3`,
    [options.endedMs, options.openMs, options.limit],
  );
}

/** Some runs behind one, in order, and whether each is without a card of the layout, and without a change that would bring it one. */
export function selectUncarded(
  db: Queryable,
  options: { after: string; layout: number; limit: number },
): Promise<(Place & { lacks: boolean })[]> {
  return db.sql(
    `SELECT r.id, r.workspace_id AS "workspaceId", r.workspace_id <> r.id AND NOT EXISTS (SELECT 1 FROM run_change x WHERE x.run_id = r.id)
       AND NOT EXISTS (SELECT 1 FROM run_card c WHERE c.run_id = r.id AND c.layout = $2) AS lacks
     FROM run r WHERE r.id > $1 ORDER BY r.id LIMIT $3`,
    [options.after, options.layout, options.limit],
  );
}

/** Removes what is told of runs that are gone: a change and a purge that met. */
export async function removeStrayChanges(db: Queryable): Promise<void> {
  await db.sql(`DELETE FROM run_change x WHERE NOT EXISTS (SELECT 1 FROM run r WHERE r.id = x.run_id)`);
}
