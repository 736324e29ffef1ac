import type { GraphqlContext, TypeResolvers } from '@throughline/graphql';
import { callOf, defineLoader } from '@throughline/graphql';
import { idOf, nodeId } from '@throughline/kernel';
import type { GraphNodeKind, NodeRef } from '@throughline/kernel';

import type { Lineage } from '../lineage.ts';
import { keyOf } from '../walk.ts';
import type { WithdrawnData } from '../withdrawn.ts';

/** What lineage adds to a kind of thing that is another domain's: here that is its id. */
export function entityResolvers(lineage: Lineage): (kind: GraphNodeKind) => TypeResolvers {
  const withdrawn = defineLoader<NodeRef, WithdrawnData[]>(
    async (nodes, context) => {
      const found = await lineage.withdrawnBehind(callOf(context), nodes);
      return nodes.map((node) => found.get(keyOf(node)) ?? null);
    },
    { keyOf },
  );
  return (kind) => ({
    __resolveReference: ({ id }: { id: string }) => ({ id }),
    async withdrawnData({ id }: { id: string }, _: unknown, context: GraphqlContext) {
      const found = await withdrawn(context, { kind, id: idOf(kind, id) });
      return found?.map(({ version, ...words }) => ({ ...words, version: { id: nodeId(version.kind, version.id) } })) ?? null;
    },
  });
}
