// File sets: mutable maps from path to blob, since MLflow's clients rewrite the artifacts of a run. Writers and `freeze` lock the set's
// row, so that what is frozen holds every change wholly or not at all. Each file keeps which run's own token wrote it: a freeze tells whether
// all of it came from one run, which is what evidence for "produced by" rests on.

import { isConstraint, on, within } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import { invalid, isUuid, newId, requireWrite } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';

import { blobNotFound, fileSetNotFound, pathConflict } from './errors.ts';
import { checkSha256 } from './hashes.ts';
import { MAX_ENTRIES, sortEntries } from './manifest.ts';
import type { StoreManifest } from './manifests.ts';
import { behindPrefix, checkPath, foldersOf } from './paths.ts';
import { findGranted } from './store/blobs.ts';
import {
  deleteSetFiles,
  fileSetExists,
  findCollision,
  forgetOtherWriters,
  insertFileSet,
  lockFileSet,
  selectWriter,
  upsertSetFile,
} from './store/file-sets.ts';
import { FILE_SET_TREE, selectFiles, selectFilesAt, selectFileSetFolders } from './store/trees.ts';
import { findFileOf, listFilesOf, listFolderOf } from './trees.ts';
import type { CountedForest, ListFilesOptions } from './trees.ts';
import type { FileInfo, FolderChild, ManifestInfo, Parts } from './types.ts';

/** What a set held when it was frozen. */
export interface FrozenFiles extends ManifestInfo {
  /** The run whose own token wrote every one of the files; null where anybody else wrote one, or took one away since. */
  writerRunId: string | null;
}

export interface FileSets {
  /** Makes an empty set and answers its id. Refer to it in the same transaction. */
  createFileSet(call: Call): Promise<string>;
  /** Puts a blob of the workspace at a path, in place of what was there. Throws `invalid` INVALID_PATH, PATH_CONFLICT; `not_found` BLOB_NOT_FOUND, FILE_SET_NOT_FOUND. */
  putFile(call: Call, fileSetId: string, file: { path: string; sha256: string; executable?: boolean | undefined }): Promise<FileInfo>;
  /** False where there was no such file. The bytes stay until the collector finds that nothing refers to them. */
  removeFile(call: Call, fileSetId: string, path: string): Promise<boolean>;
  /** Removes everything below a folder and answers how many files that were. */
  removeFolder(call: Call, fileSetId: string, folder: string): Promise<number>;
  findFile(call: Call, fileSetId: string, path: string): Promise<FileInfo | null>;
  /** Files by path, in byte order. */
  listFiles(call: Call, fileSetId: string, options: ListFilesOptions): Promise<Page<FileInfo>>;
  /** What lies directly in a folder; '' is the root. */
  listFilesIn(call: Call, fileSetId: string, folder: string, page: PageRequest): Promise<Page<FolderChild>>;
  /** The same page of many sets, in at most three statements; sets that the workspace does not have are left out. */
  listFilesInOf(call: Call, fileSetIds: readonly string[], folder: string, page: PageRequest): Promise<Map<string, Page<FolderChild>>>;
  /**
   * Makes a manifest of what the set holds now, or of what lies under a folder of it, with paths from there. Where `under` is a file, the
   * manifest is that single FILE. Null where there is nothing.
   */
  freeze(call: Call, fileSetId: string, under: string | null): Promise<FrozenFiles | null>;
}

