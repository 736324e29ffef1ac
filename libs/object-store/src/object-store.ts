// The port: bytes by key, behind a folder or any S3. Bytes stream: no call holds a whole object in memory, and a body is asked for
// its next chunk only when the one before is on its way. What a call has answered is durable; what failed left nothing that a reader
// could see. Keys are made by us (`blobs/ab/…`), never taken from a client, and are checked all the same.

import type { Readable } from 'node:stream';

import { invalid } from '@throughline/kernel';

import { rangeNotSatisfiable } from './errors.ts';

/** Bytes `start` to `end`, both counted from 0 and both included; without `end`, to the last byte. An `end` behind the last byte is clipped. */
export interface ByteRange {
  start: number;
  end?: number | undefined;
}

export interface PutOptions {
  /** Where the size is known, a body of another size is refused with OBJECT_SIZE_MISMATCH and nothing is stored. */
  sizeBytes?: number | undefined;
}

/** An object on its way out. Read `body` to its end or destroy it: it holds a file or a connection open. */
export interface StoredObject {
  body: Readable;
  /** Of the whole object, whatever the range. */
  sizeBytes: number;
}

export interface ObjectHead {
  sizeBytes: number;
  modifiedAt: Date;
}

export interface ListedObject extends ObjectHead {
  key: string;
}

export interface ListOptions {
  /** Only keys behind this one; it need not exist. */
  after?: string | undefined;
}

export interface PresignOptions {
  /** 1 to 604,800 (seven days, the most that signature version 4 allows). */
  expiresSeconds: number;
  /** The name under which a browser saves the bytes. */
  filename?: string | undefined;
}

/** A part that is safely stored: what `completeMultipart` wants named. */
export interface PartRef {
  /** 1 to MAX_PARTS; parts are joined in this order, gaps are allowed. */
  partNumber: number;
  /** Opaque; another one after every overwrite of the part. */
  etag: string;
}

export interface StoredPart extends PartRef {
  sizeBytes: number;
}

/** A multipart upload that was begun, and neither completed nor aborted. */
export interface OpenMultipart {
  key: string;
  uploadId: string;
  startedAt: Date;
}

/** No multipart upload has more parts than this: S3's limit. */
export const MAX_PARTS = 10_000;
/** Objects that one call deletes: S3's limit. */
export const MAX_DELETES = 1_000;

/** A small object, whole in memory. */
export interface SmallObject {
  key: string;
  bytes: Uint8Array;
}

/** Objects that one call stores or reads. */
export const MAX_SMALL_OBJECTS = 8_192;

/**
 * Where bytes are kept. Every method throws `DomainError`s: `unavailable` OBJECT_STORE_UNAVAILABLE where the disk or the network fails,
 * `exhausted` OBJECT_STORE_FULL where there is no room, `invalid` INVALID_OBJECT_KEY for a key that is not one of ours. What a body
 * throws passes through as it is.
 */
export interface ObjectStore {
  /** The least size of a part that is not the upload's last. */
  readonly minPartBytes: number;
  /** The greatest size of one part. */
  readonly maxPartBytes: number;
  /** The greatest size of an object; MAX_PARTS parts of maxPartBytes at most. A body put without its size may have to end earlier: OBJECT_TOO_LARGE. */
  readonly maxObjectBytes: number;

