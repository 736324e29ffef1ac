// Collecting what nothing needs: content knows what there is, each domain knows what it needs.

import type { CollectReport } from '@throughline/content';
import type { Call } from '@throughline/database';

import type { Parts } from './parts.ts';

/** Removes what no domain references in any workspace; a dry run only counts. Needs the scope admin. */
export function collect({ content, tracking, registry, data }: Parts, call: Call, { dryRun }: { dryRun: boolean }): Promise<CollectReport> {
  return content.collect(call, {
    dryRun,
    async referencesOf(asked) {
      const answers = await Promise.all([tracking, registry, data].map((domain) => domain.referencesOf(asked)));
      return {
        manifestIds: new Set(answers.flatMap(({ manifestIds }) => manifestIds)),
        fileSetIds: new Set(answers.flatMap(({ fileSetIds }) => fileSetIds)),
      };
    },
  });
}
