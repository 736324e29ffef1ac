// SQL for emptying the object store of what this database names.

import type { Queryable } from '@throughline/database';

/** Every key under which this database has an object, or may have one. */
export async function selectAllKeys(db: Queryable): Promise<string[]> {
  const rows = await db.sql<{ key: string }>(
    `SELECT storage_key AS key FROM blob UNION SELECT storage_key FROM upload UNION SELECT storage_key FROM direct_upload`,
  );
  return rows.map((row) => row.key);
}

/** Every upload whose parts the object store may keep. */
export function selectAllMultiparts(db: Queryable): Promise<{ storageKey: string; multipartId: string }[]> {
  return db.sql(
    `SELECT storage_key AS "storageKey", multipart_id AS "multipartId" FROM upload WHERE multipart_id IS NOT NULL
     UNION ALL SELECT storage_key, multipart_id FROM direct_upload WHERE sha256 IS NULL`,
  );
}
