// SQL for runs that are kept in this process's memory (memory/keeper.ts): what it must ask before it answers from there, and what it takes in.

import type { Queryable } from '@throughline/database';

/** Marks of changes that are looked at; with more of them searches go the other way. */
const MOST_MARKS = 2_000;

/** What tells whether memory is of the same moment as the database. */
export interface Marks {
  /** Another one whenever runs were removed, and whenever all cards were. */
  removal: number;
  emptying: number;
  /** The newest card's, 0 where there is none. All cards with lower ones were committed before. */
  stamp: number;
}

const NONE: Marks = { removal: 0, emptying: 0, stamp: 0 };

/** What the database knows that memory may not, all of one moment. */
export interface News extends Marks {
  /** The experiment's runs (UUIDs) whose cards do not count; null where there are too many changes to tell. */
  changed: string[] | null;
  /** Whether any of them has points that are not in its metrics yet. */
  isUnsettled: boolean;
}

const MARKS = `coalesce((SELECT mark FROM run_removal), 0) AS removal, coalesce((SELECT cards_mark FROM run_removal), 0) AS emptying,
    coalesce((SELECT max(stamp) FROM run_card), 0) AS stamp`;

/** From the marks, of which there are few, to their runs, and not the other way. Runs that are being purged are of their experiment still. */
const NEWS = `
  WITH marks AS MATERIALIZED (
    (SELECT run_id, FALSE AS is_batch FROM run_change LIMIT ${MOST_MARKS + 1}) UNION ALL
    (SELECT run_id, TRUE FROM metric_batch LIMIT ${MOST_MARKS + 1})),
  own AS MATERIALIZED (
    SELECT m.run_id, bool_or(m.is_batch) AS is_batch FROM marks m
    CROSS JOIN LATERAL (SELECT 1 FROM run r WHERE r.id = m.run_id AND r.experiment_id = $1 LIMIT 1) here GROUP BY m.run_id)
  SELECT ${MARKS},
    CASE WHEN (SELECT count(*) FROM marks) <= ${MOST_MARKS} THEN ARRAY(SELECT run_id::text FROM own) END AS changed,
    EXISTS (SELECT 1 FROM own WHERE is_batch) AS "isUnsettled"`;

/** What is new of an experiment (UUID). */
export async function selectNews(db: Queryable, experimentId: string): Promise<News> {
  const [news] = await db.sql<News>(NEWS, [experimentId], { prepared: true });
  return news ?? { ...NONE, changed: null, isUnsettled: false };
}

/** The runs (UUIDs) of an experiment, and the marks of the same moment. */
export async function selectMembers(db: Queryable, experimentId: string): Promise<Marks & { ids: string[] }> {
  const [row] = await db.sql<Marks & { ids: string[] }>(
    `SELECT ARRAY(SELECT id::text FROM run WHERE experiment_id = $1) AS ids, ${MARKS}`,
    [experimentId],
  );
  return row ?? { ...NONE, ids: [] };
}

/** A run's card. */
export interface StampedCard {
  id: string;
  stamp: number;
  /** null where it is of another layout. */
  body: string | null;
}

/** The cards that there are of these runs (UUIDs), whether or not they count. */
export function selectCardsOf(db: Queryable, options: { layout: number; runIds: readonly string[] }): Promise<StampedCard[]> {
  return db.sql(
    `SELECT c.run_id AS id, c.stamp, CASE WHEN c.layout = $1 THEN c.body END AS body FROM run_card c WHERE c.run_id = ANY ($2::uuid[])`,
    [options.layout, options.runIds],
  );
}

/** Cards of an experiment's runs with stamps above one and up to another, the lowest first. */
export function selectNewCards(
  db: Queryable,
  options: { layout: number; experimentId: string; above: number; upTo: number; limit: number },
): Promise<StampedCard[]> {
  return db.sql(
    `SELECT c.run_id AS id, c.stamp, CASE WHEN c.layout = $1 THEN c.body END AS body FROM run_card c
     CROSS JOIN LATERAL (SELECT 1 FROM run r WHERE r.id = c.run_id AND r.experiment_id = $2 LIMIT 1) here
     WHERE c.stamp > $3 AND c.stamp <= $4 ORDER BY c.stamp LIMIT $5`,
    [options.layout, options.experimentId, options.above, options.upTo, options.limit],
    { prepared: true },
  );
}
