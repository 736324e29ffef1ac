// Blobs: bytes by their SHA-256, stored once for all workspaces, known to those that uploaded them whole. Bytes come first: they are
// durable in the object store under a new key before a row names them, so that a crash leaves an object that the collector finds and never
// a row without bytes. No object is ever overwritten; damaged bytes are replaced by pointing the row at new ones.

import { createHash, randomBytes } from 'node:crypto';
import { pipeline, Transform } from 'node:stream';
import type { Readable } from 'node:stream';

import { on, within } from '@throughline/database';
import type { Call, Queryable, Tx } from '@throughline/database';
import { DomainError, invariant, requireWrite } from '@throughline/kernel';
import type { ByteRange, ObjectStore, StoredObject } from '@throughline/object-store';

import {
  blobDamaged,
  blobMissing,
  blobNotFound,
  bodyTooLarge,
  contentCollected,
  contentMismatch,
  md5Collision,
  storeEmpty,
} from './errors.ts';
import { checkMd5, checkSha256, createMeter } from './hashes.ts';
import type { Measured, Meter } from './hashes.ts';
import { claimBlob, findBlob, findGranted, findGrantedByMd5, grantBlob, lockObject, markDamaged, upsertBlob } from './store/blobs.ts';
import type { StoredBlob } from './store/blobs.ts';
import type { BlobInfo, Parts } from './types.ts';

/** What the caller knows about a body beforehand; what differs is refused and leaves nothing. */
export interface Expectation {
  sha256?: string | undefined;
  md5?: string | undefined;
  sizeBytes?: number | undefined;
  /** A smaller limit than the installation's, for this body. */
  maxBytes?: number | undefined;
}

export interface OpenBlob extends BlobInfo {
  /** Read it to its end or destroy it. A whole body is hashed as it passes and fails in place of its last chunk where it is not what was uploaded. */
  body: Readable;
}

export interface Blobs {
  /** Stores a body and grants it to the caller's workspace. Throws `corrupt` CONTENT_MISMATCH, `invalid` BODY_TOO_LARGE, `conflict` MD5_COLLISION. */
  putBlob(call: Call, body: AsyncIterable<Uint8Array>, expect?: Expectation): Promise<BlobInfo>;
  /**
   * Opens a blob of the caller's workspace. Throws `not_found` BLOB_NOT_FOUND, `invalid` RANGE_NOT_SATISFIABLE, `corrupt` BLOB_MISSING or
   * BLOB_DAMAGED. Where all bytes are asked for, by a range or without, they are checked on the way out.
   */
  openBlob(call: Call, sha256: string, range?: ByteRange): Promise<OpenBlob>;
  /**
   * Where clients fetch a blob of the caller's workspace from the object store by themselves, for five minutes and by whoever holds the
   * address; null where they cannot reach it. Throws what `openBlob` throws. What is read so is neither checked on its way nor seen here.
   */
  addressOfBlob(call: Call, sha256: string, filename: string): Promise<{ url: string; sizeBytes: number } | null>;
  /** Those of the blobs that the workspace holds, by SHA-256. */
  findBlobs(call: Call, sha256s: readonly string[]): Promise<Map<string, BlobInfo>>;
  /** Those that the workspace holds, by MD5. */
  findByMd5(call: Call, md5s: readonly string[]): Promise<Map<string, BlobInfo>>;
}

export const BLOB_PREFIX = 'blobs/';
/** A body that arrived faster is young enough by any date: the grace period has room for this, the longest transaction, and clocks that differ. */
export const SLOW_MS = 5 * 60_000;

/** How long an address of a blob is good; a client that needs longer asks for another one. */
const ADDRESS_SECONDS = 300;

/** A new key, which says nothing about the content; two characters of folder keep folders small on a disk. */
export function newStorageKey(): string {
  const name = randomBytes(16).toString('hex');
  return `${BLOB_PREFIX}${name.slice(0, 2)}/${name.slice(2)}`;
}

function present(blob: StoredBlob): BlobInfo {
  const { sha256, md5, sizeBytes, integrity, checkedAt } = blob;
  return { sha256, md5, sizeBytes, integrity, checkedAt };
}

