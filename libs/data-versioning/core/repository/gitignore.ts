// Keeping what is tracked here out of Git, and giving it back: lines of the `.gitignore` beside it.

import { existsSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { conflict } from '@throughline/kernel';
import { addGitignoreLine, gitignoreLine, removeGitignoreLine } from '../formats/gitignore-file.ts';
import { folderOf, nameOf } from '../formats/paths.ts';
import { readRegularText } from '../objects/regular-file.ts';
import type { Repository } from './repository.ts';
import { writeDvcFile } from './write.ts';

/** Has Git leave a path alone. Returns the `.gitignore` where it was changed. */
export async function ignoreInGit(repository: Repository, target: string): Promise<string | null> {
  if (repository.git === null) return null;
  const file = ignoreFileOf(target);
  const before = textOf(repository, file) ?? '';
  const after = addGitignoreLine(before, gitignoreLine(nameOf(target)));
  // Where Git leaves it out for another reason, DVC adds no line either.
  if (after === before || (await repository.git.isIgnored(repository.toGitPath(target)))) return null;
  await writeDvcFile(repository, file, after);
  return file;
}

/** Refuses a `.dvc` file that Git would never take. @throws DomainError `IGNORED_BY_GIT`. */
export async function requireSeenByGit(repository: Repository, file: string): Promise<void> {
  if (repository.git === null || !(await repository.git.isIgnored(repository.toGitPath(file)))) return;
  throw conflict('IGNORED_BY_GIT', `${file} would be left out by Git, and with it all knowledge of the data.`, {
    hint: `See which line of which .gitignore does it: git check-ignore -v ${JSON.stringify(file)}.`,
  });
}

/** Takes a path's lines out; a file that has nothing left goes, as with DVC. Returns the `.gitignore` where it was changed. */
export async function unignoreInGit(repository: Repository, target: string): Promise<string | null> {
  const file = ignoreFileOf(target);
  const before = repository.git === null ? null : textOf(repository, file);
  if (before === null) return null;
  const after = removeGitignoreLine(before, nameOf(target));
  if (after === before) return null;
  if (after === null) await unlink(repository.toFile(file));
  else await writeDvcFile(repository, file, after);
  return file;
}

function ignoreFileOf(target: string): string {
  const folder = folderOf(target);
  return folder === '' ? '.gitignore' : `${folder}/.gitignore`;
}

function textOf(repository: Repository, file: string): string | null {
  const absolute = repository.toFile(file);
  return existsSync(absolute) ? readRegularText(absolute) : null;
}

/** Puts files into Git's index where `core.autostage` asks for it. */
export async function autostage(repository: Repository, files: readonly (string | null)[]): Promise<void> {
  if (repository.git === null || repository.config.flag('core', 'autostage') !== true) return;
  const changed = [...new Set(files.filter((file) => file !== null))].map((file) => repository.toGitPath(file));
  const gone = changed.filter((file) => !existsSync(`${repository.gitRoot ?? ''}/${file}`));
  await repository.git.add(changed.filter((file) => !gone.includes(file)));
  await repository.git.forget(gone);
}
