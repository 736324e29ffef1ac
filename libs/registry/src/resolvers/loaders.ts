// Everything that a page of the registry may ask for many of, loaded together: one statement for one field of all rows.

import type { FileTotals } from '../files.ts';
import type { FileInfo, Integrity } from '@throughline/content';
import { loadByGroup, loadById, nestedPage } from '@throughline/graphql';
import type { Load } from '@throughline/graphql';
import type { Page } from '@throughline/kernel';

import type { PageInput } from '../models.ts';
import type { Registry } from '../registry.ts';
import type { Alias, AliasEvent, Deployment, ModelVersion, RegisteredModel, Tag } from '../types.ts';
import type { WebhookDelivery } from '../webhooks/types.ts';
import type { DeliveryPageInput } from '../webhooks/webhooks.ts';

/** A page of something that belongs to one of many. */
export interface PageKey extends PageInput {
  id: string;
}

export interface EventPageKey extends PageKey {
  alias?: string | null | undefined;
}

export interface Loaders {
  model: Load<string, RegisteredModel>;
  version: Load<string, ModelVersion>;
  deployment: Load<string, Deployment>;
  modelTags: Load<string, Tag[]>;
  versionTags: Load<string, Tag[]>;
  modelAliases: Load<string, Alias[]>;
  versionAliases: Load<string, Alias[]>;
  latestVersion: Load<string, ModelVersion>;
  versionCount: Load<string, number>;
  versionsOfModel: Load<PageKey, Page<ModelVersion>>;
  aliasHistory: Load<EventPageKey, Page<AliasEvent>>;
  deploymentsOfVersion: Load<PageKey, Page<Deployment>>;
  deploymentCount: Load<string, number>;
  previousDeployment: Load<string, Deployment>;
  deliveries: Load<PageKey & DeliveryPageInput, Page<WebhookDelivery>>;
  versionsFromRun: Load<string, ModelVersion[]>;
  versionsFromLoggedModel: Load<string, ModelVersion[]>;
  /** By manifest. */
  fileTotals: Load<string, FileTotals>;
  /** By manifest. */
  files: Load<PageKey, Page<FileInfo>>;
  /** By manifest. */
  integrity: Load<string, Integrity>;
}

export function createLoaders(registry: Registry): Loaders {
  const { models, versions, aliases, deployments, files, webhooks } = registry;
  return {
    model: loadById((call, ids) => models.findMany(call, ids)),
    version: loadById((call, ids) => versions.findMany(call, ids)),
    deployment: loadById((call, ids) => deployments.findMany(call, ids)),
    modelTags: loadById((call, ids) => models.tagsOf(call, ids)),
    versionTags: loadById((call, ids) => versions.tagsOf(call, ids)),
    modelAliases: loadById((call, ids) => aliases.ofModels(call, ids)),
    versionAliases: loadById((call, ids) => aliases.ofVersions(call, ids)),
    latestVersion: loadById((call, ids) => versions.latestOf(call, ids)),
    versionCount: loadById((call, ids) => versions.countOf(call, ids)),
    versionsOfModel: loadByGroup((call, ids, page: PageInput) => versions.pagesOf(call, ids, nestedPage(ids, page))),
    aliasHistory: loadByGroup((call, ids, { alias, ...page }: Omit<EventPageKey, 'id'>) =>
      aliases.historiesOf(call, ids, { alias, ...nestedPage(ids, page) }),
    ),
    deploymentsOfVersion: loadByGroup((call, ids, page: PageInput) => deployments.pagesOf(call, ids, nestedPage(ids, page))),
    deploymentCount: loadById((call, ids) => deployments.countOf(call, ids)),
    previousDeployment: loadById((call, ids) => deployments.previousOf(call, ids)),
    deliveries: loadByGroup((call, ids, { state, ...page }: DeliveryPageInput) =>
      webhooks.deliveriesOf(call, ids, { state, ...nestedPage(ids, page) }),
    ),
    versionsFromRun: loadById((call, ids) => versions.from(call, 'run', ids)),
    versionsFromLoggedModel: loadById((call, ids) => versions.from(call, 'loggedModel', ids)),
    fileTotals: loadById((call, ids) => files.totalsOf(call, ids)),
    files: loadByGroup((call, ids, page: PageInput) => files.pagesOf(call, ids, nestedPage(ids, page))),
    integrity: loadById((call, ids) => files.integrityOf(call, ids)),
  };
}
