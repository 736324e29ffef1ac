// SQL for what the registry stands on in other domains.

import type { Queryable } from '@throughline/database';

/**
 * Which of these runs and logged models (UUIDs) some version names, in any workspace. Deleted versions count: a tombstone keeps its edges, and
 * copies count, since they carry the run of their origin for MLflow's clients.
 */
export async function selectCited(
  db: Queryable,
  asked: { runs: readonly string[]; loggedModels: readonly string[] },
): Promise<{ runs: Set<string>; loggedModels: Set<string> }> {
  const rows = await db.sql<{ run: string | null; model: string | null }>(
    `SELECT DISTINCT v.run_id AS run, NULL::uuid AS model FROM model_version v WHERE v.run_id = ANY ($1::uuid[])
     UNION ALL SELECT DISTINCT NULL::uuid, v.logged_model_id FROM model_version v WHERE v.logged_model_id = ANY ($2::uuid[])`,
    [asked.runs, asked.loggedModels],
  );
  return {
    runs: new Set(rows.flatMap(({ run }) => (run === null ? [] : [run]))),
    loggedModels: new Set(rows.flatMap(({ model }) => (model === null ? [] : [model]))),
  };
}
