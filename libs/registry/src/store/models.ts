import type { Queryable } from '@throughline/database';

import type { RegisteredModel, Tag } from '../types.ts';
import type { ModelRow } from './rows.ts';
import { IS_PROMPT, MODEL_COLUMNS, toModel } from './rows.ts';

/** Makes a model; null where a live one has the name, also one that is being made at this moment. */
export async function insertModel(
  db: Queryable,
  model: { id: string; workspaceId: string; name: string; description: string; nowMs: number },
): Promise<RegisteredModel | null> {
  const rows = await db.sql<ModelRow>(
    `INSERT INTO registered_model AS m (id, workspace_id, name, description, created_at_ms, updated_at_ms)
     VALUES ($1, $2, $3, $4, $5, $5)
     ON CONFLICT (workspace_id, name) WHERE deleted_at IS NULL DO NOTHING
     RETURNING ${MODEL_COLUMNS}`,
    [model.id, model.workspaceId, model.name, model.description, model.nowMs],
  );
  return rows[0] === undefined ? null : toModel(rows[0]);
}

/** Models by id, tombstones included, in no order. */
export async function findModels(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<RegisteredModel[]> {
  const rows = await db.sql<ModelRow>(
    `SELECT ${MODEL_COLUMNS} FROM registered_model m WHERE m.workspace_id = $1 AND m.id = ANY($2::uuid[])`,
    [workspaceId, ids],
  );
  return rows.map(toModel);
}

export async function findModelByName(db: Queryable, workspaceId: string, name: string): Promise<RegisteredModel | null> {
  const rows = await db.sql<ModelRow>(
    `SELECT ${MODEL_COLUMNS} FROM registered_model m WHERE m.workspace_id = $1 AND m.name = $2 AND m.deleted_at IS NULL`,
    [workspaceId, name],
  );
  return rows[0] === undefined ? null : toModel(rows[0]);
}

/**
 * Locks a model's row until the end of the transaction, and reads it then. What changes its versions or its aliases takes this
 * lock first, so such changes happen one after the other; reads and other models are not held up.
 */
export async function lockModel(db: Queryable, workspaceId: string, id: string): Promise<RegisteredModel | null> {
  const rows = await db.sql<ModelRow>(
    `SELECT ${MODEL_COLUMNS} FROM registered_model m WHERE m.workspace_id = $1 AND m.id = $2 FOR NO KEY UPDATE`,
    [workspaceId, id],
  );
  return rows[0] === undefined ? null : toModel(rows[0]);
}

/** Which models of a workspace a list has. */
export interface ModelFilter {
  /** What their names contain, whatever its case. */
  search: string | null;
  /** Prompts alone, everything else, or (null) both. */
  isPrompt: boolean | null;
}

export async function listModels(
  db: Queryable,
  workspaceId: string,
  page: ModelFilter & { afterName: string | null; limit: number },
): Promise<RegisteredModel[]> {
  const rows = await db.sql<ModelRow>(
    `SELECT ${MODEL_COLUMNS} FROM registered_model m
     WHERE m.workspace_id = $1 AND m.deleted_at IS NULL
       AND ($2::text IS NULL OR strpos(lower(m.name COLLATE "default"), lower($2)) > 0)
       AND ($3::text IS NULL OR m.name > $3) AND ($5::boolean IS NULL OR ${IS_PROMPT} = $5)
     ORDER BY m.name LIMIT $4`,
    [workspaceId, page.search, page.afterName, page.limit, page.isPrompt],
  );
  return rows.map(toModel);
}

export async function countModels(db: Queryable, workspaceId: string, filter: ModelFilter): Promise<number> {
  const rows = await db.sql<{ count: number }>(
    `SELECT count(*) FROM registered_model m
     WHERE m.workspace_id = $1 AND m.deleted_at IS NULL AND ($2::text IS NULL OR strpos(lower(m.name COLLATE "default"), lower($2)) > 0)
       AND ($3::boolean IS NULL OR ${IS_PROMPT} = $3)`,
    [workspaceId, filter.search, filter.isPrompt],
  );
  return rows[0]?.count ?? 0;
}

/** Changes what is given and leaves the rest. Throws ConstraintError where the name is taken. */
export async function updateModel(
  db: Queryable,
  id: string,
  change: { name?: string | null; description?: string | null; deletedAt?: Date | undefined; nowMs: number },
): Promise<RegisteredModel> {
  const rows = await db.sql<ModelRow>(
    `UPDATE registered_model m SET name = coalesce($2, m.name), description = coalesce($3, m.description),
       deleted_at = coalesce($4, m.deleted_at), updated_at_ms = GREATEST(m.updated_at_ms, $5)
     WHERE m.id = $1 RETURNING ${MODEL_COLUMNS}`,
    [id, change.name ?? null, change.description ?? null, change.deletedAt ?? null, change.nowMs],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the model that was locked is gone');
  return toModel(row);
}

const TAG_TABLES = {
  model: { table: 'registered_model_tag', owner: 'model_id' },
  version: { table: 'model_version_tag', owner: 'version_id' },
} as const;

/** Whose tags: a model's or a version's. */
export type TagOwner = keyof typeof TAG_TABLES;

/** Sets tags, replacing the values of those that are there. Keys must be distinct. */
export async function upsertTags(db: Queryable, of: TagOwner, id: string, tags: readonly Tag[]): Promise<void> {
  if (tags.length === 0) return;
  const { table, owner } = TAG_TABLES[of];
  await db.sql(
    `INSERT INTO ${table} (${owner}, key, value)
     SELECT $1, t.key, t.value FROM unnest($2::text[], $3::text[]) AS t (key, value)
     ON CONFLICT (${owner}, key) DO UPDATE SET value = excluded.value`,
    [id, tags.map((tag) => tag.key), tags.map((tag) => tag.value)],
  );
}

/** Takes a tag away; false where there is none. */
export async function deleteTag(db: Queryable, of: TagOwner, id: string, key: string): Promise<boolean> {
  const { table, owner } = TAG_TABLES[of];
  const rows = await db.sql(`DELETE FROM ${table} WHERE ${owner} = $1 AND key = $2 RETURNING key`, [id, key]);
  return rows.length > 0;
}

/** The tags of many, by key, under their owners' ids. */
export async function tagsOf(db: Queryable, of: TagOwner, ids: readonly string[]): Promise<Map<string, Tag[]>> {
  const { table, owner } = TAG_TABLES[of];
  const rows = await db.sql<{ owner: string; key: string; value: string }>(
    `SELECT ${owner} AS owner, key, value FROM ${table} WHERE ${owner} = ANY($1::uuid[]) ORDER BY ${owner}, key`,
    [ids],
  );
  const tags = new Map<string, Tag[]>(ids.map((id) => [id, []]));
  for (const { owner: id, key, value } of rows) tags.get(id)?.push({ key, value });
  return tags;
}
