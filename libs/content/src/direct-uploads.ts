// Direct uploads: large files that go from a client to the object store without passing through this server, in parts, over addresses
// that are signed for one part each. Nothing that arrives so is believed. It lands under a key that no row of a blob names; when its
// client says that it is whole, the parts are joined, the joined object is read back and hashed, and only then a blob names it.
//
// An address of a part is good for that part of that upload, and an upload ends when it is joined: from then on nobody outside can write
// the key, so that what was hashed is what is kept, and no copy is needed. docs/decisions/presigned.md argues it.

import type { Call, Tx } from '@throughline/database';
import { DomainError, invalid, invariant, isUuid, newId, requireWrite } from '@throughline/kernel';
import { MAX_PARTS } from '@throughline/object-store';
import type { PartRef } from '@throughline/object-store';

import { adoptObject, newStorageKey, rehash } from './blobs.ts';
import type { Blobs } from './blobs.ts';
import { blobNotFound, bodyTooLarge, directUploadBusy, noDirectAddresses, tooManyUploads, uploadNotFound } from './errors.ts';
import { underLease } from './leases.ts';
import {
  countOpenDirectUploads,
  deleteDirectUpload,
  findDirectUpload,
  finishDirectUpload,
  insertDirectUpload,
  leaseDirectUpload,
  releaseDirectUpload,
  renewDirectUpload,
  selectStaleDirectUploads,
} from './store/direct-uploads.ts';
import type { DirectLease, StoredDirectUpload } from './store/direct-uploads.ts';
import type { BlobInfo, Parts } from './types.ts';

/** What a client needs in order to send a file in parts. */
export interface DirectUpload {
  id: string;
  /** In the order of their numbers, which begin at 1. Each takes one part by PUT and answers its etag. */
  parts: { partNumber: number; url: string }[];
  /** When the addresses end. */
  expiresAt: Date;
}

export interface DirectUploads {
  /** Whether clients can reach the object store by themselves. */
  readonly hasDirectAddresses: boolean;
  /**
   * Begins an upload and answers an address for each part. `target` is what the caller means it for; whoever completes it must mean the same.
   * Throws `unimplemented` NO_DIRECT_ADDRESSES; `invalid` INVALID_PART_COUNT; `exhausted` TOO_MANY_UPLOADS.
   */
  startDirectUpload(call: Call, wanted: { target: string; partCount: number }): Promise<DirectUpload>;
  /**
   * Joins the parts, all of them, named by the etags that the store answered; hashes what they make, and makes that a blob of the workspace.
   * Asked again it answers the same, and waits where it is at it. Only whoever began an upload completes it: to others it is not there.
   * Throws `not_found` UPLOAD_NOT_FOUND; `invalid` INVALID_OBJECT_PART, after which better parts may be sent; `invalid` BODY_TOO_LARGE and
   * `conflict` MD5_COLLISION, after which the upload is gone; `unavailable` UPLOAD_BUSY where another server is at it.
   */
  completeDirectUpload(call: Call, id: string, sent: { target: string; parts: readonly PartRef[] }): Promise<BlobInfo>;
  /** Throws away what arrived. That there is nothing, or that it is a blob already, is as good. Throws `unavailable` UPLOAD_BUSY. */
  abortDirectUpload(call: Call, id: string, target: string): Promise<void>;
}

/** How long addresses of parts are good: a client gets them all at once, before it sends the first part. */
const ADDRESS_SECONDS = 3_600;
/** Open direct uploads of one workspace. */
const MAX_OPEN = 1_000;

