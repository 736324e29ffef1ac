// Deployments: one model version, pinned by its digest, at one target of one environment, from a time until a time. A target has one
// live deployment, by a unique index; deployments to it happen one after the other, under a lock on its name, so that each ends what
// the one before it began. Nothing is edited: what was deployed stays in the history, and rolling back is deploying again.

import { on, within } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import type { Page } from '@throughline/kernel';
import {
  conflict,
  decodeCursor,
  DomainError,
  encodeCursor,
  invalid,
  invariant,
  newId,
  pageOf,
  pageRequest,
  parseRef,
  requireScope,
} from '@throughline/kernel';

import { checkOptional, checkPlace, checkText, isStorable, MAX_PLACE, MAX_REASON } from './checks.ts';
import { deploymentNotFound, versionIdNotFound, versionNotFound } from './errors.ts';
import type { PageInput } from './models.ts';
import type { Parts } from './parts.ts';
import { refuseForeignWorkspace } from './refs.ts';
import * as store from './store/deployments.ts';
import { holdVersion } from './store/versions.ts';
import type { Deployment, ModelVersion } from './types.ts';

export interface DeployInput {
  versionId: string;
  environment: string;
  target: string;
  reason?: string | null | undefined;
}

export interface DeploymentListInput extends PageInput {
  environment?: string | null | undefined;
  target?: string | null | undefined;
  /** Whether those that ended are in it too; only the live ones unless true. */
  ended?: boolean | null | undefined;
}

export interface Deployments {
  /**
   * Deploys a version and ends what was live at the target, in one transaction. Where this very version is live there already, that is
   * the answer and nothing changes, so a retry is harmless. Throws conflict VERSION_WITHOUT_DIGEST.
   */
  deploy(call: Call, input: DeployInput): Promise<Deployment>;
  /**
   * Deploys again the last other version that was live at the target before this live deployment. Throws conflict DEPLOYMENT_ENDED
   * where it is not live any more, and NOTHING_BEFORE where it was the first.
   */
  rollBack(call: Call, id: string, reason?: string | null): Promise<Deployment>;
  /** Ends a deployment; one that has ended already is answered as it is. */
  end(call: Call, id: string, reason?: string | null): Promise<Deployment>;
  /** Deployments by id; unknown ids are left out. */
  findMany(call: Call, ids: readonly string[]): Promise<Map<string, Deployment>>;
  /** Throws DEPLOYMENT_NOT_FOUND. */
  get(call: Call, id: string): Promise<Deployment>;
  /** What is live at a target; null where nothing is. */
  findLive(call: Call, environment: string, target: string): Promise<Deployment | null>;
  /** What is live where a reference such as `deployment:production/api` points, else what was live there last; null where nothing ever was. */
  findByRef(call: Call, ref: string): Promise<Deployment | null>;
  /** Newest first. */
  list(call: Call, input: DeploymentListInput): Promise<Page<Deployment>>;
  /** How many `list` finds in all. */
  count(call: Call, input: Omit<DeploymentListInput, 'first' | 'after'>): Promise<number>;
  /** The deployments of each version, newest first, under the versions' ids. */
  pagesOf(call: Call, versionIds: readonly string[], page: PageInput): Promise<Map<string, Page<Deployment>>>;
  /** How many deployments each version has had. */
  countOf(call: Call, versionIds: readonly string[]): Promise<Map<string, number>>;
  /** What was at each deployment's target before it, under the deployments' ids. */
  previousOf(call: Call, ids: readonly string[]): Promise<Map<string, Deployment>>;
}

