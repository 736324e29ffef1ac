import type { GraphqlContext, TypeResolvers } from '@throughline/graphql';
import { idOf, nodeId } from '@throughline/kernel';

import type { Access } from '../access.ts';
import type { Workspace } from '../types.ts';

export function workspaceResolvers(access: Access): TypeResolvers {
  return {
    // A caller knows of one workspace.
    __resolveReference: (reference: { id: string }, context: GraphqlContext) =>
      idOf('workspace', reference.id) === context.caller.workspaceId ? access.workspaceOf({ caller: context.caller }) : null,
    id: (workspace: Workspace) => nodeId('workspace', workspace.id),
  };
}
