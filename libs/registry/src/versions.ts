// Model versions. A version is made once: its number is taken under the lock of the model's row and never given out again, its
// files are a frozen manifest, and its digest, which people cite, is that manifest's. What may still change is what is said about it.

import { on, within } from '@throughline/database';
import type { Call, Queryable, Tx } from '@throughline/database';
import type { Evidence, Page } from '@throughline/kernel';
import {
  decodeCursor,
  encodeCursor,
  invalid,
  invariant,
  newId,
  pageOf,
  pageRequest,
  parseRef,
  requireScope,
  requireWrite,
} from '@throughline/kernel';

import { checkModelName, checkTagKey, checkOptional, checkTags, checkText, isStorable, MAX_DESCRIPTION, MAX_LOCATION } from './checks.ts';
import { inUse, modelNotFound, tagNotFound, versionIdNotFound, versionNotFound } from './errors.ts';
import type { Models, PageInput } from './models.ts';
import type { Parts } from './parts.ts';
import { refuseForeignWorkspace } from './refs.ts';
import type { SearchQuery, SearchResult } from './search/query.ts';
import { searchVersions } from './search/versions.ts';
import { aliasesOfVersions, deleteAlias, findAlias, insertEvent } from './store/aliases.ts';
import { livePlaces } from './store/deployments.ts';
import { deleteTag, findModelByName, lockModel, tagsOf, updateModel, upsertTags } from './store/models.ts';
import * as store from './store/versions.ts';
import type { ModelVersion, RegisteredModel, Tag } from './types.ts';
import { aliasDeleted, versionCreated, versionTagDeleted, versionTagsSet } from './webhooks/events.ts';
import type { RegistryEvent } from './webhooks/events.ts';
import { tell } from './webhooks/outbox.ts';

/** What to register. The caller resolved the source and froze its files in the same transaction. */
export interface CreateVersionInput {
  /** The model, by id or by name; one of the two. */
  modelId?: string | undefined;
  name?: string | undefined;
  /** Whether the model is made where there is none of this name; otherwise that is MODEL_NOT_FOUND. */
  createModel?: boolean | undefined;
  /** As the client gave it. */
  source: string;
  /** Where the files are read from; the source itself unless given. */
  storageLocation?: string | null | undefined;
  runLink?: string | null | undefined;
  /** MLflow's run id as the client gave it. */
  sourceRunId?: string | null | undefined;
  /** The UUID of that run, where this server knows it. */
  runId?: string | null | undefined;
  /** How the edge to that run is known; ASSERTED unless given. */
  runEvidence?: Evidence | undefined;
  /** The UUID of the logged model that was registered. */
  loggedModelId?: string | null | undefined;
  /** The UUID of the version that was copied. */
  copiedFromId?: string | null | undefined;
  /** The frozen files; null or absent where this server has none, and then `noDigestReason` must say why. */
  manifestId?: string | null | undefined;
  /** The manifest's digest as the caller knows it; it is compared, never believed. */
  digest?: string | null | undefined;
  noDigestReason?: string | null | undefined;
  description?: string | null | undefined;
  tags?: readonly Tag[] | null | undefined;
}

