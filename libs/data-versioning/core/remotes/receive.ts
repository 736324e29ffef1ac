// One object from a place into a temporary file. What arrives is hashed as it arrives; a connection that breaks is taken up where it broke, and so is a file
// that an earlier command left half done. The file holds the right bytes when this is over, or is gone, or is a part that the next one can go on from.

import { constants } from 'node:fs';
import { lstat, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { objectPath } from '../formats/object-id.ts';
import { codeOf } from '../objects/failures.ts';
import { contentMd5 } from '../objects/hash.ts';
import type { ObjectId } from '../types.ts';
import { cutShort, diskFull, wrongContent } from './failures.ts';
import { attempt, mayPass, throwIfAborted } from './retry.ts';
import { LARGE_BYTES, SMALL_BYTES } from './storage.ts';
import type { Storage } from './storage.ts';
import { createMeter, feed, hashOf } from './verified.ts';
import type { Meter } from './verified.ts';

export interface ReceiveOptions {
  readonly signal: AbortSignal;
  readonly onBytes: (count: number) => void;
  /** Whether to hash with SHA-256, too. */
  readonly withSha256: boolean;
}

export interface Received {
  readonly sizeBytes: number;
  readonly sha256: string | null;
}

// A link that a stranger has put in its place must not be followed; Windows has no such flag, and asks for rights before it makes links.
const APPEND = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (process.platform === 'win32' ? 0 : constants.O_NOFOLLOW);

/**
 * @param file Where to: it is made, or gone on with.
 * @throws DomainError `REMOTE_OBJECT_DAMAGED` where the bytes are not what the name says; `REMOTE_FILE_NOT_FOUND`; `DISK_FULL`.
 */
export async function receive(storage: Storage, id: ObjectId, file: string, options: ReceiveOptions): Promise<Received> {
  try {
    await removeUnlessFile(file);
    const resumed = await sizeOf(file);
    const first = await receiveOnce(storage, id, file, options);
    if (first.actual === id.md5) return first;
    // Nothing of it is kept. Half a file of another content may have lain there: then it is fetched once more, from its beginning.
    await rm(file);
    options.onBytes(-first.sizeBytes);
    if (resumed === 0) throw wrongContent(storage.locationOf(objectPath(id)), id.md5, first.actual);
    const second = await receiveOnce(storage, id, file, options);
    if (second.actual === id.md5) return second;
    await rm(file);
    throw wrongContent(storage.locationOf(objectPath(id)), id.md5, second.actual);
  } catch (error) {
    if ((await sizeOf(file)) < LARGE_BYTES) await rm(file, { force: true });
    throw codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT' ? diskFull(file, error) : error;
  }
}

/** A small object's bytes; null where it is large. What is not known to be small is taken for large. */
export async function receiveSmall(storage: Storage, id: ObjectId, signal: AbortSignal): Promise<Buffer | null> {
  throwIfAborted(signal);
  const path = objectPath(id);
  const bytes = storage.small === null ? await attempt(() => collect(storage, path, signal), { signal }) : storage.small.read(path);
  if (bytes === null) return null;
  const actual = contentMd5(bytes, hashOf(id));
  if (actual !== id.md5) throw wrongContent(storage.locationOf(path), id.md5, actual);
  return bytes;
}

async function collect(storage: Storage, path: string, signal: AbortSignal): Promise<Buffer | null> {
  const { chunks, sizeBytes } = await storage.read(path, { signal });
  const iterator = chunks[Symbol.asyncIterator]();
  if (sizeBytes === null || sizeBytes > SMALL_BYTES) {
    await iterator.return?.();
    return null;
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    parts.push(next.value);
    size += next.value.length;
  }
  if (size < sizeBytes) throw mayPass(cutShort(storage.locationOf(path), size, sizeBytes));
  return Buffer.concat(parts, size);
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await lstat(file)).size;
  } catch {
    return 0;
  }
}

/** What is no file, a symbolic link above all, was not left by an earlier download. */
async function removeUnlessFile(file: string): Promise<void> {
  const isFile = await lstat(file).then(
    (found) => found.isFile(),
    () => true,
  );
  if (!isFile) await rm(file);
}

/** The file that grows, and what is known of its bytes so far. */
interface Growing {
  readonly handle: FileHandle;
  meter: Meter;
}

async function receiveOnce(storage: Storage, id: ObjectId, file: string, options: ReceiveOptions): Promise<Received & { actual: string }> {
  const handle = await open(file, APPEND, 0o666);
  try {
    const growing: Growing = { handle, meter: await measured(id, handle, options) };
    await attempt(() => goOn(storage, id, growing, options), { signal: options.signal });
    const { meter } = growing;
    return { sizeBytes: meter.sizeBytes, sha256: meter.sha256?.digest('hex') ?? null, actual: meter.content.digest() };
  } finally {
    await handle.close();
  }
}

/** What lies there already, hashed. */
async function measured(id: ObjectId, handle: FileHandle, options: ReceiveOptions): Promise<Meter> {
  const meter = createMeter(hashOf(id), options.withSha256);
  const chunks = handle.createReadStream({ start: 0, highWaterMark: 1024 * 1024, autoClose: false });
  for await (const chunk of chunks as AsyncIterable<Buffer>) {
    throwIfAborted(options.signal);
    feed(meter, chunk);
  }
  options.onBytes(meter.sizeBytes);
  return meter;
}

/** Reads from where the file ends to the end. */
async function goOn(storage: Storage, id: ObjectId, growing: Growing, options: ReceiveOptions): Promise<void> {
  const body = await storage.read(objectPath(id), { offsetBytes: growing.meter.sizeBytes, signal: options.signal });
  if (body.offsetBytes !== growing.meter.sizeBytes) {
    options.onBytes(-growing.meter.sizeBytes);
    await growing.handle.truncate(0);
    growing.meter = createMeter(hashOf(id), options.withSha256);
  }
  for await (const chunk of body.chunks) {
    throwIfAborted(options.signal);
    await writeAll(growing.handle, chunk);
    feed(growing.meter, chunk);
    options.onBytes(chunk.length);
  }
  const received = growing.meter.sizeBytes;
  if (body.sizeBytes !== null && received < body.sizeBytes)
    throw mayPass(cutShort(storage.locationOf(objectPath(id)), received, body.sizeBytes));
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at, chunk.length - at)).bytesWritten;
}
