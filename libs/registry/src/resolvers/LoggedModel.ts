import type { TypeResolvers } from '@throughline/graphql';
import { idOf } from '@throughline/kernel';

import type { Loaders } from './loaders.ts';

/** A logged model is the tracking domain's; here it is its id, and what the registry knows of it. */
export function loggedModelResolvers(loaders: Loaders): TypeResolvers {
  return {
    __resolveReference: (reference: { id: string }) => ({ id: reference.id }),
    modelVersions: async (model: { id: string }, _args, context) =>
      (await loaders.versionsFromLoggedModel(context, idOf('loggedModel', model.id))) ?? [],
  };
}
