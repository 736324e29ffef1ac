// Changes to folders of the workspace around the files that come and go. Nothing is written or removed through a symbolic link: a path that a manifest names must end
// where it says, inside of the workspace.

import { lstatSync, mkdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { conflict } from '@throughline/kernel';
import { folderOf } from '../formats/paths.ts';
import type { Repository } from '../repository/repository.ts';
import { codeOf, quoted } from './failures.ts';

/** Looks at each folder once. */
export class WorkspaceFolders {
  readonly #repository: Repository;
  readonly #real = new Set<string>(['']);

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** @throws DomainError `LINKED_FOLDER` where the folder, or one above it, is a symbolic link; `IN_THE_WAY` where it is a file. Folders that are not there are fine. */
  requireReal(folder: string): void {
    if (this.#real.has(folder)) return;
    this.requireReal(folderOf(folder));
    const found = lstatSync(this.#repository.toFile(folder), { throwIfNoEntry: false });
    if (found === undefined) return;
    if (found.isSymbolicLink()) {
      throw conflict('LINKED_FOLDER', `${quoted(folder)} is a symbolic link: nothing is written through it.`, {
        hint: 'Replace the link by a folder, or remove it, and repeat the command.',
      });
    }
    if (!found.isDirectory()) throw inTheWay(folder, 'a file where a folder has to be');
    this.#real.add(folder);
  }

  /** Makes a folder, and those above it. */
  make(folder: string): void {
    if (this.#real.has(folder)) return;
    this.requireReal(folder);
    if (this.#real.has(folder)) return;
    this.make(folderOf(folder));
    mkdirSync(this.#repository.toFile(folder));
    this.#real.add(folder);
  }

  /** Removes a file; one that is gone already is fine. */
  unlink(path: string): void {
    this.requireReal(folderOf(path));
    try {
      unlinkSync(this.#repository.toFile(path));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }

  /** Removes folders that are empty, and those above them up to one that stays. */
  removeEmpty(folders: Iterable<string>, upTo: string): void {
    const deepestFirst = [...new Set(folders)].sort((a, b) => b.length - a.length);
    for (const start of deepestFirst) {
      for (let folder = start; folder !== upTo && folder !== ''; folder = folderOf(folder)) {
        if (!removeIfEmpty(this.#repository.toFile(folder))) break;
        this.#real.delete(folder);
      }
    }
  }
}

function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return true;
    if (codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

export function inTheWay(path: string, what: string) {
  return conflict('IN_THE_WAY', `${quoted(path)} is ${what}.`, { hint: 'Move it away and repeat the command.' });
}
