import type { TypeResolvers } from '@throughline/graphql';
import type { Caller } from '@throughline/kernel';

import type { Access } from '../access.ts';

export function viewerResolvers(access: Access): TypeResolvers {
  return {
    workspace: (caller: Caller) => access.workspaceOf({ caller }),
    isLocal: (caller: Caller) => access.isLocal(caller),
  };
}
