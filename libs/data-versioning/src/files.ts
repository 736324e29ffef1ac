// A version's files: read from the manifest that it names, with where each can be downloaded.

import type { FileInfo, FolderChild, ManifestInfo, ManifestIntegrity } from '@throughline/content';
import type { Call } from '@throughline/database';
import type { Page, PageRequest } from '@throughline/kernel';

import type { Parts } from './parts.ts';
import type { DatasetVersion } from './types.ts';

export interface Files {
  /** The files by path; those below a folder where one is given. */
  list(call: Call, version: DatasetVersion, options: { under?: string | undefined; page: PageRequest }): Promise<Page<FileInfo>>;
  /** The same page of many, by manifest id; a manifest that was collected with its deleted dataset is left out. */
  listMany(
    call: Call,
    manifestIds: readonly string[],
    options: { under?: string | undefined; page: PageRequest },
  ): Promise<Map<string, Page<FileInfo>>>;
  /** How many files lie below a folder, by manifest id; those without such a folder are left out. */
  countsBelow(call: Call, manifestIds: readonly string[], folder: string): Promise<Map<string, number>>;
  /** What lies directly in a folder; '' is the root. */
  folder(call: Call, version: DatasetVersion, path: string, page: PageRequest): Promise<Page<FolderChild>>;
  /** The same page of many, by manifest id; one that was collected with its deleted dataset is left out. */
  folders(call: Call, manifestIds: readonly string[], path: string, page: PageRequest): Promise<Map<string, Page<FolderChild>>>;
  find(call: Call, version: DatasetVersion, path: string): Promise<FileInfo | null>;
  /** Sizes and counts by manifest id; one that was collected with its deleted dataset is left out. */
  manifests(call: Call, manifestIds: readonly string[]): Promise<Map<string, ManifestInfo>>;
  /** What the last checks found, by manifest id. */
  integrity(call: Call, manifestIds: readonly string[]): Promise<Map<string, ManifestIntegrity>>;
}

export function createFiles({ content }: Parts): Files {
  return {
    list: (call, version, { under, page }) => content.listEntries(call, version.manifestId, { prefix: prefixOf(under), page }),
    listMany: (call, manifestIds, { under, page }) => content.listEntriesOf(call, manifestIds, { prefix: prefixOf(under), page }),
    async countsBelow(call, manifestIds, folder) {
      const totals = await content.findFolderOf(call, manifestIds, withoutSlash(folder));
      return new Map([...totals].map(([id, { fileCount }]) => [id, fileCount]));
    },
    folder: (call, version, path, page) => content.listFolder(call, version.manifestId, withoutSlash(path), page),
    folders: (call, manifestIds, path, page) => content.listFolderOf(call, manifestIds, withoutSlash(path), page),
    find: (call, version, path) => content.findEntry(call, version.manifestId, path),
    manifests: (call, manifestIds) => content.getManifests(call, manifestIds),
    integrity: (call, manifestIds) => content.integrityOf(call, manifestIds),
  };
}

function prefixOf(under = ''): string {
  return under === '' ? '' : `${withoutSlash(under)}/`;
}

function withoutSlash(folder: string): string {
  return folder.endsWith('/') ? folder.slice(0, -1) : folder;
}

/** Where a file of a version can be downloaded, relative to the server's origin. */
export function downloadPath(version: DatasetVersion, path: string): string {
  return pathIn(version, 'files', path);
}

/** Where a file of a version that is a picture is served as one. */
export function picturePath(version: DatasetVersion, path: string): string {
  return pathIn(version, 'pictures', path);
}

function pathIn(version: DatasetVersion, as: 'files' | 'pictures', path: string): string {
  const file = path.split('/').map(encodeURIComponent).join('/');
  return `/api/v1/datasets/${encodeURIComponent(version.datasetName)}/versions/${version.number}/${as}/${file}`;
}
