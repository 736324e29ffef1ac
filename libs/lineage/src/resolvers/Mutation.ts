import type { GraphqlContext, TypeResolvers } from '@throughline/graphql';

import type { LineageCommands } from '../commands.ts';
import type { Lineage } from '../lineage.ts';
import { callOf } from './present.ts';

export function mutationResolvers(lineage: Lineage, commands: LineageCommands): TypeResolvers {
  return {
    verify: (_: unknown, { root }: { root: string }, context: GraphqlContext) => lineage.verify(callOf(context), root),

    collect: async (_: unknown, { dryRun }: { dryRun: boolean }, context: GraphqlContext) => ({
      dryRun,
      ...(await commands.collect(callOf(context), { dryRun })),
    }),
  };
}
