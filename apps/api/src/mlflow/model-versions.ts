// Model versions, as MLflow's clients speak of them.

import type { Call } from '@throughline/database';
import { DomainError, invalid, notFound } from '@throughline/kernel';
import type { ModelVersion, RegisteredModel } from '@throughline/registry';

import type { Services } from '../services.ts';
import { TAG, tagsOf } from './experiments.ts';
import { bool, int64, list, required, text } from './message.ts';
import { presentModelVersion } from './present.ts';
import { rpc } from './rpc.ts';
import type { Rpc } from './rpc.ts';

const VERSION = { name: required(text), version: required(text) } as const;
const MAX_VERSION = 2 ** 31 - 1;
const PROMPT_HAS_NO_FILES = 'It is a prompt: its text is in its tags.';

/** Where the artifact proxy serves the frozen files of a version. */
export function frozenUri(version: Pick<ModelVersion, 'id'>): string {
  return `mlflow-artifacts:/model-versions/${version.id}`;
}

/** A version's number out of the text that carries it. Throws `invalid` for what is no integer, `not_found` for what no version has. */
export function versionNumber(version: string): number {
  const shown = `'${version.slice(0, 80)}'`;
  if (!/^\s*[+-]?\d+\s*$/.test(version)) {
    throw invalid('INVALID_PARAMETER_VALUE', `Parameter 'version' must be an integer, got ${shown}.`);
  }
  const number = Number(version);
  if (number < 1 || number > MAX_VERSION) throw notFound('MODEL_VERSION_NOT_FOUND', `There is no version ${shown}.`);
  return number;
}

/** The version that an alias of a model names; `latest`, in any case, is the newest. */
export async function versionOfAlias({ registry }: Services, call: Call, model: RegisteredModel, alias: string): Promise<ModelVersion> {
  if (alias.toLowerCase() !== 'latest') return registry.versions.get(call, (await registry.aliases.get(call, model, alias)).versionId);
  const newest = (await registry.versions.latestOf(call, [model.id])).get(model.id);
  if (newest === undefined) throw notFound('MODEL_VERSION_NOT_FOUND', `Latest version not found for model ${model.name}.`);
  return newest;
}

const OF_MODEL = /^models:\/([^/@]+)(?:\/(\d+|latest|none|staging|production|archived)|@([^/@]+))\/?$/i;

/**
 * The source of a version, with what names another version of a model written as its number: an alias, a stage or `latest` may name
 * another one tomorrow. Throws `not_found` where there is none, and `invalid` for a prompt, which has no files.
 */
async function settledSource(services: Services, call: Call, source: string): Promise<string> {
  const [, name, place, alias] = OF_MODEL.exec(source) ?? [];
  if (name === undefined) return source;
  const { registry } = services;
  const model = await registry.models.getByName(call, decodedName(name, source));
  if (model.isPrompt) {
    throw invalid('INVALID_SOURCE', `Invalid model version source: '${source}'. Prompt versions cannot be used as model version sources.`);
  }
  if (place !== undefined && /^\d+$/.test(place)) {
    await registry.versions.getByNumber(call, model.name, versionNumber(place));
    return source;
  }
  const staged = place === undefined || place.toLowerCase() === 'latest' ? null : await registry.stages.latestOf(call, [model.id], [place]);
  const version = staged === null ? await versionOfAlias(services, call, model, alias ?? 'latest') : staged.get(model.id)?.[0];
  if (version === undefined)
    throw notFound('MODEL_VERSION_NOT_FOUND', `No version of the model '${model.name}' is in the stage '${place ?? ''}'.`);
  return `models:/${name}/${version.version}`;
}

/** A model's name out of a source, where it may stand percent-encoded. */
function decodedName(name: string, source: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw invalid('INVALID_SOURCE', `Invalid model version source: '${source.slice(0, 120)}'.`);
  }
}

/** Deletes a tag. To MLflow's registry a tag that is not there is one that is gone already. */
export async function forgetTag(deletion: Promise<void>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'TAG_NOT_FOUND')) throw error;
  }
}

/** Versions in MLflow's words, under their ids, in the order given. */
export async function presentedVersions(
  services: Services,
  call: Call,
  versions: readonly ModelVersion[],
): Promise<Map<string, Record<string, unknown>>> {
  const { registry, tracking } = services;
  const ids = versions.map(({ id }) => id);
  const [tags, aliases, models] = await Promise.all([
    registry.versions.tagsOf(call, ids),
    registry.aliases.ofVersions(call, ids),
    tracking.loggedModels.findMany(
      call,
      versions.flatMap(({ loggedModelId }) => loggedModelId ?? []),
    ),
  ]);
  const modelIds = new Map(models.map(({ id, modelId }) => [id, modelId]));
  return new Map(
    versions.map((version) => [
      version.id,
      presentModelVersion(version, {
        tags: tags.get(version.id) ?? [],
        aliases: (aliases.get(version.id) ?? []).map(({ alias }) => alias),
        modelId: version.loggedModelId === null ? null : (modelIds.get(version.loggedModelId) ?? null),
      }),
    ]),
  );
}

