// Everything that a page of the registry may ask for many of, loaded together: one statement for one field of all rows.

import type { FileTotals } from '../files.ts';
import type { FileInfo, Integrity } from '@throughline/content';
import type { Call } from '@throughline/database';
import type { GraphqlContext, Load } from '@throughline/graphql';
import { defineLoader } from '@throughline/graphql';
import { DEFAULT_PAGE, DomainError } from '@throughline/kernel';
import type { Page } from '@throughline/kernel';

import type { PageInput } from '../models.ts';
import type { Registry } from '../registry.ts';
import type { Alias, AliasEvent, Deployment, ModelVersion, RegisteredModel, Tag } from '../types.ts';

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
  versionsFromRun: Load<string, ModelVersion[]>;
  versionsFromLoggedModel: Load<string, ModelVersion[]>;
  /** By manifest. */
  fileTotals: Load<string, FileTotals>;
  /** By manifest. */
  files: Load<PageKey, Page<FileInfo>>;
  /** By manifest. */
  integrity: Load<string, Integrity>;
}

export const callOf = (context: GraphqlContext): Call => ({ caller: context.caller });

export function createLoaders(registry: Registry): Loaders {
  const { models, versions, aliases, deployments, files } = registry;
  return {
    model: byId((call, ids) => models.findMany(call, ids)),
    version: byId((call, ids) => versions.findMany(call, ids)),
    deployment: byId((call, ids) => deployments.findMany(call, ids)),
    modelTags: byId((call, ids) => models.tagsOf(call, ids)),
    versionTags: byId((call, ids) => versions.tagsOf(call, ids)),
    modelAliases: byId((call, ids) => aliases.ofModels(call, ids)),
    versionAliases: byId((call, ids) => aliases.ofVersions(call, ids)),
    latestVersion: byId((call, ids) => versions.latestOf(call, ids)),
    versionCount: byId((call, ids) => versions.countOf(call, ids)),
    versionsOfModel: byPage((call, ids, page: PageInput) => versions.pagesOf(call, ids, page)),
    aliasHistory: byPage((call, ids, page: Omit<EventPageKey, 'id'>) => aliases.historiesOf(call, ids, page)),
    deploymentsOfVersion: byPage((call, ids, page: PageInput) => deployments.pagesOf(call, ids, page)),
    deploymentCount: byId((call, ids) => deployments.countOf(call, ids)),
    previousDeployment: byId((call, ids) => deployments.previousOf(call, ids)),
    versionsFromRun: byId((call, ids) => versions.from(call, 'run', ids)),
    versionsFromLoggedModel: byId((call, ids) => versions.from(call, 'loggedModel', ids)),
    fileTotals: byId((call, ids) => files.totalsOf(call, ids)),
    files: byPage((call, ids, page: PageInput) => files.pagesOf(call, ids, page)),
    integrity: byId((call, ids) => files.integrityOf(call, ids)),
  };
}

function byId<V>(find: (call: Call, ids: readonly string[]) => Promise<Map<string, V>>): Load<string, V> {
  return defineLoader(async (ids, context) => {
    const found = await find(callOf(context), ids);
    return ids.map((id) => found.get(id) ?? null);
  });
}

/** What a document may ask for at most in pages inside of pages: items of one field. */
const MAX_NESTED_ITEMS = 20_000;

function checkNested(owners: number, first: number): void {
  if (owners * first <= MAX_NESTED_ITEMS) return;
  throw new DomainError({
    kind: 'exhausted',
    code: 'TOO_MANY_ITEMS',
    message: `This asks for ${first} items for each of ${owners} rows; ${MAX_NESTED_ITEMS} in all are allowed. Ask for smaller pages.`,
    details: { limit: MAX_NESTED_ITEMS },
  });
}

/** Rows of one list ask for the same page of theirs, so one statement serves them; each other page asked for takes one more. */
function byPage<K extends PageKey, V>(
  find: (call: Call, ids: readonly string[], page: Omit<K, 'id'>) => Promise<Map<string, V>>,
): Load<K, V> {
  const pageOf = ({ id: _, ...page }: K) => JSON.stringify(page);
  return defineLoader<K, V>(
    async (keys, context) => {
      const groups = Map.groupBy(keys, pageOf);
      const answers = new Map<K, V | Error>();
      for (const group of groups.values()) {
        const [first] = group;
        if (first === undefined) continue;
        checkNested(group.length, first.first ?? DEFAULT_PAGE);
        const found = await find(
          callOf(context),
          group.map((key) => key.id),
          first,
        ).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
        for (const key of group) {
          const answer = found instanceof Error ? found : found.get(key.id);
          if (answer !== undefined) answers.set(key, answer);
        }
      }
      return keys.map((key) => answers.get(key) ?? null);
    },
    { keyOf: (key) => JSON.stringify([key.id, pageOf(key)]) },
  );
}
