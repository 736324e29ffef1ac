// Resumable uploads, found again by the hash of their content. A body is cut into parts of a fixed size; a part counts once the object
// store has it, so that a cut connection loses less than a part. Who appends holds a lease, renewed while bytes flow: no two writers
// interleave, a killed server's lease runs out, and no database connection waits on a slow client. Whatever happens to parts, content
// becomes a blob only after all of its bytes were hashed: as they passed, or, where they came in pieces, read back from the store.
// Uploads outlive requests, so they never take part in the call's transaction.

import type { Call, Tx } from '@throughline/database';
import { conflict, DomainError, invalid, invariant, isUuid, newId, requireWrite } from '@throughline/kernel';
import { MAX_PARTS } from '@throughline/object-store';
import type { PartRef } from '@throughline/object-store';

import { adoptObject, checkExpectation, claim, newStorageKey, rehash, storeBody } from './blobs.ts';
import type { Blobs, NewObject } from './blobs.ts';
import { bodyTooLarge, contentMismatch, tooManyUploads, uploadBusy, uploadNotFound, wrongOffset } from './errors.ts';
import { checkSha256, createMeter } from './hashes.ts';
import type { Measured, Meter } from './hashes.ts';
import { underLease } from './leases.ts';
import { BodyCut, readParts } from './parts.ts';
import type { PartReader } from './parts.ts';
import { findGranted } from './store/blobs.ts';
import {
  beginUpload,
  countUploads,
  deleteUpload,
  findUpload,
  leaseUpload,
  recordProgress,
  releaseUpload,
  renewUpload,
} from './store/uploads.ts';
import type { Lease, StoredUpload } from './store/uploads.ts';
import type { Parts } from './types.ts';

export interface UploadState {
  /** Null where the workspace has the content already, or has it now. */
  id: string | null;
  /** Bytes that are safely stored: where the client goes on. */
  offsetBytes: number;
  /** Whether the content is a blob of the workspace. */
  complete: boolean;
  /** Progress is kept in steps of so many bytes: a request that carries fewer, and not the last ones, gets nowhere. */
  partBytes: number;
}

export interface Uploads {
  /** Begins an upload or finds the one begun before. Throws `invalid` INVALID_HASH, INVALID_SIZE, BODY_TOO_LARGE; `conflict` UPLOAD_SIZE; `exhausted` TOO_MANY_UPLOADS. */
  startUpload(call: Call, content: { sha256: string; sizeBytes: number }): Promise<UploadState>;
  /** Where an upload stands. Throws `not_found` UPLOAD_NOT_FOUND. */
  getUpload(call: Call, id: string): Promise<UploadState>;
  /**
   * Appends a body, which may end anywhere: what makes whole parts is kept, and the answer says where to go on. With the last byte the content
   * becomes a blob. Throws `conflict` UPLOAD_OFFSET (`details.offsetBytes` is right) or UPLOAD_BUSY; `invalid` UPLOAD_TOO_LONG; `corrupt`
   * CONTENT_MISMATCH and `conflict` MD5_COLLISION, after which the upload is gone.
   */
  appendUpload(call: Call, id: string, offsetBytes: number, body: AsyncIterable<Uint8Array>): Promise<UploadState>;
  /** Throws away what was uploaded. Throws `not_found` UPLOAD_NOT_FOUND, `conflict` UPLOAD_BUSY. */
  abandonUpload(call: Call, id: string): Promise<void>;
}

/** Open uploads of one workspace. */
const MAX_OPEN_UPLOADS = 10_000;
const MIB = 2 ** 20;

