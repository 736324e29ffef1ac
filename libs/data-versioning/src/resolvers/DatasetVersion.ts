import type { GraphqlContext, TypeResolvers } from '@throughline/graphql';
import { callOf, toConnection } from '@throughline/graphql';
import { idOf, nodeId, pageRequest } from '@throughline/kernel';

import type { DataVersioning } from '../data-versioning.ts';
import type { Loaders } from '../loaders.ts';
import { CURRENT } from '../names.ts';
import type { DatasetVersion } from '../types.ts';
import { versionRef } from '../versions.ts';
import { presentChild, presentFile } from './present.ts';
import type { PageArgs } from './present.ts';
import { tablesOfVersion } from './tables.ts';

export function datasetVersionResolvers(domain: DataVersioning, loaders: Loaders): TypeResolvers {
  const names = async (version: DatasetVersion, context: GraphqlContext) => (await loaders.pointerNames(context, version.id)) ?? [];
  const versions = async (context: GraphqlContext, ids: readonly string[] | null) => {
    const found = await Promise.all((ids ?? []).map((id) => loaders.version(context, id)));
    return found.filter((version) => version !== null).sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  };
  return {
    ...tablesOfVersion(domain, loaders),
    __resolveReference: ({ id }: { id: string }, context: GraphqlContext) => loaders.version(context, idOf('datasetVersion', id)),

    id: (version: DatasetVersion) => nodeId('datasetVersion', version.id),
    ref: versionRef,
    dataset: (version: DatasetVersion, _: unknown, context: GraphqlContext) => loaders.dataset(context, version.datasetId),

    tags: (version: DatasetVersion, _: unknown, context: GraphqlContext) => names(version, context),
    isCurrent: async (version: DatasetVersion, _: unknown, context: GraphqlContext) => (await names(version, context)).includes(CURRENT),

    // A tombstone's files may have been collected; its digest stays.
    dvcMd5: async (version: DatasetVersion, _: unknown, context: GraphqlContext) =>
      (await loaders.manifest(context, version.manifestId))?.dvcMd5 ?? '',
    fileCount: async (version: DatasetVersion, _: unknown, context: GraphqlContext) =>
      (await loaders.manifest(context, version.manifestId))?.fileCount ?? 0,
    totalBytes: async (version: DatasetVersion, _: unknown, context: GraphqlContext) =>
      (await loaders.manifest(context, version.manifestId))?.totalBytes ?? 0,
    integrity: async (version: DatasetVersion, _: unknown, context: GraphqlContext) =>
      (await loaders.integrity(context, version.manifestId))?.integrity ?? 'DAMAGED',
    checkedAt: async (version: DatasetVersion, _: unknown, context: GraphqlContext) =>
      (await loaders.integrity(context, version.manifestId))?.checkedAt ?? null,

    async files(version: DatasetVersion, { under, ...args }: PageArgs & { under?: string | null }, context: GraphqlContext) {
      const { manifestId } = version;
      const folder = under ?? '';
      const { first, after } = pageRequest(args);
      const loaded = await loaders.files(context, { id: manifestId, under: folder, first, after });
      // What was collected is not among what was loaded; asked for alone, it says so.
      const found = loaded ?? (await domain.files.list(callOf(context), version, { under: folder, page: { first, after } }));
      return {
        ...toConnection(found, (file) => presentFile(version, file), after),
        totalCount: async () =>
          folder === ''
            ? ((await loaders.manifest(context, manifestId))?.fileCount ?? 0)
            : ((await loaders.countBelow(context, { id: manifestId, folder })) ?? 0),
      };
    },

    async entries(version: DatasetVersion, { path, ...args }: PageArgs & { path?: string | null }, context: GraphqlContext) {
      const folder = path ?? '';
      const { first, after } = pageRequest(args);
      const loaded = await loaders.entries(context, { id: version.manifestId, path: folder, first, after });
      const found = loaded ?? (await domain.files.folder(callOf(context), version, folder, { first, after }));
      return toConnection(found, (child) => presentChild(version, child), after);
    },

    derivedFrom: async (version: DatasetVersion, _: unknown, context: GraphqlContext) =>
      versions(context, await loaders.sources(context, version.id)),
    derivatives: async (version: DatasetVersion, _: unknown, context: GraphqlContext) =>
      versions(context, await loaders.derivatives(context, version.id)),

    sightings: async (version: DatasetVersion, _: unknown, context: GraphqlContext) => (await loaders.sightings(context, version.id)) ?? [],
    retractionHistory: async (version: DatasetVersion, _: unknown, context: GraphqlContext) =>
      (await loaders.retractions(context, version.id)) ?? [],
  };
}
