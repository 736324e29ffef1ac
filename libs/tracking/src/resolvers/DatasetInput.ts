import type { TypeResolvers } from '@throughline/graphql';
import { idOf, nodeId } from '@throughline/kernel';

import type { DatasetInput } from '../types.ts';
import type { Loaders } from './loaders.ts';

export function datasetInputResolvers(loaders: Loaders): TypeResolvers {
  return {
    __resolveReference: (reference: { id: string }, context: never) => loaders.input(context, idOf('datasetInput', reference.id)),
    id: ({ id }: DatasetInput) => nodeId('datasetInput', id),
    run: ({ runUuid }: DatasetInput, _args, context) => loaders.run(context, runUuid),
    datasetVersion: ({ datasetVersionId }: DatasetInput) =>
      datasetVersionId === null ? null : { id: nodeId('datasetVersion', datasetVersionId) },
  };
}