export function createDirectUploads(parts: Parts, blobs: Blobs): DirectUploads {
  const { database, objects, clock, limits } = parts;
  /** What this process is completing: a client that gave up waiting and asks again waits for the same. */
  const underWay = new Map<string, Promise<string>>();

  /** The upload, for whoever began it; null for everybody else. */
  async function findOwn(call: Call, id: string, target: string): Promise<StoredDirectUpload | null> {
    const { workspaceId, principalId, runId } = call.caller;
    const upload = isUuid(id) ? await findDirectUpload(database, workspaceId, id) : null;
    const isOwn = upload?.principalId === principalId && upload.writerRunId === runId && upload.target === target;
    return isOwn ? upload : null;
  }

  /** Runs work on an upload that nobody else is at. */
  async function leased<T>(id: string, work: (upload: StoredDirectUpload, lease: DirectLease) => Promise<T>): Promise<T> {
    const lease: DirectLease = { id, leaseId: newId(), leaseMs: limits.leaseMs };
    const upload = await leaseDirectUpload(database, lease);
    if (upload === null) throw directUploadBusy();
    const [renew, release] = [() => renewDirectUpload(database, lease), () => releaseDirectUpload(database, lease)];
    return underLease({ leaseMs: limits.leaseMs, renew, release }, () => work(upload, lease));
  }

  /** Joins the parts into the object. Done before where a server was killed, or an answer lost, between this and the database. */
  async function join({ storageKey, multipartId, partCount }: StoredDirectUpload, sent: readonly PartRef[]): Promise<void> {
    try {
      const stored = await objects.listParts(storageKey, multipartId);
      // What was joined before is beyond naming; until then a part left out would be a hole that nobody notices.
      if (sent.length !== partCount || sent.some(({ partNumber }, index) => partNumber !== index + 1)) throw notAllParts(partCount);
      const sizeBytes = stored.reduce((sum, part) => sum + part.sizeBytes, 0);
      if (sizeBytes > limits.maxBlobBytes) throw bodyTooLarge(limits.maxBlobBytes);
      await objects.completeMultipart(storageKey, multipartId, sent);
    } catch (error) {
      const isGone = error instanceof DomainError && error.code === 'OBJECT_UPLOAD_NOT_FOUND';
      if (!isGone || (await objects.head(storageKey)) === null) throw error;
    }
  }

  /** Makes the joined object a blob, and notes in the same transaction that the upload is done. */
  async function adopt(call: Call, { storageKey }: StoredDirectUpload, lease: DirectLease): Promise<string> {
    const measured = await rehash(objects, storageKey);
    // The parts were looked at before they were joined, by another server perhaps; what they made is what counts.
    if (measured.sizeBytes > limits.maxBlobBytes) throw bodyTooLarge(limits.maxBlobBytes);
    const alongside = async (tx: Tx) => {
      if (!(await finishDirectUpload(tx, lease, measured.sha256))) throw directUploadBusy();
    };
    await adoptObject(parts, { caller: call.caller }, { storageKey, measured, own: null, alongside });
    return measured.sha256;
  }

  const complete = (call: Call, id: string, sent: readonly PartRef[]): Promise<string> =>
    leased(id, async (upload, lease) => {
      // Another server may have been at it between our look and our lease.
      if (upload.sha256 !== null) return upload.sha256;
      try {
        await join(upload, sent);
        return await adopt(call, upload, lease);
      } catch (error) {
        if (!isHopeless(error)) throw error;
        await discardDirectUpload(parts, upload, lease);
        throw isAboutUpload(error) ? uploadNotFound(id) : error;
      }
    });

  return {
    hasDirectAddresses: objects.presigns,

    async startDirectUpload({ caller }, { target, partCount }) {
      requireWrite(caller);
      if (!objects.presigns) throw noDirectAddresses();
      if (!Number.isInteger(partCount) || partCount < 1 || partCount > MAX_PARTS) {
        throw invalid('INVALID_PART_COUNT', `A file is sent in 1 to ${MAX_PARTS} parts, not in ${partCount}.`);
      }
      const { workspaceId, principalId, runId: writerRunId } = caller;
      if ((await countOpenDirectUploads(database, workspaceId)) >= MAX_OPEN) throw tooManyUploads(MAX_OPEN, 'a day');
      const createdAt = clock.now();
      const [id, storageKey] = [newId(createdAt.getTime()), newStorageKey()];
      const { uploadId: multipartId } = await objects.createMultipart(storageKey);
      const addressOf = async (partNumber: number) => {
        const url = await objects.presignPart(storageKey, { uploadId: multipartId, partNumber, expiresSeconds: ADDRESS_SECONDS });
        invariant(url !== null, 'an object store that presigns has presigned nothing');
        return { partNumber, url };
      };
      try {
        const addresses = await Promise.all(Array.from({ length: partCount }, (_, index) => addressOf(index + 1)));
        await insertDirectUpload(database, {
          id,
          workspaceId,
          principalId,
          writerRunId,
          target,
          partCount,
          storageKey,
          multipartId,
          createdAt,
        });
        return { id, parts: addresses, expiresAt: new Date(createdAt.getTime() + ADDRESS_SECONDS * 1000) };
      } catch (error) {
        // Nobody was told of it. What is left behind by a commit whose answer was lost is collected like any upload.
        await objects.abortMultipart(storageKey, multipartId);
        throw error;
      }
    },

    async completeDirectUpload(call, id, { target, parts: sent }) {
      requireWrite(call.caller);
      const upload = await findOwn(call, id, target);
      if (upload === null) throw uploadNotFound(id);
      let sha256 = upload.sha256;
      if (sha256 === null) {
        const completing = underWay.get(id) ?? complete(call, id, sent).finally(() => underWay.delete(id));
        underWay.set(id, completing);
        sha256 = await completing;
      }
      const blob = (await blobs.findBlobs(call, [sha256])).get(sha256);
      if (blob === undefined) throw blobNotFound(sha256);
      return blob;
    },

    async abortDirectUpload(call, id, target) {
      requireWrite(call.caller);
      const upload = await findOwn(call, id, target);
      if (upload === null || upload.sha256 !== null) return;
      await leased(id, async (still, lease) => {
        if (still.sha256 === null) await discardDirectUpload(parts, still, lease);
      });
    },
  };
}