export interface Versions {
  /** Registers the next version of a model. */
  create(call: Call, input: CreateVersionInput): Promise<ModelVersion>;
  /** Versions by id, tombstones included; unknown ids are left out. */
  findMany(call: Call, ids: readonly string[]): Promise<Map<string, ModelVersion>>;
  /** A version by id, tombstones included. Throws MODEL_VERSION_NOT_FOUND. */
  get(call: Call, id: string): Promise<ModelVersion>;
  /** The live version of this number; null where there is none. */
  findByNumber(call: Call, name: string, version: number): Promise<ModelVersion | null>;
  /** The live version of this number. Throws MODEL_VERSION_NOT_FOUND. */
  getByNumber(call: Call, name: string, version: number): Promise<ModelVersion>;
  /** Live versions by their models' names and numbers, in one statement; unknown ones are left out. */
  findByNumbers(call: Call, handles: readonly { name: string; version: number }[]): Promise<ModelVersion[]>;
  /** A live version by a reference: `model:penguins/3`, `model:penguins@champion`, `model:penguins@latest`; null where there is none. */
  findByRef(call: Call, ref: string): Promise<ModelVersion | null>;
  /** The live versions of a model, newest first. */
  list(call: Call, modelId: string, page: PageInput): Promise<Page<ModelVersion>>;
  /** The same for many models at once, under their ids. */
  pagesOf(call: Call, modelIds: readonly string[], page: PageInput): Promise<Map<string, Page<ModelVersion>>>;
  /** The newest live version of each model, under the models' ids. */
  latestOf(call: Call, modelIds: readonly string[]): Promise<Map<string, ModelVersion>>;
  /** How many live versions each model has. */
  countOf(call: Call, modelIds: readonly string[]): Promise<Map<string, number>>;
  /** The live versions that came from these runs or logged models, newest first, at most 100 each. */
  from(call: Call, origin: store.Origin, ids: readonly string[]): Promise<Map<string, ModelVersion[]>>;
  /** MLflow's search: its filter and order_by, prompts left out unless asked for. */
  search(call: Call, query: SearchQuery): Promise<SearchResult<ModelVersion>>;
  update(call: Call, id: string, input: { description: string }): Promise<ModelVersion>;
  /** Sets tags of a live version, at most 1000 at once. */
  setTags(call: Call, id: string, tags: readonly Tag[]): Promise<ModelVersion>;
  /** Takes a tag away. Throws TAG_NOT_FOUND. */
  deleteTag(call: Call, id: string, key: string): Promise<void>;
  /** The tags of many versions, by key, under their ids. */
  tagsOf(call: Call, ids: readonly string[]): Promise<Map<string, Tag[]>>;
  /** Deletes a version and takes its aliases away. Throws conflict MODEL_DEPLOYED while it is live somewhere. */
  delete(call: Call, id: string): Promise<ModelVersion>;
}

const MAX_FROM = 100;

/** A live version and its model, both locked for a change. */
interface Locked {
  model: RegisteredModel;
  version: ModelVersion;
}

/**
 * Locks a live version for a change, its model first, and answers both. Every change takes the locks in this order: model, then version; a
 * deployment takes the version's alone.
 */
export async function lockLiveVersion(tx: Tx, call: Call, id: string): Promise<Locked> {
  const { workspaceId } = call.caller;
  const [known] = await store.findVersions(tx, workspaceId, [id]);
  if (known === undefined) throw versionIdNotFound(id);
  const model = await lockModel(tx, workspaceId, known.modelId);
  const version = await store.lockVersion(tx, workspaceId, id);
  if (version === null || version.deletedAt !== null) throw versionNotFound(known.modelName, known.version);
  invariant(model !== null, 'a version has a model');
  return { model, version };
}

