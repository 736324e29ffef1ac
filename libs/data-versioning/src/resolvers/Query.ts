import type { GraphqlContext, TypeResolvers } from '@throughline/graphql';
import { callOf, toConnection } from '@throughline/graphql';
import { pageRequest } from '@throughline/kernel';

import type { DataVersioning } from '../data-versioning.ts';
import { presentFile } from './present.ts';
import type { PageArgs } from './present.ts';
import { tableQueries } from './tables.ts';

export function queryResolvers(domain: DataVersioning): TypeResolvers {
  return {
    dataset: (_: unknown, { id }: { id: string }, context: GraphqlContext) => domain.datasets.findByRef(callOf(context), id),

    async datasets(_: unknown, { search, ...args }: PageArgs & { search?: string | null }, context: GraphqlContext) {
      const call = callOf(context);
      const page = pageRequest(args);
      const found = await domain.datasets.list(call, { search, page });
      return {
        ...toConnection(found, (dataset) => dataset, page.after),
        totalCount: () => domain.datasets.count(call, search ?? null),
      };
    },

    datasetVersion: (_: unknown, { id }: { id: string }, context: GraphqlContext) => domain.versions.findByRef(callOf(context), id),

    ...tableQueries(domain),

    async datasetDiff(_: unknown, { from, to, ...args }: PageArgs & { from: string; to: string }, context: GraphqlContext) {
      const call = callOf(context);
      const page = pageRequest(args);
      const [before, after] = await Promise.all([domain.versions.getByRef(call, from), domain.versions.getByRef(call, to)]);
      const diff = await domain.versions.diff(call, before, after, page);
      const { totals } = diff;
      const { nodes, pageInfo } = toConnection(diff, (change) => change, page.after);
      return {
        from: before,
        to: after,
        addedCount: totals.added,
        removedCount: totals.removed,
        changedCount: totals.changed,
        unchangedCount: totals.unchanged,
        bytesDelta: totals.addedBytes - totals.removedBytes + totals.changedBytesAfter - totals.changedBytesBefore,
        differences: nodes.map((change) => ({
          path: change.path,
          change: change.change,
          before: change.before === null ? null : presentFile(before, change.before),
          after: change.after === null ? null : presentFile(after, change.after),
        })),
        pageInfo,
      };
    },
  };
}
