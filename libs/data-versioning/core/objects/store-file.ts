// A file's way into the cache. It is read once: hashed and, where the object is not there yet, written under a temporary name in the object's own folder,
// with the object's mode, and renamed. (A common folder for temporary names costs twice as much: renaming from one folder to another takes a lock of the whole file system.)
// Where many are stored and the cache has no such folder yet, a temporary folder takes its place, in which objects have their names at once: `staging.ts` renames it when
// all is there, so that 256 renames stand for any number of files.
// Runs on threads, with calls that wait: for small files these take a third of the time of promises.

import * as fs from 'node:fs';
import { join } from 'node:path';
import { isProtected, makeObjectFolder, moveAside, OBJECT_MODE } from './cache.ts';
import { copyHashed, hashOfFile, writeAll } from './large-file.ts';
import { codeOf, failureOf } from './failures.ts';
import type { FileFailure } from './failures.ts';
import { contentMd5 } from './hash.ts';
import { stagedFolder } from './staging.ts';
import {
  FACTS,
  FACT_CHANGED_MS,
  FACT_INODE,
  FACT_MODIFIED_MS,
  FACT_SIZE,
  FLAG_EXECUTABLE,
  FLAG_HARDLINK,
  FLAG_SYMLINK,
  MD5_BYTES,
  NAMED_OBJECTS,
  PATH_SEPARATOR,
  UNTRUSTED,
} from './tasks.ts';
import type { ObjectPlace, StoreTask, TaskAnswer } from './tasks.ts';
import { temporaryFile } from './temporary-file.ts';

/** Up to here a file is read into memory as a whole. */
export const SMALL_BYTES = 4 * 1024 * 1024;
/** Up to here one call reads a file, and a write has hardly a moment to come between. */
const PAGE_BYTES = 4096;
/** A change within this time of an earlier one may leave the same time stamp: file systems count ticks of the kernel. */
const TICK_MS = 20;
/** Some count whole seconds, or two of them. */
const COARSE_TICK_MS = 2500;
// A pipe that took a file's place would keep a plain open waiting.
const READ = fs.constants.O_RDONLY | (process.platform === 'win32' ? 0 : fs.constants.O_NONBLOCK);

let shared: Buffer | null = null;

/** One more byte than a small file has: so a file that grows is found out. */
function smallBuffer(): Buffer {
  shared ??= Buffer.allocUnsafeSlow(SMALL_BYTES + 1);
  return shared;
}

/** Runs a task; files that fail are named in the answer and keep nobody else from being done. `onBytes` is told of the pieces of large files. */
export async function storeFiles(task: StoreTask, onBytes: (count: number) => void): Promise<TaskAnswer> {
  const paths = task.paths.split(PATH_SEPARATOR);
  const work = new StoreWork(task, paths.length, onBytes);
  for (const [index, path] of paths.entries()) await work.storeOne(index, path);
  return work.answer();
}

class StoreWork {
  readonly #task: StoreTask;
  readonly #onBytes: (count: number) => void;
  readonly #digests: Buffer<ArrayBuffer>;
  readonly #facts: Float64Array<ArrayBuffer>;
  readonly #stored: string[] = [];
  readonly #setAside: string[] = [];
  readonly #failures: FileFailure[] = [];
  #storedCount = 0;
  #mustSetMode: boolean | null = null;

  constructor(task: StoreTask, count: number, onBytes: (count: number) => void) {
    this.#task = task;
    this.#onBytes = onBytes;
    this.#digests = Buffer.from(new ArrayBuffer(count * MD5_BYTES));
    this.#facts = new Float64Array(count * FACTS);
  }