export function createBlobs(parts: Parts): Blobs {
  const { database, limits } = parts;

  return {
    async putBlob(call, body, expect = {}) {
      requireWrite(call.caller);
      if (expect.sha256 !== undefined) checkSha256(expect.sha256);
      if (expect.md5 !== undefined) checkMd5(expect.md5);
      const limitBytes = Math.min(expect.maxBytes ?? limits.maxBlobBytes, limits.maxBlobBytes);
      if (expect.sizeBytes !== undefined && expect.sizeBytes > limitBytes) throw bodyTooLarge(limitBytes);
      return adoptObject(parts, call, await storeBody(parts, body, { ...expect, maxBytes: limitBytes }));
    },

    async openBlob(call, sha256, range) {
      const [blob] = await findGranted(on(database, call), call.caller.workspaceId, [checkSha256(sha256)]);
      if (blob === undefined) throw blobNotFound(sha256);
      if (blob.integrity === 'DAMAGED') throw blobDamaged(sha256);
      const object = await openObject(parts, call, blob, range);
      const isWhole = range === undefined || (range.start === 0 && (range.end ?? Infinity) >= blob.sizeBytes - 1);
      return { ...present(blob), body: isWhole ? checkedBody(parts, call, blob, object.body) : object.body };
    },

    async addressOfBlob(call, sha256, filename) {
      const [blob] = await findGranted(on(database, call), call.caller.workspaceId, [checkSha256(sha256)]);
      if (blob === undefined) throw blobNotFound(sha256);
      if (blob.integrity === 'DAMAGED') throw blobDamaged(sha256);
      // Whoever finds nothing at an address tries for minutes: what is known to be missing is said at once.
      const head = await parts.objects.head(blob.storageKey);
      if (head === null) throw await missing(parts, call, blob);
      if (head.sizeBytes !== blob.sizeBytes) throw await damaged(parts, call, blob);
      const url = await parts.objects.presign(blob.storageKey, { expiresSeconds: ADDRESS_SECONDS, filename });
      return url === null ? null : { url, sizeBytes: blob.sizeBytes };
    },

    async findBlobs(call, sha256s) {
      const wanted = [...new Set(sha256s.map(checkSha256))];
      const blobs = await findGranted(on(database, call), call.caller.workspaceId, wanted);
      return new Map(blobs.map((blob) => [blob.sha256, present(blob)]));
    },

    async findByMd5(call, md5s) {
      const wanted = [...new Set(md5s.map(checkMd5))];
      const blobs = await findGrantedByMd5(on(database, call), call.caller.workspaceId, wanted);
      return new Map(blobs.map((blob) => [blob.md5, present(blob)]));
    },
  };
}

/** Stores a body under a new key and measures it. Throws CONTENT_MISMATCH and BODY_TOO_LARGE, and then has stored nothing. */
export async function storeBody(
  { objects, clock, limits }: Parts,
  body: AsyncIterable<Uint8Array>,
  expect: Expectation,
): Promise<NewObject> {
  const storageKey = newStorageKey();
  const begunAt = clock.now();
  const meter = createMeter();
  let measured: Measured | undefined;
  // Whatever the generator throws passes through `put`, which then has stored nothing: so even the hashes are checked inside.
  const checked = async function* () {
    yield* metered(body, meter, expect.maxBytes ?? limits.maxBlobBytes);
    measured = meter.finish();
    checkExpectation(measured, expect);
  };
  await objects.put(storageKey, checked());
  invariant(measured !== undefined, 'a body was stored that was not read to its end');
  return { storageKey, measured, own: { begunAt } };
}

/** Measures what lies under a key. */
export async function rehash(objects: ObjectStore, storageKey: string): Promise<Measured> {
  const meter = createMeter();
  const { body } = await objects.get(storageKey);
  for await (const chunk of body) meter.update(chunk as Uint8Array);
  return meter.finish();
}

/** Passes a body on while measuring it. Throws BODY_TOO_LARGE as soon as it is. */
async function* metered(body: AsyncIterable<Uint8Array>, meter: Meter, limitBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of body) {
    meter.update(chunk);
    if (meter.sizeBytes > limitBytes) throw bodyTooLarge(limitBytes);
    yield chunk;
  }
}

/** Throws `corrupt` CONTENT_MISMATCH where a body is not what was announced. */
export function checkExpectation(measured: Measured, expect: Expectation): void {
  if (expect.sizeBytes !== undefined && expect.sizeBytes !== measured.sizeBytes) {
    throw contentMismatch('size in bytes', expect.sizeBytes, measured.sizeBytes);
  }
  if (expect.sha256 !== undefined && expect.sha256 !== measured.sha256) throw contentMismatch('SHA-256', expect.sha256, measured.sha256);
  if (expect.md5 !== undefined && expect.md5 !== measured.md5) throw contentMismatch('MD5', expect.md5, measured.md5);
}

export interface NewObject {
  storageKey: string;
  measured: Measured;
  /**
   * Nobody else knows the key, and storing began then. Null under the key of an upload: another writer may have the object by now, and the
   * upload's row names it until a blob's does.
   */
  own: { begunAt: Date } | null;
  /** What else belongs into the transaction that makes the object a blob. */
  alongside?: (tx: Tx) => Promise<void>;
}

/**
 * Makes a stored object whose bytes were measured the blob of its hash, granted to the caller's workspace. Where the blob is there already
 * and sound, the new object is dropped. An object is deleted here only where it is certain that no row can name it: after a failed
 * transaction it is left to the collector, since a commit whose answer was lost may have happened.
 */
