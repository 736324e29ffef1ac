// The files of runs and logged models. Each owner has a file set of its own in libs/content; what is here says whose a path is, and who
// may still write. MLflow's clients name artifacts by paths of its proxy, which begin with ids: they are looked up, never joined to
// anything, so that a path cannot lead out of what it names.

import { on, within } from '@throughline/database';
import type { Call, Queryable } from '@throughline/database';
import { checkPath } from '@throughline/content';
import { notFound, requireWrite } from '@throughline/kernel';

import type { Artifacts } from './api.ts';
import {
  artifactNotFound,
  artifactsElsewhere,
  loggedModelNotActive,
  loggedModelNotFound,
  runNotActive,
  runNotFound,
  short,
} from './errors.ts';
import { isExperimentId, isModelId, isRunId } from './limits.ts';
import { isOwnLocation } from './locations.ts';
import type { Parts } from './parts.ts';
import { requireOwnRun } from './runs.ts';
import { lowerSourceEvidence, selectLoggedModel } from './store/logged-models.ts';
import { selectRun } from './store/runs.ts';
import type { ArtifactOwner, LoggedModel, Run } from './types.ts';

function ownerFrom(owner: Run | LoggedModel, path: string): ArtifactOwner {
  const { id, experimentId, fileSetId, lifecycle } = owner;
  const ours = isOwnLocation(owner.artifactUri);
  return 'modelId' in owner
    ? { kind: 'loggedModel', id, name: owner.modelId, experimentId, fileSetId, lifecycle, ours, path }
    : { kind: 'run', id, name: owner.runId, experimentId, fileSetId, lifecycle, ours, path };
}

function nobodys(locationPath: string): Error {
  return notFound('ARTIFACT_NOT_FOUND', `No run or logged model keeps artifacts at ${JSON.stringify(short(locationPath))}.`, {
    hint: 'Paths are <experiment id>/<run id>/artifacts/<path> or <experiment id>/models/<model id>/artifacts/<path>.',
  });
}

export function createArtifacts({ database, content }: Parts): Artifacts {
  /** The run that makes the owner's files, where the owner takes files from the caller: it is in use, the caller's to write, and kept here. */
  const producerOf = async (db: Queryable, call: Call, owner: ArtifactOwner, lock?: 'FOR SHARE'): Promise<string | null> => {
    requireWrite(call.caller);
    const { workspaceId } = call.caller;
    let producer: string | null = owner.id;
    if (owner.kind === 'run') {
      const run = await selectRun(db, workspaceId, { id: owner.id }, lock);
      if (run === null) throw runNotFound(owner.name);
      if (run.lifecycle !== 'ACTIVE') throw runNotActive(run.runId);
    } else {
      const model = await selectLoggedModel(db, workspaceId, { id: owner.id });
      if (model === null) throw loggedModelNotFound(owner.name);
      if (model.lifecycle !== 'ACTIVE') throw loggedModelNotActive(model.modelId);
      producer = model.sourceRunUuid;
    }
    await requireOwnRun(db, call, producer);
    if (!owner.ours) throw artifactsElsewhere(owner.name);
    return producer;
  };

  /** Runs a change while the owner is in use: its row is shared until the transaction ends, so that a deletion waits. */
  const writing = <T>(call: Call, owner: ArtifactOwner, work: (inTx: Call) => Promise<T>): Promise<T> => {
    requireWrite(call.caller);
    return within(database, call, async (tx) => {
      const producer = await producerOf(tx, call, owner, 'FOR SHARE');
      const result = await work({ caller: call.caller, tx });
      // Behind the file set's lock, as a registration takes the two. From here on its files are not only what its run made of them.
      if (producer !== call.caller.runId) await lowerSourceEvidence(tx, owner.id);
      return result;
    });
  };

  return {
    ownedBy: (owner) => ownerFrom(owner, ''),

    async ownerOf(call, locationPath) {
      const trimmed = locationPath.replace(/\/+$/, '');
      checkPath(trimmed);
      const [experimentId = '', ...rest] = trimmed.split('/');
      const isModel = rest[0] === 'models' && rest[2] === 'artifacts';
      const [name = '', artifacts, ...path] = isModel ? rest.slice(1) : rest;
      if (!isExperimentId(experimentId) || artifacts !== 'artifacts') throw nobodys(locationPath);
      const db = on(database, call);
      const { workspaceId } = call.caller;
      const owner = isModel
        ? isModelId(name) && (await selectLoggedModel(db, workspaceId, { modelId: name }))
        : isRunId(name) && (await selectRun(db, workspaceId, { runId: name }));
      if (!owner || owner.experimentId !== experimentId) throw nobodys(locationPath);
      return ownerFrom(owner, path.join('/'));
    },

    async requireWritable(call, owner) {
      await producerOf(on(database, call), call, owner);
    },

    put: (call, owner, path, sha256) => writing(call, owner, (inTx) => content.putFile(inTx, owner.fileSetId, { path, sha256 })),

    remove: (call, owner, path) =>
      writing(call, owner, async (inTx) => {
        if (await content.removeFile(inTx, owner.fileSetId, path)) return;
        if ((await content.removeFolder(inTx, owner.fileSetId, path)) === 0) throw artifactNotFound(path);
      }),

    find: async (call, owner, path) => (owner.ours ? content.findFile(call, owner.fileSetId, path) : null),

    async listFolder(call, owner, folder, page) {
      if (!owner.ours) return { items: [], cursorOf: () => '', hasNextPage: false };
      return content.listFilesIn(call, owner.fileSetId, folder, page);
    },

    listFolderOf: (call, fileSetIds, folder, page) => content.listFilesInOf(call, fileSetIds, folder, page),
  };
}