  answer(): TaskAnswer {
    const digests = new Uint8Array(this.#digests.buffer, this.#digests.byteOffset, this.#digests.length);
    return {
      digests,
      facts: this.#facts,
      stored: this.#stored,
      storedCount: this.#storedCount,
      setAside: this.#setAside,
      failures: this.#failures,
    };
  }

  async storeOne(index: number, path: string): Promise<void> {
    try {
      const { surveyed, mayHardlink } = this.#task;
      const size = surveyed?.facts[index * FACTS + FACT_SIZE] ?? Infinity;
      const isPage = surveyed !== null && size <= PAGE_BYTES && !mayHardlink;
      if (isPage && this.#storePage(index, path, surveyed.facts.subarray(index * FACTS, (index + 1) * FACTS), surveyed.atMs)) return;
      const file = this.#task.root + path;
      const descriptor = fs.openSync(file, READ);
      try {
        await this.#read(index, path, file, descriptor);
      } finally {
        fs.closeSync(descriptor);
      }
    } catch (error) {
      this.#failures.push(failureOf(path, error));
    }
  }

  /**
   * A file of one page, by a third of the calls. What was known of it before it was read is what is kept: if that is still so at the next look, nothing has changed since, and
   * who wrote to it meanwhile is told by that look. False where it is not as it was: then it is looked at anew.
   */
  #storePage(index: number, path: string, facts: Float64Array, atMs: number): boolean {
    const buffer = smallBuffer();
    const size = facts[FACT_SIZE] ?? 0;
    const descriptor = fs.openSync(this.#task.root + path, READ);
    let count: number;
    try {
      count = fs.readSync(descriptor, buffer, 0, size + 1, 0);
    } finally {
      fs.closeSync(descriptor);
    }
    if (count !== size) return false;
    const bytes = buffer.subarray(0, size);
    const md5 = contentMd5(bytes, this.#task.hash);
    if (this.#task.place !== null) this.#storeBytes(this.#task.place, md5, bytes);
    this.#digests.write(md5, index * MD5_BYTES, 'hex');
    const times = { ctimeMs: facts[FACT_CHANGED_MS] ?? 0, mtimeMs: facts[FACT_MODIFIED_MS] ?? 0 };
    this.#facts.set(facts, index * FACTS);
    if (atMs - this.#task.clockBehindMs - times.ctimeMs <= tickOf(times)) this.#facts[index * FACTS + FACT_INODE] = UNTRUSTED;
    return true;
  }

  async #read(index: number, path: string, file: string, descriptor: number): Promise<void> {
    const atMs = Date.now() - this.#task.clockBehindMs;
    const before = fs.fstatSync(descriptor);
    if (!before.isFile()) {
      this.#failures.push({ code: 'NOT_A_FILE', path, message: 'something else' });
      return;
    }
    const source: Source = { file, descriptor, before };
    const md5 = before.size <= SMALL_BYTES ? this.#storeSmall(source) : await this.#storeLarge(source);
    // Becoming an object changes the file's own time.
    const after = this.#task.mayHardlink ? fs.fstatSync(descriptor) : before;
    if (md5 === null) {
      this.#failures.push({ code: 'CHANGED', path, message: 'it changed' });
      return;
    }
    this.#digests.write(md5, index * MD5_BYTES, 'hex');
    const isTrusted = atMs - after.ctimeMs > tickOf(after) && after.mtimeMs === before.mtimeMs && after.size === before.size;
    this.#facts.set([isTrusted ? after.ino : UNTRUSTED, after.size, after.mtimeMs, after.ctimeMs, flagsOf(null, after)], index * FACTS);
  }

  /** The MD5; null where the file changed meanwhile. */
  #storeSmall(source: Source): string | null {
    const buffer = smallBuffer();
    let size = 0;
    for (;;) {
      const wanted = source.before.size + 1 - size;
      const count = fs.readSync(source.descriptor, buffer, size, wanted, size);
      size += count;
      // Files of less than what is asked for end there; what is read in pieces is asked until nothing comes.
      if (count === 0 || count === wanted || size === source.before.size) break;
    }
    if (size !== source.before.size || isChanged(source.before, fs.fstatSync(source.descriptor))) return null;
    const bytes = buffer.subarray(0, size);
    const md5 = contentMd5(bytes, this.#task.hash);
    const { place } = this.#task;
    if (place === null) return md5;
    if (this.#task.mayHardlink && (this.#isThere(place, md5, size) || this.#storeByHardlink(place, source, md5))) return md5;
    this.#storeBytes(place, md5, bytes);
    return md5;
  }

  #storeBytes(place: ObjectPlace, md5: string, bytes: Uint8Array): void {
    const prefix = md5.slice(0, 2);
    const staged = this.#task.isStaged ? stagedFolder(place.folder, this.#task.temporaryName, prefix) : null;
    if (staged !== null) {
      // Where it is there already, another file of the same bytes was first.
      if (this.#write(place, staged, `${staged}/${md5.slice(2)}`, bytes)) this.#noteStored(place, md5);
      return;
    }
    if (this.#isThere(place, md5, bytes.length)) return;
    const temporary = this.#temporary(place, md5);
    if (!this.#write(place, join(place.folder, prefix), temporary, bytes)) throw new Error(`${temporary} is there already.`);
    this.#rename(place, temporary, md5);
  }

  /** Hashes while it copies: one pass over the bytes. A clone, where the file system makes them, stands still, so that one is hashed instead. */
  async #storeLarge(source: Source): Promise<string | null> {
    const { place, mayHardlink, hash } = this.#task;
    if (place === null || mayHardlink) {
      const md5 = await copyHashed(source.descriptor, null, hash, this.#onBytes);
      if (isChanged(source.before, fs.fstatSync(source.descriptor))) return null;
      if (place === null || this.#isThere(place, md5, source.before.size) || this.#storeByHardlink(place, source, md5)) return md5;
    }
    // Its name is not known yet.
    const temporary = temporaryFile(place.folder, this.#task.temporaryName);
    try {
      const isClone = this.#clone(place, source.file, temporary);
      const descriptor = isClone ? fs.openSync(temporary, 'r') : this.#create(place.folder, place, temporary);
      let md5: string;
      try {
        md5 = await copyHashed(isClone ? descriptor : source.descriptor, isClone ? null : descriptor, hash, this.#onBytes);
        if (this.#task.syncsEach) fs.fsyncSync(descriptor);
      } finally {
        fs.closeSync(descriptor);
      }
      return this.#keepLarge(place, temporary, md5, source, isClone);
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
  }

  #keepLarge(place: ObjectPlace, temporary: string, md5: string, source: Source, isClone: boolean): string | null {
    const isStale = !isClone && isChanged(source.before, fs.fstatSync(source.descriptor));
    if (isStale || this.#isThere(place, md5, source.before.size)) {
      fs.rmSync(temporary);
      return isStale ? null : md5;
    }
    makeObjectFolder(join(place.folder, md5.slice(0, 2)), place.isShared);
    this.#rename(place, temporary, md5);
    return md5;
  }

  #clone(place: ObjectPlace, file: string, temporary: string): boolean {
    try {
      makeObjectFolder(place.folder, place.isShared);
      fs.copyFileSync(file, temporary, fs.constants.COPYFILE_FICLONE_FORCE | fs.constants.COPYFILE_EXCL);
      fs.chmodSync(temporary, OBJECT_MODE);
      return true;
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      if (codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT') throw error;
      return false;
    }
  }

  /** The workspace's file becomes the object. Not where it has another name already: who writes to that one would change the object. */
  #storeByHardlink(place: ObjectPlace, source: Source, md5: string): boolean {
    const { nlink, size, mode } = source.before;
    // An object cannot be executable, so an executable file stays beside it.
    const isFit = nlink === 1 && size > 0 && (mode & 0o111) === 0;
    if (!this.#task.mayHardlink || !isFit || fs.lstatSync(source.file).isSymbolicLink()) return false;
    const temporary = this.#temporary(place, md5);
    makeObjectFolder(join(place.folder, md5.slice(0, 2)), place.isShared);
    try {
      fs.linkSync(source.file, temporary);
    } catch {
      // Another file system, or one without links: it is copied.
      return false;
    }
    const linked = fs.lstatSync(temporary);
    if (linked.ino !== source.before.ino || linked.mtimeMs !== source.before.mtimeMs || linked.size !== source.before.size) {
      fs.rmSync(temporary);
      return false;
    }
    fs.chmodSync(temporary, OBJECT_MODE);
    this.#rename(place, temporary, md5);
    return true;
  }

  /** Whether the object is there and whole. One that is not is moved out of the way. */
  #isThere(place: ObjectPlace, md5: string, size: number): boolean {
    const object = objectFile(place, md5);
    const found = fs.lstatSync(object, { throwIfNoEntry: false });
    if (found === undefined) return false;
    // DVC 2's hash names files of several sizes.
    const hasSize = found.size === size || this.#task.hash !== 'md5';
    if (isProtected(found) && hasSize) return true;
    if (found.isFile() && hasSize && hashOfFile(object, this.#task.hash) === md5) {
      protect(object);
      return true;
    }
    this.#setAside.push(moveAside(object, md5));
    return false;
  }

  #temporary(place: ObjectPlace, md5: string): string {
    return temporaryFile(`${place.folder}/${md5.slice(0, 2)}`, this.#task.temporaryName);
  }

  /** False where there is a file of that name. */
  #write(place: ObjectPlace, folder: string, file: string, bytes: Uint8Array): boolean {
    let descriptor: number;
    try {
      descriptor = this.#create(folder, place, file);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    }
    try {
      writeAll(descriptor, bytes);
      if (this.#task.syncsEach) fs.fsyncSync(descriptor);
    } catch (error) {
      fs.rmSync(file, { force: true });
      throw error;
    } finally {
      fs.closeSync(descriptor);
    }
    return true;
  }

  /** Makes a file with an object's mode and returns its descriptor. */
  #create(folder: string, place: ObjectPlace, temporary: string): number {
    const descriptor = createFile(temporary, () => makeObjectFolder(folder, place.isShared));
    // A umask may take bits of it away: the first file shows that.
    this.#mustSetMode ??= (fs.fstatSync(descriptor).mode & 0o777) !== OBJECT_MODE;
    if (this.#mustSetMode) fs.fchmodSync(descriptor, OBJECT_MODE);
    return descriptor;
  }

  #rename(place: ObjectPlace, temporary: string, md5: string): void {
    fs.renameSync(temporary, objectFile(place, md5));
    this.#noteStored(place, md5);
  }

  #noteStored(place: ObjectPlace, md5: string): void {
    this.#storedCount += 1;
    if (this.#stored.length < NAMED_OBJECTS) this.#stored.push(objectFile(place, md5));
  }
}

interface Source {
  readonly file: string;
  readonly descriptor: number;
  readonly before: fs.Stats;
}

export function objectFile(place: ObjectPlace, md5: string): string {
  return `${place.folder}/${md5.slice(0, 2)}/${md5.slice(2)}`;
}

function createFile(file: string, makeFolder: () => void): number {
  try {
    return fs.openSync(file, 'wx', OBJECT_MODE);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    makeFolder();
    return fs.openSync(file, 'wx', OBJECT_MODE);
  }
}

export function protect(object: string): void {
  try {
    fs.chmodSync(object, OBJECT_MODE);
  } catch (error) {
    // Of another user, or on a file system without modes: it is hashed each time, as DVC does.
    if (codeOf(error) !== 'EPERM' && codeOf(error) !== 'EROFS') throw error;
  }
}

/** How long a file must have stood still for its time stamp to prove that it did. */
function tickOf(found: Pick<fs.Stats, 'ctimeMs' | 'mtimeMs'>): number {
  return Number.isInteger(found.ctimeMs / 1000) && Number.isInteger(found.mtimeMs / 1000) ? COARSE_TICK_MS : TICK_MS;
}

function isChanged(before: fs.Stats, after: fs.Stats): boolean {
  return before.size !== after.size || before.mtimeMs !== after.mtimeMs || before.ctimeMs !== after.ctimeMs;
}

/** What else is known of a file, as bits. @param link What lstat says; null where nobody asked. */
export function flagsOf(link: fs.Stats | null, found: fs.Stats): number {
  const isSymlink = link?.isSymbolicLink() === true;
  const isHardlink = !isSymlink && found.nlink > 1;
  return (isSymlink ? FLAG_SYMLINK : 0) | (isHardlink ? FLAG_HARDLINK : 0) | ((found.mode & 0o100) === 0 ? 0 : FLAG_EXECUTABLE);
}