export function createUploads(parts: Parts, blobs: Blobs): Uploads {
  const { database, objects, clock, limits } = parts;

  /** Why an upload could not be written: somebody else is writing it, or it is gone. */
  async function refusal({ caller }: Call, id: string): Promise<DomainError> {
    const there = isUuid(id) && (await findUpload(database, caller.workspaceId, id)) !== null;
    return there ? uploadBusy() : uploadNotFound(id);
  }

  /** Runs work on an upload that nobody else can write meanwhile. */
  async function leased<T>(call: Call, id: string, work: (upload: StoredUpload, lease: Lease) => Promise<T>): Promise<T> {
    requireWrite(call.caller);
    const lease: Lease = { id, leaseId: newId(), leaseMs: limits.leaseMs };
    const { workspaceId } = call.caller;
    const upload = isUuid(id) ? await leaseUpload(database, { ...lease, workspaceId }) : null;
    if (upload === null) throw await refusal(call, id);
    const [renew, release] = [() => renewUpload(database, lease), () => releaseUpload(database, lease)];
    return underLease({ leaseMs: limits.leaseMs, renew, release }, () => work(upload, lease));
  }

  /** Takes whole parts as long as the body has them; answers the offset that was reached, and the parts. */
  async function receive(upload: StoredUpload, lease: Lease, reader: PartReader): Promise<{ offsetBytes: number; sent: PartRef[] }> {
    const { storageKey, partBytes } = upload;
    const sent: PartRef[] = [];
    let { offsetBytes } = upload;
    while (offsetBytes < upload.sizeBytes && (await reader.hasMore())) {
      const sizeBytes = Math.min(partBytes, upload.sizeBytes - offsetBytes);
      const last = offsetBytes + sizeBytes === upload.sizeBytes;
      const multipartId = upload.multipartId ?? (await beginParts(upload, lease));
      const body = reader.take({ sizeBytes, last, totalBytes: upload.sizeBytes });
      sent.push(await objects.putPart(storageKey, multipartId, offsetBytes / partBytes + 1, body, sizeBytes));
      offsetBytes += sizeBytes;
      await keepProgress(lease, { offsetBytes, multipartId });
    }
    return { offsetBytes, sent };
  }

  /** Written down before the first part, so that an upload that stops within it can still be aborted in the store. */
  async function beginParts(upload: StoredUpload, lease: Lease): Promise<string> {
    const { uploadId } = await objects.createMultipart(upload.storageKey);
    if (!(await recordProgress(database, lease, { offsetBytes: 0, multipartId: uploadId, now: clock.now() }))) {
      await objects.abortMultipart(upload.storageKey, uploadId);
      throw uploadBusy();
    }
    upload.multipartId = uploadId;
    return uploadId;
  }

  async function keepProgress(lease: Lease, progress: { offsetBytes: number; multipartId: string | null }): Promise<void> {
    if (!(await recordProgress(database, lease, { ...progress, now: clock.now() }))) throw uploadBusy();
  }

  /**
   * Makes an object of the parts, and answers whether it is made of exactly those that were sent here: a writer whose lease ran out while it
   * was stuck may have put one in their place. Done before where the process was killed between this and the database.
   */
  async function join({ storageKey, multipartId, sizeBytes }: StoredUpload, sent: readonly PartRef[]): Promise<boolean> {
    invariant(multipartId !== null, 'an upload has all its parts, but was never begun');
    try {
      const stored = await objects.listParts(storageKey, multipartId);
      await objects.completeMultipart(storageKey, multipartId, stored);
      return stored.length === sent.length && stored.every(({ etag }, index) => etag === sent[index]?.etag);
    } catch (error) {
      const gone = error instanceof DomainError && error.code === 'OBJECT_UPLOAD_NOT_FOUND';
      if (!gone || (await objects.head(storageKey))?.sizeBytes !== sizeBytes) throw error;
      return false;
    }
  }

  /** Turns an upload whose parts are all there into a blob. `measured` is known where they all came in this one request. */
  async function finish(
    call: Call,
    upload: StoredUpload,
    lease: Lease,
    came: { sent: PartRef[]; measured: Measured | null },
  ): Promise<void> {
    const asSent = await join(upload, came.sent);
    const found = asSent && came.measured !== null ? came.measured : await rehash(objects, upload.storageKey);
    checkExpectation(found, { sizeBytes: upload.sizeBytes, sha256: upload.sha256 });
    await adopt(call, lease, { storageKey: upload.storageKey, measured: found, own: null });
  }

  /** The upload ends in the transaction that makes its content a blob. */
  async function adopt(call: Call, lease: Lease, object: NewObject): Promise<void> {
    const alongside = async (tx: Tx) => {
      if (!(await deleteUpload(tx, lease))) throw uploadBusy();
    };
    await adoptObject(parts, { caller: call.caller }, { ...object, alongside });
  }

  /** Appends in parts; answers whether the content is complete. */
  async function appendParts(call: Call, upload: StoredUpload, lease: Lease, body: AsyncIterable<Uint8Array>): Promise<boolean> {
    const meter: Meter | null = upload.offsetBytes === 0 ? createMeter() : null;
    const reader = readParts(body, (chunk) => meter?.update(chunk));
    let sent: PartRef[];
    try {
      const received = await receive(upload, lease, reader);
      if (received.offsetBytes < upload.sizeBytes) return false;
      sent = received.sent;
    } catch (error) {
      if (error instanceof BodyCut) return false;
      throw error;
    } finally {
      await reader.close();
    }
    await finish(call, upload, lease, { sent, measured: meter?.finish() ?? null });
    return true;
  }

  /**
   * What fits one part is stored whole under a key of its own: were it the upload's, a writer whose lease ran out while it was stuck could
   * still overwrite what another has made a blob of by then.
   */
  async function appendWhole(call: Call, upload: StoredUpload, lease: Lease, body: AsyncIterable<Uint8Array>): Promise<boolean> {
    const { sha256, sizeBytes } = upload;
    const reader = readParts(body, () => undefined);
    try {
      const object = await storeBody(parts, reader.take({ sizeBytes, last: true, totalBytes: sizeBytes }), { sha256, sizeBytes });
      await adopt(call, lease, object);
      return true;
    } catch (error) {
      if (error instanceof BodyCut) return false;
      throw error;
    } finally {
      await reader.close();
    }
  }

  const state = (upload: StoredUpload, offsetBytes: number): UploadState => ({
    id: upload.id,
    offsetBytes,
    complete: false,
    partBytes: upload.partBytes,
  });
  const done = (sizeBytes: number, partBytes: number): UploadState => ({ id: null, offsetBytes: sizeBytes, complete: true, partBytes });

  return {
    async startUpload({ caller }, { sha256, sizeBytes }) {
      requireWrite(caller);
      checkSha256(sha256);
      if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0)
        throw invalid('INVALID_SIZE', `'sizeBytes' is a whole number of bytes; it was ${sizeBytes}.`);
      if (sizeBytes > limits.maxBlobBytes) throw bodyTooLarge(limits.maxBlobBytes);
      const partBytes = partBytesFor(parts, sizeBytes);
      const [known] = await findGranted(database, caller.workspaceId, [sha256]);
      if (known !== undefined && known.sizeBytes !== sizeBytes) throw contentMismatch('size in bytes', sizeBytes, known.sizeBytes);
      if (known !== undefined && (await claim(parts, { caller }, sha256))) return done(sizeBytes, partBytes);
      if (sizeBytes === 0) {
        await blobs.putBlob({ caller }, nothing, { sha256, sizeBytes });
        return done(0, partBytes);
      }
      if ((await countUploads(database, caller.workspaceId)) >= MAX_OPEN_UPLOADS) throw tooManyUploads(MAX_OPEN_UPLOADS, 'seven days');
      const now = clock.now();
      const { workspaceId, principalId } = caller;
      const id = newId(now.getTime());
      const upload = await beginUpload(database, {
        id,
        workspaceId,
        principalId,
        sha256,
        sizeBytes,
        partBytes,
        storageKey: newStorageKey(),
        now,
      });
      if (upload.sizeBytes !== sizeBytes) throw otherSize(upload, sizeBytes);
      return state(upload, upload.offsetBytes);
    },

    async getUpload({ caller }, id) {
      const upload = isUuid(id) ? await findUpload(database, caller.workspaceId, id) : null;
      if (upload === null) throw uploadNotFound(id);
      return state(upload, upload.offsetBytes);
    },

    appendUpload(call, id, offsetBytes, body) {
      return leased(call, id, async (upload, lease) => {
        if (offsetBytes !== upload.offsetBytes) throw wrongOffset(upload.offsetBytes);
        const append = upload.sizeBytes <= upload.partBytes ? appendWhole : appendParts;
        try {
          if (await append(call, upload, lease, body)) return done(upload.sizeBytes, upload.partBytes);
        } catch (error) {
          if (!isHopeless(error)) throw error;
          if (!(await discard(parts, upload, lease))) throw await refusal(call, id);
          // What the store says about its parts is about its insides; to the client they are gone, and the upload with them.
          throw isAboutParts(error) ? uploadNotFound(id) : error;
        }
        const now = await findUpload(database, call.caller.workspaceId, id);
        if (now === null) throw uploadNotFound(id);
        return state(now, now.offsetBytes);
      });
    },

    async abandonUpload(call, id) {
      await leased(call, id, async (upload, lease) => {
        if (!(await discard(parts, upload, lease))) throw await refusal(call, id);
      });
    },
  };
}

