// Emptying the object store for a test suite. Only what this database names is deleted: others may keep their objects in the same folder or
// bucket. The names have to be read before the rows go, and the objects deleted after, so that a kill in between leaves no row without bytes.

import { MAX_DELETES } from '@throughline/object-store';

import { selectAllKeys, selectAllMultiparts } from './store/wipe.ts';
import type { Parts } from './types.ts';

export interface Wipe {
  /** Reads which objects and unfinished uploads there are; what it answers deletes those, and is for after their rows are gone. */
  prepareWipe(): Promise<() => Promise<void>>;
}

export function createWipe({ database, objects }: Parts): Wipe {
  return {
    async prepareWipe() {
      const [keys, multiparts] = [await selectAllKeys(database), await selectAllMultiparts(database)];
      return async () => {
        for (const { storageKey, multipartId } of multiparts) await objects.abortMultipart(storageKey, multipartId);
        for (let start = 0; start < keys.length; start += MAX_DELETES) await objects.deleteMany(keys.slice(start, start + MAX_DELETES));
      };
    },
  };
}
