// Collecting what nothing needs: content knows what there is, each domain knows what it needs.

import type { CollectOptions, CollectReport } from '@throughline/content';
import type { Call } from '@throughline/database';

import type { Parts } from './parts.ts';

export interface CollectCommandOptions extends Omit<CollectOptions, 'referencesOf'> {
  /** In a dry run: which of these file sets count as unneeded, since what they belong to would be purged first. */
  isDue?: ((fileSetIds: readonly string[]) => Promise<string[]>) | undefined;
}

/** Removes what no domain references in any workspace; a dry run only counts. Needs the scope admin. */
export function collect(
  { content, tracking, registry, data }: Parts,
  call: Call,
  { isDue = () => Promise.resolve([]), ...options }: CollectCommandOptions,
): Promise<CollectReport> {
  return content.collect(call, {
    ...options,
    async referencesOf(asked) {
      const [runs, models, datasets, due] = await Promise.all([
        tracking.referencesOf(asked),
        registry.referencesOf(asked),
        data.referencesOf(asked),
        isDue(asked.fileSetIds),
      ]);
      // What runs read and produced stays, even where the dataset, the run, or both are deleted: history leads there.
      const ids = datasets.onlyThrough.map(({ datasetVersionId }) => datasetVersionId);
      const used = new Set((await tracking.referencesOf({ datasetVersionIds: [...new Set(ids)] })).datasetVersionIds);
      const through = datasets.onlyThrough.filter(({ datasetVersionId }) => used.has(datasetVersionId));
      const fileSetIds = new Set([...runs.fileSetIds, ...models.fileSetIds, ...datasets.fileSetIds]);
      for (const id of due) fileSetIds.delete(id);
      return {
        manifestIds: new Set([
          ...runs.manifestIds,
          ...models.manifestIds,
          ...datasets.manifestIds,
          ...through.map(({ manifestId }) => manifestId),
        ]),
        fileSetIds,
      };
    },
  });
}
