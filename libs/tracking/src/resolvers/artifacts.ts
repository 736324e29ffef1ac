import { callOf, presentEntry, toConnection } from '@throughline/graphql';
import type { GraphqlContext } from '@throughline/graphql';
import { pageRequest } from '@throughline/kernel';

import type { Tracking } from '../api.ts';
import type { LoggedModel, Run } from '../types.ts';
import type { Loaders, PageArgs } from './loaders.ts';

/** The field `artifacts` of runs and logged models: what lies directly in a folder of theirs, loaded for all rows of a list together. */
export function artifactsResolver({ artifacts }: Pick<Tracking, 'artifacts'>, loaders: Loaders) {
  return async (of: Run | LoggedModel, { path, ...args }: PageArgs & { path?: string | null }, context: GraphqlContext) => {
    const owner = artifacts.ownedBy(of);
    const { first, after } = pageRequest(args);
    const loaded = owner.ours ? await loaders.artifacts(context, { id: owner.fileSetId, path: path ?? '', first, after }) : null;
    // Artifacts that are elsewhere, or that nobody keeps: asked for alone, the domain says what they are.
    const page = loaded ?? (await artifacts.listFolder(callOf(context), owner, path ?? '', { first, after }));
    return toConnection(page, presentEntry, after);
  };
}
