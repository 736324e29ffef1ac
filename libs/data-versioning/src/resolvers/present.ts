// How the domain's things look in the schema, where they look otherwise.

import type { FileInfo, FolderChild } from '@throughline/content';

import { downloadPath } from '../files.ts';
import type { DatasetVersion } from '../types.ts';

/** Arguments of a connection; GraphQL gives null where a client wrote it. */
export interface PageArgs {
  first?: number | null;
  after?: string | null;
}

export function presentFile(version: DatasetVersion, file: FileInfo) {
  return { ...file, downloadUrl: downloadPath(version, file.path) };
}

export function presentChild(version: DatasetVersion, child: FolderChild) {
  if (child.type === 'FOLDER') return { path: child.path, name: child.name, isFolder: true, sizeBytes: null, file: null };
  const file = presentFile(version, child.file);
  return { path: file.path, name: child.name, isFolder: false, sizeBytes: file.sizeBytes, file };
}
