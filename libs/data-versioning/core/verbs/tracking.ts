// What it takes to have something tracked that came from elsewhere: a place for it that is free, a `.dvc` file, and a line for Git to leave it alone.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { conflict, invalid } from '@throughline/kernel';
import type { DvcFile } from '../formats/dvc-file.ts';
import { printDvcFile, updateDvcFile } from '../formats/dvc-file.ts';
import { folderOf, isInside } from '../formats/paths.ts';
import { codeOf } from '../objects/failures.ts';
import { autostage, ignoreInGit, requireSeenByGit } from '../repository/gitignore.ts';
import { writeDvcFile } from '../repository/write.ts';
import type { Repository } from '../repository/repository.ts';
import { collectStages } from '../repository/stages.ts';

export interface Tracked {
  /** Of the output. */
  readonly path: string;
  readonly dvcFile: string;
}

/** @throws DomainError `OUTPUT_OVERLAPS`, `TRACKED_BY_GIT`, `IGNORED_BY_GIT`, `PATH_IGNORED`, `FOLDER_MISSING`. */
export async function planTracking(repository: Repository, path: string): Promise<Tracked> {
  const tracked: Tracked = { path, dvcFile: `${path}.dvc` };
  if (path === '') throw invalid('PATH_REFUSED', 'The whole repository cannot be an output.');
  if (!existsSync(repository.toFile(folderOf(path)))) {
    throw invalid('FOLDER_MISSING', `The folder ${folderOf(path)} is not there.`, {
      hint: 'Make it first, or name another place with --out.',
    });
  }
  if (repository.ignore.isIgnored(path, false) || repository.ignore.isIgnored(tracked.dvcFile, false)) {
    throw invalid('PATH_IGNORED', `${path} is left out by a .dvcignore file.`, {
      hint: 'See which line it is: throughline check-ignore -d.',
    });
  }
  const { stages } = await collectStages(repository);
  for (const stage of stages) {
    if (stage.file === tracked.dvcFile) continue;
    const other = stage.outputs.find((output) => isInside(output.path, path) || isInside(path, output.path));
    if (other === undefined) continue;
    throw conflict('OUTPUT_OVERLAPS', `${path} overlaps with ${other.path}, which ${stage.file} tracks.`, {
      hint: 'Name another place with --out.',
    });
  }
  if (repository.git !== null && (await repository.git.isTracked(repository.toGitPath(path)))) {
    throw conflict('TRACKED_BY_GIT', `${path} is tracked by Git.`, {
      hint: `Take it out of Git first: git rm -r --cached ${JSON.stringify(path)}`,
    });
  }
  await requireSeenByGit(repository, tracked.dvcFile);
  return tracked;
}

/**
 * Writes the `.dvc` file, with comments and order kept where there is one, and has Git leave the data alone. What the file names must be durable.
 * Answers what Git has to take, as repository paths.
 */
export async function writeTracked(repository: Repository, { path, dvcFile }: Tracked, content: DvcFile): Promise<string[]> {
  const ignoreFile = await ignoreInGit(repository, path);
  const before = await textOf(repository.toFile(dvcFile));
  await writeDvcFile(repository, dvcFile, before === null ? printDvcFile(content) : await updateDvcFile(before, dvcFile, content));
  const changed = ignoreFile === null ? [dvcFile] : [ignoreFile, dvcFile];
  await autostage(repository, changed);
  return changed;
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
