import type { Call, Tx } from '@throughline/database';

import { versionNotFound } from './errors.ts';
import type { Store } from './store/store.ts';
import type { Dataset, DatasetVersion } from './types.ts';

/**
 * Locks the dataset of a version until the transaction ends, and answers both as the lock found them: two who decide about them at
 * once decide one after the other. Throws `not_found` DATASET_VERSION_NOT_FOUND, for versions of deleted datasets too.
 */
export async function lockVersion(
  store: Store,
  tx: Tx,
  { caller }: Call,
  versionId: string,
): Promise<{ dataset: Dataset; version: DatasetVersion }> {
  const [seen] = await store.versionsByIds(tx, caller.workspaceId, [versionId]);
  const dataset = seen === undefined ? null : await store.lockDataset(tx, caller.workspaceId, { id: seen.datasetId });
  const [version] = dataset === null ? [] : await store.versionsByIds(tx, caller.workspaceId, [versionId]);
  if (dataset === null || version === undefined) throw versionNotFound(versionId);
  return { dataset, version };
}
