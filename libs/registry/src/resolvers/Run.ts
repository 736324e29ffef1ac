import type { TypeResolvers } from '@throughline/graphql';
import { idOf } from '@throughline/kernel';

import type { Loaders } from './loaders.ts';

/** A run is the tracking domain's; here it is its id, and what the registry knows of it. */
export function runResolvers(loaders: Loaders): TypeResolvers {
  return {
    __resolveReference: (reference: { id: string }) => ({ id: reference.id }),
    modelVersions: async (run: { id: string }, _args, context) => (await loaders.versionsFromRun(context, idOf('run', run.id))) ?? [],
  };
}
