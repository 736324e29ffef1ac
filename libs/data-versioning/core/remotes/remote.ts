// A remote: objects by their hashes, over a place that keeps files. Everything that it gives was hashed on its way; everything that it takes is hashed on its
// way, too, and sent whole or not at all.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeManifest } from '../formats/manifest.ts';
import { objectPath, printObjectId } from '../formats/object-id.ts';
import type { ObjectId, Tree } from '../types.ts';
import { objectsOf, presenceOf } from './existence.ts';
import type { Presence } from './existence.ts';
import { receive, receiveSmall } from './receive.ts';
import type { Received, ReceiveOptions } from './receive.ts';
import { throwIfAborted } from './retry.ts';
import { SMALL_BYTES } from './storage.ts';
import type { Storage } from './storage.ts';
import type { Throughline } from './throughline.ts';
import { objectSource, readObject } from './verified.ts';

export interface RemoteOptions {
  readonly name: string | null;
  readonly storage: Storage;
  /** Where the place is a Throughline server. */
  readonly server: Throughline | null;
  /** As the configuration says; null: as the place thinks best. */
  readonly jobs: number | null;
}

export interface HasOptions {
  readonly signal: AbortSignal;
  readonly jobs?: number | undefined;
  readonly onAnswer?: (count: number) => void;
}

export interface Remote {
  /** Of its section in the configuration; null for one that was named by its address. */
  readonly name: string | null;
  /** For people: no user, password or query in it. */
  readonly url: string;
  readonly kind: 'folder' | 's3' | 'http' | 'throughline';
  readonly jobs: number;
  /** Whether a manifest that is there proves that its files are. Others keep one whose files were removed, or never came. */
  readonly keepsTreesWhole: boolean;
  readonly storage: Storage;
  readonly server: Throughline | null;
  /** Which of them are there, by `objectPath`, with their sizes where the remote tells them. */
  has(ids: readonly ObjectId[], options: HasOptions): Promise<Presence>;
  /** Into a file that is made or gone on with; its bytes are verified. */
  get(id: ObjectId, file: string, options: ReceiveOptions): Promise<Received>;
  /** A small object's bytes, verified; null where it is large, and has to be fetched into a file. */
  getSmall(id: ObjectId, signal: AbortSignal): Promise<Buffer | null>;
  put(
    id: ObjectId,
    file: string,
    sizeBytes: number,
    options: { readonly signal: AbortSignal; readonly onBytes: (count: number) => void },
  ): Promise<void>;
  /** Null where it cannot list. */
  readonly list: ((signal: AbortSignal) => AsyncIterable<{ id: ObjectId; sizeBytes: number | null }>) | null;
  /** Null where it cannot remove. */
  readonly remove: ((ids: readonly ObjectId[], signal: AbortSignal) => Promise<void>) | null;
  readTree(id: ObjectId, signal: AbortSignal): Promise<Tree>;
  /** Where an object lies, without credentials. */
  locationOf(id: ObjectId): string;
  /** Makes what was written outlast a power cut. */
  flush(): Promise<void>;
  close(): void;
}

export function createRemote({ name, storage, server, jobs }: RemoteOptions): Remote {
  const ownJobs = jobs ?? storage.jobs;
  const { list, remove } = storage;
  return {
    name,
    url: storage.url,
    kind: server === null ? storage.kind : 'throughline',
    jobs: ownJobs,
    keepsTreesWhole: server !== null,
    storage,
    server,
    async has(ids, { signal, jobs: asked, onAnswer = () => undefined }) {
      throwIfAborted(signal);
      const options = { signal, jobs: asked ?? ownJobs, onAnswer };
      return server === null ? await presenceOf(storage, ids, options) : await askServer(server, storage, ids, options);
    },
    get: (id, file, options) => receive(storage, id, file, options),
    getSmall: (id, signal) => receiveSmall(storage, id, signal),
    async put(id, file, sizeBytes, { signal, onBytes }) {
      if (storage.small !== null && sizeBytes <= SMALL_BYTES) {
        throwIfAborted(signal);
        storage.small.write(objectPath(id), readObject(file, id));
        onBytes(sizeBytes);
        return;
      }
      await storage.write(objectPath(id), objectSource(file, id, sizeBytes, onBytes), signal);
    },
    list: list === null ? null : (signal) => objectsOf(list, signal),
    remove: remove === null ? null : async (ids, signal) => await remove(ids.map(objectPath), signal),
    async readTree(id, signal) {
      const folder = await mkdtemp(join(tmpdir(), 'throughline-'));
      try {
        const file = join(folder, 'manifest');
        await receive(storage, id, file, { signal, onBytes: () => undefined, withSha256: false });
        return decodeManifest(await readFile(file), `The manifest ${printObjectId(id)} of ${storage.url}`);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    locationOf: (id) => storage.locationOf(objectPath(id)),
    flush: () => storage.flush(),
    close: () => storage.close(),
  };
}

interface AskOptions {
  readonly signal: AbortSignal;
  readonly jobs: number;
  readonly onAnswer: (count: number) => void;
}

/** A server is asked about all at once; what DVC 2 made goes by its plain addresses, since its hashes are no MD5 of the bytes. */
async function askServer(server: Throughline, storage: Storage, ids: readonly ObjectId[], options: AskOptions): Promise<Presence> {
  const current = ids.filter(({ hash }) => hash === 'md5');
  const found = new Map(
    await presenceOf(
      storage,
      ids.filter(({ hash }) => hash !== 'md5'),
      options,
    ),
  );
  if (current.length === 0) return found;
  const missing = await server.missing(current, options.signal);
  for (const id of current) if (!missing.has(printObjectId(id))) found.set(objectPath(id), null);
  options.onAnswer(current.length);
  return found;
}