  /** Stores a body under a key, replacing what was there in one step. Durable when it resolves; a body that fails leaves nothing. */
  put(key: string, body: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<{ sizeBytes: number }>;

  /**
   * Stores up to MAX_SMALL_OBJECTS at once, at a fraction of what as many calls of `put` cost. The keys must be new, and unknown to everybody until it
   * resolves: before that, there may be a part of an object under one. Durable when it resolves; where it fails, as little as possible is left.
   */
  putMany(objects: readonly SmallObject[]): Promise<void>;

  /**
   * Reads up to MAX_SMALL_OBJECTS whole into memory, in the order asked for; null where there is none. How many bytes that may be is the caller's
   * to know. Nothing is checked but that an object did not end early.
   */
  readMany(keys: readonly string[]): Promise<(Buffer | null)[]>;

  /** Opens an object. Throws `not_found` OBJECT_NOT_FOUND; `invalid` RANGE_NOT_SATISFIABLE where the range begins behind its end (so for every range of an empty object). */
  get(key: string, range?: ByteRange): Promise<StoredObject>;

  /** What is known about an object without opening it; null where there is none. */
  head(key: string): Promise<ObjectHead | null>;

  /** Objects whose key begins with the prefix, in the order of their keys' bytes. What is stored or deleted meanwhile may be in it or not. */
  list(prefix: string, options?: ListOptions): AsyncIterable<ListedObject>;

  /** Deletes an object; that there is none is as good. */
  delete(key: string): Promise<void>;

  /**
   * Deletes up to MAX_DELETES objects in few round trips; throws `invalid` for more. What fails in the middle may have deleted some of them, and
   * a power cut right after may bring some back: name them nowhere before you delete them.
   */
  deleteMany(keys: readonly string[]): Promise<void>;

  /** Whether clients can reach the store by themselves: only then `presign` and `presignPart` answer addresses. */
  readonly presigns: boolean;

  /**
   * An address that gives the object to whoever holds it, for a while, always to be saved and never to be shown; null where clients cannot
   * reach the store. Does not look whether the object exists.
   */
  presign(key: string, options: PresignOptions): Promise<string | null>;

  /**
   * An address that takes one part of an open upload by PUT, for a while, from whoever holds it; the part's etag is in the answer's header.
   * It ends with the upload: where that was completed or aborted it takes nothing more. Null where clients cannot reach the store.
   */
  presignPart(key: string, part: { uploadId: string; partNumber: number; expiresSeconds: number }): Promise<string | null>;

  /** Begins an object that arrives in parts. Its id and its parts survive a restart. */
  createMultipart(key: string): Promise<{ uploadId: string }>;

  /** Stores one part of exactly `sizeBytes` (1 to maxPartBytes), replacing an earlier one of this number. Durable when it resolves. Throws `not_found` OBJECT_UPLOAD_NOT_FOUND. */
  putPart(key: string, uploadId: string, partNumber: number, body: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<StoredPart>;

  /** The parts that are stored, by number. Throws `not_found` OBJECT_UPLOAD_NOT_FOUND. */
  listParts(key: string, uploadId: string): Promise<StoredPart[]>;

  /**
   * Joins parts into the object in one step; durable when it resolves, and the upload is gone. Throws `invalid` INVALID_OBJECT_PART where a
   * part is unknown, out of order or too small. After a crash in between, OBJECT_UPLOAD_NOT_FOUND and an object under the key mean that it was done.
   */
  completeMultipart(key: string, uploadId: string, parts: readonly PartRef[]): Promise<{ sizeBytes: number }>;

  /** Forgets an upload and its parts; that there is none is as good. */
  abortMultipart(key: string, uploadId: string): Promise<void>;

  /**
   * Open multipart uploads of keys that begin with the prefix, in any order, for whoever clears up after a crash. An S3 server may leave
   * some out: MinIO tells only those of one whole key, and forgets what nobody completes by itself after a day.
   */
  listMultiparts(prefix: string): AsyncIterable<OpenMultipart>;

  /** What this is and where, for logs; never a secret. */
  describe(): string;
}

const KEY = /^[a-z0-9][a-z0-9/_.-]{0,511}$/;
const MAX_SEGMENT = 255;

/** Throws `invalid` INVALID_OBJECT_KEY unless the text is a key: lower case, no empty, `.` or `..` segment, none over 255 characters. */
export function checkKey(key: string): void {
  if (KEY.test(key) && key.split('/').every(isSegment)) return;
  throw invalid(
    'INVALID_OBJECT_KEY',
    `${JSON.stringify(key.slice(0, 80))} is not an object key; keys match ${KEY.source}, without empty or dotted segments.`,
  );
}

/** Throws `invalid` INVALID_OBJECT_KEY unless the text can begin a key. A trailing slash is fine, and so is nothing at all. */
export function checkPrefix(prefix: string): void {
  if (prefix !== '') checkKey(prefix.endsWith('/') ? prefix.slice(0, -1) : prefix);
}

function isSegment(segment: string): boolean {
  return segment !== '' && segment !== '.' && segment !== '..' && segment.length <= MAX_SEGMENT;
}

/** Throws `invalid` unless the range is whole numbers with start <= end. Whether it fits is known only beside the object. */
export function checkRange(range: ByteRange): void {
  const end = range.end ?? range.start;
  if (Number.isSafeInteger(range.start) && Number.isSafeInteger(end) && range.start >= 0 && end >= range.start) return;
  throw invalid(
    'INVALID_RANGE',
    `A range runs from a byte at or behind 0 to the same or a later one; this one from ${range.start} to ${String(range.end)}.`,
  );
}

/** The first and the last byte of a checked range within an object. Throws RANGE_NOT_SATISFIABLE. */
export function clipRange(range: ByteRange, sizeBytes: number): { start: number; end: number } {
  if (range.start >= sizeBytes) throw rangeNotSatisfiable(sizeBytes);
  return { start: range.start, end: Math.min(range.end ?? sizeBytes - 1, sizeBytes - 1) };
}

/** Throws `invalid` unless a declared size is a whole number up to the limit. */
export function checkSize(sizeBytes: number | undefined, limitBytes: number): void {
  if (sizeBytes === undefined || (Number.isSafeInteger(sizeBytes) && sizeBytes >= 0 && sizeBytes <= limitBytes)) return;
  throw invalid('INVALID_OBJECT_SIZE', `'sizeBytes' must be a whole number from 0 to ${limitBytes}; it was ${sizeBytes}.`);
}

/** Throws `invalid` INVALID_OBJECT_KEY for a key that is none, and TOO_MANY_OBJECTS for more than one call takes. */
export function checkKeys(keys: readonly string[]): void {
  if (keys.length > MAX_DELETES) {
    throw invalid('TOO_MANY_OBJECTS', `At most ${MAX_DELETES} objects are deleted at once; these are ${keys.length}.`);
  }
  for (const key of keys) checkKey(key);
}

/** Throws `invalid` INVALID_OBJECT_KEY for a key that is none, and TOO_MANY_OBJECTS for more than one call stores or reads. */
export function checkSmall(keys: readonly string[]): void {
  if (keys.length > MAX_SMALL_OBJECTS) {
    throw invalid('TOO_MANY_OBJECTS', `At most ${MAX_SMALL_OBJECTS} objects are stored or read at once; these are ${keys.length}.`);
  }
  for (const key of keys) checkKey(key);
}

/** Throws `invalid` unless the number of a part is in bounds. */
export function checkPartNumber(partNumber: number): void {
  if (Number.isInteger(partNumber) && partNumber >= 1 && partNumber <= MAX_PARTS) return;
  throw invalid('INVALID_OBJECT_PART', `Parts are numbered from 1 to ${MAX_PARTS}; this one is ${partNumber}.`);
}

/** Throws `invalid` unless number and size of a part are in bounds. */
export function checkPart(partNumber: number, sizeBytes: number, maxPartBytes: number): void {
  checkPartNumber(partNumber);
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 1 || sizeBytes > maxPartBytes) {
    throw invalid('INVALID_OBJECT_PART', `A part has 1 to ${maxPartBytes} bytes; part ${partNumber} was declared as ${sizeBytes}.`);
  }
}

/** Throws `invalid` unless parts are named at least once each, in rising order. */
export function checkPartList(parts: readonly PartRef[]): void {
  const rising = parts.every((part, index) => part.partNumber > (parts[index - 1]?.partNumber ?? 0));
  if (parts.length > 0 && parts.length <= MAX_PARTS && rising) return;
  throw invalid('INVALID_OBJECT_PART', `An upload is completed with 1 to ${MAX_PARTS} parts, each once, by rising number.`);
}

/** Throws `invalid` unless a presigned URL may be valid for so long. */
export function checkExpiry(expiresSeconds: number): void {
  if (Number.isInteger(expiresSeconds) && expiresSeconds >= 1 && expiresSeconds <= 604_800) return;
  throw invalid('INVALID_EXPIRY', `'expiresSeconds' must be a whole number from 1 to 604800; it was ${expiresSeconds}.`);
}
