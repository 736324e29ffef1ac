import type { TypeResolvers } from '@throughline/graphql';
import { toConnection } from '@throughline/graphql';
import { idOf } from '@throughline/kernel';

import type { DatasetInput } from '../types.ts';
import type { Loaders, PageArgs } from './loaders.ts';

/** A dataset version is the data-versioning domain's; here it is its id, and what runs did with it. */
export function datasetVersionResolvers(loaders: Loaders): TypeResolvers {
  return {
    __resolveReference: (reference: { id: string }) => ({ id: reference.id }),

    async usedBy({ id }: { id: string }, { first, after }: PageArgs, context) {
      const key = { id: idOf('datasetVersion', id), first: first ?? null, after: after ?? null };
      const page = await loaders.usersOfVersion(context, key);
      return page === null ? null : toConnection(page, (input: DatasetInput) => input, after);
    },

    producedBy: ({ id }: { id: string }, _args, context) => loaders.producer(context, idOf('datasetVersion', id)),
  };
}
