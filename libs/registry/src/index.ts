export { createRegistry } from './registry.ts';
export type { Registry, RegistryOptions } from './registry.ts';

export type { CreateModelInput, ModelListInput, Models, PageInput, UpdateModelInput } from './models.ts';
export type { CreateVersionInput, Versions } from './versions.ts';
export type { Aliases, Attempt, PromoteInput } from './aliases.ts';
export type { DeployInput, DeploymentListInput, Deployments } from './deployments.ts';
export type { Stages } from './stages.ts';
export type { SearchQuery, SearchResult } from './search/query.ts';

export { checkSecrets, createSecretBox } from './webhooks/secrets.ts';
export type { SecretBox } from './webhooks/secrets.ts';
export type { WebhookEvent } from './webhooks/events.ts';
export type { CreateWebhookInput, UpdateWebhookInput, WebhookOptions, Webhooks } from './webhooks/webhooks.ts';
export type { Webhook, WebhookDelivery, WebhookStatus, WebhookTest } from './webhooks/types.ts';

export { STAGES } from './types.ts';
export type { Alias, AliasEvent, Deployment, ModelVersion, RegisteredModel, Stage, Tag } from './types.ts';

export { createRegistrySubgraph, registryTypeDefs } from './subgraph.ts';
export type { RegisterVersionInput, RegistryCommands } from './commands.ts';
