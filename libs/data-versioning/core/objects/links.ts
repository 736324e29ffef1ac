// How a file of the workspace hangs together with its object, and whether that is as the settings want it.

import { statSync } from 'node:fs';
import type { LinkType } from '../repository/repository.ts';
import type { Built } from './build.ts';
import { FACTS, FACT_FLAGS, FLAG_EXECUTABLE, FLAG_HARDLINK, FLAG_SYMLINK } from './tasks.ts';

export interface LinkedFile {
  /** As in `tasks.ts`. */
  readonly flags: number;
  readonly inode: number;
  readonly sizeBytes: number;
}

/** Whether a file, whose content is right, is of another kind than the first one that could have been made here. A copy and a clone cannot be told apart. */
export function needsRelink(file: LinkedFile, object: string, linkTypes: readonly LinkType[]): boolean {
  const isSymlink = (file.flags & FLAG_SYMLINK) !== 0;
  const isHardlink = (file.flags & FLAG_HARDLINK) !== 0;
  const isCopy = !isSymlink && !isHardlink;
  // A link has its object's mode, which is never executable: such files stay copies.
  if (isCopy && (file.flags & FLAG_EXECUTABLE) !== 0) return false;
  for (const linkType of linkTypes) {
    if ((linkType === 'copy' || linkType === 'reflink') && isCopy) return false;
    // Empty files are never linked together.
    if (linkType === 'hardlink' && isCopy && file.sizeBytes === 0) return false;
    // What a symbolic link leads to has the object's inode, too.
    const isLinked = (linkType === 'hardlink' && isHardlink) || (linkType === 'symlink' && isSymlink);
    if (isLinked) return statSync(object, { throwIfNoEntry: false })?.ino !== file.inode;
  }
  return true;
}

/** Whether any file of an output may be of another kind than the settings want; otherwise nobody has to look at each. */
export function mayNeedRelink(built: Built, linkTypes: readonly LinkType[]): boolean {
  if (sharesBytes(linkTypes)) return true;
  const all = built.kind === 'folder' ? built.folders.map((folder) => folder.facts) : [built.facts];
  for (const facts of all) {
    for (let index = FACT_FLAGS; index < facts.length; index += FACTS)
      if (((facts[index] ?? 0) & (FLAG_SYMLINK | FLAG_HARDLINK)) !== 0) return true;
  }
  return false;
}

/** Whether files of the workspace share their bytes with the cache, so that nobody may write to them. */
function sharesBytes(linkTypes: readonly LinkType[]): boolean {
  return linkTypes[0] === 'hardlink' || linkTypes[0] === 'symlink';
}
