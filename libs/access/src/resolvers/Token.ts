import type { GraphqlContext, TypeResolvers } from '@throughline/graphql';
import { defineLoader } from '@throughline/graphql';
import { idOf, nodeId } from '@throughline/kernel';

import type { Access } from '../access.ts';
import type { Token } from '../types.ts';

export function tokenResolvers(access: Access): TypeResolvers {
  const load = defineLoader<string, Token>(async (ids, context) => {
    const found = await access.tokens.findMany({ caller: context.caller }, ids);
    return ids.map((id) => found.get(id) ?? null);
  });
  return {
    __resolveReference: (reference: { id: string }, context: GraphqlContext) => load(context, idOf('token', reference.id)),
    id: (token: Token) => nodeId('token', token.id),
  };
}
