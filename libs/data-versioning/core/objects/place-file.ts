// An object's way into the workspace: by the first kind of link that works. A copy is made under a temporary name and renamed, and so is what takes another file's place, so
// that a command that is killed leaves whole files and, at worst, a temporary one that the next command takes away. An object whose mode is not 0444 may have been changed: it is hashed first.

import * as fs from 'node:fs';
import type { LinkType } from '../repository/repository.ts';
import { isProtected, moveAside } from './cache.ts';
import { codeOf, failureOf } from './failures.ts';
import type { FileFailure } from './failures.ts';
import { hashOfFile, writeAll } from './large-file.ts';
import { objectFile, protect } from './store-file.ts';
import { FACTS, FLAG_HARDLINK, FLAG_SYMLINK, isAsBefore, MD5_BYTES, PATH_SEPARATOR } from './tasks.ts';
import type { PlaceTask, TaskAnswer } from './tasks.ts';
import { temporaryFile } from './temporary-file.ts';

/** What says that this kind of link does not work here, rather than that something is wrong. */
const NO_SUCH_LINK = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'ENOTTY', 'ENOSYS', 'EINVAL', 'EMLINK', 'EAGAIN']);
const COPY_BYTES = 1024 * 1024;

let shared: Buffer | null = null;

function copyBuffer(): Buffer {
  shared ??= Buffer.allocUnsafeSlow(COPY_BYTES);
  return shared;
}

/** Runs a task; files that fail are named in the answer and keep nobody else from being done. */
export function placeFiles(task: PlaceTask, onBytes: (count: number) => void): TaskAnswer {
  const paths = task.paths.split(PATH_SEPARATOR);
  const digests = Buffer.from(task.digests.buffer, task.digests.byteOffset, task.digests.length);
  const work = new PlaceWork(task, paths.length, onBytes);
  for (const [index, path] of paths.entries())
    work.placeOne(index, path, digests.toString('hex', index * MD5_BYTES, (index + 1) * MD5_BYTES));
  return work.answer();
}

class PlaceWork {
  readonly #task: PlaceTask;
  readonly #onBytes: (count: number) => void;
  readonly #facts: Float64Array<ArrayBuffer>;
  readonly #setAside: string[] = [];
  readonly #failures: FileFailure[] = [];
  /** Kinds of links that were seen not to work are not tried again. */
  #linkTypes: readonly LinkType[];

  constructor(task: PlaceTask, count: number, onBytes: (count: number) => void) {
    this.#task = task;
    this.#onBytes = onBytes;
    this.#facts = new Float64Array(count * FACTS);
    this.#linkTypes = task.linkTypes;
  }

  answer(): TaskAnswer {
    return {
      digests: new Uint8Array(),
      facts: this.#facts,
      stored: [],
      storedCount: 0,
      setAside: this.#setAside,
      failures: this.#failures,
    };
  }

  placeOne(index: number, path: string, md5: string): void {
    const target = this.#task.root + path;
    const object = objectFile(this.#task.place, md5);
    try {
      const found = this.#usable(object, md5);
      if (found === null) {
        this.#failures.push({ code: 'MISSING', path, message: md5 });
        return;
      }
      if (this.#isChanged(index, target)) {
        this.#failures.push({ code: 'CHANGED', path, message: 'it changed' });
        return;
      }
      const linkType = this.#link(object, found, target);
      if (linkType === null) this.#failures.push({ code: 'NO_LINK', path, message: this.#task.linkTypes.join(', ') });
      else this.#note(index, target, linkType);
    } catch (error) {
      const isInTheWay = !this.#task.replaces && codeOf(error) === 'EEXIST';
      this.#failures.push(isInTheWay ? { code: 'IN_THE_WAY', path, message: 'it is there already' } : failureOf(path, error));
    }
  }

  /** Whether somebody wrote to a file after it was looked at, and before it is replaced. */
  #isChanged(index: number, target: string): boolean {
    const before = this.#task.before?.subarray(index * FACTS, (index + 1) * FACTS);
    const now = before === undefined ? undefined : fs.statSync(target, { throwIfNoEntry: false });
    return before !== undefined && now !== undefined && !isAsBefore(before, now);
  }

