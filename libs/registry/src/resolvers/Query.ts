import type { TypeResolvers } from '@throughline/graphql';
import { callOf, toConnection } from '@throughline/graphql';
import { idOf } from '@throughline/kernel';

import type { DeploymentListInput } from '../deployments.ts';
import type { ModelListInput, PageInput } from '../models.ts';
import type { Registry } from '../registry.ts';
import type { Deployment, RegisteredModel } from '../types.ts';
import type { Webhook } from '../webhooks/types.ts';
import { findDeploymentId, findModelId, findVersionId } from './find.ts';
import type { Loaders } from './loaders.ts';

export function queryResolvers(registry: Registry, loaders: Loaders): TypeResolvers {
  return {
    async model(_parent, { id }: { id: string }, context) {
      const found = await findModelId(registry, callOf(context), id);
      return found === null ? null : loaders.model(context, found);
    },

    async models(_parent, args: PageInput & ModelListInput, context) {
      const page = await registry.models.list(callOf(context), args);
      return {
        ...toConnection(page, (model: RegisteredModel) => model, args.after),
        totalCount: () => registry.models.count(callOf(context), args),
      };
    },

    async modelVersion(_parent, { id }: { id: string }, context) {
      const found = await findVersionId(registry, callOf(context), id);
      return found === null ? null : loaders.version(context, found);
    },

    async deployments(_parent, args: DeploymentListInput, context) {
      const page = await registry.deployments.list(callOf(context), args);
      return {
        ...toConnection(page, (deployment: Deployment) => deployment, args.after),
        totalCount: () => registry.deployments.count(callOf(context), args),
      };
    },

    async deployment(_parent, { id }: { id: string }, context) {
      const found = await findDeploymentId(registry, callOf(context), id);
      return found === null ? null : loaders.deployment(context, found);
    },

    async webhooks(_parent, args: PageInput, context) {
      const page = await registry.webhooks.list(callOf(context), args);
      return {
        ...toConnection(page, (webhook: Webhook) => webhook, args.after),
        totalCount: () => registry.webhooks.count(callOf(context)),
      };
    },

    async webhook(_parent, { id }: { id: string }, context) {
      const found = idOf('webhook', id);
      return (await registry.webhooks.findMany(callOf(context), [found])).get(found) ?? null;
    },
  };
}
