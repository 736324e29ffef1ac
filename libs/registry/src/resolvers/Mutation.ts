import type { TypeResolvers } from '@throughline/graphql';
import { asResult, callOf } from '@throughline/graphql';
import { idOf } from '@throughline/kernel';

import type { CreateModelInput, UpdateModelInput } from '../models.ts';
import type { Registry } from '../registry.ts';
import type { RegisterVersionInput, RegistryCommands } from '../commands.ts';
import type { Tag } from '../types.ts';
import type { CreateWebhookInput, UpdateWebhookInput } from '../webhooks/webhooks.ts';
import { deploymentIdOf, modelIdOf, versionIdOf } from './find.ts';
import { eventOf } from './Webhook.ts';

interface PromoteArgs {
  input: { version: string; alias: string; reason?: string | null; expected?: string | null };
}

interface DeployArgs {
  input: { version: string; environment: string; target: string; reason?: string | null };
}

export function mutationResolvers(registry: Registry, commands: RegistryCommands): TypeResolvers {
  const { models, versions, aliases, deployments, webhooks } = registry;
  return {
    createModel: (_parent, { input }: { input: CreateModelInput }, context) =>
      asResult('RegisteredModel', () => models.create(callOf(context), input)),

    updateModel: (_parent, { id, ...change }: { id: string } & UpdateModelInput, context) =>
      asResult('RegisteredModel', async () => models.update(callOf(context), await modelIdOf(registry, callOf(context), id), change)),

    setModelTags: (_parent, { id, tags }: { id: string; tags: Tag[] }, context) =>
      asResult('RegisteredModel', async () => models.setTags(callOf(context), await modelIdOf(registry, callOf(context), id), tags)),

    deleteModel: (_parent, { id }: { id: string }, context) =>
      asResult('RegisteredModel', async () => models.delete(callOf(context), await modelIdOf(registry, callOf(context), id))),

    registerVersion: (_parent, { input }: { input: RegisterVersionInput }, context) =>
      asResult('ModelVersion', () => commands.registerVersion(callOf(context), input)),

    updateVersion: (_parent, { id, description }: { id: string; description: string }, context) =>
      asResult('ModelVersion', async () =>
        versions.update(callOf(context), await versionIdOf(registry, callOf(context), id), { description }),
      ),

    setVersionTags: (_parent, { id, tags }: { id: string; tags: Tag[] }, context) =>
      asResult('ModelVersion', async () => versions.setTags(callOf(context), await versionIdOf(registry, callOf(context), id), tags)),

    deleteVersion: (_parent, { id }: { id: string }, context) =>
      asResult('ModelVersion', async () => versions.delete(callOf(context), await versionIdOf(registry, callOf(context), id))),

    promote: (_parent, { input }: PromoteArgs, context) =>
      asResult('ModelVersion', async () => {
        const call = callOf(context);
        const { expected } = input;
        return aliases.promote(call, {
          versionId: await versionIdOf(registry, call, input.version),
          alias: input.alias,
          reason: input.reason,
          // Absent is no condition; an explicit null is the condition that nobody holds it.
          expected: expected === null || expected === undefined ? expected : await versionIdOf(registry, call, expected),
        });
      }),

    removeAlias: (_parent, { model, alias, reason }: { model: string; alias: string; reason?: string | null }, context) =>
      asResult('RegisteredModel', async () => {
        const call = callOf(context);
        const modelId = await modelIdOf(registry, call, model);
        await aliases.remove(call, { modelId, alias, reason });
        return models.get(call, modelId);
      }),

    deploy: (_parent, { input: { version, ...input } }: DeployArgs, context) =>
      asResult('Deployment', async () =>
        deployments.deploy(callOf(context), { ...input, versionId: await versionIdOf(registry, callOf(context), version) }),
      ),

    rollBack: (_parent, { deployment, reason }: { deployment: string; reason?: string | null }, context) =>
      asResult('Deployment', async () =>
        deployments.rollBack(callOf(context), await deploymentIdOf(registry, callOf(context), deployment), reason),
      ),

    endDeployment: (_parent, { id, reason }: { id: string; reason?: string | null }, context) =>
      asResult('Deployment', async () => deployments.end(callOf(context), await deploymentIdOf(registry, callOf(context), id), reason)),

    createWebhook: (_parent, { input }: { input: CreateWebhookInput }, context) =>
      asResult('Webhook', () => webhooks.create(callOf(context), { ...input, events: input.events.map(eventOf) })),

    updateWebhook: (_parent, { id, input }: { id: string; input: UpdateWebhookInput }, context) =>
      asResult('Webhook', () => webhooks.update(callOf(context), idOf('webhook', id), { ...input, events: input.events?.map(eventOf) })),

    deleteWebhook: (_parent, { id }: { id: string }, context) =>
      asResult('Webhook', () => webhooks.delete(callOf(context), idOf('webhook', id))),

    testWebhook: (_parent, { id, event }: { id: string; event?: string | null }, context) =>
      asResult('WebhookTest', () => webhooks.test(callOf(context), idOf('webhook', id), event == null ? null : eventOf(event))),

    redeliverWebhook: (_parent, { delivery }: { delivery: string }, context) =>
      asResult('WebhookDelivery', () => webhooks.redeliver(callOf(context), idOf('webhookDelivery', delivery))),
  };
}
