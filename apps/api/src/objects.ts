import { createFilesystemObjectStore, createS3ObjectStore } from '@throughline/object-store';
import type { ObjectStore } from '@throughline/object-store';

import type { ObjectsConfig } from './config.ts';

/** Opens the object store that the configuration names. */
export function openObjects(config: ObjectsConfig): Promise<ObjectStore> {
  return config.kind === 'filesystem' ? createFilesystemObjectStore({ root: config.root }) : createS3ObjectStore(config);
}
