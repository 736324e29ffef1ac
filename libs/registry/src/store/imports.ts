// SQL of what only an import may say.

import type { Queryable } from '@throughline/database';

export async function raiseLastVersion(db: Queryable, workspaceId: string, modelId: string, version: number): Promise<void> {
  await db.sql(`UPDATE registered_model SET last_version = $3 WHERE workspace_id = $1 AND id = $2 AND last_version < $3`, [
    workspaceId,
    modelId,
    version,
  ]);
}

export async function stampModel(
  db: Queryable,
  workspaceId: string,
  modelId: string,
  { createdAtMs, updatedAtMs }: { createdAtMs: number; updatedAtMs: number },
): Promise<void> {
  await db.sql(`UPDATE registered_model SET created_at_ms = $3, updated_at_ms = $4 WHERE workspace_id = $1 AND id = $2`, [
    workspaceId,
    modelId,
    createdAtMs,
    updatedAtMs,
  ]);
}

export async function stampVersion(
  db: Queryable,
  workspaceId: string,
  versionId: string,
  { createdAtMs, updatedAtMs, userId }: { createdAtMs: number; updatedAtMs: number; userId: string },
): Promise<void> {
  await db.sql(`UPDATE model_version SET created_at_ms = $3, updated_at_ms = $4, user_id = $5 WHERE workspace_id = $1 AND id = $2`, [
    workspaceId,
    versionId,
    createdAtMs,
    updatedAtMs,
    userId,
  ]);
}
