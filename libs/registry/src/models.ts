// Registered models: names that hold versions and aliases. A model is its id; the name is a handle that may change, and that a
// deleted model gives back. Deleting leaves a tombstone, with its versions: names and lists no longer know them, ids still do.

import { isConstraint, on, within } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import type { Page } from '@throughline/kernel';
import {
  conflict,
  decodeCursor,
  encodeCursor,
  newId,
  pageOf,
  parseRef,
  pageRequest,
  requireScope,
  requireWrite,
} from '@throughline/kernel';

import { checkModelName, checkOptional, checkTags, checkTagKey, checkText, isStorable, MAX_DESCRIPTION } from './checks.ts';
import { inUse, kindOf, modelExists, modelIdNotFound, modelNotFound, tagNotFound } from './errors.ts';
import type { Parts } from './parts.ts';
import { refuseForeignWorkspace } from './refs.ts';
import { searchModels } from './search/models.ts';
import type { SearchQuery, SearchResult } from './search/query.ts';
import { aliasesOfModels, deleteAlias, insertEvent } from './store/aliases.ts';
import { livePlaces } from './store/deployments.ts';
import * as store from './store/models.ts';
import { lockLiveVersions, updateVersions } from './store/versions.ts';
import type { RegisteredModel, Tag } from './types.ts';
import { aliasDeleted, modelCreated, modelTagDeleted, modelTagsSet, tellsPrompt } from './webhooks/events.ts';
import { tell } from './webhooks/outbox.ts';

export interface CreateModelInput {
  name: string;
  description?: string | null | undefined;
  tags?: readonly Tag[] | null | undefined;
}

export interface UpdateModelInput {
  name?: string | null | undefined;
  description?: string | null | undefined;
}

export interface PageInput {
  first?: number | null | undefined;
  after?: string | null | undefined;
}

export interface ModelListInput {
  /** What names contain, whatever its case. */
  search?: string | null | undefined;
  /** Prompts alone, everything else, or (null, or absent) both. */
  isPrompt?: boolean | null | undefined;
}

export interface Models {
  /** Makes a model without versions. Throws conflict MODEL_EXISTS where a live one has the name. */
  create(call: Call, input: CreateModelInput): Promise<RegisteredModel>;
  /** The live model of this name, made where there is none. */
  ensure(call: Call, name: string): Promise<RegisteredModel>;
  /** Models by id, tombstones included; unknown ids are left out. */
  findMany(call: Call, ids: readonly string[]): Promise<Map<string, RegisteredModel>>;
  /** A model by id, tombstones included. Throws MODEL_NOT_FOUND. */
  get(call: Call, id: string): Promise<RegisteredModel>;
  /** The live model of this name; null where there is none. */
  findByName(call: Call, name: string): Promise<RegisteredModel | null>;
  /** The live model of this name. Throws MODEL_NOT_FOUND. */
  getByName(call: Call, name: string): Promise<RegisteredModel>;
  /** A model by a reference such as `model:penguins`; null where there is none, or where it refers to something else. */
  findByRef(call: Call, ref: string): Promise<RegisteredModel | null>;
  /** Live models by name. */
  list(call: Call, input: PageInput & ModelListInput): Promise<Page<RegisteredModel>>;
  /** How many live models `list` finds in all. */
  count(call: Call, input?: ModelListInput): Promise<number>;
  /** MLflow's search: its filter and order_by, at most 1000 a page, prompts left out unless asked for. */
  search(call: Call, query: SearchQuery): Promise<SearchResult<RegisteredModel>>;
  /** Renames a live model or changes its description. Throws MODEL_EXISTS where the name is taken. */
  update(call: Call, id: string, input: UpdateModelInput): Promise<RegisteredModel>;
  /** Sets tags of a live model, at most 1000 at once. */
  setTags(call: Call, id: string, tags: readonly Tag[]): Promise<RegisteredModel>;
  /** Takes a tag away. Throws TAG_NOT_FOUND. */
  deleteTag(call: Call, id: string, key: string): Promise<void>;
  /** The tags of many models, by key, under their ids. */
  tagsOf(call: Call, ids: readonly string[]): Promise<Map<string, Tag[]>>;
  /** Deletes a model with its versions and aliases. Throws conflict MODEL_DEPLOYED while one of them is live. */
  delete(call: Call, id: string): Promise<RegisteredModel>;
}