/**
 * Throws away an upload that is no blob yet, where the lease is still held; answers whether it was. The row goes first: it also says that the
 * object is a blob's, and in the same transaction, so whoever takes away a row without that knows that no blob names the object.
 */
export async function discardDirectUpload({ database, objects }: Parts, upload: StoredDirectUpload, lease: DirectLease): Promise<boolean> {
  if (!(await deleteDirectUpload(database, lease))) return false;
  if (upload.sha256 === null) {
    await objects.abortMultipart(upload.storageKey, upload.multipartId);
    await objects.delete(upload.storageKey);
  }
  return true;
}

function notAllParts(partCount: number): DomainError {
  return invalid('INVALID_OBJECT_PART', `The upload was begun with ${partCount} parts: name each of them once, from 1 to ${partCount}.`);
}

/** What no second try can mend. */
function isHopeless(error: unknown): boolean {
  return (error instanceof DomainError && ['BODY_TOO_LARGE', 'MD5_COLLISION'].includes(error.code)) || isAboutUpload(error);
}

/** The store has neither the parts nor the object: somebody took them away. */
function isAboutUpload(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'OBJECT_UPLOAD_NOT_FOUND';
}

/** Addresses end after an hour; whoever has not said by then, and for long after, that the file is whole will not say it any more. */
const EXPIRY_MS = 86_400_000;
const BATCH = 500;

/**
 * Forgets uploads that were begun a day ago, with what arrived of those that nobody completed; answers how many those were, and what they
 * held. For the collector.
 */
export async function collectDirectUploads(parts: Parts, { dryRun }: { dryRun: boolean }): Promise<{ uploads: number; bytes: number }> {
  const { database, clock, limits } = parts;
  const before = new Date(clock.now().getTime() - EXPIRY_MS);
  const report = { uploads: 0, bytes: 0 };
  const expire = async ({ id }: StoredDirectUpload): Promise<boolean> => {
    const lease: DirectLease = { id, leaseId: newId(), leaseMs: limits.leaseMs };
    const upload = await leaseDirectUpload(database, lease);
    if (upload === null) return false;
    try {
      return await discardDirectUpload(parts, upload, lease);
    } finally {
      await releaseDirectUpload(database, lease);
    }
  };
  const select = (behind: string | null) => selectStaleDirectUploads(database, { before, behind, limit: BATCH });
  for (let stale = await select(null); stale.length > 0; stale = await select(stale.at(-1)?.id ?? null)) {
    for (const upload of stale) {
      const bytes = upload.sha256 === null ? await storedBytes(parts, upload) : 0;
      if ((!dryRun && !(await expire(upload))) || upload.sha256 !== null) continue;
      report.uploads += 1;
      report.bytes += bytes;
    }
  }
  return report;
}

/** What the object store keeps of an upload that is no blob: its parts, or the object that was made of them. */
async function storedBytes({ objects }: Parts, { storageKey, multipartId }: StoredDirectUpload): Promise<number> {
  try {
    return (await objects.listParts(storageKey, multipartId)).reduce((sum, part) => sum + part.sizeBytes, 0);
  } catch (error) {
    if (!isAboutUpload(error)) throw error;
    return (await objects.head(storageKey))?.sizeBytes ?? 0;
  }
}
