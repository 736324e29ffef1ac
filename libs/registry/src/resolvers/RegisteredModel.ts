import type { GraphqlContext, TypeResolvers } from '@throughline/graphql';
import { toConnection } from '@throughline/graphql';
import { formatRef, idOf, nodeId } from '@throughline/kernel';

import type { PageInput } from '../models.ts';
import type { AliasEvent, ModelVersion, RegisteredModel } from '../types.ts';
import type { Loaders } from './loaders.ts';

export function registeredModelResolvers(loaders: Loaders): TypeResolvers {
  return {
    __resolveReference: (reference: { id: string }, context: GraphqlContext) => loaders.model(context, idOf('model', reference.id)),
    id: (model: RegisteredModel) => nodeId('model', model.id),
    ref: (model: RegisteredModel) => formatRef({ kind: 'model', name: model.name }),
    tags: (model: RegisteredModel, _args, context) => loaders.modelTags(context, model.id),
    createdAt: (model: RegisteredModel) => new Date(model.createdAtMs),
    updatedAt: (model: RegisteredModel) => new Date(model.updatedAtMs),
    aliases: (model: RegisteredModel, _args, context) => loaders.modelAliases(context, model.id),
    latestVersion: (model: RegisteredModel, _args, context) => loaders.latestVersion(context, model.id),
    versionCount: async (model: RegisteredModel, _args, context) => (await loaders.versionCount(context, model.id)) ?? 0,

    async versions(model: RegisteredModel, { first, after }: PageInput, context) {
      const page = await loaders.versionsOfModel(context, { id: model.id, first, after });
      return page === null ? null : toConnection(page, (version: ModelVersion) => version, after);
    },

    async aliasHistory(model: RegisteredModel, { alias, first, after }: PageInput & { alias?: string | null }, context) {
      const page = await loaders.aliasHistory(context, { id: model.id, alias, first, after });
      return page === null ? null : toConnection(page, (event: AliasEvent) => event, after);
    },
  };
}
