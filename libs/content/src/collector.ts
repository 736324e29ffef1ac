// The collector removes what nothing refers to, in any workspace: manifests and file sets that no domain claims, folders that were pushed and
// that nobody relied on for long, blobs that no entry names and nobody relied on either, uploads that nobody goes on with, and objects that
// no row names. A row is deleted before its object, in a transaction of its own, so that a kill in between leaves an object that the next
// collection finds, and never a row without bytes.
//
// Races are decided by age and by locks. Everything that was brought or held on to within the grace period stays: bytes are durable before
// the row that names them, and made before the transaction that refers to them commits. Past it, rows are deleted under locks that collide
// with those of foreign keys and of `keepManifests`: whoever refers to one in time keeps it, whoever comes too late is told to upload again.
//
// A backup reads the objects that an earlier state of the rows names: as long as one holds COLLECTION_LOCK, no blob is deleted.

import type { Call, Tx } from '@throughline/database';
import { conflict, invalid, newId, requireScope } from '@throughline/kernel';
import type { ListedObject, OpenMultipart } from '@throughline/object-store';

import { BLOB_PREFIX } from './blobs.ts';
import { collectDirectUploads } from './direct-uploads.ts';
import { tryLockObject } from './store/blobs.ts';
import {
  collectionIsHeldOff,
  deleteFileSets,
  deleteIdleBlobs,
  deleteIdleManifests,
  holdsCollectionOff,
  selectIdleBlobs,
  selectIdleFileSets,
  selectIdleManifests,
  selectNamedKeys,
  selectNamedMultiparts,
} from './store/collector.ts';
import type { Doomed, IdleBlob } from './store/collector.ts';
import { LONG_MS, longTransaction } from './store/long.ts';
import { deleteIdleTrees, selectIdleTrees } from './store/pushed.ts';
import { leaseUpload, releaseUpload, selectStaleUploads } from './store/uploads.ts';
import type { Parts } from './types.ts';
import { discard } from './uploads.ts';

/** What some domain still needs, among the ids that it was asked about. */
export interface References {
  manifestIds: ReadonlySet<string>;
  fileSetIds: ReadonlySet<string>;
}

export interface CollectOptions {
  /** Changes nothing, and answers what would be removed. */
  dryRun: boolean;
  /** The grace period; a day unless told, half an hour at least. */
  olderThanMs?: number | undefined;
  /** Ends the collection between two steps, by throwing the signal's reason; what was removed until then stays removed. */
  signal?: AbortSignal | undefined;
  /** Told after every batch, with what was removed so far. */
  onProgress?: ((report: CollectReport) => void) | undefined;
  /**
   * Awaited where a backup is being made, which may take hours; then the collection looks again, and goes on where it is. Without this it ends
   * with BACKUP_UNDER_WAY.
   */
  whileHeldOff?: (() => Promise<void>) | undefined;
  /** Asks all domains together, of all workspaces; called with at most 500 ids of each kind. */
  referencesOf: (asked: { manifestIds: readonly string[]; fileSetIds: readonly string[] }) => Promise<References>;
}

/** What was removed, or would be. */
export interface CollectReport {
  /** Those of versions, and the folders that were pushed. */
  manifests: number;
  fileSets: number;
  blobs: number;
  /** Objects that no row named. The objects of removed blobs and uploads are not counted here. */
  objects: number;
  /** Uploads that nobody went on with, and parts in the object store that no upload names. */
  uploads: number;
  /** Freed in the object store. */
  bytes: number;
}

export interface Collector {
  /** Needs the scope admin. Throws `invalid` INVALID_GRACE_PERIOD, `conflict` BACKUP_UNDER_WAY. Safe to run beside everything else, and again after it was killed. */
  collect(call: Call, options: CollectOptions): Promise<CollectReport>;
  /** Whether a backup is being made, as long as which no stored file is removed. */
  isHeldOff(): Promise<boolean>;
}

/** One collection while it goes on: what it may do, what it did, where it may be ended, and how it waits. */
interface Round extends Pick<CollectOptions, 'dryRun' | 'whileHeldOff'> {
  /** What was pushed stays where somebody relied on it since then. */
  pushedBefore: Date;
  report: CollectReport;
  step: () => void;
}

const DAY_MS = 86_400_000;
/**
 * Longer than any transaction lasts between the moment that bytes are durable and the commit of the row that names them, twice: the other half
 * is for clocks of servers and object stores that differ, and for whoever is going to refer to what was just committed.
 */
const MIN_GRACE_MS = 2 * LONG_MS;
const UPLOAD_EXPIRY_MS = 7 * DAY_MS;
const BATCH = 500;
/** Manifests or file sets that are deleted together: with each, up to a million entries go. */
const DELETE_BATCH = 10;

