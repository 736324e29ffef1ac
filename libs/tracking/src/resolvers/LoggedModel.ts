import type { TypeResolvers } from '@throughline/graphql';
import { formatRef, idOf, nodeId } from '@throughline/kernel';

import type { Tracking } from '../api.ts';
import type { LoggedModel } from '../types.ts';
import { artifactsResolver } from './artifacts.ts';
import type { Loaders } from './loaders.ts';
import { dateOf } from './present.ts';

export function loggedModelResolvers(tracking: Tracking, loaders: Loaders): TypeResolvers {
  return {
    __resolveReference: (reference: { id: string }, context: never) => loaders.loggedModel(context, idOf('loggedModel', reference.id)),
    id: ({ id }: LoggedModel) => nodeId('loggedModel', id),
    ref: ({ modelId }: LoggedModel) => formatRef({ kind: 'loggedModel', modelId }),
    experiment: ({ experimentUuid }: LoggedModel, _args, context) => loaders.experiment(context, experimentUuid),
    sourceRun: ({ sourceRunUuid }: LoggedModel, _args, context) => (sourceRunUuid === null ? null : loaders.run(context, sourceRunUuid)),
    params: async ({ id }: LoggedModel, _args, context) => (await loaders.loggedModelDetails(context, id))?.params ?? [],
    tags: async ({ id }: LoggedModel, _args, context) => (await loaders.loggedModelDetails(context, id))?.tags ?? [],

    artifacts: artifactsResolver(tracking, loaders),

    createdAt: ({ createdAtMs }: LoggedModel) => dateOf(createdAtMs),
  };
}
