// SQL of what only an import may say.

import type { Queryable } from '@throughline/database';

import type { ExperimentKey, LoggedModelKey, LoggedModelStatus } from '../types.ts';

export async function stampExperiment(
  db: Queryable,
  workspaceId: string,
  key: ExperimentKey,
  { createdAtMs, updatedAtMs }: { createdAtMs: number; updatedAtMs: number },
): Promise<void> {
  const [column, value] = 'id' in key ? ['id = $2::uuid', key.id] : ['experiment_id = $2::int8', key.experimentId];
  await db.sql(`UPDATE experiment SET created_at = $3, updated_at = $4 WHERE workspace_id = $1 AND ${column}`, [
    workspaceId,
    value,
    new Date(createdAtMs),
    new Date(updatedAtMs),
  ]);
}

export async function stampLoggedModel(
  db: Queryable,
  workspaceId: string,
  key: LoggedModelKey,
  stamp: { status: LoggedModelStatus; statusMessage: string | null; createdAtMs: number; updatedAtMs: number },
): Promise<void> {
  const [column, value] = 'id' in key ? ['id = $2::uuid', key.id] : ['model_id = $2', key.modelId];
  await db.sql(
    `UPDATE logged_model SET status = $3::"LoggedModelStatus", status_message = $4, created_at_ms = $5, updated_at_ms = $6
     WHERE workspace_id = $1 AND ${column}`,
    [workspaceId, value, stamp.status, stamp.statusMessage, stamp.createdAtMs, stamp.updatedAtMs],
  );
}