/** A prompt is a version whose text is in a tag; of two such tags the last one counts. */
function isPrompt(tags: readonly { key: string; value: string | undefined }[]): boolean {
  return tags.findLast(({ key }) => key === 'mlflow.prompt.is_prompt')?.value?.toLowerCase() === 'true';
}

/** A prompt's source is a word that its client fills in, and names nothing. Throws `invalid` where it could. */
function checkPromptSource(source: string): void {
  if (/^[\w-]+$/.test(source)) return;
  throw invalid('INVALID_SOURCE', `Invalid prompt source: '${source.slice(0, 120)}'. Prompt sources must use an MLflow placeholder.`);
}

async function one(services: Services, call: Call, version: ModelVersion): Promise<object> {
  const versions = await presentedVersions(services, call, [version]);
  return { model_version: versions.get(version.id) };
}

export const modelVersionRpcs: readonly Rpc[] = [
  rpc(
    'POST',
    '/mlflow/model-versions/create',
    { name: required(text), source: required(text), run_id: text, run_link: text, description: text, model_id: text, tags: list(TAG) },
    async (services, call, message) => {
      if (isPrompt(message.tags)) {
        const { name, source, run_id, description, tags } = message;
        checkPromptSource(source);
        const given = { name, source, sourceRunId: run_id, description, tags: tagsOf(tags) };
        return one(services, call, await services.registry.versions.create(call, { ...given, noDigestReason: PROMPT_HAS_NO_FILES }));
      }
      const version = await services.commands.registerSource(call, {
        model: message.name,
        source: await settledSource(services, call, message.source),
        runId: message.run_id || null,
        runLink: message.run_link || null,
        loggedModelId: message.model_id || null,
        description: message.description,
        tags: tagsOf(message.tags),
      });
      return one(services, call, version);
    },
  ),
  rpc('GET', '/mlflow/model-versions/get', VERSION, async (services, call, { name, version }) =>
    one(services, call, await services.registry.versions.getByNumber(call, name, versionNumber(version))),
  ),
  rpc(
    'PATCH',
    '/mlflow/model-versions/update',
    { ...VERSION, description: text },
    async (services, call, { name, version, description = '' }) => {
      const { id } = await services.registry.versions.getByNumber(call, name, versionNumber(version));
      return one(services, call, await services.registry.versions.update(call, id, { description }));
    },
  ),
  rpc(
    'POST',
    '/mlflow/model-versions/transition-stage',
    { ...VERSION, stage: required(text), archive_existing_versions: bool },
    async (services, call, message) => {
      const { id } = await services.registry.versions.getByNumber(call, message.name, versionNumber(message.version));
      const options = { archiveExisting: message.archive_existing_versions };
      return one(services, call, await services.registry.stages.transition(call, id, message.stage, options));
    },
  ),
  rpc('DELETE', '/mlflow/model-versions/delete', VERSION, async ({ registry }, call, { name, version }) => {
    const { id } = await registry.versions.getByNumber(call, name, versionNumber(version));
    await registry.versions.delete(call, id);
    return {};
  }),
  rpc(
    'GET',
    '/mlflow/model-versions/search',
    { filter: text, max_results: int64, order_by: list(text), page_token: text },
    async (services, call, message) => {
      const found = await services.registry.versions.search(call, {
        filter: message.filter,
        orderBy: message.order_by,
        maxResults: message.max_results,
        pageToken: message.page_token,
      });
      const versions = await presentedVersions(services, call, found.items);
      return {
        ...(versions.size === 0 ? {} : { model_versions: [...versions.values()] }),
        ...(found.nextPageToken === null ? {} : { next_page_token: found.nextPageToken }),
      };
    },
  ),
  rpc('GET', '/mlflow/model-versions/get-download-uri', VERSION, async ({ registry }, call, { name, version }) => {
    const found = await registry.versions.getByNumber(call, name, versionNumber(version));
    // The frozen files, not the run's: those may have changed since.
    return { artifact_uri: found.manifestId === null ? found.storageLocation : frozenUri(found) };
  }),
  rpc(
    'POST',
    '/mlflow/model-versions/set-tag',
    { ...VERSION, key: required(text), value: text },
    async ({ registry }, call, { name, version, key, value = '' }) => {
      const { id } = await registry.versions.getByNumber(call, name, versionNumber(version));
      await registry.versions.setTags(call, id, [{ key, value }]);
      return {};
    },
  ),
  rpc(
    'DELETE',
    '/mlflow/model-versions/delete-tag',
    { ...VERSION, key: required(text) },
    async ({ registry }, call, { name, version, key }) => {
      const { id } = await registry.versions.getByNumber(call, name, versionNumber(version));
      await forgetTag(registry.versions.deleteTag(call, id, key));
      return {};
    },
  ),
];
