// Files as the API shows them, the same wherever they stand: in a run's artifacts, a model version or a dataset version.

import type { Integrity } from '@throughline/kernel';

/** What is known of a stored file. */
export interface FileFacts {
  path: string;
  sizeBytes: number;
  sha256: string;
  md5: string;
  executable: boolean;
  integrity: Integrity;
  checkedAt: Date | null;
}

/** Where a stored file's bytes can be fetched on this server, saved under the last part of its path. */
export function downloadUrlOf(file: Pick<FileFacts, 'path' | 'sha256'>): string {
  return `/api/v1/files/${file.sha256}?filename=${encodeURIComponent(nameOf(file.path))}`;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A `File` of the shared schema. */
export function presentFile(file: FileFacts) {
  const { path, sizeBytes, sha256, md5, executable, integrity, checkedAt } = file;
  return { path, sizeBytes, sha256, md5, executable, integrity, checkedAt, downloadUrl: downloadUrlOf(file) };
}

/** What lies directly in a folder. */
export type FolderEntry = { type: 'FILE'; name: string; file: FileFacts } | { type: 'FOLDER'; name: string; path: string };

/** An `ArtifactEntry` of the shared schema. */
export function presentEntry(entry: FolderEntry) {
  if (entry.type === 'FOLDER') return { path: entry.path, name: entry.name, isFolder: true, sizeBytes: null, file: null };
  const file = presentFile(entry.file);
  return { path: file.path, name: entry.name, isFolder: false, sizeBytes: file.sizeBytes, file };
}
