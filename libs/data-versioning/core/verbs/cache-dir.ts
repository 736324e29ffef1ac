// `cache dir`: where the cache lies, and moving it elsewhere for the commands to come. What the old one holds stays there.

import path from 'node:path';
import { notFound } from '@throughline/kernel';
import type { ConfigLevel } from '../repository/config.ts';
import { editConfig, storedPath } from '../repository/config.ts';
import type { Surroundings } from '../types.ts';
import { readSettings } from './config.ts';

export interface CacheDirOptions {
  /** The new folder, relative to where the user stands. Absent: only tells. */
  readonly folder?: string;
  readonly unset?: boolean;
  readonly level?: ConfigLevel;
}

/** The cache's folder, absolute. @throws DomainError `NOT_A_REPOSITORY`, `CONFIG_MISSING`. */
export async function cacheDir(surroundings: Surroundings, options: CacheDirOptions = {}): Promise<{ readonly folder: string }> {
  const settings = await readSettings(surroundings);
  const section = { section: 'cache', name: null };
  const { folder: typed } = options;
  if (typed !== undefined || options.unset === true) {
    await editConfig(settings.folders, options.level ?? 'repo', (file, folder) => {
      if (typed !== undefined) file.set(section, 'dir', storedPath(typed, folder, surroundings.workingFolder));
      else if (!file.unset(section, 'dir'))
        throw notFound('CONFIG_MISSING', `cache.dir is not set at the level ${options.level ?? 'repo'}.`);
    });
  }
  const after = await readSettings(surroundings);
  const folder = after.text('cache', 'dir') ?? (after.folders.dvcFolder === null ? null : path.join(after.folders.dvcFolder, 'cache'));
  if (folder === null) throw notFound('NOT_A_REPOSITORY', 'There is no cache: this is no repository, and no level sets cache.dir.');
  return { folder };
}