export function createCollector(parts: Parts): Collector {
  const { database, objects, clock, limits } = parts;

  /** Walks ids in batches; answers those that no domain needs. */
  async function unreferenced(
    select: (behind: string | null) => Promise<string[]>,
    needed: (ids: readonly string[]) => Promise<ReadonlySet<string>>,
    visit: (ids: readonly string[]) => Promise<void>,
  ): Promise<void> {
    for (let ids = await select(null); ids.length > 0; ids = await select(ids.at(-1) ?? null)) {
      const wanted = await needed(ids);
      const unwanted = ids.filter((id) => !wanted.has(id));
      if (unwanted.length > 0) await visit(unwanted);
    }
  }

  /** Deletes in transactions that stay short even where each thing has a million entries; answers how many were deleted. */
  async function inSmallBatches(ids: readonly string[], remove: (tx: Tx, some: readonly string[]) => Promise<number>): Promise<number> {
    let removed = 0;
    for (let start = 0; start < ids.length; start += DELETE_BATCH) {
      removed += await longTransaction(database, (tx) => remove(tx, ids.slice(start, start + DELETE_BATCH)));
    }
    return removed;
  }

  /** Deletes what is still idle of these; while a backup is made, nothing. */
  async function deleteBlobs(sha256s: readonly string[], before: Date, { pushedBefore, whileHeldOff, step }: Round): Promise<IdleBlob[]> {
    for (;;) {
      const removed = await longTransaction(database, async (tx) =>
        (await collectionIsHeldOff(tx)) ? null : deleteIdleBlobs(tx, sha256s, { before, pushedBefore }),
      );
      if (removed !== null) return removed;
      if (whileHeldOff === undefined) throw heldOff();
      await whileHeldOff();
      step();
    }
  }

  async function collectBlobs(before: Date, doomed: Doomed, round: Round): Promise<void> {
    const { dryRun, pushedBefore, report, step } = round;
    const select = (behind: string | null) =>
      longTransaction(database, (tx) => selectIdleBlobs(tx, { before, pushedBefore, behind, limit: BATCH }, doomed));
    for (let idle = await select(null); idle.length > 0; idle = await select(idle.at(-1)?.sha256 ?? null)) {
      const sha256s = idle.map((blob) => blob.sha256);
      const removed = dryRun ? idle : await deleteBlobs(sha256s, before, round);
      for (const blob of removed) {
        if (!dryRun) await objects.delete(blob.storageKey);
        report.blobs += 1;
        report.bytes += blob.sizeBytes;
      }
      step();
    }
  }

  async function collectUploads({ dryRun, report, step }: Round): Promise<void> {
    const before = new Date(clock.now().getTime() - UPLOAD_EXPIRY_MS);
    const select = (behind: string | null) => longTransaction(database, (tx) => selectStaleUploads(tx, { before, behind, limit: BATCH }));
    for (let stale = await select(null); stale.length > 0; stale = await select(stale.at(-1)?.id ?? null)) {
      for (const upload of stale) {
        if (!dryRun && !(await expire(upload.workspaceId, upload.id, before))) continue;
        report.uploads += 1;
        report.bytes += upload.offsetBytes;
      }
      step();
    }
    const direct = await collectDirectUploads(parts, { dryRun });
    report.uploads += direct.uploads;
    report.bytes += direct.bytes;
  }

  /** False where somebody went on with it after all. */
  async function expire(workspaceId: string, id: string, before: Date): Promise<boolean> {
    const lease = { id, leaseId: newId(), leaseMs: limits.leaseMs };
    const upload = await leaseUpload(database, { ...lease, workspaceId });
    if (upload === null) return false;
    try {
      if (upload.updatedAt >= before) return false;
      return await discard(parts, upload, lease);
    } finally {
      await releaseUpload(database, lease);
    }
  }

  /**
   * Parts that no row names: of an upload that was being thrown away, or was just begun, when its server was killed. A body that is stored
   * without a row may be on its way in parts as well, so they have as long as an upload has.
   */
  async function collectMultiparts({ dryRun, report, step }: Round): Promise<void> {
    const before = new Date(clock.now().getTime() - UPLOAD_EXPIRY_MS);
    const sweep = async (batch: readonly OpenMultipart[]) => {
      const ids = batch.map((multipart) => multipart.uploadId);
      const named = await longTransaction(database, (tx) => selectNamedMultiparts(tx, ids));
      for (const { key, uploadId } of batch.filter((multipart) => !named.has(multipart.uploadId))) {
        if (!dryRun) await objects.abortMultipart(key, uploadId);
        report.uploads += 1;
      }
      step();
    };
    let batch: OpenMultipart[] = [];
    for await (const multipart of objects.listMultiparts(BLOB_PREFIX)) {
      if (multipart.startedAt >= before) continue;
      batch.push(multipart);
      if (batch.length < BATCH) continue;
      await sweep(batch);
      batch = [];
    }
    if (batch.length > 0) await sweep(batch);
  }

  /** Deletes an object that no row names, unless somebody is about to name it after all. */
  function deleteUnnamed(key: string): Promise<boolean> {
    return longTransaction(database, async (tx) => {
      if (!(await tryLockObject(tx, key)) || (await selectNamedKeys(tx, [key])).has(key)) return false;
      await objects.delete(key);
      return true;
    });
  }

  /** Objects that no row names. A key is written once, before its row, so that an old one without a row will hardly ever have one. */
  async function collectObjects(before: Date, { dryRun, report, step }: Round): Promise<void> {
    const sweep = async (batch: readonly ListedObject[]) => {
      const named = await selectNamedKeys(
        database,
        batch.map((object) => object.key),
      );
      for (const object of batch.filter(({ key }) => !named.has(key))) {
        if (!dryRun && !(await deleteUnnamed(object.key))) continue;
        report.objects += 1;
        report.bytes += object.sizeBytes;
      }
      step();
    };
    let batch: ListedObject[] = [];
    for await (const object of objects.list(BLOB_PREFIX)) {
      if (object.modifiedAt >= before) continue;
      batch.push(object);
      if (batch.length < BATCH) continue;
      await sweep(batch);
      batch = [];
    }
    await sweep(batch);
  }

  return {
    async collect(call, { dryRun, olderThanMs = DAY_MS, referencesOf, signal, onProgress, whileHeldOff }) {
      requireScope(call.caller, 'ADMIN');
      if (!Number.isSafeInteger(olderThanMs) || olderThanMs < MIN_GRACE_MS) {
        throw invalid('INVALID_GRACE_PERIOD', `The grace period is at least ${MIN_GRACE_MS} ms; it was ${olderThanMs}.`, {
          hint: 'What was just uploaded has to stay until something can refer to it.',
        });
      }
      const before = new Date(clock.now().getTime() - olderThanMs);
      const report: CollectReport = { manifests: 0, fileSets: 0, blobs: 0, objects: 0, uploads: 0, bytes: 0 };
      const pushedBefore = new Date(clock.now().getTime() - Math.max(limits.pushedMs, olderThanMs));
      const doomed = { manifestIds: new Array<string>(), fileSetIds: new Array<string>(), treeIds: new Array<string>() };
      const step = () => {
        onProgress?.({ ...report });
        signal?.throwIfAborted();
      };
      const round: Round = { dryRun, pushedBefore, report, step, whileHeldOff };
      await unreferenced(
        (behind) => longTransaction(database, (tx) => selectIdleManifests(tx, { before, behind, limit: BATCH })),
        async (manifestIds) => (await referencesOf({ manifestIds, fileSetIds: [] })).manifestIds,
        async (ids) => {
          if (dryRun) doomed.manifestIds.push(...ids);
          report.manifests += dryRun ? ids.length : await inSmallBatches(ids, (tx, some) => deleteIdleManifests(tx, some, before));
          step();
        },
      );
      await unreferenced(
        (behind) => longTransaction(database, (tx) => selectIdleFileSets(tx, { before, behind, limit: BATCH })),
        async (fileSetIds) => (await referencesOf({ manifestIds: [], fileSetIds })).fileSetIds,
        async (ids) => {
          if (dryRun) doomed.fileSetIds.push(...ids);
          report.fileSets += dryRun ? ids.length : await inSmallBatches(ids, deleteFileSets);
          step();
        },
      );
      await unreferenced(
        (behind) => longTransaction(database, (tx) => selectIdleTrees(tx, { before: pushedBefore, behind, limit: BATCH })),
        // Files and lists of a version are named by its manifest, of which the list can be made again.
        () => Promise.resolve(new Set()),
        async (ids) => {
          if (dryRun) doomed.treeIds.push(...ids);
          report.manifests += dryRun ? ids.length : await inSmallBatches(ids, (tx, some) => deleteIdleTrees(tx, some, pushedBefore));
          step();
        },
      );
      await collectBlobs(before, doomed, round);
      await collectUploads(round);
      await collectMultiparts(round);
      await collectObjects(before, round);
      return report;
    },

    isHeldOff: () => holdsCollectionOff(database),
  };
}

function heldOff(): Error {
  return conflict('BACKUP_UNDER_WAY', 'A backup is being made: no stored file is removed until it is done.', {
    hint: 'Collect again afterwards; what was removed until now stays removed, and the rest is found again.',
  });
}
