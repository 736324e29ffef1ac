// Manifests: immutable lists of files. The same content is the same manifest, however often and by whomever of a workspace it is made.
// The canonical bytes are a blob like any other and come first; rows index them for paging, folders and diffs.

import { createHash } from 'node:crypto';

import { isConstraint, on } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import { conflict, encodeCursor, invalid, invariant, isUuid, newId, pageOf, requireWrite } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';

import type { Blobs } from './blobs.ts';
import { blobsMissing, manifestNotFound } from './errors.ts';
import { checkSha256 } from './hashes.ts';
import { dvcMd5Of, encodePieces, folderTotals, sortEntries } from './manifest.ts';
import type { ManifestContent, ManifestKind } from './manifest.ts';
import { checkPath } from './paths.ts';
import { findGranted } from './store/blobs.ts';
import { longTransaction } from './store/long.ts';
import {
  insertEntries,
  insertFolders,
  insertManifest,
  lockManifestDigest,
  selectDiff,
  selectDiffTotals,
  selectFileSetIntegrity,
  selectIntegrity,
  selectManifestByDigest,
  selectManifests,
  touchManifestByDigest,
  touchManifests,
} from './store/manifests.ts';
import type { IntegrityRow } from './store/manifests.ts';
import { MANIFEST_TREE, selectFilesOf, selectManifestFolders } from './store/trees.ts';
import type { FolderTotal } from './store/trees.ts';
import { findFileOf, listFilesOf, listFolderOf, pathOfCursor } from './trees.ts';
import type { CountedForest, ListFilesOptions } from './trees.ts';
import type { FileInfo, FolderChild, ManifestDiff, ManifestInfo, ManifestIntegrity, Parts } from './types.ts';

/** A file by its hash; size and MD5 are known from the blob. */
export interface NewEntry {
  path: string;
  sha256: string;
  executable?: boolean | undefined;
}

export interface Manifests {
  /**
   * Makes a manifest, or answers the one that the workspace has of the same content. Every blob must be the workspace's. Throws `invalid`
   * BLOBS_MISSING (naming at most 20), INVALID_PATH, DUPLICATE_PATH, PATH_CONFLICT, TOO_MANY_FILES (over 1,000,000).
   */
  createManifest(call: Call, manifest: { kind: ManifestKind; entries: readonly NewEntry[] }): Promise<ManifestInfo>;
  /** Those of the manifests that exist in the workspace, by id. */
  getManifests(call: Call, ids: readonly string[]): Promise<Map<string, ManifestInfo>>;
  /** The workspace's manifest of this digest; null where it has none. */
  findManifest(call: Call, digest: string): Promise<ManifestInfo | null>;
  /**
   * Keeps the collector away from manifests that the call's transaction is about to refer to; whoever stores a reference to a manifest that
   * it did not just create calls this in the same transaction. Throws `not_found` MANIFEST_NOT_FOUND.
   */
  keepManifests(call: Call, ids: readonly string[]): Promise<void>;
  /** Files by path, in byte order. */
  listEntries(call: Call, manifestId: string, options: ListFilesOptions): Promise<Page<FileInfo>>;
  /** The first files of many manifests by path, at most `limit` of each, in one statement; manifests of other workspaces are left out. */
  firstEntriesOf(call: Call, manifestIds: readonly string[], limit: number): Promise<Map<string, FileInfo[]>>;
  /** The same page of `listEntries` of many manifests, in one statement; manifests that the workspace does not have are left out. */
  listEntriesOf(call: Call, manifestIds: readonly string[], options: ListFilesOptions): Promise<Map<string, Page<FileInfo>>>;
  /** What lies directly in a folder; '' is the root. */
  listFolder(call: Call, manifestId: string, folder: string, page: PageRequest): Promise<Page<FolderChild>>;
  /** The same page of `listFolder` of many manifests, in at most three statements; those that the workspace does not have are left out. */
  listFolderOf(call: Call, manifestIds: readonly string[], folder: string, page: PageRequest): Promise<Map<string, Page<FolderChild>>>;
  findEntry(call: Call, manifestId: string, path: string): Promise<FileInfo | null>;
  /**
   * How many files lie below a folder of many manifests, and their bytes, in two statements. Left out are manifests without such a folder,
   * and those that the workspace does not have.
   */
  findFolderOf(call: Call, manifestIds: readonly string[], folder: string): Promise<Map<string, FolderTotal>>;
  /** What the last checks found, over everything that each manifest reaches. One statement. */
  integrityOf(call: Call, manifestIds: readonly string[]): Promise<Map<string, ManifestIntegrity>>;
  /** The same over what file sets hold now; empty ones are left out. */
  fileSetIntegrityOf(call: Call, fileSetIds: readonly string[]): Promise<Map<string, ManifestIntegrity>>;
  /** What differs from one manifest to another, by path, with the totals over all pages. */
  diffManifests(call: Call, beforeId: string, afterId: string, page: PageRequest): Promise<ManifestDiff>;
}