const nothing: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
};

/** Small parts lose little when a connection is cut; large contents need larger ones, since their number is limited. */
function partBytesFor({ objects, limits }: Parts, sizeBytes: number): number {
  const least = Math.max(limits.partBytes, objects.minPartBytes);
  const needed = Math.ceil(sizeBytes / MAX_PARTS);
  const partBytes = needed <= least ? least : Math.ceil(needed / MIB) * MIB;
  invariant(partBytes <= objects.maxPartBytes, 'the object store cannot hold the largest blob');
  return partBytes;
}

/**
 * Throws an upload away where the lease is still held, and answers whether it was. The row decides and goes first: it also goes in the
 * transaction that makes the object under its key a blob, so whoever takes it away knows that no blob names the object, now or later. A
 * writer that was stuck while another finished finds no row, and touches nothing. What a crash in between leaves, the collector finds.
 */
export async function discard({ database, objects }: Parts, upload: StoredUpload, lease: Pick<Lease, 'id' | 'leaseId'>): Promise<boolean> {
  if (!(await deleteUpload(database, lease))) return false;
  if (upload.multipartId !== null) await objects.abortMultipart(upload.storageKey, upload.multipartId);
  await objects.delete(upload.storageKey);
  return true;
}

/** What no second try of the same bytes can mend. */
function isHopeless(error: unknown): boolean {
  return (error instanceof DomainError && ['CONTENT_MISMATCH', 'MD5_COLLISION'].includes(error.code)) || isAboutParts(error);
}

/** The store does not have the parts that it had. */
function isAboutParts(error: unknown): boolean {
  return error instanceof DomainError && ['INVALID_OBJECT_PART', 'OBJECT_UPLOAD_NOT_FOUND'].includes(error.code);
}

function otherSize(upload: StoredUpload, sizeBytes: number): DomainError {
  return conflict(
    'UPLOAD_SIZE',
    `An upload of this content was begun with ${upload.sizeBytes} bytes, not ${sizeBytes}; one content has one size.`,
    {
      hint: 'Abandon that upload if its size is the wrong one.',
      details: { id: upload.id, sizeBytes: upload.sizeBytes },
    },
  );
}
