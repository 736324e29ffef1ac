import type { TypeResolvers } from '@throughline/graphql';
import { toConnection } from '@throughline/graphql';
import { formatRef, idOf, nodeId } from '@throughline/kernel';

import type { Experiment, Run } from '../types.ts';
import type { Loaders, RunArgs } from './loaders.ts';

export function experimentResolvers(loaders: Loaders): TypeResolvers {
  return {
    __resolveReference: (reference: { id: string }, context: never) => loaders.experiment(context, idOf('experiment', reference.id)),
    id: ({ id }: Experiment) => nodeId('experiment', id),
    ref: ({ experimentId }: Experiment) => formatRef({ kind: 'experiment', experimentId }),
    tags: async ({ id }: Experiment, _args, context) => (await loaders.experimentTags(context, id)) ?? [],
    runCount: async ({ id }: Experiment, _args, context) => (await loaders.runCount(context, id)) ?? 0,
    metricKeys: async ({ id }: Experiment, _args, context) => (await loaders.metricKeys(context, id)) ?? [],
    paramKeys: async ({ id }: Experiment, _args, context) => (await loaders.paramKeys(context, id)) ?? [],

    async runs({ id }: Experiment, args: RunArgs, context) {
      const page = await loaders.runsOfExperiment(context, { id, ...args });
      if (page === null) return null;
      const { filter, view } = args;
      return {
        ...toConnection(page, (run: Run) => run, args.after),
        totalCount: async () => (await loaders.countOfExperiment(context, { id, filter: filter ?? null, view: view ?? null })) ?? 0,
      };
    },
  };
}
