import type { TypeResolvers } from '@throughline/graphql';
import { toConnection } from '@throughline/graphql';
import { formatRef, idOf, nodeId } from '@throughline/kernel';

import type { Tracking } from '../api.ts';
import { TAG } from '../tags.ts';
import type { Run } from '../types.ts';
import { artifactsResolver } from './artifacts.ts';
import type { Loaders, PageArgs } from './loaders.ts';
import { dateOf } from './present.ts';

type Context = Parameters<Loaders['run']>[0];

export function runResolvers(tracking: Tracking, loaders: Loaders): TypeResolvers {
  const tag = async (run: Run, key: string, context: Context) =>
    ((await loaders.runTags(context, run.id)) ?? []).find((one) => one.key === key)?.value ?? null;

  const linked = async (run: Run, direction: 'INPUT' | 'OUTPUT', context: Context) => {
    const links = ((await loaders.modelLinks(context, run.id)) ?? []).filter((link) => link.direction === direction);
    const models = await Promise.all(links.map((link) => loaders.loggedModel(context, link.loggedModelId)));
    return models.filter((model) => model !== null);
  };

  return {
    __resolveReference: (reference: { id: string }, context: never) => loaders.run(context, idOf('run', reference.id)),
    id: ({ id }: Run) => nodeId('run', id),
    ref: ({ runId }: Run) => formatRef({ kind: 'run', runId }),
    experiment: (run: Run, _args, context) => loaders.experiment(context, run.experimentUuid),
    parent: (run: Run, _args, context) => (run.parentId === null ? null : loaders.run(context, run.parentId)),

    async children({ id }: Run, { first, after }: PageArgs, context) {
      const page = await loaders.children(context, { id, first: first ?? null, after: after ?? null });
      if (page === null) return null;
      return {
        ...toConnection(page, (run: Run) => run, after),
        totalCount: async () => (await loaders.childCount(context, id)) ?? 0,
      };
    },

    user: ({ userId }: Run) => userId,
    startedAt: ({ startTimeMs }: Run) => (startTimeMs === 0 ? null : dateOf(startTimeMs)),
    endedAt: ({ endTimeMs }: Run) => (endTimeMs === null ? null : dateOf(endTimeMs)),

    durationMs({ startTimeMs, endTimeMs, status }: Run) {
      const end = endTimeMs ?? (status === 'RUNNING' ? Date.now() : null);
      return startTimeMs === 0 || end === null ? null : Math.max(0, end - startTimeMs);
    },

    params: async ({ id }: Run, { keys }: { keys?: readonly string[] | null }, context) =>
      (await loaders.params(context, { id, keys: keys ?? null })) ?? [],

    async metrics({ id }: Run, { keys }: { keys?: readonly string[] | null }, context) {
      const metrics = (await loaders.metrics(context, { id, keys: keys ?? null })) ?? [];
      return metrics.map((metric) => ({ ...metric, timestamp: dateOf(metric.timestampMs) }));
    },

    pointCount: async ({ id }: Run, _args, context) => (await loaders.pointCount(context, id)) ?? 0,
    tags: async ({ id }: Run, _args, context) => (await loaders.runTags(context, id)) ?? [],
    inputs: async ({ id }: Run, _args, context) => (await loaders.inputs(context, id)) ?? [],
    producedDatasets: async ({ id }: Run, _args, context) =>
      ((await loaders.producedVersions(context, id)) ?? []).map((version) => ({ id: nodeId('datasetVersion', version) })),
    loggedModels: (run: Run, _args, context) => linked(run, 'OUTPUT', context),
    startedFrom: (run: Run, _args, context) => linked(run, 'INPUT', context),

    artifacts: artifactsResolver(tracking, loaders),

    commit: (run: Run, _args, context) => tag(run, TAG.commit, context),
    source: (run: Run, _args, context) => tag(run, TAG.source, context),
  };
}
