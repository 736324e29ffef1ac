// Downloads a file or folder from an address that belongs to no repository.

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openAddress, takeAddress } from '../remotes/address-source.ts';
import { openScratch } from '../remotes/external.ts';
import { nearestConfig } from '../remotes/nearest.ts';
import type { RemoteOptionTexts } from '../remotes/open.ts';
import { putTogether, replace } from '../remotes/put-together.ts';
import type { Surroundings } from '../types.ts';
import { targetOf } from './get.ts';

export interface GetUrlOptions {
  /** A path, or an address of http, https, s3 or `remote://name/path`. */
  readonly url: string;
  readonly out?: string;
  readonly force?: boolean;
  /** Options of the place, by DVC's names for a remote's. */
  readonly options?: RemoteOptionTexts;
}

export interface GetUrlResult {
  /** Where it is now, absolute. */
  readonly path: string;
  readonly files: number;
  readonly sizeBytes: number;
}

/** @throws DomainError `FILE_EXISTS`, `ADDRESS_EMPTY`, and what a remote that cannot be used throws. */
export async function getUrl(surroundings: Surroundings, options: GetUrlOptions): Promise<GetUrlResult> {
  const target = await targetOf(surroundings, nameOfUrl(options.url), options);
  const source = await openAddress(surroundings, {
    url: options.url,
    config: await nearestConfig(surroundings),
    ...(options.options === undefined ? {} : { options: options.options }),
  });
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(join(dirname(target), '.throughline-get-'));
  try {
    const scratch = await openScratch(folder, surroundings);
    const taken = await takeAddress(source, scratch);
    const built = join(folder, 'data');
    await putTogether(taken, scratch, built);
    await replace(target, built);
    return { path: target, files: taken.files.length, sizeBytes: taken.sizeBytes };
  } finally {
    source.storage.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The last part of an address's path. */
export function nameOfUrl(url: string): string {
  const path = url.replace(/^[a-z][a-z0-9+.-]+:\/\//i, '').replace(/[?#].*$/s, '');
  return path.split(/[\\/]/).findLast((part) => part !== '' && part !== '.' && part !== '..') ?? 'data';
}
