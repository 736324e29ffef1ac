// The registry as a federation subgraph: the contract, its resolvers, and the one command that needs other domains.

import { readFileSync } from 'node:fs';

import type { Subgraph } from '@throughline/graphql';
import { defineSubgraph } from '@throughline/graphql';

import type { RegistryCommands } from './commands.ts';
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
import { webhookDeliveryResolvers, webhookResolvers } from './resolvers/Webhook.ts';

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
      Webhook: webhookResolvers(loaders),
      WebhookDelivery: webhookDeliveryResolvers(),
    },
  });
}
