import { BLOB_PREFIX } from '@throughline/content';
import { DomainError } from '@throughline/kernel';
import { createFilesystemObjectStore, createS3ObjectStore } from '@throughline/object-store';
import type { ObjectStore } from '@throughline/object-store';

import type { ObjectsConfig } from './config.ts';

/** Opens the object store that the configuration names. */
export function openObjects(config: ObjectsConfig): Promise<ObjectStore> {
  return config.kind === 'filesystem' ? createFilesystemObjectStore({ root: config.root }) : createS3ObjectStore(config);
}

/**
 * Throws `unavailable` STORE_EMPTY where the store holds no blob at all, though rows name some: that is another folder, or a disk that is not
 * mounted, and says nothing about the files.
 */
export async function refuseEmptyStore(objects: ObjectStore): Promise<void> {
  const first = await objects.list(BLOB_PREFIX)[Symbol.asyncIterator]().next();
  if (first.done !== true) return;
  throw new DomainError({
    kind: 'unavailable',
    code: 'STORE_EMPTY',
    message: `The database names stored files, and ${objects.describe()} holds none.`,
    hint: 'Is the disk mounted, and are the settings those of the server?',
  });
}
