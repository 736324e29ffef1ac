// What may be used: registered models, their versions, who holds which alias, and what is deployed.

import type { Content } from '@throughline/content';
import type { Database } from '@throughline/database';
import type { Clock, LineagePort } from '@throughline/kernel';
import { systemClock } from '@throughline/kernel';

import type { Aliases } from './aliases.ts';
import { createAliases } from './aliases.ts';
import type { Deployments } from './deployments.ts';
import { createDeployments } from './deployments.ts';
import type { Files } from './files.ts';
import { createFiles } from './files.ts';
import { createRegistryLineage } from './lineage.ts';
import type { Models } from './models.ts';
import { createModels } from './models.ts';
import type { Stages } from './stages.ts';
import { createStages } from './stages.ts';
import { manifestsInUse } from './store/versions.ts';
import type { Versions } from './versions.ts';
import { createVersions } from './versions.ts';

export interface RegistryOptions {
  database: Database;
  content: Content;
  clock?: Clock;
}

export interface Registry {
  readonly models: Models;
  readonly versions: Versions;
  readonly files: Files;
  readonly aliases: Aliases;
  readonly stages: Stages;
  readonly deployments: Deployments;
  readonly lineage: LineagePort;
  /** Which of these the registry needs, in any workspace; for the collector. It keeps no file sets. */
  referencesOf(asked: {
    manifestIds?: readonly string[] | undefined;
    fileSetIds?: readonly string[] | undefined;
  }): Promise<{ manifestIds: string[]; fileSetIds: string[] }>;
}

/** Makes the domain over a database and the content that its versions freeze. */
export function createRegistry({ database, content, clock = systemClock }: RegistryOptions): Registry {
  const parts = { database, content, clock };
  const models = createModels(parts);
  return {
    models,
    versions: createVersions(parts, models),
    files: createFiles(parts),
    aliases: createAliases(parts),
    stages: createStages(parts),
    deployments: createDeployments(parts),
    lineage: createRegistryLineage(database),
    async referencesOf({ manifestIds = [] }) {
      return { manifestIds: manifestIds.length === 0 ? [] : await manifestsInUse(database, manifestIds), fileSetIds: [] };
    },
  };
}
