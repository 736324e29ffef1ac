import type { GraphqlContext, TypeResolvers } from '@throughline/graphql';
import { formatRef, idOf, nodeId } from '@throughline/kernel';

import type { Deployment } from '../types.ts';
import type { Loaders } from './loaders.ts';

export function deploymentResolvers(loaders: Loaders): TypeResolvers {
  return {
    __resolveReference: (reference: { id: string }, context: GraphqlContext) =>
      loaders.deployment(context, idOf('deployment', reference.id)),
    id: (deployment: Deployment) => nodeId('deployment', deployment.id),
    ref: ({ environment, target }: Deployment) => formatRef({ kind: 'deployment', environment, target }),
    modelVersion: (deployment: Deployment, _args, context) => loaders.version(context, deployment.versionId),
    isLive: (deployment: Deployment) => deployment.endedAt === null,
    previous: (deployment: Deployment, _args, context) => loaders.previousDeployment(context, deployment.id),
  };
}
