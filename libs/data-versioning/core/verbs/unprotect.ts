// Makes tracked files writable: a hardlink or symbolic link to the cache becomes a copy of its own, so that writing to it changes no object.

import * as fs from 'node:fs';
import { notFound } from '@throughline/kernel';
import { folderOf } from '../formats/paths.ts';
import { knownFiles } from '../objects/known.ts';
import { newTemporaryName } from '../objects/storing.ts';
import { surveyFolder } from '../objects/survey.ts';
import { FACTS, FACT_FLAGS, FLAG_HARDLINK, FLAG_SYMLINK } from '../objects/tasks.ts';
import { throwIfAborted } from '../objects/queue.ts';
import { WorkspaceFolders } from '../objects/workspace.ts';
import { selectOutputsOf } from '../remotes/selection.ts';
import type { Repository } from '../repository/repository.ts';
import { shownPath } from './recording.ts';

export interface UnprotectOptions {
  /** Outputs, `.dvc` files and what lies in outputs, as the user typed them. */
  readonly targets: readonly string[];
}

export interface UnprotectResult {
  readonly unprotected: readonly { readonly path: string; /** Files that were links, or could not be written. */ readonly files: number }[];
}

/** @throws DomainError `TARGET_UNKNOWN`, `TARGET_MISSING`, `DISK_FULL`. */
export async function unprotect(repository: Repository, options: UnprotectOptions): Promise<UnprotectResult> {
  return await repository.withLock('throughline unprotect', async () => {
    const selection = await selectOutputsOf(repository, { targets: options.targets });
    const unprotected: { path: string; files: number }[] = [];
    for (const { output, parts } of selection.outputs) {
      if (!output.isCached) continue;
      for (const part of parts ?? ['']) {
        const path = part === '' ? output.path : `${output.path}/${part}`;
        unprotected.push({ path: shownPath(repository, path), files: unprotectPath(repository, path) });
      }
    }
    knownFiles(repository).save();
    return { unprotected };
  });
}

function unprotectPath(repository: Repository, path: string): number {
  const folders = new WorkspaceFolders(repository);
  folders.requireReal(folderOf(path));
  const found = fs.statSync(repository.toFile(path), { throwIfNoEntry: false });
  if (found === undefined) throw notFound('TARGET_MISSING', `${JSON.stringify(path)} does not exist.`, { hint: 'Check it out first.' });
  if (!found.isDirectory()) return Number(unprotectFile(repository.toFile(path)));
  let count = 0;
  const progress = repository.surroundings.reporter.task(`Unprotecting ${path}`, 'files', null);
  try {
    const surveyor = surveyFolder(repository, path, null);
    for (const folder of surveyor.folders) {
      throwIfAborted(repository.surroundings.signal);
      folders.requireReal(folder.path === '' ? path : `${path}/${folder.path}`);
      for (const [index, name] of folder.names.entries()) {
        const isLink = ((folder.facts[index * FACTS + FACT_FLAGS] ?? 0) & (FLAG_SYMLINK | FLAG_HARDLINK)) !== 0;
        const file = repository.toFile([path, folder.path, name].filter((part) => part !== '').join('/'));
        if (isLink || !isWritable(file)) count += Number(unprotectFile(file));
      }
      progress.advance(folder.names.length);
    }
    // Of one that was killed: dvc would take them for data.
    for (const leftover of surveyor.leftovers) folders.unlink(`${path}/${leftover}`);
  } finally {
    progress.end();
  }
  return count;
}

function isWritable(file: string): boolean {
  return (fs.lstatSync(file).mode & 0o200) !== 0;
}

/** Whether there was anything to do. */
function unprotectFile(file: string): boolean {
  const link = fs.lstatSync(file);
  if (!link.isSymbolicLink() && link.nlink === 1) {
    if ((link.mode & 0o200) !== 0) return false;
    fs.chmodSync(file, (link.mode & 0o777) | 0o644);
    return true;
  }
  const temporary = `${file.slice(0, file.lastIndexOf('/') + 1)}${newTemporaryName()}-0`;
  try {
    const descriptor = fs.openSync(temporary, 'wx', 0o666);
    const { mode } = fs.fstatSync(descriptor);
    fs.closeSync(descriptor);
    fs.copyFileSync(file, temporary, fs.constants.COPYFILE_FICLONE);
    // The copy takes the object's mode over; an executable file stays one.
    fs.chmodSync(temporary, (mode & 0o777) | (fs.statSync(file).mode & 0o111));
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  return true;
}
