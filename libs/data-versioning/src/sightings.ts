// Sightings: where in Git a version was seen. Many per version, each kept once, in one spelling.

import { checkPath } from '@throughline/content';
import { on, within } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import { invalid, newId, requireScope } from '@throughline/kernel';

import { versionNotFound } from './errors.ts';
import type { Parts } from './parts.ts';
import { normalizeCommit, normalizeRepository } from './repository.ts';
import type { DatasetVersion, Sighting, SightingPlace } from './types.ts';

export interface Sightings {
  /** Records a place; the same place again changes nothing. Throws `invalid` for a place that cannot be, `not_found` for tombstones. */
  record(call: Call, versionId: string, place: SightingPlace): Promise<DatasetVersion>;
  /** The newest 100 of each version, newest first. */
  ofVersions(call: Call, versionIds: readonly string[]): Promise<Map<string, Sighting[]>>;
  /**
   * Everything of live datasets that was seen at a commit, at most 1000 places, newest last. In an open transaction whoever records a sighting
   * there from now on waits for its end, and sees what it writes.
   */
  findAtCommit(call: Call, commit: string): Promise<SeenVersion[]>;
  /** For the transaction that recorded a sighting: waits for those that did not find it, and makes those that would look for it wait in turn. */
  beforeWaiting(call: Call & { tx: Tx }, commit: string): Promise<void>;
  /** The versions of live datasets that were seen at a place, at most 100; in any repository where none is given. */
  findVersions(call: Call, place: { repository?: string | undefined; path: string; commit: string }): Promise<DatasetVersion[]>;
}

/** A version where it was seen. */
export interface SeenVersion {
  version: DatasetVersion;
  repository: string;
  path: string;
}

/** Places at one commit that are looked at. */
const MAX_PLACES = 1_000;
/** How many are shown of one version. */
const MAX_SHOWN = 100;
/** Path, repository and commit make one index key; see MAX_REPOSITORY_BYTES. */
const MAX_PATH_BYTES = 1024;

/** A place in its one spelling. Throws `invalid` INVALID_REPOSITORY, INVALID_PATH or INVALID_COMMIT. */
export function checkPlace(place: SightingPlace): SightingPlace {
  return { repository: normalizeRepository(place.repository), path: checkSightingPath(place.path), commit: normalizeCommit(place.commit) };
}

function checkSightingPath(path: string): string {
  const normal = checkPath(path.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, ''));
  if (Buffer.byteLength(normal) <= MAX_PATH_BYTES) return normal;
  throw invalid('INVALID_PATH', `The path of a sighting has at most ${MAX_PATH_BYTES} bytes.`);
}

/** No dataset has such a name: it would end in a blank. */
function lockOf(commit: string): string {
  return `commit ${commit} `;
}

export function createSightings({ database, store, clock }: Parts): Sightings {
  return {
    record(call, versionId, place) {
      requireScope(call.caller, 'WRITE');
      const checked = checkPlace(place);
      return within(database, call, async (tx) => {
        const { workspaceId, name: actor } = call.caller;
        const [version] = await store.liveVersions(tx, workspaceId, [versionId], { hold: true });
        if (version === undefined) throw versionNotFound(versionId);
        const seenAt = clock.now();
        await store.insertSighting(tx, { id: newId(seenAt.getTime()), workspaceId, versionId, ...checked, actor, seenAt });
        return version;
      });
    },

    async ofVersions(call, versionIds) {
      const rows = await store.sightingsOf(on(database, call), call.caller.workspaceId, versionIds, MAX_SHOWN);
      return Map.groupBy(rows, (sighting) => sighting.versionId);
    },

    async findAtCommit(call, commit) {
      const { workspaceId } = call.caller;
      const normal = normalizeCommit(commit);
      // First of all, whatever was seen there before: the place that is asked for may be the one that somebody is recording.
      if (call.tx !== undefined) await store.lockNames(call.tx, workspaceId, [lockOf(normal)], 'SHARED');
      return store.seenAtCommit(on(database, call), workspaceId, normal, MAX_PLACES);
    },

    beforeWaiting: (call, commit) => store.lockNames(call.tx, call.caller.workspaceId, [lockOf(normalizeCommit(commit))], 'ALONE'),

    findVersions(call, { repository, path, commit }) {
      return store.versionsSeenAt(on(database, call), call.caller.workspaceId, {
        repository: repository === undefined ? null : normalizeRepository(repository),
        path: checkSightingPath(path),
        commit: normalizeCommit(commit),
      });
    },
  };
}
