import type { GraphqlContext, TypeResolvers } from '@throughline/graphql';
import { callOf, presentFile, toConnection } from '@throughline/graphql';
import { formatRef, idOf, nodeId } from '@throughline/kernel';

import type { PageInput } from '../models.ts';
import type { Registry } from '../registry.ts';
import type { Deployment, ModelVersion } from '../types.ts';
import type { Loaders } from './loaders.ts';

const NO_FILES = { fileCount: 0, totalBytes: 0 };

export function modelVersionResolvers(registry: Registry, loaders: Loaders): TypeResolvers {
  const totals = async (version: ModelVersion, context: Parameters<Loaders['fileTotals']>[0]) =>
    version.manifestId === null ? NO_FILES : ((await loaders.fileTotals(context, version.manifestId)) ?? NO_FILES);

  return {
    __resolveReference: (reference: { id: string }, context: GraphqlContext) =>
      loaders.version(context, idOf('modelVersion', reference.id)),
    id: (version: ModelVersion) => nodeId('modelVersion', version.id),
    ref: (version: ModelVersion) => formatRef({ kind: 'model', name: version.modelName, version: version.version }),
    model: (version: ModelVersion, _args, context) => loaders.model(context, version.modelId),
    tags: (version: ModelVersion, _args, context) => loaders.versionTags(context, version.id),
    aliases: async (version: ModelVersion, _args, context) =>
      ((await loaders.versionAliases(context, version.id)) ?? []).map((alias) => alias.alias),
    fileCount: async (version: ModelVersion, _args, context) => (await totals(version, context)).fileCount,
    totalBytes: async (version: ModelVersion, _args, context) => (await totals(version, context)).totalBytes,

    async files(version: ModelVersion, args: PageInput, context) {
      const { manifestId } = version;
      const loaded = manifestId === null ? null : await loaders.files(context, { id: manifestId, first: args.first, after: args.after });
      const page = loaded ?? (await registry.files.list(callOf(context), version, args));
      return { ...toConnection(page, presentFile, args.after), totalCount: async () => (await totals(version, context)).fileCount };
    },

    integrity: async (version: ModelVersion, _args, context) =>
      version.manifestId === null ? 'UNCHECKED' : ((await loaders.integrity(context, version.manifestId)) ?? 'UNCHECKED'),
    run: (version: ModelVersion) => (version.runId === null ? null : { id: nodeId('run', version.runId) }),
    loggedModel: (version: ModelVersion) => (version.loggedModelId === null ? null : { id: nodeId('loggedModel', version.loggedModelId) }),
    copiedFrom: (version: ModelVersion, _args, context) =>
      version.copiedFromId === null ? null : loaders.version(context, version.copiedFromId),

    async deployments(version: ModelVersion, { first, after }: PageInput, context) {
      const page = await loaders.deploymentsOfVersion(context, { id: version.id, first, after });
      if (page === null) return null;
      const totalCount = async () => (await loaders.deploymentCount(context, version.id)) ?? 0;
      return { ...toConnection(page, (deployment: Deployment) => deployment, after), totalCount };
    },

    createdBy: (version: ModelVersion) => version.userId,
    createdAt: (version: ModelVersion) => new Date(version.createdAtMs),
  };
}
