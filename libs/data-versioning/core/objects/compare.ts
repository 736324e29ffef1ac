// Two lists of files side by side. Both are in the order of their paths, so one pass over them is enough, whatever their length.

import { comparePaths } from '../formats/paths.ts';
import type { Tree, TreeEntry } from '../types.ts';

export interface TreeChanges {
  readonly added: readonly TreeEntry[];
  readonly deleted: readonly TreeEntry[];
  /** The same path with another content: as it was, and as it is. */
  readonly modified: readonly { readonly old: TreeEntry; readonly new: TreeEntry }[];
  readonly unchanged: readonly TreeEntry[];
}

/** What has to be done to the old files for them to become the new ones. */
export function compareTrees(old: Tree, now: Tree): TreeChanges {
  const added: TreeEntry[] = [];
  const deleted: TreeEntry[] = [];
  const modified: { old: TreeEntry; new: TreeEntry }[] = [];
  const unchanged: TreeEntry[] = [];
  let before = 0;
  let after = 0;
  for (;;) {
    const oldEntry = old[before];
    const newEntry = now[after];
    if (oldEntry === undefined && newEntry === undefined) return { added, deleted, modified, unchanged };
    const order = oldEntry === undefined ? 1 : newEntry === undefined ? -1 : comparePaths(oldEntry.path, newEntry.path);
    if (oldEntry !== undefined && order < 0) deleted.push(oldEntry);
    else if (newEntry !== undefined && order > 0) added.push(newEntry);
    else if (oldEntry !== undefined && newEntry !== undefined) {
      if (oldEntry.md5 === newEntry.md5) unchanged.push(newEntry);
      else modified.push({ old: oldEntry, new: newEntry });
    }
    if (order <= 0) before += 1;
    if (order >= 0) after += 1;
  }
}