export async function adoptObject(parts: Parts, call: Call, object: NewObject): Promise<BlobInfo> {
  const { database, objects, clock } = parts;
  const { storageKey, measured } = object;
  const { workspaceId, name } = call.caller;
  const now = clock.now();
  await noticeLoss(parts, on(database, call), measured, name);
  const stored = await within(database, call, async (tx) => {
    if (object.own !== null && now.getTime() - object.own.begunAt.getTime() > SLOW_MS) await holdObject(parts, tx, storageKey);
    const blob = await upsertBlob(tx, { ...measured, storageKey, now });
    if (!(await grantBlob(tx, { workspaceId, sha256: measured.sha256, md5: measured.md5, now }))) throw md5Collision(measured.md5);
    await object.alongside?.(tx);
    return blob;
  }).catch(async (error: unknown) => {
    const rolledBack = call.tx === undefined && error instanceof DomainError && error.code === 'MD5_COLLISION';
    if (rolledBack && object.own !== null) await objects.delete(storageKey);
    throw error;
  });
  if (!stored.used) await objects.delete(storageKey);
  return { ...measured, integrity: stored.integrity, checkedAt: stored.checkedAt };
}

/**
 * Keeps the collector away from an object until the transaction ends. S3 dates an object that arrives in parts by its first one, so that a
 * body which was long on its way may look old enough to be collected as soon as it is there. Throws `conflict` where it was.
 */
export async function holdObject({ objects }: Parts, tx: Tx, storageKey: string): Promise<void> {
  await lockObject(tx, storageKey);
  if ((await objects.head(storageKey)) === null) throw contentCollected();
}

/** Content that arrives again puts right what was lost; for that, the loss has to be known first. */
async function noticeLoss({ objects, clock }: Parts, db: Queryable, measured: Measured, checkedBy: string): Promise<void> {
  const known = await findBlob(db, measured.sha256);
  if (known === null || known.integrity === 'DAMAGED') return;
  const head = await objects.head(known.storageKey);
  if (head?.sizeBytes === measured.sizeBytes) return;
  await markDamaged(db, { sha256: known.sha256, storageKey: known.storageKey, checkedBy, now: clock.now() });
}

/** Notes that the workspace still wants what it holds. False where it has to be uploaded (again). */
export async function claim({ database, objects, clock }: Parts, call: Call, sha256: string): Promise<boolean> {
  const db = on(database, call);
  if (!(await claimBlob(db, { workspaceId: call.caller.workspaceId, sha256, now: clock.now() }))) return false;
  const blob = await findBlob(db, sha256);
  return blob !== null && (await objects.head(blob.storageKey))?.sizeBytes === blob.sizeBytes;
}

async function openObject(parts: Parts, call: Call, blob: StoredBlob, range: ByteRange | undefined): Promise<StoredObject> {
  let object: StoredObject;
  try {
    object = await parts.objects.get(blob.storageKey, range);
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'OBJECT_NOT_FOUND')) throw error;
    throw await missing(parts, call, blob);
  }
  if (object.sizeBytes === blob.sizeBytes) return object;
  object.body.destroy();
  throw await damaged(parts, call, blob);
}

/** What to tell of a blob without an object; notes it, unless the whole store is another one. */
async function missing(parts: Parts, call: Call, blob: StoredBlob): Promise<DomainError> {
  if (await holdsNothing(parts.objects)) return storeEmpty();
  await reportDamage(parts, call, blob);
  return blobMissing(blob.sha256);
}

async function damaged(parts: Parts, call: Call, blob: StoredBlob): Promise<DomainError> {
  await reportDamage(parts, call, blob);
  return blobDamaged(blob.sha256);
}

/** Whether no blob is stored at all: then a missing one says more about the store than about itself. */
export async function holdsNothing(objects: ObjectStore): Promise<boolean> {
  const first = await objects.list(BLOB_PREFIX)[Symbol.asyncIterator]().next();
  return first.done === true;
}

/** Outside of the call's transaction, which the error that follows rolls back. */
function reportDamage({ database, clock }: Parts, call: Call, { sha256, storageKey }: StoredBlob): Promise<void> {
  return markDamaged(database, { sha256, storageKey, checkedBy: call.caller.name, now: clock.now() });
}

/** Holds the last chunk back until the hash is known, so that wrong bytes never look like a whole file. */
function checkedBody(parts: Parts, call: Call, blob: StoredBlob, source: Readable): Readable {
  const hash = createHash('sha256');
  let held: Uint8Array | null = null;
  const check = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      if (held !== null) this.push(held);
      held = chunk;
      done();
    },
    flush(done) {
      if (hash.digest('hex') === blob.sha256) {
        done(null, held);
        return;
      }
      const fail = () => {
        done(blobDamaged(blob.sha256));
      };
      // That it is damaged is told to the reader in any case; whether it could be written down as well changes nothing for them.
      reportDamage(parts, call, blob).then(fail, fail);
    },
  });
  // The error of either side reaches the reader through `check`, which pipeline destroys with it.
  return pipeline(source, check, () => undefined);
}