/** Stores a manifest whose entries are sorted, checked and granted. */
export type StoreManifest = (call: Call, content: ManifestContent) => Promise<ManifestInfo>;

export function createManifests(parts: Parts, blobs: Blobs): { manifests: Manifests; storeManifest: StoreManifest } {
  const { database, clock } = parts;

  const storeManifest: StoreManifest = async (call, content) => {
    const { workspaceId } = call.caller;
    const digest = hashOf(content);
    if (call.tx !== undefined) await lockManifestDigest(call.tx, { workspaceId, digest });
    const known = await touchManifestByDigest(on(database, call), { workspaceId, digest, now: clock.now() });
    // Known and sound. Where its own bytes are damaged, they are put right by bringing them again.
    if (known !== null && !known.bytesDamaged) return withoutMark(known);
    await blobs.putBlob(call, piecesOf(content), { sha256: digest });
    if (known !== null) return withoutMark(known);
    const manifest: ManifestInfo = {
      id: newId(clock.now().getTime()),
      digest,
      kind: content.kind,
      fileCount: content.entries.length,
      totalBytes: content.entries.reduce((sum, entry) => sum + entry.sizeBytes, 0),
      dvcMd5: dvcMd5Of(content),
      createdAt: clock.now(),
    };
    if (!Number.isSafeInteger(manifest.totalBytes))
      throw invalid('TOO_MANY_BYTES', 'The files of a manifest together have at most 2^53 - 1 bytes.');
    const insert = (tx: Tx) => insertAll(tx, workspaceId, manifest, content);
    try {
      return await (call.tx === undefined ? longTransaction(database, insert) : insert(call.tx));
    } catch (error) {
      if (!isConstraint(error, 'foreign_key')) throw error;
      throw conflict('CONTENT_COLLECTED', 'Some of this content was removed at this moment, since nothing referred to it.', {
        hint: 'Upload it again, then make the manifest again.',
        cause: error,
      });
    }
  };

  const insertAll = async (tx: Tx, workspaceId: string, manifest: ManifestInfo, content: ManifestContent): Promise<ManifestInfo> => {
    if (!(await insertManifest(tx, { ...manifest, workspaceId }))) {
      const other = await touchManifestByDigest(tx, { workspaceId, digest: manifest.digest, now: clock.now() });
      if (other !== null) return withoutMark(other);
      // The other was collected between the two statements, so now there is room.
      invariant(await insertManifest(tx, { ...manifest, workspaceId }), 'a manifest was neither there nor could be made');
    }
    await insertEntries(tx, manifest.id, content.entries);
    const folders = [...folderTotals(content.entries)].map(([path, total]) => ({ path, ...total }));
    await insertFolders(tx, manifest.id, folders);
    // A million entries take minutes. The time that counts for whoever is going to refer to it is that of the commit.
    await touchManifests(tx, { workspaceId, ids: [manifest.id], now: clock.now() });
    return manifest;
  };

  const forestOf = (call: Call, manifestIds: readonly string[]): CountedForest => ({
    tree: MANIFEST_TREE,
    workspaceId: call.caller.workspaceId,
    ownerIds: manifestIds.filter(isUuid),
    folderTotals: selectManifestFolders,
  });

  const mustExist = async (call: Call, ids: readonly string[]): Promise<void> => {
    const found = await selectManifests(on(database, call), call.caller.workspaceId, ids.filter(isUuid));
    const missing = ids.find((id) => !found.some((manifest) => manifest.id === id));
    if (missing !== undefined) throw manifestNotFound(missing);
  };

  const manifests: Manifests = {
    async createManifest(call, { kind, entries }) {
      requireWrite(call.caller);
      const sorted = sortEntries(kind, entries);
      const wanted = [...new Set(sorted.map((entry) => checkSha256(entry.sha256)))];
      const granted = await findGranted(on(database, call), call.caller.workspaceId, wanted);
      const known = new Map(granted.map((blob) => [blob.sha256, blob]));
      const missing = wanted.filter((sha256) => !known.has(sha256));
      if (missing.length > 0) throw blobsMissing(missing, missing.length);
      const full = sorted.flatMap(({ path, sha256, executable = false }) => {
        const blob = known.get(sha256);
        return blob === undefined ? [] : [{ path, sha256, md5: blob.md5, sizeBytes: blob.sizeBytes, executable }];
      });
      return storeManifest(call, { kind, entries: full });
    },

    async getManifests(call, ids) {
      const found = await selectManifests(on(database, call), call.caller.workspaceId, ids.filter(isUuid));
      return new Map(found.map((manifest) => [manifest.id, manifest]));
    },

    findManifest: (call, digest) => selectManifestByDigest(on(database, call), call.caller.workspaceId, checkSha256(digest)),

    async keepManifests(call, ids) {
      const key = { workspaceId: call.caller.workspaceId, ids: ids.filter(isUuid), now: clock.now() };
      const kept = new Set(await touchManifests(on(database, call), key));
      const missing = ids.find((id) => !kept.has(id));
      if (missing !== undefined) throw manifestNotFound(missing);
    },

    listEntries: async (call, manifestId, options) => pageFor(manifestId, await manifests.listEntriesOf(call, [manifestId], options)),

    firstEntriesOf: (call, manifestIds, limit) =>
      selectFilesOf(on(database, call), forestOf(call, manifestIds), { from: '', before: null, limit }),

    listEntriesOf: (call, manifestIds, options) => listFilesOf(on(database, call), forestOf(call, manifestIds), options),

    listFolder: async (call, manifestId, folder, page) =>
      pageFor(manifestId, await manifests.listFolderOf(call, [manifestId], folder, page)),

    listFolderOf: (call, manifestIds, folder, page) => listFolderOf(on(database, call), forestOf(call, manifestIds), folder, page),

    async findEntry(call, manifestId, path) {
      await mustExist(call, [manifestId]);
      return findFileOf(on(database, call), MANIFEST_TREE, manifestId, path);
    },

    async findFolderOf(call, manifestIds, folder) {
      const path = checkPath(folder);
      const wanted = [...(await manifests.getManifests(call, manifestIds)).keys()].map((ownerId) => ({ ownerId, path }));
      const totals = await selectManifestFolders(on(database, call), wanted);
      return new Map(totals.map(({ ownerId, ...total }) => [ownerId, total]));
    },

    async integrityOf(call, manifestIds) {
      const rows = await selectIntegrity(on(database, call), call.caller.workspaceId, manifestIds.filter(isUuid));
      return new Map(rows.map((row) => [row.id, judge(row)]));
    },

    async fileSetIntegrityOf(call, fileSetIds) {
      const rows = await selectFileSetIntegrity(on(database, call), call.caller.workspaceId, fileSetIds.filter(isUuid));
      return new Map(rows.map((row) => [row.id, judge(row)]));
    },

    async diffManifests(call, beforeId, afterId, page) {
      await mustExist(call, [beforeId, afterId]);
      const db = on(database, call);
      const behind = page.after === null ? '' : pathOfCursor(page.after);
      const changes = await selectDiff(db, { beforeId, afterId, behind, limit: page.first + 1 });
      const totals = await selectDiffTotals(db, beforeId, afterId);
      return { ...pageOf(changes, page.first, (change) => encodeCursor([change.path])), totals };
    },
  };
  return { manifests, storeManifest };
}

