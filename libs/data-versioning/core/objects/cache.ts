// The folder of objects that DVC and this share. DVC trusts an object whose mode is 0444 without looking inside, so an object gets that mode while its name is
// still a temporary one, and its final name by renaming: whatever kills us, there is no half object under a final name. An object of any other mode may have been
// opened and changed: it is hashed before it is used, and moved aside where it is wrong.

import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, renameSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { chmod, open, readFile, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { objectOfPath, objectPath } from '../formats/object-id.ts';
import { decodeManifest } from '../formats/manifest.ts';
import { printObjectId } from '../formats/object-id.ts';
import type { Repository } from '../repository/repository.ts';
import type { HashName, ObjectId, Tree } from '../types.ts';
import { syncFiles, syncFileSystem, TEMPORARY_PREFIX } from './durable.ts';
import { codeOf, objectDamaged, objectMissing } from './failures.ts';
import { namesIn } from './names-in.ts';
import { hashFile, md5Of } from './hash.ts';

/** Of an object that nobody may have changed. */
export const OBJECT_MODE = 0o444;
const SHARED_FOLDER_MODE = 0o2775;
/** Up to so many new objects are synced one by one; beyond that, their whole file system is. */
const FEW_OBJECTS = 24;
/** From here on, folders are listed instead of looking for each object. */
const MANY_OBJECTS = 1000;
/** A folder that changed within this time may change again without showing it in its times. */
const SETTLED_MS = 50;
/** Where damaged objects are put, beside the folders of the others: DVC passes names of that length over. */
const DAMAGED_FOLDER = 'throughline-damaged';

export interface StoredObject extends ObjectId {
  readonly sizeBytes: number;
}

export interface Cache {
  readonly folder: string;
  readonly isShared: boolean;
  /** Where an object lies, or would lie. */
  fileOf(id: ObjectId): string;
  /** Whether it can be relied on: it is there, and where its mode is not 0444 its bytes were hashed just now. A damaged one is moved aside and said. */
  has(id: ObjectId): Promise<boolean>;
  /** Which ones are there, by `objectPath`. Looks at names only. */
  idsPresent(ids: Iterable<ObjectId>): Promise<Set<string>>;
  /** A manifest, or a small object, whose hash is checked. @throws DomainError `OBJECT_MISSING`, `OBJECT_DAMAGED`. */
  read(id: ObjectId): Promise<Buffer>;
  /** Whether its bytes are what its name says. @throws DomainError `OBJECT_MISSING`. */
  verify(id: ObjectId): Promise<boolean>;
  /** Stores bytes that are known to have this name. */
  put(id: ObjectId, bytes: Uint8Array): Promise<void>;
  /** A name beside the object's own for what will become it, in this repository: the same one each time, so that a download can be taken up again. Its folder is there. */
  temporaryFile(id: ObjectId): Promise<string>;
  /** Gives a temporary file, whose hash was checked, its final name. */
  adopt(temporaryFile: string, id: ObjectId): Promise<void>;
  /** Notes that objects were stored by other means, for `flush`: the files of a few of them, and how many they are. */
  noteStored(files: readonly string[], count: number): void;
  /** Makes everything that was stored since the last call outlast a power cut: before a name of it is written anywhere. */
  flush(): Promise<void>;
  /** Whether there was one. */
  remove(id: ObjectId): Promise<boolean>;
  /** Moves a damaged object out of the way; returns where to. */
  setAside(id: ObjectId): Promise<string>;
  /** All objects, legacy ones included, in no order. */
  listAll(): AsyncIterable<StoredObject>;
  /** Changes whenever an object comes or goes; null where there is no cache yet, or one that changed so lately that the next change might not show. */
  fingerprint(): string | null;
}

export function openCache(repository: Repository): Cache {
  // Two repositories may share a cache, and each has its own lock: their temporary files must not be the same ones.
  const owner = createHash('md5').update(repository.root).digest('hex').slice(0, 8);
  return new FolderCache(repository.cacheFolder, repository.isShared, owner, (message) => repository.surroundings.reporter.warn(message));
}

class FolderCache implements Cache {
  readonly folder: string;
  readonly isShared: boolean;
  readonly #owner: string;
  readonly #warn: (message: string) => void;
  readonly #madeFolders = new Set<string>();
  #stored: string[] = [];
  #storedCount = 0;

  constructor(folder: string, isShared: boolean, owner: string, warn: (message: string) => void) {
    this.folder = folder;
    this.isShared = isShared;
    this.#owner = owner;
    this.#warn = warn;
  }

  fileOf(id: ObjectId): string {
    return join(this.folder, objectPath(id));
  }

  async has(id: ObjectId): Promise<boolean> {
    const file = this.fileOf(id);
    // A link in an object's place leads to bytes that others may change.
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (found === undefined || found.isDirectory()) return false;
    if (isProtected(found)) return true;
    if (found.isFile() && (await hashOf(file, id)) === id.md5) {
      await this.#protect(file);
      return true;
    }
    const aside = await this.setAside(id);
    this.#warn(`The cache's object ${printObjectId(id)} was changed by somebody: it is no longer used, and lies in ${aside} now.`);
    return false;
  }

  async idsPresent(ids: Iterable<ObjectId>): Promise<Set<string>> {
    const paths = Array.from(ids, objectPath);
    const present = new Set<string>();
    if (paths.length < MANY_OBJECTS) {
      for (const path of paths) if (statSync(join(this.folder, path), { throwIfNoEntry: false })?.isFile() === true) present.add(path);
      return present;
    }
    const wanted = new Set(paths);
    for (const folder of new Set(paths.map((path) => dirname(path)))) {
      for (const name of await namesIn(join(this.folder, folder))) {
        const path = `${folder}/${name}`;
        if (wanted.has(path)) present.add(path);
      }
    }
    return present;
  }

  async read(id: ObjectId): Promise<Buffer> {
    const file = this.fileOf(id);
    let bytes: Buffer;
    try {
      bytes = await readFile(file);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') throw objectMissing(id);
      throw error;
    }
    // A manifest's name is always the MD5 of its bytes as they are, a legacy one's too.
    const actual = id.isTree || id.hash === 'md5' ? md5Of(bytes) : (await hashFile(file, id.hash)).md5;
    if (actual !== id.md5) throw objectDamaged(id, file, actual);
    return bytes;
  }

  async verify(id: ObjectId): Promise<boolean> {
    try {
      return (await hashOf(this.fileOf(id), id)) === id.md5;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') throw objectMissing(id);
      throw error;
    }
  }

  async put(id: ObjectId, bytes: Uint8Array): Promise<void> {
    if (await this.has(id)) return;
    const temporary = await this.temporaryFile(id);
    try {
      await rm(temporary, { force: true });
      const handle = await open(temporary, 'wx', OBJECT_MODE);
      try {
        await handle.writeFile(bytes);
      } finally {
        await handle.close();
      }
      await this.adopt(temporary, id);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async temporaryFile(id: ObjectId): Promise<string> {
    const file = this.fileOf(id);
    this.#makeFolder(dirname(file));
    return join(dirname(file), `${TEMPORARY_PREFIX}${this.#owner}-${id.md5}${id.isTree ? '.dir' : ''}`);
  }

  async adopt(temporaryFile: string, id: ObjectId): Promise<void> {
    const file = this.fileOf(id);
    await this.#protect(temporaryFile);
    await rename(temporaryFile, file);
    this.noteStored([file], 1);
  }

  noteStored(files: readonly string[], count: number): void {
    this.#storedCount += count;
    this.#stored.push(...files.slice(0, FEW_OBJECTS - this.#stored.length));
  }

  async flush(): Promise<void> {
    if (this.#storedCount === 0) return;
    if (this.#storedCount <= FEW_OBJECTS) await syncFiles(this.#stored);
    else await syncFileSystem(this.folder);
    this.#stored = [];
    this.#storedCount = 0;
  }

  async remove(id: ObjectId): Promise<boolean> {
    try {
      await unlink(this.fileOf(id));
      return true;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
  }

  async setAside(id: ObjectId): Promise<string> {
    return moveAside(this.fileOf(id), printObjectId(id));
  }

  async *listAll(): AsyncGenerator<StoredObject> {
    for (const base of ['files/md5', '']) {
      for (const folder of await namesIn(join(this.folder, base))) {
        if (!/^[0-9a-f]{2}$/.test(folder)) continue;
        const path = base === '' ? folder : `${base}/${folder}`;
        for (const name of await namesIn(join(this.folder, path))) {
          const id = objectOfPath(`${path}/${name}`);
          const found = id === null ? undefined : statSync(join(this.folder, path, name), { throwIfNoEntry: false });
          if (id !== null && found?.isFile() === true) yield { ...id, sizeBytes: found.size };
        }
      }
    }
  }

  fingerprint(): string | null {
    const base = join(this.folder, 'files', 'md5');
    if (statSync(base, { throwIfNoEntry: false }) === undefined) return null;
    const times: string[] = [];
    const youngest = Date.now() - SETTLED_MS;
    for (let index = 0; index < 256; index++) {
      const found = statSync(join(base, index.toString(16).padStart(2, '0')), { throwIfNoEntry: false });
      if (found !== undefined && found.ctimeMs > youngest) return null;
      times.push(found === undefined ? '-' : `${found.ino} ${found.mtimeMs} ${found.ctimeMs}`);
    }
    return md5Of(Buffer.from(times.join('\n')));
  }

  #makeFolder(folder: string): void {
    if (this.#madeFolders.has(folder)) return;
    makeObjectFolder(folder, this.isShared);
    this.#madeFolders.add(folder);
  }

  async #protect(file: string): Promise<void> {
    try {
      await chmod(file, OBJECT_MODE);
    } catch (error) {
      // Of another user in a shared cache, or on a file system without modes: DVC lives with it, too, and hashes such objects each time.
      if (codeOf(error) !== 'EPERM' && codeOf(error) !== 'EROFS') throw error;
    }
  }
}

/** Makes a folder for objects, writable by the group where the cache is shared. */
export function makeObjectFolder(folder: string, isShared: boolean): void {
  const first = mkdirSync(folder, { recursive: true });
  if (!isShared || first === undefined) return;
  // The mode that mkdir is given loses what the umask takes away.
  for (let made = folder; made.length >= first.length; made = dirname(made)) chmodSync(made, SHARED_FOLDER_MODE);
}

/** Moves a damaged object out of the way; returns where to. An earlier one of the same name is not kept. */
export function moveAside(file: string, name: string): string {
  const folder = join(dirname(dirname(file)), DAMAGED_FOLDER);
  mkdirSync(folder, { recursive: true });
  const aside = join(folder, name);
  renameSync(file, aside);
  return aside;
}

/** Whether its mode says that nobody changed it. @param found As lstat says. */
export function isProtected(found: Stats): boolean {
  return found.isFile() && (found.mode & 0o777) === OBJECT_MODE;
}

async function hashOf(file: string, id: ObjectId): Promise<string> {
  const hash: HashName = id.isTree ? 'md5' : id.hash;
  return (await hashFile(file, hash)).md5;
}

/** A folder's files. @throws DomainError `OBJECT_MISSING`; `OBJECT_DAMAGED`, `MANIFEST_DAMAGED` where the bytes or what they say is wrong. */
export async function readTree(cache: Cache, id: ObjectId): Promise<Tree> {
  return decodeManifest(await cache.read(id), `The manifest ${printObjectId(id)}`);
}
