// Registered models and their aliases, as MLflow's clients speak of them.

import type { Call } from '@throughline/database';
import type { RegisteredModel } from '@throughline/registry';

import type { Services } from '../services.ts';
import { TAG, tagsOf } from './experiments.ts';
import { int64, list, required, text } from './message.ts';
import { forgetTag, presentedVersions, versionNumber, versionOfAlias } from './model-versions.ts';
import { presentRegisteredModel } from './present.ts';
import { rpc } from './rpc.ts';
import type { Rpc } from './rpc.ts';

const NAME = { name: required(text) } as const;
const LATEST = { ...NAME, stages: list(text) } as const;

async function presented(services: Services, call: Call, models: readonly RegisteredModel[]): Promise<object[]> {
  const { registry } = services;
  const ids = models.map(({ id }) => id);
  const [tags, aliases, latest] = await Promise.all([
    registry.models.tagsOf(call, ids),
    registry.aliases.ofModels(call, ids),
    registry.stages.latestOf(call, ids),
  ]);
  const versions = await presentedVersions(services, call, [...latest.values()].flat());
  return models.map((model) =>
    presentRegisteredModel(model, {
      tags: tags.get(model.id) ?? [],
      aliases: aliases.get(model.id) ?? [],
      latestVersions: (latest.get(model.id) ?? []).map(({ id }) => versions.get(id) ?? {}),
    }),
  );
}

async function one(services: Services, call: Call, model: RegisteredModel): Promise<object> {
  const [presentation] = await presented(services, call, [model]);
  return { registered_model: presentation };
}

async function latestVersions(services: Services, call: Call, message: { name: string; stages: readonly string[] }): Promise<object> {
  const model = await services.registry.models.getByName(call, message.name);
  const latest = await services.registry.stages.latestOf(call, [model.id], message.stages.length === 0 ? undefined : message.stages);
  const versions = await presentedVersions(services, call, latest.get(model.id) ?? []);
  return versions.size === 0 ? {} : { model_versions: [...versions.values()] };
}

export const registeredModelRpcs: readonly Rpc[] = [
  rpc('POST', '/mlflow/registered-models/create', { ...NAME, tags: list(TAG), description: text }, async (services, call, message) =>
    one(
      services,
      call,
      await services.registry.models.create(call, { name: message.name, description: message.description, tags: tagsOf(message.tags) }),
    ),
  ),
  rpc('GET', '/mlflow/registered-models/get', NAME, async (services, call, { name }) =>
    one(services, call, await services.registry.models.getByName(call, name)),
  ),
  rpc('POST', '/mlflow/registered-models/rename', { ...NAME, new_name: required(text) }, async (services, call, { name, new_name }) => {
    const { id } = await services.registry.models.getByName(call, name);
    return one(services, call, await services.registry.models.update(call, id, { name: new_name }));
  }),
  rpc('PATCH', '/mlflow/registered-models/update', { ...NAME, description: text }, async (services, call, { name, description = '' }) => {
    const { id } = await services.registry.models.getByName(call, name);
    return one(services, call, await services.registry.models.update(call, id, { description }));
  }),
  rpc('DELETE', '/mlflow/registered-models/delete', NAME, async ({ registry }, call, { name }) => {
    const { id } = await registry.models.getByName(call, name);
    await registry.models.delete(call, id);
    return {};
  }),
  rpc(
    'GET',
    '/mlflow/registered-models/search',
    { filter: text, max_results: int64, order_by: list(text), page_token: text },
    async (services, call, message) => {
      const found = await services.registry.models.search(call, {
        filter: message.filter,
        orderBy: message.order_by,
        maxResults: message.max_results,
        pageToken: message.page_token,
      });
      const models = await presented(services, call, found.items);
      return {
        ...(models.length === 0 ? {} : { registered_models: models }),
        ...(found.nextPageToken === null ? {} : { next_page_token: found.nextPageToken }),
      };
    },
  ),
  rpc('GET', '/mlflow/registered-models/get-latest-versions', LATEST, latestVersions),
  rpc('POST', '/mlflow/registered-models/get-latest-versions', LATEST, latestVersions),
  rpc(
    'POST',
    '/mlflow/registered-models/set-tag',
    { ...NAME, key: required(text), value: text },
    async ({ registry }, call, { name, key, value = '' }) => {
      const { id } = await registry.models.getByName(call, name);
      await registry.models.setTags(call, id, [{ key, value }]);
      return {};
    },
  ),
  rpc('DELETE', '/mlflow/registered-models/delete-tag', { ...NAME, key: required(text) }, async ({ registry }, call, { name, key }) => {
    const { id } = await registry.models.getByName(call, name);
    await forgetTag(registry.models.deleteTag(call, id, key));
    return {};
  }),
  rpc(
    'POST',
    '/mlflow/registered-models/alias',
    { ...NAME, alias: required(text), version: required(text) },
    async ({ registry }, call, { name, alias, version }) => {
      const { id } = await registry.versions.getByNumber(call, name, versionNumber(version));
      await registry.aliases.promote(call, { versionId: id, alias });
      return {};
    },
  ),
  rpc('DELETE', '/mlflow/registered-models/alias', { ...NAME, alias: required(text) }, async ({ registry }, call, { name, alias }) => {
    const { id } = await registry.models.getByName(call, name);
    await registry.aliases.remove(call, { modelId: id, alias });
    return {};
  }),
  rpc('GET', '/mlflow/registered-models/alias', { ...NAME, alias: required(text) }, async (services, call, { name, alias }) => {
    const version = await versionOfAlias(services, call, await services.registry.models.getByName(call, name), alias);
    return { model_version: (await presentedVersions(services, call, [version])).get(version.id) };
  }),
];
