import type { TypeResolvers } from '@throughline/graphql';
import { presentEntry, toConnection } from '@throughline/graphql';
import { formatRef, idOf, nodeId, pageRequest } from '@throughline/kernel';

import type { Tracking } from '../api.ts';
import type { LoggedModel } from '../types.ts';
import { callOf } from './loaders.ts';
import type { Loaders, PageArgs } from './loaders.ts';
import { dateOf } from './present.ts';

export function loggedModelResolvers({ artifacts }: Tracking, loaders: Loaders): TypeResolvers {
  return {
    __resolveReference: (reference: { id: string }, context: never) => loaders.loggedModel(context, idOf('loggedModel', reference.id)),
    id: ({ id }: LoggedModel) => nodeId('loggedModel', id),
    ref: ({ modelId }: LoggedModel) => formatRef({ kind: 'loggedModel', modelId }),
    experiment: ({ experimentUuid }: LoggedModel, _args, context) => loaders.experiment(context, experimentUuid),
    sourceRun: ({ sourceRunUuid }: LoggedModel, _args, context) => (sourceRunUuid === null ? null : loaders.run(context, sourceRunUuid)),
    params: async ({ id }: LoggedModel, _args, context) => (await loaders.loggedModelDetails(context, id))?.params ?? [],
    tags: async ({ id }: LoggedModel, _args, context) => (await loaders.loggedModelDetails(context, id))?.tags ?? [],

    async artifacts(model: LoggedModel, { path, ...args }: PageArgs & { path?: string | null }, context) {
      const page = await artifacts.listFolder(callOf(context), artifacts.ownedBy(model), path ?? '', pageRequest(args));
      return toConnection(page, presentEntry, args.after);
    },

    createdAt: ({ createdAtMs }: LoggedModel) => dateOf(createdAtMs),
  };
}
