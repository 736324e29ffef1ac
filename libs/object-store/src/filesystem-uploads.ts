// Multipart uploads in a folder: `uploads/<id>/upload.json` names the key, `uploads/<id>/<number>.<etag>` is a part. Everything is found
// again by reading the folder, so a restart loses nothing. An overwritten part is a second file of the same number; the newer one wins,
// and the older is removed after the newer is durable.

import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { limited } from './body.ts';
import { diskFailure, ifThere, onDisk, openFile, syncFolder, writeNewFile } from './disk.ts';
import { invalidPart, uploadNotFound } from './errors.ts';
import type { Layout } from './filesystem-layout.ts';
import { checkKey, checkPart, checkPartList, checkPrefix, MAX_PARTS } from './object-store.ts';
import type { ObjectStore, OpenMultipart, PartRef, StoredPart } from './object-store.ts';

const UPLOAD_ID = /^[0-9a-f]{32}$/;
/** Names the key; its file is as old as the upload. */
const RECORD = 'upload.json';
const PART_FILE = /^(\d{5})\.([0-9a-f]{16})$/;
const MAX_PART_BYTES = 5 * 1024 ** 3;
/** Far above what a disk holds; the real limit answers ENOSPC. */
export const MAX_OBJECT_BYTES = MAX_PARTS * MAX_PART_BYTES;

type Uploads = Pick<
  ObjectStore,
  | 'minPartBytes'
  | 'maxPartBytes'
  | 'maxObjectBytes'
  | 'createMultipart'
  | 'putPart'
  | 'listParts'
  | 'completeMultipart'
  | 'abortMultipart'
  | 'listMultiparts'
>;

interface PartFile extends StoredPart {
  path: string;
  modifiedNs: bigint;
}

/** The multipart half of the file system's store. */
export function createFilesystemUploads(layout: Layout): Uploads {
  async function createMultipart(key: string): Promise<{ uploadId: string }> {
    checkKey(key);
    const uploadId = randomBytes(16).toString('hex');
    const staged = layout.stagingPath();
    // The folder appears complete, with the file that makes it an upload, or not at all.
    await onDisk(() => makeUploadFolder(staged, key));
    await onDisk(() => rename(staged, join(layout.uploads, uploadId)));
    await syncFolder(layout.uploads);
    return { uploadId };
  }

  /** The folder of an open upload of this key. Throws OBJECT_UPLOAD_NOT_FOUND. */
  async function folderOf(key: string, uploadId: string): Promise<string> {
    checkKey(key);
    const folder = join(layout.uploads, uploadId);
    if (!UPLOAD_ID.test(uploadId) || (await keyOf(folder)) !== key) throw uploadNotFound(key);
    return folder;
  }

  async function putPart(
    key: string,
    uploadId: string,
    partNumber: number,
    body: AsyncIterable<Uint8Array>,
    sizeBytes: number,
  ): Promise<StoredPart> {
    checkPart(partNumber, sizeBytes, MAX_PART_BYTES);
    const folder = await folderOf(key, uploadId);
    const staged = layout.stagingPath();
    await writeNewFile(staged, limited(body, { sizeBytes, maxBytes: MAX_PART_BYTES }));
    await makeNewest(staged, (await partFiles(folder, partNumber)).at(-1));
    const etag = randomBytes(8).toString('hex');
    const moved = await ifThere(() => rename(staged, join(folder, fileName(partNumber, etag))).then(() => true));
    if (moved === null) {
      await rm(staged, { force: true });
      throw uploadNotFound(key); // It was aborted while the part arrived.
    }
    await syncFolder(folder);
    await removeOlder(folder, partNumber);
    return { partNumber, etag, sizeBytes };
  }

  async function listParts(key: string, uploadId: string): Promise<StoredPart[]> {
    const files = await newestParts(await folderOf(key, uploadId));
    return files.map(({ partNumber, etag, sizeBytes }) => ({ partNumber, etag, sizeBytes }));
  }

  async function completeMultipart(key: string, uploadId: string, parts: readonly PartRef[]): Promise<{ sizeBytes: number }> {
    checkPartList(parts);
    const folder = await folderOf(key, uploadId);
    const files = chosen(await partFiles(folder), parts);
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    await layout.publish(key, limited(joined(files, key), { sizeBytes, maxBytes: sizeBytes }));
    await discard(folder);
    return { sizeBytes };
  }

  async function abortMultipart(key: string, uploadId: string): Promise<void> {
    checkKey(key);
    const folder = join(layout.uploads, uploadId);
    if (UPLOAD_ID.test(uploadId) && (await keyOf(folder)) === key) await discard(folder);
  }

  async function* listMultiparts(prefix: string): AsyncGenerator<OpenMultipart, void, undefined> {
    checkPrefix(prefix);
    for (const uploadId of await onDisk(() => readdir(layout.uploads))) {
      const folder = join(layout.uploads, uploadId);
      const key = UPLOAD_ID.test(uploadId) ? await keyOf(folder) : null;
      const stats = key?.startsWith(prefix) ? await ifThere(() => lstat(join(folder, RECORD))) : null;
      if (key !== null && stats !== null) yield { key, uploadId, startedAt: stats.mtime };
    }
  }

  /** Makes an upload disappear in one step, then clears it away; what a crash leaves in staging is swept later. */
  async function discard(folder: string): Promise<void> {
    const staged = layout.stagingPath();
    if ((await ifThere(() => rename(folder, staged).then(() => true))) === null) return;
    await syncFolder(layout.uploads);
    await onDisk(() => rm(staged, { recursive: true, force: true }));
  }

  return {
    minPartBytes: 1,
    maxPartBytes: MAX_PART_BYTES,
    maxObjectBytes: MAX_OBJECT_BYTES,
    createMultipart,
    putPart,
    listParts,
    completeMultipart,
    abortMultipart,
    listMultiparts,
  };
}