export function createModels({ database, clock }: Parts): Models {
  const nowMs = () => clock.now().getTime();

  /** Locks a live model for a change. */
  async function lockLive(tx: Tx, call: Call, id: string): Promise<RegisteredModel> {
    const model = await store.lockModel(tx, call.caller.workspaceId, id);
    if (model === null || model.deletedAt !== null) throw model === null ? modelIdNotFound(id) : modelNotFound(model.name);
    return model;
  }

  const models: Models = {
    async create(call, input) {
      // A run may register, and MLflow's client makes the model for that in a call of its own.
      requireWrite(call.caller);
      const name = checkModelName(input.name);
      const description = checkText('description', input.description ?? '', MAX_DESCRIPTION);
      const tags = checkTags(input.tags ?? []);
      const now = nowMs();
      const { workspaceId } = call.caller;
      return within(database, call, async (tx) => {
        const model = await store.insertModel(tx, { id: newId(now), workspaceId, name, description, nowMs: now });
        if (model === null) {
          const wanted = { isPrompt: tellsPrompt(tags) };
          throw modelExists(name, kindOf(wanted), kindOf((await store.findModelByName(tx, workspaceId, name)) ?? wanted));
        }
        await store.upsertTags(tx, 'model', model.id, tags);
        await tell(tx, call, new Date(now), [modelCreated(model, tags)]);
        return { ...model, isPrompt: tellsPrompt(tags) };
      });
    },

    async ensure(call, name) {
      requireWrite(call.caller);
      checkModelName(name);
      const { workspaceId } = call.caller;
      return within(database, call, async (tx) => {
        // A model may be deleted or renamed between the two statements; then the name is free again, and the next round takes it.
        for (let round = 0; round < 3; round += 1) {
          const found = await store.findModelByName(tx, workspaceId, name);
          if (found !== null) return found;
          const now = nowMs();
          const made = await store.insertModel(tx, { id: newId(now), workspaceId, name, description: '', nowMs: now });
          if (made === null) continue;
          await tell(tx, call, new Date(now), [modelCreated(made, [])]);
          return made;
        }
        throw conflict('MODEL_BUSY', `The registered model '${name}' is being changed by others at the moment; try again.`);
      });
    },

    async findMany(call, ids) {
      const found = await store.findModels(on(database, call), call.caller.workspaceId, ids);
      return new Map(found.map((model) => [model.id, model]));
    },

    async get(call, id) {
      const [model] = await store.findModels(on(database, call), call.caller.workspaceId, [id]);
      if (model === undefined) throw modelIdNotFound(id);
      return model;
    },

    async findByName(call, name) {
      return isStorable(name) ? store.findModelByName(on(database, call), call.caller.workspaceId, name) : null;
    },

    async getByName(call, name) {
      const model = await models.findByName(call, checkModelName(name));
      if (model === null) throw modelNotFound(name);
      return model;
    },

    async findByRef(call, text) {
      const parsed = parseRef(text);
      if (parsed === null || parsed.ref.kind !== 'model') return null;
      refuseForeignWorkspace(parsed);
      const { name, version, alias } = parsed.ref;
      return version === undefined && alias === undefined ? models.findByName(call, name) : null;
    },

    async list(call, input) {
      const { first, after } = pageRequest(input);
      const afterName = after === null ? null : String(decodeCursor(after, 1)[0]);
      const rows = await store.listModels(on(database, call), call.caller.workspaceId, { ...filterOf(input), afterName, limit: first + 1 });
      return pageOf(rows, first, (model) => encodeCursor([model.name]));
    },

    count: (call, input = {}) => store.countModels(on(database, call), call.caller.workspaceId, filterOf(input)),

    search: (call, query) => searchModels(on(database, call), call.caller.workspaceId, query),

    async update(call, id, input) {
      requireScope(call.caller, 'WRITE');
      const name = input.name === null || input.name === undefined ? null : checkModelName(input.name);
      const description = checkOptional('description', input.description, MAX_DESCRIPTION);
      return within(database, call, async (tx) => {
        await lockLive(tx, call, id);
        try {
          return await store.updateModel(tx, id, { name, description, nowMs: nowMs() });
        } catch (error) {
          if (name !== null && isConstraint(error, 'unique', 'registered_model_live_name_key')) throw modelExists(name);
          throw error;
        }
      });
    },

    async setTags(call, id, tags) {
      requireScope(call.caller, 'WRITE');
      const checked = checkTags(tags);
      return within(database, call, async (tx) => {
        await lockLive(tx, call, id);
        await store.upsertTags(tx, 'model', id, checked);
        const at = clock.now();
        const model = await store.updateModel(tx, id, { nowMs: at.getTime() });
        await tell(tx, call, at, modelTagsSet(model, checked));
        return model;
      });
    },

    async deleteTag(call, id, key) {
      requireScope(call.caller, 'WRITE');
      checkTagKey(key);
      await within(database, call, async (tx) => {
        const model = await lockLive(tx, call, id);
        if (!(await store.deleteTag(tx, 'model', id, key))) throw tagNotFound(key, `the registered model '${model.name}'`);
        const at = clock.now();
        await store.updateModel(tx, id, { nowMs: at.getTime() });
        await tell(tx, call, at, modelTagDeleted(model, key));
      });
    },

    tagsOf: (call, ids) => store.tagsOf(on(database, call), 'model', ids),

    async delete(call, id) {
      requireScope(call.caller, 'WRITE');
      const { workspaceId, name: actor } = call.caller;
      return within(database, call, async (tx) => {
        const model = await lockLive(tx, call, id);
        // Locked, so that no deployment of one of them begins between the question and the deletion.
        const versions = await lockLiveVersions(tx, id);
        const versionIds = versions.map((version) => version.id);
        const places = await livePlaces(tx, versionIds);
        if (places.length > 0) throw inUse(`The registered model '${model.name}'`, places);
        const at = clock.now();
        const aliases = await aliasesOfModels(tx, workspaceId, [id]);
        for (const alias of aliases) {
          await deleteAlias(tx, id, alias.alias);
          await insertEvent(tx, workspaceId, {
            id: newId(at.getTime()),
            modelId: id,
            alias: alias.alias,
            action: 'REMOVE',
            outcome: 'APPLIED',
            versionId: null,
            previousVersionId: alias.versionId,
            actor,
            reason: 'The model was deleted.',
            refusal: null,
            at,
          });
        }
        await updateVersions(tx, versionIds, { deletedAt: at, nowMs: at.getTime() });
        const taken = aliases.map(({ alias }) => aliasDeleted(model, alias));
        await tell(tx, call, at, taken);
        return store.updateModel(tx, id, { deletedAt: at, nowMs: at.getTime() });
      });
    },
  };
  return models;
}

function filterOf({ search, isPrompt }: ModelListInput): store.ModelFilter {
  const text = checkText('search', search ?? '', 256);
  return { search: text === '' ? null : text, isPrompt: isPrompt ?? null };
}
