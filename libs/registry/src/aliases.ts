// Aliases and promotion. The row of an alias is its one holder, by its primary key. Whoever moves an alias of a model first locks
// the model's row, so attempts are decided one after the other, each seeing what the one before left; and each leaves an event,
// applied or refused, in the same transaction. A refusal is therefore an answer inside the transaction, and becomes an error only
// after the commit: an error thrown inside would roll its own record back.

import { on, within } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import type { DomainError, Page } from '@throughline/kernel';
import {
  conflict,
  decodeCursor,
  DomainError as Refusal,
  encodeCursor,
  invalid,
  invariant,
  newId,
  pageOf,
  pageRequest,
  requireScope,
} from '@throughline/kernel';

import { checkAlias, checkText, MAX_REASON } from './checks.ts';
import { aliasNotFound, modelIdNotFound, modelNotFound, versionIdNotFound, versionNotFound } from './errors.ts';
import type { PageInput } from './models.ts';
import type { Parts, SettledCall } from './parts.ts';
import * as store from './store/aliases.ts';
import { lockModel, updateModel } from './store/models.ts';
import { findVersions } from './store/versions.ts';
import type { Alias, AliasEvent, ModelVersion } from './types.ts';
import { aliasCreated, aliasDeleted } from './webhooks/events.ts';
import { tell } from './webhooks/outbox.ts';

export interface PromoteInput {
  versionId: string;
  alias: string;
  reason?: string | null | undefined;
  /** The version that must hold the alias now; null: nobody must. No condition where it is absent. */
  expected?: string | null | undefined;
}

/** What became of an attempt; `refusal` is the error to throw once the transaction is committed. */
export interface Attempt {
  event: AliasEvent;
  version: ModelVersion;
  refusal: DomainError | null;
}

export interface Aliases {
  /**
   * Makes an alias name a version, in a transaction of its own, and answers the version. Refusals are in the history and are thrown:
   * conflict ALIAS_MOVED where another than `expected` holds it, MODEL_VERSION_NOT_FOUND where the version was deleted.
   */
  promote(call: SettledCall, input: PromoteInput): Promise<ModelVersion>;
  /** The same as part of an open transaction: whoever opened it commits, and then throws the refusal, if there is one. */
  attempt(call: Call & { tx: Tx }, input: PromoteInput): Promise<Attempt>;
  /** Takes an alias away; `removed` is false where nobody held it, which is in the history as well. */
  remove(call: Call, input: { modelId: string; alias: string; reason?: string | null | undefined }): Promise<{ removed: boolean }>;
  /** Who holds an alias now; null where nobody does. */
  find(call: Call, modelId: string, alias: string): Promise<Alias | null>;
  /** Who holds an alias now. Throws ALIAS_NOT_FOUND. */
  get(call: Call, model: { id: string; name: string }, alias: string): Promise<Alias>;
  /** The aliases of these models, by name, under the models' ids. */
  ofModels(call: Call, modelIds: readonly string[]): Promise<Map<string, Alias[]>>;
  /** The aliases that name these versions, by name, under the versions' ids. */
  ofVersions(call: Call, versionIds: readonly string[]): Promise<Map<string, Alias[]>>;
  /** Every attempt to move an alias of a model, newest first. */
  history(call: Call, modelId: string, page: PageInput & { alias?: string | null | undefined }): Promise<Page<AliasEvent>>;
  /** The same for many models at once, under their ids. */
  historiesOf(
    call: Call,
    modelIds: readonly string[],
    page: PageInput & { alias?: string | null | undefined },
  ): Promise<Map<string, Page<AliasEvent>>>;
  /** The id of the version that held an alias at a time; null where none did. */
  holderAt(call: Call, modelId: string, alias: string, at: Date): Promise<string | null>;
}

/** Aliases of one model; a page shows them all. */
const MAX_ALIASES = 200;