export function createDeployments({ database, content, clock }: Parts): Deployments {
  /** Deploys under the target's lock, which the caller has taken. */
  async function deployLocked(tx: Tx, call: Call, place: store.Place, version: { id: string; reason: string }): Promise<Deployment> {
    const { workspaceId, name: actor } = call.caller;
    const held = await holdVersion(tx, workspaceId, version.id);
    if (held === null) throw versionIdNotFound(version.id);
    if (held.deletedAt !== null) throw versionNotFound(held.modelName, held.version);
    const digest = await pinnedDigest(tx, call, held);
    const live = await store.findLive(tx, place);
    if (live !== null && live.versionId === held.id) return live;

    const last = live ?? (await store.findLast(tx, place));
    // Times of one target never run backwards, whatever the clock does, and one ends where the next begins.
    const at = new Date(Math.max(clock.now().getTime(), last?.startedAt.getTime() ?? 0, last?.endedAt?.getTime() ?? 0));
    if (live !== null) await store.endDeployment(tx, live.id, { at, by: actor, reason: '' });
    return store.insertDeployment(tx, {
      ...place,
      id: newId(at.getTime()),
      versionId: held.id,
      digest,
      startedBy: actor,
      reason: version.reason,
      at,
    });
  }

  /** The digest to pin: the version's, compared with that of the files that it names. */
  async function pinnedDigest(tx: Tx, call: Call, version: ModelVersion): Promise<string> {
    const { digest, manifestId, noDigestReason } = version;
    if (digest === null || manifestId === null) {
      throw conflict(
        'VERSION_WITHOUT_DIGEST',
        `Version ${version.version} of '${version.modelName}' cannot be deployed, since it has no digest to pin: ${noDigestReason ?? ''}`,
        { hint: 'Log the model to this server, with its files, and register it from there; then deploy that version.' },
      );
    }
    const manifest = (await content.getManifests({ caller: call.caller, tx }, [manifestId])).get(manifestId);
    if (manifest?.digest === digest) return digest;
    throw new DomainError({
      kind: 'corrupt',
      code: 'DIGEST_MISMATCH',
      message: `The files of version ${version.version} of '${version.modelName}' no longer have its digest; it was not deployed.`,
    });
  }

  /** A deployment and its place, with the place's lock held. */
  async function lockDeployment(tx: Tx, call: Call, id: string): Promise<{ deployment: Deployment; place: store.Place }> {
    const { workspaceId } = call.caller;
    const [known] = await store.findDeployments(tx, workspaceId, [id]);
    if (known === undefined) throw deploymentNotFound(`with the id ${id}`);
    const place = { workspaceId, environment: known.environment, target: known.target };
    await store.lockPlace(tx, place);
    const [deployment] = await store.findDeployments(tx, workspaceId, [id]);
    invariant(deployment !== undefined, 'deployments are never removed');
    return { deployment, place };
  }

  const deployments: Deployments = {
    async deploy(call, input) {
      requireScope(call.caller, 'WRITE');
      const place = {
        workspaceId: call.caller.workspaceId,
        environment: checkPlace('environment', input.environment),
        target: checkPlace('target', input.target),
      };
      const reason = checkText('reason', input.reason ?? '', MAX_REASON);
      return within(database, call, async (tx) => {
        await store.lockPlace(tx, place);
        return deployLocked(tx, call, place, { id: input.versionId, reason });
      });
    },

    async rollBack(call, id, reason) {
      requireScope(call.caller, 'WRITE');
      const words = checkText('reason', reason ?? '', MAX_REASON);
      return within(database, call, async (tx) => {
        const { deployment, place } = await lockDeployment(tx, call, id);
        const where = `${place.environment}/${place.target}`;
        if (deployment.endedAt !== null) {
          throw conflict('DEPLOYMENT_ENDED', `This deployment to ${where} has ended; only what is live can be rolled back.`, {
            hint: `What is live there now is deployment:${where}.`,
          });
        }
        const before = await store.findBefore(tx, place, deployment);
        if (before === null) throw conflict('NOTHING_BEFORE', `No other version was deployed to ${where} before this one.`);
        return deployLocked(tx, call, place, { id: before.versionId, reason: words });
      });
    },

    async end(call, id, reason) {
      requireScope(call.caller, 'WRITE');
      const words = checkText('reason', reason ?? '', MAX_REASON);
      return within(database, call, async (tx) => {
        const { deployment } = await lockDeployment(tx, call, id);
        return (await store.endDeployment(tx, id, { at: clock.now(), by: call.caller.name, reason: words })) ?? deployment;
      });
    },

    async findMany(call, ids) {
      const found = await store.findDeployments(on(database, call), call.caller.workspaceId, ids);
      return new Map(found.map((deployment) => [deployment.id, deployment]));
    },

    async get(call, id) {
      const [deployment] = await store.findDeployments(on(database, call), call.caller.workspaceId, [id]);
      if (deployment === undefined) throw deploymentNotFound(`with the id ${id}`);
      return deployment;
    },

    async findLive(call, environment, target) {
      if (!isStorable(environment) || !isStorable(target)) return null;
      return store.findLive(on(database, call), { workspaceId: call.caller.workspaceId, environment, target });
    },

    async findByRef(call, text) {
      const parsed = parseRef(text);
      if (parsed === null || parsed.ref.kind !== 'deployment') return null;
      refuseForeignWorkspace(parsed);
      const { environment, target } = parsed.ref;
      if (!isStorable(environment) || !isStorable(target)) return null;
      // The live one, where there is one, is the last one.
      return store.findLast(on(database, call), { workspaceId: call.caller.workspaceId, environment, target });
    },

    async list(call, input) {
      const { first, after } = pageRequest(input);
      const before = after === null ? null : sequenceOf(after);
      const page = { before, limit: first + 1 };
      return pageOf(await store.listDeployments(on(database, call), call.caller.workspaceId, filterOf(input), page), first, cursorOf);
    },

    count: (call, input) => store.countDeployments(on(database, call), call.caller.workspaceId, filterOf(input)),

    async pagesOf(call, versionIds, input) {
      const { first, after } = pageRequest(input);
      const before = after === null ? null : sequenceOf(after);
      const rows = await store.newestOfVersions(on(database, call), call.caller.workspaceId, versionIds, { before, limit: first + 1 });
      const groups = Map.groupBy(rows, (deployment) => deployment.versionId);
      return new Map(versionIds.map((id) => [id, pageOf(groups.get(id) ?? [], first, cursorOf)]));
    },

    countOf: (call, versionIds) => store.countOfVersions(on(database, call), call.caller.workspaceId, versionIds),

    previousOf: (call, ids) => store.predecessors(on(database, call), call.caller.workspaceId, ids),
  };
  return deployments;
}

function filterOf(input: Omit<DeploymentListInput, 'first' | 'after'>): store.DeploymentFilter {
  return {
    environment: checkOptional('environment', input.environment, MAX_PLACE),
    target: checkOptional('target', input.target, MAX_PLACE),
    ended: input.ended ?? false,
  };
}

const cursorOf = (deployment: Deployment): string => encodeCursor([deployment.sequence]);

function sequenceOf(cursor: string): number {
  const [sequence] = decodeCursor(cursor, 1);
  if (typeof sequence === 'number' && Number.isSafeInteger(sequence)) return sequence;
  throw invalid('INVALID_CURSOR', "'after' is not a cursor of this list; pass the endCursor of the page before.");
}
