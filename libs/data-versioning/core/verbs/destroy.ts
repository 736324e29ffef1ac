// `destroy`: takes everything of DVC out of a repository and leaves the data. Files that are links into the cache become files of their own first, since the cache goes
// with `.dvc`; a cache or a remote that lies elsewhere stays. What the cache alone has is lost, so it is asked for by force where there is such data.

import { existsSync } from 'node:fs';
import { rename, rm, unlink } from 'node:fs/promises';
import path from 'node:path';
import { conflict } from '@throughline/kernel';
import { IGNORE_FILE } from '../formats/ignore.ts';
import { nameOf } from '../formats/paths.ts';
import type { Repository } from '../repository/repository.ts';
import { collectStages } from '../repository/stages.ts';
import { unignoreInGit } from '../repository/gitignore.ts';
import { unprotect } from './unprotect.ts';

export interface DestroyOptions {
  /** Even where files cannot be read, and data that is in the cache alone. */
  readonly force?: boolean;
  /** Says what would go. */
  readonly isDryRun?: boolean;
}

export interface DestroyResult {
  /** Relative to the root. */
  readonly files: readonly string[];
  /** Outputs that are not in the workspace: their bytes go with the cache, where it lies in `.dvc`. */
  readonly lost: readonly string[];
}

/** @throws DomainError `DATA_IN_CACHE_ALONE`, `FILE_INVALID` before anything is changed. */
export async function destroy(repository: Repository, options: DestroyOptions = {}): Promise<DestroyResult> {
  const { stages, unreadable } = await collectStages(repository);
  const [broken] = unreadable;
  if (broken !== undefined && options.force !== true) throw broken.error;
  const outputs = stages.flatMap((stage) => stage.outputs);
  const present = outputs.filter((output) => existsSync(repository.toFile(output.path)));
  const goes = !path.relative(repository.dvcFolder, repository.cacheFolder).startsWith('..');
  const lost = goes
    ? outputs.filter((output) => output.id !== null && output.isCached && !present.includes(output)).map((output) => output.path)
    : [];
  const stageFiles = [
    ...new Set(stages.flatMap(({ file }) => (nameOf(file) === 'dvc.yaml' ? [file, file.replace(/yaml$/, 'lock')] : [file]))),
  ];
  const files = [...stageFiles, IGNORE_FILE].filter((file) => existsSync(repository.toFile(file)));
  const result: DestroyResult = { files: [...files, '.dvc'], lost };
  if (options.isDryRun === true) return result;
  if (lost.length > 0 && options.force !== true) {
    throw conflict(
      'DATA_IN_CACHE_ALONE',
      `The cache alone has ${lost.slice(0, 5).join(', ')}${lost.length > 5 ? ` and ${lost.length - 5} more` : ''}: it would be lost.`,
      {
        hint: 'Get it by `throughline checkout` first, or use --force.',
      },
    );
  }
  await repository.withLock('throughline destroy', async () => {
    const linked = present.filter((output) => output.isCached).map((output) => repository.toFile(output.path));
    if (linked.length > 0) await unprotect(repository, { targets: linked });
    for (const file of files) await unlink(repository.toFile(file));
    for (const output of outputs) await unignoreInGit(repository, output.path);
  });
  // Renamed first, so that a kill leaves either a repository or none, and never half of one.
  const doomed = path.join(repository.root, `.dvc-destroyed-${process.pid}`);
  await rename(repository.dvcFolder, doomed);
  await rm(doomed, { recursive: true, force: true });
  return result;
}
