import type { TypeResolvers } from '@throughline/graphql';

import type { AliasEvent } from '../types.ts';
import type { Loaders } from './loaders.ts';

export function aliasEventResolvers(loaders: Loaders): TypeResolvers {
  return {
    version: (event: AliasEvent, _args, context) => (event.versionId === null ? null : loaders.version(context, event.versionId)),
    previous: (event: AliasEvent, _args, context) =>
      event.previousVersionId === null ? null : loaders.version(context, event.previousVersionId),
  };
}
