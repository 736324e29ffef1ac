// Shows what lies at an address that belongs to no repository.

import { openAddress } from '../remotes/address-source.ts';
import { nearestConfig } from '../remotes/nearest.ts';
import type { RemoteOptionTexts } from '../remotes/open.ts';
import { comparePaths } from '../formats/paths.ts';
import type { StoredFile } from '../remotes/storage.ts';
import type { Surroundings } from '../types.ts';
import { nameOfUrl } from './get-url.ts';

export interface ListUrlOptions {
  readonly url: string;
  readonly recursive?: boolean;
  /** How deep, with `recursive`. */
  readonly level?: number;
  readonly options?: RemoteOptionTexts;
}

export interface ListedUrlEntry {
  readonly path: string;
  readonly isdir: boolean;
  readonly size: number | null;
}

/** @throws DomainError `ADDRESS_EMPTY`, and what a remote that cannot be used throws. */
export async function listUrl(surroundings: Surroundings, options: ListUrlOptions): Promise<readonly ListedUrlEntry[]> {
  const source = await openAddress(surroundings, {
    url: options.url,
    config: await nearestConfig(surroundings),
    ...(options.options === undefined ? {} : { options: options.options }),
  });
  try {
    if (!source.isFolder) return source.files.map(({ sizeBytes }) => ({ path: nameOfUrl(options.url), isdir: false, size: sizeBytes }));
    return upTo(source.files, options.recursive === true ? (options.level ?? Number.POSITIVE_INFINITY) : 1);
  } finally {
    source.storage.close();
  }
}

/** Files down to a depth, and the folders in which it ends. */
function upTo(files: readonly StoredFile[], depth: number): ListedUrlEntry[] {
  const found = new Map<string, ListedUrlEntry>();
  for (const { path, sizeBytes } of files) {
    const parts = path.split('/');
    if (parts.length <= depth) found.set(path, { path, isdir: false, size: sizeBytes });
    else {
      const folder = parts.slice(0, depth).join('/');
      found.set(folder, { path: folder, isdir: true, size: null });
    }
  }
  return [...found.values()].sort((a, b) => comparePaths(a.path, b.path));
}