/** A manifest that the workspace does not have is not among those that were found. */
function pageFor<T>(manifestId: string, found: ReadonlyMap<string, Page<T>>): Page<T> {
  const page = found.get(manifestId);
  if (page === undefined) throw manifestNotFound(manifestId);
  return page;
}

function withoutMark({ id, digest, kind, fileCount, totalBytes, dvcMd5, createdAt }: ManifestInfo): ManifestInfo {
  return { id, digest, kind, fileCount, totalBytes, dvcMd5, createdAt };
}

function hashOf(content: ManifestContent): string {
  const hash = createHash('sha256');
  for (const piece of encodePieces(content)) hash.update(piece);
  return hash.digest('hex');
}

/** A body is asynchronous by its type, though nothing here has to be waited for. */
function piecesOf(content: ManifestContent): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const pieces = encodePieces(content);
      return { next: () => Promise.resolve(pieces.next()), return: () => Promise.resolve(pieces.return()) };
    },
  };
}

function judge(row: IntegrityRow): ManifestIntegrity {
  const { damagedFiles, uncheckedFiles, intactFiles, oldestFileCheck: oldestCheckAt } = row;
  const counts = { damagedFiles, uncheckedFiles, intactFiles, oldestCheckAt };
  if (row.anyDamaged) return { integrity: 'DAMAGED', checkedAt: row.lastDamage, ...counts };
  if (row.anyUnchecked) return { integrity: 'UNCHECKED', checkedAt: null, ...counts };
  return { integrity: 'INTACT', checkedAt: row.oldestCheck, ...counts };
}
