// The registry as a federation subgraph: the contract, its resolvers, and the one command that needs other domains.

import { readFileSync } from 'node:fs';

import type { Call } from '@throughline/database';
import type { Subgraph } from '@throughline/graphql';
import { defineSubgraph } from '@throughline/graphql';

import type { Registry } from './registry.ts';
import { aliasResolvers } from './resolvers/Alias.ts';
import { aliasEventResolvers } from './resolvers/AliasEvent.ts';
import { deploymentResolvers } from './resolvers/Deployment.ts';
import { createLoaders } from './resolvers/loaders.ts';
import { loggedModelResolvers } from './resolvers/LoggedModel.ts';
import { modelVersionResolvers } from './resolvers/ModelVersion.ts';
import { mutationResolvers } from './resolvers/Mutation.ts';
import { queryResolvers } from './resolvers/Query.ts';
import { registeredModelResolvers } from './resolvers/RegisteredModel.ts';
import { runResolvers } from './resolvers/Run.ts';
import type { ModelVersion, Tag } from './types.ts';

/** What to register, by node ids or references; the command finds out what they are. */
export interface RegisterVersionInput {
  /** The model's name; it is made where there is none. */
  model: string;
  /** Either this or `run` is needed. */
  loggedModel?: string | null | undefined;
  run?: string | null | undefined;
  /** The folder of the run's artifacts; all of them unless given. */
  path?: string | null | undefined;
  description?: string | null | undefined;
  tags?: readonly Tag[] | null | undefined;
}

/** The commands that the registry's schema offers and that need other domains too; the composition root gives them. */
export interface RegistryCommands {
  /** Resolves what is to be registered, freezes its files and makes the version, in one transaction. */
  registerVersion(call: Call, input: RegisterVersionInput): Promise<ModelVersion>;
}

/** The registry's contract, without the shared prelude. */
export const registryTypeDefs: string = readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8');

export function createRegistrySubgraph(registry: Registry, commands: RegistryCommands): Subgraph {
  const loaders = createLoaders(registry);
  return defineSubgraph({
    name: 'registry',
    typeDefs: registryTypeDefs,
    resolvers: {
      Query: queryResolvers(registry, loaders),
      Mutation: mutationResolvers(registry, commands),
      RegisteredModel: registeredModelResolvers(loaders),
      ModelVersion: modelVersionResolvers(registry, loaders),
      Alias: aliasResolvers(loaders),
      AliasEvent: aliasEventResolvers(loaders),
      Deployment: deploymentResolvers(loaders),
      Run: runResolvers(loaders),
      LoggedModel: loggedModelResolvers(loaders),
    },
  });
}
