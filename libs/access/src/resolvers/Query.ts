import type { TypeResolvers } from '@throughline/graphql';
import { toConnection } from '@throughline/graphql';

import type { Access } from '../access.ts';
import type { Token } from '../types.ts';

export function queryResolvers(access: Access): TypeResolvers {
  return {
    viewer: (_parent, _args, context) => context.caller,
    async tokens(_parent, args: { first?: number | null; after?: string | null }, context) {
      const page = await access.tokens.list({ caller: context.caller }, args);
      return toConnection(page, (token: Token) => token, args.after);
    },
  };
}
