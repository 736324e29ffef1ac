// Access as a federation subgraph: who is calling, and the tokens of the workspace.

import { readFileSync } from 'node:fs';

import type { Subgraph } from '@throughline/graphql';
import { defineSubgraph } from '@throughline/graphql';

import type { Access } from './access.ts';
import type { AccessCommands } from './commands.ts';
import { mutationResolvers } from './resolvers/Mutation.ts';
import { queryResolvers } from './resolvers/Query.ts';
import { tokenResolvers } from './resolvers/Token.ts';
import { viewerResolvers } from './resolvers/Viewer.ts';
import { workspaceResolvers } from './resolvers/Workspace.ts';

/** The contract of access, without the shared prelude. */
export const accessTypeDefs: string = readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8');

export function createAccessSubgraph(access: Access, commands: AccessCommands): Subgraph {
  return defineSubgraph({
    name: 'access',
    typeDefs: accessTypeDefs,
    resolvers: {
      Query: queryResolvers(access),
      Mutation: mutationResolvers(access, commands),
      Viewer: viewerResolvers(access),
      Workspace: workspaceResolvers(access),
      Token: tokenResolvers(access),
    },
  });
}
