// DatasetTag and DatasetPointerEvent: both are a pointer's row, from which the schema leads on to versions.

import type { GraphqlContext, TypeResolvers } from '@throughline/graphql';

import type { Loaders } from '../loaders.ts';
import type { DatasetPointer, DatasetPointerEvent, DatasetVersion } from '../types.ts';

export function tagResolvers(loaders: Loaders): TypeResolvers {
  return {
    version: (pointer: DatasetPointer, _: unknown, context: GraphqlContext) => loaders.version(context, pointer.versionId),
  };
}

export function eventResolvers(loaders: Loaders): TypeResolvers {
  const version = (context: GraphqlContext, id: string | null): Promise<DatasetVersion | null> | null =>
    id === null ? null : loaders.version(context, id);
  return {
    pointer: (event: DatasetPointerEvent) => event.name,
    version: (event: DatasetPointerEvent, _: unknown, context: GraphqlContext) => version(context, event.versionId),
    previous: (event: DatasetPointerEvent, _: unknown, context: GraphqlContext) => version(context, event.previousVersionId),
  };
}
