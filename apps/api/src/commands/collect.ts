// Collecting what nothing needs: content knows what there is, each domain knows what it needs.

import type { CollectReport } from '@throughline/content';
import type { Call } from '@throughline/database';

import type { Parts } from './parts.ts';

/** Removes what no domain references in any workspace; a dry run only counts. Needs the scope admin. */
export function collect({ content, tracking, registry, data }: Parts, call: Call, { dryRun }: { dryRun: boolean }): Promise<CollectReport> {
  return content.collect(call, {
    dryRun,
    async referencesOf(asked) {
      const [runs, models, datasets] = await Promise.all([
        tracking.referencesOf(asked),
        registry.referencesOf(asked),
        data.referencesOf(asked),
      ]);
      // What runs read and produced stays, even where the dataset, the run, or both are deleted: history leads there.
      const ids = datasets.onlyThrough.map(({ datasetVersionId }) => datasetVersionId);
      const used = new Set((await tracking.referencesOf({ datasetVersionIds: [...new Set(ids)] })).datasetVersionIds);
      const through = datasets.onlyThrough.filter(({ datasetVersionId }) => used.has(datasetVersionId));
      return {
        manifestIds: new Set([
          ...runs.manifestIds,
          ...models.manifestIds,
          ...datasets.manifestIds,
          ...through.map(({ manifestId }) => manifestId),
        ]),
        fileSetIds: new Set([...runs.fileSetIds, ...models.fileSetIds, ...datasets.fileSetIds]),
      };
    },
  });
}