export function createFileSets(parts: Parts, storeManifest: StoreManifest): FileSets {
  const { database, clock } = parts;

  const forestOf = (call: Call, fileSetIds: readonly string[]): CountedForest => ({
    tree: FILE_SET_TREE,
    workspaceId: call.caller.workspaceId,
    ownerIds: fileSetIds.filter(isUuid),
    folderTotals: selectFileSetFolders,
  });

  /** Runs work with the set's row locked. */
  const locked = <T>(call: Call, id: string, work: (tx: Tx) => Promise<T>): Promise<T> => {
    requireWrite(call.caller);
    return within(database, call, async (tx) => {
      if (!isUuid(id) || !(await lockFileSet(tx, call.caller.workspaceId, id))) throw fileSetNotFound(id);
      return work(tx);
    });
  };

  /** Deletes files, and forgets whose the others were unless their writer is who deletes. */
  const deleting = (call: Call, fileSetId: string, which: { path: string; below: boolean }): Promise<number> =>
    locked(call, fileSetId, async (tx) => {
      const deleted = await deleteSetFiles(tx, { fileSetId, ...which });
      if (deleted > 0) await forgetOtherWriters(tx, fileSetId, call.caller.runId);
      return deleted;
    });

  const listFilesInOf: FileSets['listFilesInOf'] = (call, fileSetIds, folder, page) =>
    listFolderOf(on(database, call), forestOf(call, fileSetIds), folder, page);

  return {
    async createFileSet(call) {
      requireWrite(call.caller);
      const now = clock.now();
      const id = newId(now.getTime());
      await insertFileSet(on(database, call), { id, workspaceId: call.caller.workspaceId, now });
      return id;
    },

    putFile(call, fileSetId, { path, sha256, executable = false }) {
      checkPath(path);
      checkSha256(sha256);
      return locked(call, fileSetId, async (tx) => {
        const [blob] = await findGranted(tx, call.caller.workspaceId, [sha256]);
        if (blob === undefined) throw blobNotFound(sha256);
        const folders = foldersOf(path);
        const other = await findCollision(tx, fileSetId, path, folders);
        if (other !== null) throw folders.includes(other) ? pathConflict(other, path) : pathConflict(path, other);
        try {
          await upsertSetFile(tx, { fileSetId, path, sha256, executable, writerRunId: call.caller.runId, now: clock.now() });
        } catch (error) {
          // The collector was faster: the grant was there a moment ago.
          throw isConstraint(error, 'foreign_key') ? blobNotFound(sha256) : error;
        }
        const { md5, sizeBytes, integrity, checkedAt } = blob;
        return { path, sha256, md5, sizeBytes, executable, integrity, checkedAt };
      });
    },

    async removeFile(call, fileSetId, path) {
      checkPath(path);
      return (await deleting(call, fileSetId, { path, below: false })) > 0;
    },

    removeFolder(call, fileSetId, folder) {
      checkPath(folder);
      return deleting(call, fileSetId, { path: folder, below: true });
    },

    async findFile(call, fileSetId, path) {
      const db = on(database, call);
      if (!isUuid(fileSetId) || !(await fileSetExists(db, call.caller.workspaceId, fileSetId))) throw fileSetNotFound(fileSetId);
      return findFileOf(db, FILE_SET_TREE, fileSetId, path);
    },

    listFiles: async (call, fileSetId, options) =>
      pageFor(fileSetId, await listFilesOf(on(database, call), forestOf(call, [fileSetId]), options)),

    listFilesIn: async (call, fileSetId, folder, page) => pageFor(fileSetId, await listFilesInOf(call, [fileSetId], folder, page)),

    listFilesInOf,

    freeze(call, fileSetId, under) {
      if (under !== null) checkPath(under);
      return locked(call, fileSetId, async (tx) => {
        const inTx: Call = { caller: call.caller, tx };
        const writerRunId = await selectWriter(tx, fileSetId, under);
        const [single] = under === null ? [] : await selectFilesAt(tx, FILE_SET_TREE, fileSetId, [under]);
        if (single !== undefined) {
          const path = single.path.slice(single.path.lastIndexOf('/') + 1);
          return { ...(await storeManifest(inTx, { kind: 'FILE', entries: [{ ...single, path }] })), writerRunId };
        }
        const prefix = under === null ? '' : `${under}/`;
        const files = await selectFiles(tx, FILE_SET_TREE, fileSetId, {
          from: prefix,
          before: behindPrefix(prefix),
          limit: MAX_ENTRIES + 1,
        });
        if (files.length > MAX_ENTRIES) throw invalid('TOO_MANY_FILES', `At most ${MAX_ENTRIES} files can be frozen together.`);
        if (files.length === 0) return null;
        const entries = files.map((file) => ({ ...file, path: file.path.slice(prefix.length) }));
        return { ...(await storeManifest(inTx, { kind: 'DIR', entries: sortEntries('DIR', entries) })), writerRunId };
      });
    },
  };
}

/** A set that the workspace does not have is not among those that were found. */
function pageFor<T>(fileSetId: string, found: ReadonlyMap<string, Page<T>>): Page<T> {
  const page = found.get(fileSetId);
  if (page === undefined) throw fileSetNotFound(fileSetId);
  return page;
}
