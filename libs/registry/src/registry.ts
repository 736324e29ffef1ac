// What may be used: registered models, their versions, who holds which alias, and what is deployed.

import type { Content } from '@throughline/content';
import type { Database, Tx } from '@throughline/database';
import type { Clock, LineagePort } from '@throughline/kernel';
import { DomainError, systemClock } from '@throughline/kernel';

import type { Aliases } from './aliases.ts';
import { createAliases } from './aliases.ts';
import type { Deployments } from './deployments.ts';
import { createDeployments } from './deployments.ts';
import type { Files } from './files.ts';
import { createFiles } from './files.ts';
import { createRegistryImports } from './imports.ts';
import type { RegistryImports } from './imports.ts';
import { createRegistryLineage } from './lineage.ts';
import type { Models } from './models.ts';
import { createModels } from './models.ts';
import type { Stages } from './stages.ts';
import { createStages } from './stages.ts';
import { selectCited } from './store/citations.ts';
import { manifestsInUse } from './store/versions.ts';
import type { Versions } from './versions.ts';
import { createVersions } from './versions.ts';
import { createSecretBox } from './webhooks/secrets.ts';
import type { WebhookOptions, Webhooks } from './webhooks/webhooks.ts';
import { createWebhooks } from './webhooks/webhooks.ts';

export interface RegistryOptions {
  database: Database;
  content: Content;
  clock?: Clock;
  /** How webhooks are delivered. Unless told, they reach the public internet alone and take no secrets. */
  webhooks?: WebhookOptions;
}

export interface Registry {
  readonly models: Models;
  readonly versions: Versions;
  readonly files: Files;
  readonly aliases: Aliases;
  readonly stages: Stages;
  readonly deployments: Deployments;
  readonly webhooks: Webhooks;
  /** What only an import may say. */
  readonly imports: RegistryImports;
  readonly lineage: LineagePort;
  /** Which of these the registry needs, in any workspace; for the collector. It keeps no file sets. */
  referencesOf(asked: {
    manifestIds?: readonly string[] | undefined;
    fileSetIds?: readonly string[] | undefined;
  }): Promise<{ manifestIds: string[]; fileSetIds: string[] }>;
  /** Which of these runs and logged models (UUIDs) some version stands on, deleted or not, in any workspace, as seen by the transaction. */
  citedOf(
    tx: Tx,
    asked: { runs: readonly string[]; loggedModels: readonly string[] },
  ): Promise<{ runs: Set<string>; loggedModels: Set<string> }>;
}

const WITHOUT_KEY: WebhookOptions = {
  allowPrivate: false,
  secrets: createSecretBox(() => {
    throw new DomainError({ kind: 'unavailable', code: 'NO_SECRET_KEY', message: 'This server has no key to keep secrets under.' });
  }),
};

/** Makes the domain over a database and the content that its versions freeze. */
export function createRegistry({ database, content, clock = systemClock, webhooks = WITHOUT_KEY }: RegistryOptions): Registry {
  const parts = { database, content, clock };
  const models = createModels(parts);
  return {
    models,
    versions: createVersions(parts, models),
    files: createFiles(parts),
    aliases: createAliases(parts),
    stages: createStages(parts),
    deployments: createDeployments(parts),
    webhooks: createWebhooks(parts, webhooks),
    imports: createRegistryImports(database),
    lineage: createRegistryLineage(database),
    citedOf: selectCited,
    async referencesOf({ manifestIds = [] }) {
      return { manifestIds: manifestIds.length === 0 ? [] : await manifestsInUse(database, manifestIds), fileSetIds: [] };
    },
  };
}
