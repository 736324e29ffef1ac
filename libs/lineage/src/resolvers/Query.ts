import type { GraphqlContext, TypeResolvers } from '@throughline/graphql';
import { toConnection } from '@throughline/graphql';
import { DomainError, idOf, pageRequest } from '@throughline/kernel';

import type { Lineage } from '../lineage.ts';
import type { Direction } from '../walk.ts';
import { callOf, presentGraph, presentThread } from './present.ts';

interface LineageArgs {
  root: string;
  direction: Direction;
  depth?: number | null;
}

export function queryResolvers(lineage: Lineage): TypeResolvers {
  return {
    lineage: async (_: unknown, { root, direction, depth }: LineageArgs, context: GraphqlContext) =>
      presentGraph(await lineage.graph(callOf(context), root, { direction, depth })),

    traceDeployment: (_: unknown, { id }: { id: string }, context: GraphqlContext) => lineage.trace(callOf(context), id),

    thread: async (_: unknown, { id }: { id: string }, context: GraphqlContext) => presentThread(await lineage.thread(callOf(context), id)),

    async verification(_: unknown, { id }: { id: string }, context: GraphqlContext) {
      try {
        return await lineage.verification(callOf(context), idOf('verification', id));
      } catch (error) {
        if (error instanceof DomainError && error.kind === 'not_found') return null;
        throw error;
      }
    },

    async verifications(_: unknown, args: { first?: number | null; after?: string | null }, context: GraphqlContext) {
      const page = pageRequest(args);
      return toConnection(await lineage.verifications(callOf(context), page), (job) => job, page.after);
    },
  };
}