  /** Null where the object is missing, or damaged and therefore moved aside. */
  #usable(object: string, md5: string): fs.Stats | null {
    const found = fs.lstatSync(object, { throwIfNoEntry: false });
    if (found === undefined || found.isDirectory()) return null;
    if (isProtected(found)) return found;
    if (found.isFile() && hashOfFile(object, this.#task.hash) === md5) {
      protect(object);
      return found;
    }
    this.#setAside.push(moveAside(object, md5));
    return null;
  }

  /** @throws `EEXIST` where something is there that may not be replaced. */
  #link(object: string, found: fs.Stats, target: string): LinkType | null {
    for (const linkType of this.#linkTypes) {
      // Many empty files with one inode between them would be one file to whoever writes to it.
      const kind = linkType === 'hardlink' && found.size === 0 ? 'copy' : linkType;
      try {
        // A link is made whole at once, and never over anything.
        if (!this.#task.replaces && (kind === 'hardlink' || kind === 'symlink')) this.#make(kind, object, found, target);
        else this.#makeAndRename(kind, object, found, target);
        return kind;
      } catch (error) {
        if (linkType === 'copy' || !NO_SUCH_LINK.has(codeOf(error) ?? '')) throw error;
        if (codeOf(error) !== 'EMLINK') this.#linkTypes = this.#linkTypes.filter((other) => other !== linkType);
      }
    }
    return null;
  }

  #makeAndRename(kind: LinkType, object: string, found: fs.Stats, target: string): void {
    if (!this.#task.replaces && fs.lstatSync(target, { throwIfNoEntry: false }) !== undefined) throw alreadyThere(target);
    const temporary = temporaryFile(target.slice(0, target.lastIndexOf('/')), this.#task.temporaryName);
    try {
      this.#make(kind, object, found, temporary);
      fs.renameSync(temporary, target);
      // Renaming one name of a file onto another of the same file does nothing, and leaves both.
      if (kind === 'hardlink') fs.rmSync(temporary, { force: true });
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
  }

  #make(linkType: LinkType, object: string, found: fs.Stats, file: string): void {
    switch (linkType) {
      case 'hardlink':
        fs.linkSync(object, file);
        return;
      case 'symlink':
        fs.symlinkSync(object, file);
        return;
      case 'reflink':
        this.#clone(object, file);
        return;
      case 'copy':
        this.#copy(object, found.size, file);
    }
  }

  /** A clone takes the object's mode over: it gets the one of a new file. */
  #clone(object: string, temporary: string): void {
    const descriptor = fs.openSync(temporary, 'wx', 0o666);
    const { mode } = fs.fstatSync(descriptor);
    fs.closeSync(descriptor);
    fs.copyFileSync(object, temporary, fs.constants.COPYFILE_FICLONE_FORCE);
    fs.chmodSync(temporary, mode & 0o777);
  }

  #copy(object: string, sizeBytes: number, temporary: string): void {
    const from = fs.openSync(object, 'r');
    try {
      const to = fs.openSync(temporary, 'wx', 0o666);
      try {
        const buffer = copyBuffer();
        for (let at = 0; ;) {
          const count = fs.readSync(from, buffer, 0, buffer.length, at);
          if (count === 0) return;
          writeAll(to, buffer.subarray(0, count));
          at += count;
          if (count === buffer.length) this.#onBytes(count);
          // Nobody writes to an object: there is nothing behind its end to ask for.
          if (at === sizeBytes) return;
        }
      } finally {
        fs.closeSync(to);
      }
    } finally {
      fs.closeSync(from);
    }
  }

  /** These facts prove nothing yet: what was written within this tick of the clock could be changed without showing it. They are compared with later ones. */
  #note(index: number, target: string, linkType: LinkType): void {
    const found = fs.statSync(target);
    const flags = linkType === 'symlink' ? FLAG_SYMLINK : linkType === 'hardlink' ? FLAG_HARDLINK : 0;
    this.#facts.set([found.ino, found.size, found.mtimeMs, found.ctimeMs, flags], index * FACTS);
  }
}

/** As the system says it of a link. */
function alreadyThere(target: string): Error {
  return Object.assign(new Error(`${target} is there already.`), { code: 'EEXIST' });
}
