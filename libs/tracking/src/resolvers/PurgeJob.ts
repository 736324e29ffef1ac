import type { GraphqlContext, TypeResolvers } from '@throughline/graphql';
import { callOf } from '@throughline/graphql';
import { nodeId } from '@throughline/kernel';

import type { Tracking } from '../api.ts';
import type { PurgeJob } from '../store/purge-jobs.ts';

const KINDS = { RUN: 'run', LOGGED_MODEL: 'loggedModel', EXPERIMENT: 'experiment' } as const;

export function purgeJobResolvers({ purge }: Tracking): TypeResolvers {
  return {
    id: (job: PurgeJob) => nodeId('purge', job.id),
    runs: (job: PurgeJob) => job.counts.runs,
    loggedModels: (job: PurgeJob) => job.counts.loggedModels,
    experiments: (job: PurgeJob) => job.counts.experiments,
    collected: (job: PurgeJob) => job.counts.collected,
    waitsFor: (job: PurgeJob) => purge.waitOf(job),
    async kept(job: PurgeJob, { first }: { first?: number | null }, context: GraphqlContext) {
      const items = await purge.keptBy(callOf(context), job.id, first ?? 100);
      return items.map(({ kind, id, reason }) => ({ id: nodeId(KINDS[kind], id), reason }));
    },
  };
}
