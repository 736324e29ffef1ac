import type { TypeResolvers } from '@throughline/graphql';

import type { Alias } from '../types.ts';
import type { Loaders } from './loaders.ts';

export function aliasResolvers(loaders: Loaders): TypeResolvers {
  return {
    version: (alias: Alias, _args, context) => loaders.version(context, alias.versionId),
  };
}
