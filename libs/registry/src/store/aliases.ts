import type { Queryable } from '@throughline/database';

import type { Alias, AliasEvent } from '../types.ts';
import type { AliasRow, EventRow } from './rows.ts';
import { ALIAS_COLUMNS, EVENT_COLUMNS, toAlias, toEvent } from './rows.ts';

const ALIAS_FROM = 'alias a JOIN model_version v ON v.id = a.version_id';

/** The aliases of these models, by name. */
export async function aliasesOfModels(db: Queryable, workspaceId: string, modelIds: readonly string[]): Promise<Alias[]> {
  const rows = await db.sql<AliasRow>(
    `SELECT ${ALIAS_COLUMNS} FROM ${ALIAS_FROM} WHERE v.workspace_id = $1 AND a.model_id = ANY($2::uuid[]) ORDER BY a.model_id, a.alias`,
    [workspaceId, modelIds],
  );
  return rows.map(toAlias);
}

/** The aliases that name these versions, by name. */
export async function aliasesOfVersions(db: Queryable, workspaceId: string, versionIds: readonly string[]): Promise<Alias[]> {
  const rows = await db.sql<AliasRow>(
    `SELECT ${ALIAS_COLUMNS} FROM ${ALIAS_FROM} WHERE v.workspace_id = $1 AND a.version_id = ANY($2::uuid[]) ORDER BY a.version_id, a.alias`,
    [workspaceId, versionIds],
  );
  return rows.map(toAlias);
}

export async function findAlias(db: Queryable, modelId: string, alias: string): Promise<Alias | null> {
  const rows = await db.sql<AliasRow>(`SELECT ${ALIAS_COLUMNS} FROM ${ALIAS_FROM} WHERE a.model_id = $1 AND a.alias = $2`, [
    modelId,
    alias,
  ]);
  return rows[0] === undefined ? null : toAlias(rows[0]);
}

/** Makes the alias name the version; `since` moves only where the holder does. */
export async function putAlias(db: Queryable, alias: { modelId: string; alias: string; versionId: string; since: Date }): Promise<void> {
  await db.sql(
    `INSERT INTO alias (model_id, alias, version_id, since) VALUES ($1, $2, $3, $4)
     ON CONFLICT (model_id, alias) DO UPDATE SET version_id = excluded.version_id, since = excluded.since
     WHERE alias.version_id <> excluded.version_id`,
    [alias.modelId, alias.alias, alias.versionId, alias.since],
  );
}

export async function deleteAlias(db: Queryable, modelId: string, alias: string): Promise<void> {
  await db.sql('DELETE FROM alias WHERE model_id = $1 AND alias = $2', [modelId, alias]);
}

/** Writes an attempt down. Times of one model never run backwards, whatever the clock does: the order is the history. */
export async function insertEvent(db: Queryable, workspaceId: string, event: Omit<AliasEvent, 'sequence'>): Promise<AliasEvent> {
  const rows = await db.sql<EventRow>(
    `INSERT INTO alias_event AS e (id, workspace_id, model_id, alias, action, outcome, version_id, previous_version_id, actor, reason, refusal, at)
     VALUES ($1, $2, $3, $4, $5::"AliasAction", $6::"AliasOutcome", $7, $8, $9, $10, $11,
       GREATEST($12::timestamptz, (SELECT at FROM alias_event WHERE model_id = $3 ORDER BY sequence DESC LIMIT 1)))
     RETURNING ${EVENT_COLUMNS}`,
    [
      event.id,
      workspaceId,
      event.modelId,
      event.alias,
      event.action,
      event.outcome,
      event.versionId,
      event.previousVersionId,
      event.actor,
      event.reason,
      event.refusal,
      event.at,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the insert answered no row');
  return toEvent(row);
}

/** The first `limit` attempts at each model, newest first, before the one with the number `before` where one is given. */
export async function newestEvents(
  db: Queryable,
  workspaceId: string,
  modelIds: readonly string[],
  page: { alias: string | null; before: number | null; limit: number },
): Promise<AliasEvent[]> {
  const rows = await db.sql<EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM unnest($2::uuid[]) AS m (id) CROSS JOIN LATERAL (
       SELECT * FROM alias_event x WHERE x.model_id = m.id AND x.workspace_id = $1
         AND ($3::text IS NULL OR x.alias = $3) AND ($4::bigint IS NULL OR x.sequence < $4)
       ORDER BY x.sequence DESC LIMIT $5) e
     ORDER BY e.model_id, e.sequence DESC`,
    [workspaceId, modelIds, page.alias, page.before, page.limit],
  );
  return rows.map(toEvent);
}

/** The last change of an alias that was applied until this time; null where there is none. */
export async function lastAppliedEvent(
  db: Queryable,
  workspaceId: string,
  modelId: string,
  alias: string,
  at: Date,
): Promise<AliasEvent | null> {
  const rows = await db.sql<EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM alias_event e
     WHERE e.workspace_id = $1 AND e.model_id = $2 AND e.alias = $3 AND e.outcome = 'APPLIED' AND e.at <= $4
     ORDER BY e.sequence DESC LIMIT 1`,
    [workspaceId, modelId, alias, at],
  );
  return rows[0] === undefined ? null : toEvent(rows[0]);
}
