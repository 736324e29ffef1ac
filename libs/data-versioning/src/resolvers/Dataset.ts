import type { GraphqlContext, TypeResolvers } from '@throughline/graphql';
import { callOf, toConnection } from '@throughline/graphql';
import { formatRef, idOf, nodeId, pageRequest } from '@throughline/kernel';

import type { DataVersioning } from '../data-versioning.ts';
import type { Loaders } from '../loaders.ts';
import { CURRENT } from '../names.ts';
import type { Dataset } from '../types.ts';
import type { PageArgs } from './present.ts';

export function datasetResolvers(domain: DataVersioning, loaders: Loaders): TypeResolvers {
  return {
    __resolveReference: ({ id }: { id: string }, context: GraphqlContext) => loaders.dataset(context, idOf('dataset', id)),

    id: (dataset: Dataset) => nodeId('dataset', dataset.id),
    ref: (dataset: Dataset) => formatRef({ kind: 'data', name: dataset.name }),

    current: (dataset: Dataset, _: unknown, context: GraphqlContext) =>
      dataset.currentVersionId === null ? null : loaders.version(context, dataset.currentVersionId),

    async tags(dataset: Dataset, _: unknown, context: GraphqlContext) {
      const pointers = (await loaders.pointers(context, dataset.id)) ?? [];
      return pointers.filter((pointer) => pointer.name !== CURRENT);
    },

    async versions(dataset: Dataset, args: PageArgs, context: GraphqlContext) {
      const page = pageRequest(args);
      const found = await loaders.versions(context, { datasetId: dataset.id, page });
      return found === null ? null : toConnection(found, (version) => version, page.after);
    },

    async readme(dataset: Dataset, _: unknown, context: GraphqlContext) {
      const written = await loaders.readme(context, dataset.id);
      if (written !== null && written.text !== '') return written;
      // A tombstone's files may have been collected.
      const versionId = dataset.deletedAt === null ? dataset.currentVersionId : null;
      const version = versionId === null ? null : await loaders.version(context, versionId);
      const text = version === null ? null : await domain.readmes.fileOf(callOf(context), version);
      // An edit of the file's text here comes after what was taken away here.
      return version === null || text === null
        ? null
        : { text, revision: written?.revision ?? 0, author: version.createdBy, at: version.createdAt, version };
    },

    async readmeHistory(dataset: Dataset, args: PageArgs, context: GraphqlContext) {
      const page = pageRequest(args);
      return toConnection(await domain.readmes.history(callOf(context), dataset.id, page), (readme) => readme, page.after);
    },

    async history(dataset: Dataset, { pointer, ...args }: PageArgs & { pointer?: string | null }, context: GraphqlContext) {
      const { first, after } = pageRequest(args);
      const found = await loaders.history(context, { id: dataset.id, pointer: pointer ?? null, first, after });
      return found === null ? null : toConnection(found, (event) => event, after);
    },
  };
}