export function createAliases({ database, clock }: Parts): Aliases {
  const aliases: Aliases = {
    async promote(call, input) {
      invariant(!('tx' in call) || call.tx === undefined, 'a promotion that may be refused needs a transaction of its own');
      const { version, refusal } = await database.transaction((tx) => aliases.attempt({ ...call, tx }, input));
      if (refusal !== null) throw refusal;
      return version;
    },

    async attempt(call, input) {
      const { caller, tx } = call;
      requireScope(caller, 'WRITE');
      const alias = checkAlias(input.alias);
      const reason = checkText('reason', input.reason ?? '', MAX_REASON);
      const { workspaceId } = caller;
      const [known] = await findVersions(tx, workspaceId, [input.versionId]);
      if (known === undefined) throw versionIdNotFound(input.versionId);

      // From here on no other attempt at this model is under way; what was read before may be stale.
      const model = await lockModel(tx, workspaceId, known.modelId);
      const [version] = await findVersions(tx, workspaceId, [input.versionId]);
      invariant(model !== null && version !== undefined, 'models and versions are never removed');
      const holder = await store.findAlias(tx, model.id, alias);
      const refusal = await refusalOf(tx, { workspaceId, version, alias, holder, expected: input.expected });

      const at = clock.now();
      const event = await store.insertEvent(tx, workspaceId, {
        id: newId(at.getTime()),
        modelId: model.id,
        alias,
        action: 'PROMOTE',
        outcome: refusal === null ? 'APPLIED' : 'REFUSED',
        versionId: version.id,
        previousVersionId: holder?.versionId ?? null,
        actor: caller.name,
        reason,
        refusal: refusal?.message ?? null,
        at,
      });
      if (refusal === null) {
        await store.putAlias(tx, { modelId: model.id, alias, versionId: version.id, since: event.at });
        await updateModel(tx, model.id, { nowMs: at.getTime() });
        await tell(tx, call, at, [aliasCreated(model, alias, version.version)]);
      }
      return { event, version, refusal };
    },

    async remove(call, input) {
      requireScope(call.caller, 'WRITE');
      const alias = checkAlias(input.alias);
      const reason = checkText('reason', input.reason ?? '', MAX_REASON);
      const { workspaceId, name: actor } = call.caller;
      return within(database, call, async (tx) => {
        const model = await lockModel(tx, workspaceId, input.modelId);
        if (model === null || model.deletedAt !== null) throw model === null ? modelIdNotFound(input.modelId) : modelNotFound(model.name);
        const holder = await store.findAlias(tx, model.id, alias);
        const at = clock.now();
        await store.insertEvent(tx, workspaceId, {
          id: newId(at.getTime()),
          modelId: model.id,
          alias,
          action: 'REMOVE',
          outcome: holder === null ? 'REFUSED' : 'APPLIED',
          versionId: null,
          previousVersionId: holder?.versionId ?? null,
          actor,
          reason,
          refusal: holder === null ? 'Nobody held it.' : null,
          at,
        });
        if (holder !== null) {
          await store.deleteAlias(tx, model.id, alias);
          await updateModel(tx, model.id, { nowMs: at.getTime() });
          await tell(tx, call, at, [aliasDeleted(model, alias)]);
        }
        return { removed: holder !== null };
      });
    },

    async find(call, modelId, alias) {
      const db = on(database, call);
      const held = (await store.aliasesOfModels(db, call.caller.workspaceId, [modelId])).find((one) => one.alias === alias);
      return held ?? null;
    },

    async get(call, model, alias) {
      const held = await aliases.find(call, model.id, alias);
      if (held === null) throw aliasNotFound(model.name, alias);
      return held;
    },

    async ofModels(call, modelIds) {
      const rows = await store.aliasesOfModels(on(database, call), call.caller.workspaceId, modelIds);
      const groups = Map.groupBy(rows, (alias) => alias.modelId);
      return new Map(modelIds.map((id) => [id, groups.get(id) ?? []]));
    },

    async ofVersions(call, versionIds) {
      const rows = await store.aliasesOfVersions(on(database, call), call.caller.workspaceId, versionIds);
      const groups = Map.groupBy(rows, (alias) => alias.versionId);
      return new Map(versionIds.map((id) => [id, groups.get(id) ?? []]));
    },

    async history(call, modelId, input) {
      const pages = await aliases.historiesOf(call, [modelId], input);
      return pages.get(modelId) ?? pageOf([], 1, cursorOf);
    },

    async historiesOf(call, modelIds, input) {
      const { first, after } = pageRequest(input);
      const before = after === null ? null : sequenceOf(after);
      const alias = input.alias === null || input.alias === undefined ? null : checkAlias(input.alias);
      const rows = await store.newestEvents(on(database, call), call.caller.workspaceId, modelIds, { alias, before, limit: first + 1 });
      const groups = Map.groupBy(rows, (event) => event.modelId);
      return new Map(modelIds.map((id) => [id, pageOf(groups.get(id) ?? [], first, cursorOf)]));
    },

    async holderAt(call, modelId, alias, at) {
      const event = await store.lastAppliedEvent(on(database, call), call.caller.workspaceId, modelId, alias, at);
      return event?.versionId ?? null;
    },
  };
  return aliases;
}

/** Why the alias must not move, decided under the model's lock; null where it may. */
async function refusalOf(
  tx: Tx,
  attempt: { workspaceId: string; version: ModelVersion; alias: string; holder: Alias | null; expected: string | null | undefined },
): Promise<DomainError | null> {
  const { workspaceId, version, alias, holder, expected } = attempt;
  if (version.deletedAt !== null) return versionNotFound(version.modelName, version.version);
  if (expected !== undefined && (holder?.versionId ?? null) !== expected) {
    const now = holder === null ? 'nobody holds it now' : `version ${holder.version} holds it now`;
    return conflict('ALIAS_MOVED', `The alias '${alias}' of '${version.modelName}' is not where it was expected: ${now}.`, {
      hint: 'Look at its history, and promote again if it is still right.',
      details: { holder: holder?.version ?? null },
    });
  }
  if (holder === null && (await store.aliasesOfModels(tx, workspaceId, [version.modelId])).length >= MAX_ALIASES) {
    return new Refusal({
      kind: 'exhausted',
      code: 'TOO_MANY_ALIASES',
      message: `A registered model has at most ${MAX_ALIASES} aliases; '${version.modelName}' has that many. Remove one first.`,
      details: { limit: MAX_ALIASES },
    });
  }
  return null;
}

const cursorOf = (event: AliasEvent): string => encodeCursor([event.sequence]);

function sequenceOf(cursor: string): number {
  const [sequence] = decodeCursor(cursor, 1);
  if (typeof sequence === 'number' && Number.isSafeInteger(sequence)) return sequence;
  throw invalid('INVALID_CURSOR', "'after' is not a cursor of this list; pass the endCursor of the page before.");
}