function fileName(partNumber: number, etag: string): string {
  return `${String(partNumber).padStart(5, '0')}.${etag}`;
}

async function makeUploadFolder(folder: string, key: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  await writeNewFile(join(folder, RECORD), Readable.from([Buffer.from(JSON.stringify({ key }))]));
  await syncFolder(folder);
}

/** The key that an upload was begun for; null where there is no such upload. */
async function keyOf(folder: string): Promise<string | null> {
  const text = await ifThere(() => readFile(join(folder, RECORD), 'utf8'));
  if (text === null) return null;
  const record: unknown = JSON.parse(text);
  return typeof record === 'object' && record !== null && 'key' in record && typeof record.key === 'string' ? record.key : null;
}

/** Every stored part by number, an overwritten one before what replaced it; or the files of one part. */
async function partFiles(folder: string, only?: number): Promise<PartFile[]> {
  const named = ((await ifThere(() => readdir(folder))) ?? []).flatMap((name) => parsePartFile(name) ?? []);
  const files: PartFile[] = [];
  for (const { partNumber, etag } of named.filter((part) => only === undefined || part.partNumber === only)) {
    const path = join(folder, fileName(partNumber, etag));
    const stats = await ifThere(() => lstat(path, { bigint: true }));
    if (stats !== null) files.push({ partNumber, etag, sizeBytes: Number(stats.size), path, modifiedNs: stats.mtimeNs });
  }
  return files.sort(older);
}

function parsePartFile(name: string): PartRef | null {
  const match = PART_FILE.exec(name);
  return match === null ? null : { partNumber: Number(match[1]), etag: match[2] ?? '' };
}

/** A total order, so that of two writers of one part both agree on who was later. */
function older(a: PartFile, b: PartFile): number {
  if (a.partNumber !== b.partNumber) return a.partNumber - b.partNumber;
  if (a.modifiedNs !== b.modifiedNs) return a.modifiedNs < b.modifiedNs ? -1 : 1;
  return a.etag < b.etag ? -1 : 1;
}

async function newestParts(folder: string): Promise<PartFile[]> {
  return [...new Map((await partFiles(folder)).map((file) => [file.partNumber, file])).values()];
}

/** A disk's clock moves in steps, and may be set back: a part that replaces another must not look as old as that, or older. */
async function makeNewest(path: string, rival: PartFile | undefined): Promise<void> {
  if (rival === undefined) return;
  await onDisk(async () => {
    const { mtimeNs } = await lstat(path, { bigint: true });
    if (mtimeNs > rival.modifiedNs) return;
    // One millisecond for what the division cut off, one for what is lost on the way through a number of seconds.
    const later = new Date(Number(rival.modifiedNs / 1_000_000n) + 2);
    await utimes(path, later, later);
  });
}

async function removeOlder(folder: string, partNumber: number): Promise<void> {
  const same = await partFiles(folder, partNumber);
  for (const file of same.slice(0, -1)) await onDisk(() => rm(file.path, { force: true }));
}

/** The files of the parts that were named. Throws INVALID_OBJECT_PART for one that is not stored. */
function chosen(files: readonly PartFile[], parts: readonly PartRef[]): PartFile[] {
  const byName = new Map(files.map((file) => [fileName(file.partNumber, file.etag), file]));
  return parts.map(({ partNumber, etag }) => {
    const file = byName.get(fileName(partNumber, etag));
    if (file === undefined) throw invalidPart(`Part ${partNumber} with this etag is not stored.`);
    return file;
  });
}

async function* joined(files: readonly PartFile[], key: string): AsyncGenerator<Uint8Array, void, undefined> {
  for (const { path, partNumber } of files) {
    const opened = await openFile(path, key);
    if (opened === null) throw invalidPart(`Part ${partNumber} was replaced or removed meanwhile.`);
    try {
      for await (const chunk of opened.handle.createReadStream({ highWaterMark: 1024 * 1024 })) yield chunk as Uint8Array;
    } catch (error) {
      throw diskFailure(error);
    }
  }
}