export function createVersions({ database, content, clock }: Parts, models: Models): Versions {
  const nowMs = () => clock.now().getTime();

  async function modelFor(call: Call & { tx: Tx }, input: CreateVersionInput): Promise<{ id: string; name: string }> {
    if (input.modelId !== undefined) return models.get(call, input.modelId);
    if (input.name === undefined) throw invalid('MODEL_MISSING', 'Name the registered model that this is to be a version of.');
    return input.createModel === true ? models.ensure(call, input.name) : models.getByName(call, input.name);
  }

  /** The digest of the frozen files, from where they are kept. */
  async function digestOf(
    call: Call,
    input: CreateVersionInput,
  ): Promise<{ manifestId: string | null; digest: string | null; reason: string | null }> {
    const manifestId = input.manifestId ?? null;
    if (manifestId === null) {
      const reason = input.noDigestReason ?? '';
      if (reason === '') throw invalid('DIGEST_UNEXPLAINED', 'A version without files needs a reason for having none.');
      return { manifestId: null, digest: null, reason: checkText('reason', reason, MAX_LOCATION) };
    }
    await content.keepManifests(call, [manifestId]);
    const manifest = (await content.getManifests(call, [manifestId])).get(manifestId);
    invariant(manifest !== undefined, 'a manifest that is kept can be read');
    const claimed = input.digest ?? manifest.digest;
    if (claimed !== manifest.digest) {
      throw invalid('DIGEST_MISMATCH', `The files' digest is ${manifest.digest}, not ${claimed}.`);
    }
    return { manifestId, digest: manifest.digest, reason: null };
  }

  async function byAlias(db: Queryable, call: Call, name: string, alias: string): Promise<ModelVersion | null> {
    if (!isStorable(name) || !isStorable(alias)) return null;
    const { workspaceId } = call.caller;
    const model = await findModelByName(db, workspaceId, name);
    if (model === null) return null;
    if (alias === 'latest') return (await store.newestVersions(db, workspaceId, [model.id], { before: null, limit: 1 }))[0] ?? null;
    const holder = await findAlias(db, model.id, alias);
    return holder === null ? null : ((await store.findVersions(db, workspaceId, [holder.versionId]))[0] ?? null);
  }

  const versions: Versions = {
    async create(call, input) {
      requireWrite(call.caller);
      const source = checkText('source', input.source, MAX_LOCATION);
      const storageLocation = checkText('storage location', input.storageLocation ?? source, MAX_LOCATION);
      const runLink = checkText('link to the run', input.runLink ?? '', MAX_LOCATION);
      const sourceRunId = input.sourceRunId === '' ? null : checkOptional('run id', input.sourceRunId, 256);
      const description = checkText('description', input.description ?? '', MAX_DESCRIPTION);
      const tags = checkTags(input.tags ?? []);
      const { workspaceId, name: userId } = call.caller;
      return within(database, call, async (tx) => {
        const inside = { caller: call.caller, tx };
        const model = await modelFor(inside, input);
        const files = await digestOf(inside, input);
        const now = nowMs();
        const version = await store.takeNumber(tx, workspaceId, model.id, now);
        if (version === null) throw modelNotFound(model.name);
        const made = await store.insertVersion(tx, {
          id: newId(now),
          workspaceId,
          modelId: model.id,
          version,
          description,
          source,
          storageLocation,
          runLink,
          sourceRunId,
          runId: input.runId ?? null,
          runEvidence: input.runEvidence ?? 'ASSERTED',
          loggedModelId: input.loggedModelId ?? null,
          copiedFromId: input.copiedFromId ?? null,
          manifestId: files.manifestId,
          digest: files.digest,
          noDigestReason: files.reason,
          userId,
          nowMs: now,
        });
        await upsertTags(tx, 'version', made.id, tags);
        await tell(tx, call, new Date(now), [versionCreated(made, tags)]);
        return made;
      });
    },

    async findMany(call, ids) {
      const found = await store.findVersions(on(database, call), call.caller.workspaceId, ids);
      return new Map(found.map((version) => [version.id, version]));
    },

    async get(call, id) {
      const [version] = await store.findVersions(on(database, call), call.caller.workspaceId, [id]);
      if (version === undefined) throw versionIdNotFound(id);
      return version;
    },

    async findByNumber(call, name, version) {
      const [found] = await versions.findByNumbers(call, [{ name, version }]);
      return found ?? null;
    },

    async getByNumber(call, name, version) {
      const found = await versions.findByNumber(call, name, checkNumber(version));
      if (found !== null) return found;
      const model = await models.findByName(call, checkModelName(name));
      throw versionNotFound(name, version, model === null ? 'There is no registered model of this name.' : undefined);
    },

    async findByNumbers(call, handles) {
      const possible = handles.filter(
        ({ name, version }) => Number.isInteger(version) && version > 0 && version < 2 ** 31 && isStorable(name),
      );
      return possible.length === 0 ? [] : store.findVersionsByNumber(on(database, call), call.caller.workspaceId, possible);
    },

    async findByRef(call, text) {
      const parsed = parseRef(text);
      if (parsed === null || parsed.ref.kind !== 'model') return null;
      refuseForeignWorkspace(parsed);
      const { name, version, alias } = parsed.ref;
      if (version !== undefined) return versions.findByNumber(call, name, version);
      return alias === undefined ? null : byAlias(on(database, call), call, name, alias);
    },

    async list(call, modelId, input) {
      const pages = await versions.pagesOf(call, [modelId], input);
      return pages.get(modelId) ?? pageOf([], 1, cursorOf);
    },

    async pagesOf(call, modelIds, input) {
      const { first, after } = pageRequest(input);
      const before = after === null ? null : checkNumber(decodeCursor(after, 1)[0]);
      const rows = await store.newestVersions(on(database, call), call.caller.workspaceId, modelIds, { before, limit: first + 1 });
      const groups = Map.groupBy(rows, (version) => version.modelId);
      return new Map(modelIds.map((id) => [id, pageOf(groups.get(id) ?? [], first, cursorOf)]));
    },

    async latestOf(call, modelIds) {
      const rows = await store.newestVersions(on(database, call), call.caller.workspaceId, modelIds, { before: null, limit: 1 });
      return new Map(rows.map((version) => [version.modelId, version]));
    },

    countOf: (call, modelIds) => store.countVersions(on(database, call), call.caller.workspaceId, modelIds),

    async from(call, origin, ids) {
      const rows = await store.versionsFrom(on(database, call), call.caller.workspaceId, origin, ids, MAX_FROM);
      const groups = Map.groupBy(rows, (version) => (origin === 'run' ? version.runId : version.loggedModelId));
      return new Map(ids.map((id) => [id, groups.get(id) ?? []]));
    },

    search: (call, query) => searchVersions(on(database, call), call.caller.workspaceId, query),

    async update(call, id, input) {
      requireScope(call.caller, 'WRITE');
      const description = checkText('description', input.description, MAX_DESCRIPTION);
      return changed(call, id, async () => [], { description });
    },

    async setTags(call, id, tags) {
      requireScope(call.caller, 'WRITE');
      const checked = checkTags(tags);
      const set = async (tx: Tx, { model, version }: Locked) => {
        await upsertTags(tx, 'version', id, checked);
        return versionTagsSet(model, version.version, checked);
      };
      return changed(call, id, set, {});
    },

    async deleteTag(call, id, key) {
      requireScope(call.caller, 'WRITE');
      checkTagKey(key);
      const take = async (tx: Tx, { model, version }: Locked) => {
        if (!(await deleteTag(tx, 'version', id, key))) throw tagNotFound(key, `version ${version.version} of '${version.modelName}'`);
        return [versionTagDeleted(model, version.version, key)];
      };
      await changed(call, id, take, {});
    },

    tagsOf: (call, ids) => tagsOf(on(database, call), 'version', ids),

    async delete(call, id) {
      requireScope(call.caller, 'WRITE');
      const { workspaceId, name: actor } = call.caller;
      return within(database, call, async (tx) => {
        const { model, version } = await lockLiveVersion(tx, call, id);
        const places = await livePlaces(tx, [id]);
        if (places.length > 0) throw inUse(`Version ${version.version} of '${version.modelName}'`, places);
        const at = clock.now();
        const aliases = await aliasesOfVersions(tx, workspaceId, [id]);
        for (const { alias, modelId } of aliases) {
          await deleteAlias(tx, modelId, alias);
          await insertEvent(tx, workspaceId, {
            id: newId(at.getTime()),
            modelId,
            alias,
            action: 'REMOVE',
            outcome: 'APPLIED',
            versionId: null,
            previousVersionId: id,
            actor,
            reason: `Version ${version.version} was deleted.`,
            refusal: null,
            at,
          });
        }
        await updateModel(tx, version.modelId, { nowMs: at.getTime() });
        const taken = aliases.map(({ alias }) => aliasDeleted(model, alias));
        await tell(tx, call, at, taken);
        return onlyOne(await store.updateVersions(tx, [id], { deletedAt: at, nowMs: at.getTime() }));
      });
    },
  };

  function changed(
    call: Call,
    id: string,
    work: (tx: Tx, locked: Locked) => Promise<RegistryEvent[]>,
    change: Omit<store.VersionChange, 'nowMs'>,
  ): Promise<ModelVersion> {
    return within(database, call, async (tx) => {
      const locked = await lockLiveVersion(tx, call, id);
      const events = await work(tx, locked);
      const at = clock.now();
      await tell(tx, call, at, events);
      return onlyOne(await store.updateVersions(tx, [id], { ...change, nowMs: at.getTime() }));
    });
  }

  return versions;
}

const cursorOf = (version: ModelVersion): string => encodeCursor([version.version]);

/** A version's number, from a client or a cursor. */
function checkNumber(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value < 2 ** 31) return value;
  throw invalid('INVALID_VERSION', `'${String(value).slice(0, 40)}' is not the number of a version: those are whole numbers from 1.`);
}

function onlyOne(versions: readonly ModelVersion[]): ModelVersion {
  const [version] = versions;
  invariant(version !== undefined, 'a version that is locked stays');
  return version;
}
