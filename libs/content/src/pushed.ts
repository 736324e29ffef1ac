// What DVC's clients push to a workspace, and rely on: files by their MD5, and folders, which are lists of files under a name of their own. A client that
// finds a folder here takes all of its files for here as well (dvc_data/hashfile/status.py), so a folder is taken only once they are, and
// keeps them. What no version names is kept for having been pushed, until a time after somebody last pushed it or was told that it is here.
//
// A workspace that has a version of a folder has the folder, whoever registered it: its list is made of the version's manifest when it is asked for.

import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';

import { isConstraint, on, within } from '@throughline/database';
import type { Call, Queryable } from '@throughline/database';
import { conflict, DomainError, invalid, invariant, newId, requireScope, requireWrite } from '@throughline/kernel';

import { adoptObject, claim, storeBody } from './blobs.ts';
import type { Batches, PutOutcome } from './batches.ts';
import { bodyTooLarge, contentMismatch, filesMissing, md5Collision } from './errors.ts';
import { checkMd5, createMeter } from './hashes.ts';
import type { Measured } from './hashes.ts';
import { createLegacyMeter } from './legacy.ts';
import { dvcDirPieces, MAX_ENTRIES } from './manifest.ts';
import { longTransaction } from './store/long.ts';
import { touchManifestByDigest } from './store/manifests.ts';
import {
  insertLegacyName,
  releasePushed,
  renewGrants,
  renewTrees,
  selectBrokenTrees,
  selectDigestOfDvc,
  selectDigestsByDvcMd5,
  selectDvcNames,
  selectLegacyFiles,
  selectManifestsByDvcMd5,
  selectPushedFiles,
  selectPushedTrees,
  upsertTree,
} from './store/pushed.ts';
import type { NamedBlob, WalkPlace } from './store/pushed.ts';
import { MANIFEST_TREE, selectFiles } from './store/trees.ts';
import type { BlobInfo, FileInfo, ManifestInfo, Parts } from './types.ts';

/** How DVC names objects: version 3 by the MD5 of their bytes, version 2 by that with other line ends. */
export interface Naming {
  legacy: boolean;
}

export interface PushedTree extends Naming {
  /** Of its bytes. */
  md5: string;
  bytes: Uint8Array;
  /** The names of all files in it, a file that is in it twice named twice. */
  files: readonly string[];
}

export interface Pushed {
  /** The files that the workspace holds and gives out, by the MD5s that they were asked by. They stay: somebody relies on it. */
  findPushedFiles(call: Call, md5s: readonly string[], naming: Naming): Promise<Map<string, BlobInfo>>;
  /** The lists of the folders that the workspace holds, by their MD5s without `.dir`. They stay, with all of their files. */
  findPushedTrees(call: Call, md5s: readonly string[], naming: Naming): Promise<Map<string, BlobInfo>>;
  /** Those of the folders of DVC 3 of which a file is known to be damaged: whoever has it should bring all of them again. */
  brokenTrees(call: Call, md5s: readonly string[]): Promise<string[]>;
  /**
   * Stores a file under its name. One that is here is read to its end and hashed, and not stored again. Throws `corrupt` CONTENT_MISMATCH where the body
   * has another name, `conflict` MD5_COLLISION, `invalid` BODY_TOO_LARGE; then nothing is kept.
   */
  putPushedFile(
    call: Call,
    body: AsyncIterable<Uint8Array>,
    name: Naming & { md5: string; sizeBytes?: number | undefined },
  ): Promise<{ blob: BlobInfo; isNew: boolean }>;
  /**
   * Stores folders and keeps them with all of their files, in the order given. One of which a file is not here is refused with MISSING_FILES, naming
   * some; others with CONTENT_MISMATCH, MD5_COLLISION or TOO_MANY_FILES, over a million. Of a refused one nothing is kept.
   */
  putPushedTrees(call: Call, trees: readonly PushedTree[]): Promise<PutOutcome[]>;
  /** Keeps files and folders of DVC 3 no longer for having been pushed; what anything else names stays. Answers how many were let go. */
  releasePushed(call: Call, names: { files: readonly string[]; trees: readonly string[] }): Promise<number>;
  /**
   * The digests of the workspace's manifests by what DVC calls them, with `.dir` for folders: those of one name differ in what can be executed, or
   * in a file's own name. Left out are names that no manifest has.
   */
  digestsOfDvc(call: Call, dvcMd5s: readonly string[]): Promise<Map<string, string[]>>;
  /**
   * The workspace's manifest of what DVC calls so, with exactly these files executable, each named once; of a file alone also with this path. Null where
   * there is none: within a workspace an MD5 is one content, so that its files need not be looked at. The collector leaves it alone for a while.
   */
  findManifestOfDvc(
    call: Call,
    wanted: { dvcMd5: string; executable: readonly string[]; path: string | null },
  ): Promise<ManifestInfo | null>;
  /** Every name that DVC has for the files of manifests, by manifest and path, at most `limit` files behind a place. */
  dvcNamesOf(
    call: Call,
    manifestIds: readonly string[],
    page: { behind: WalkPlace | null; limit: number },
  ): Promise<{ manifestId: string; path: string; names: string[] }[]>;
}

/** What is relied on is noted once a day at most: reading costs no writing. Where little is kept for long, four times in that. */
const NOTED_EVERY_MS = 86_400_000;
const PAGE = 10_000;

export function createPushed(parts: Parts, batches: Batches): Pushed {
  const { database, clock, limits } = parts;
  const notedEveryMs = Math.min(NOTED_EVERY_MS, limits.pushedMs / 4);

  const askedOf = (call: Call, md5s: readonly string[]) => ({
    workspaceId: call.caller.workspaceId,
    md5s: [...new Set(md5s.map(checkMd5))],
    dueBefore: new Date(clock.now().getTime() - notedEveryMs),
  });

  /** The files of these names, not noted as relied on yet. */
  async function selectFilesNamed(db: Queryable, call: Call, md5s: readonly string[], { legacy }: Naming): Promise<Map<string, NamedBlob>> {
    const asked = askedOf(call, md5s);
    const found = new Map((await selectPushedFiles(db, asked)).map((file) => [file.name, file]));
    const left = asked.md5s.filter((md5) => !found.has(md5));
    // The bytes' own MD5 goes first: the other name is a guess at what they are.
    if (legacy && left.length > 0) for (const file of await selectLegacyFiles(db, { ...asked, md5s: left })) found.set(file.name, file);
    return found;
  }

  const findPushedFiles: Pushed['findPushedFiles'] = async (call, md5s, naming) => {
    const db = on(database, call);
    const { workspaceId } = call.caller;
    const found = await selectFilesNamed(db, call, md5s, naming);
    const due = [...new Set([...found.values()].filter((file) => file.due).map(({ sha256 }) => sha256))];
    if (due.length > 0) {
      // What the collector took in this moment is not here any more.
      const kept = await renewGrants(db, { workspaceId, sha256s: due, now: clock.now() });
      for (const [name, file] of found) if (file.due && !kept.has(file.sha256)) found.delete(name);
    }
    return new Map([...found].map(([name, file]) => [name, infoOf(file)]));
  };

  /** Makes the lists of folders that the workspace has as manifests. What is too much for one call counts as not here: it is asked for again, or pushed. */
  async function makeTrees(call: Call, md5s: readonly string[]): Promise<Map<string, BlobInfo>> {
    const made = new Map<string, BlobInfo>();
    let fileCount = 0;
    for (const { id, md5, ...totals } of await selectManifestsByDvcMd5(on(database, call), call.caller.workspaceId, md5s)) {
      fileCount += totals.fileCount;
      if (fileCount > MAX_ENTRIES && made.size > 0) break;
      const files = await allFiles(on(database, call), id);
      const bytes = await buffer(latin1(dvcDirPieces(files)));
      // Keeping what the server has is its own doing: a token that may only read is served as well.
      const own: Call = { ...call, caller: { ...call.caller, scope: 'WRITE' } };
      const [outcome] = await batches.putBlobs(own, [{ md5, bytes, pushed: false }]);
      if (outcome === undefined || outcome.state === 'refused') continue;
      const sha256s = files.map(({ sha256 }) => sha256);
      await keepTree(call, { md5, legacy: false, sha256: outcome.blob.sha256, ...totals, sha256s });
      made.set(md5, outcome.blob);
    }
    return made;
  }

  /** Writes a folder down. Throws `conflict` CONTENT_COLLECTED where one of its files was removed in this moment. */
  async function keepTree(
    call: Call,
    tree: Naming & { md5: string; sha256: string; fileCount: number; totalBytes: number; sha256s: readonly string[] },
  ): Promise<void> {
    const { sha256s, ...rest } = tree;
    const now = clock.now();
    const row = { ...rest, id: newId(now.getTime()), workspaceId: call.caller.workspaceId, files: [...new Set(sha256s)].sort(), now };
    try {
      await (call.tx === undefined ? longTransaction(database, (tx) => upsertTree(tx, row)) : upsertTree(call.tx, row));
    } catch (error) {
      if (!isConstraint(error, 'foreign_key')) throw error;
      throw conflict('CONTENT_COLLECTED', 'A file of this folder was removed at this moment, since nothing referred to it.', {
        hint: 'Push again: what is missing now is sent then.',
        cause: error,
      });
    }
  }

  /** What is in a folder, or why it cannot be kept. */
  async function filesOf(call: Call, { files, legacy }: PushedTree): Promise<BlobInfo[] | DomainError> {
    if (files.length > MAX_ENTRIES)
      return invalid('TOO_MANY_FILES', `A folder has at most ${MAX_ENTRIES} files; this one has ${files.length}.`);
    const found = await selectFilesNamed(on(database, call), call, files, { legacy });
    const missing = [...new Set(files)].filter((name) => !found.has(name));
    return missing.length > 0 ? filesMissing(missing) : files.flatMap((name) => found.get(name) ?? []);
  }

  return {
    findPushedFiles,

    async findPushedTrees(call, md5s, { legacy }) {
      const db = on(database, call);
      const asked = askedOf(call, md5s);
      const found = new Map((await selectPushedTrees(db, asked, legacy)).map((tree) => [tree.name, tree]));
      const due = [...found.values()].filter((tree) => tree.due).map(({ name }) => name);
      const kept = due.length === 0 ? new Set() : await renewTrees(db, { workspaceId: asked.workspaceId, md5s: due, now: clock.now() });
      for (const name of due) if (!kept.has(name)) found.delete(name);
      const held = new Map([...found].map(([name, tree]) => [name, infoOf(tree)]));
      const left = asked.md5s.filter((md5) => !held.has(md5));
      if (left.length > 0) for (const [name, blob] of await makeTrees(call, left)) held.set(name, blob);
      return held;
    },

    brokenTrees: (call, md5s) => selectBrokenTrees(on(database, call), call.caller.workspaceId, md5s.map(checkMd5)),

    async putPushedFile(call, body, { md5, legacy, sizeBytes }) {
      requireWrite(call.caller);
      checkMd5(md5);
      // Before any of it is read: whoever says how much is coming hears at once that it is too much.
      if (sizeBytes !== undefined && sizeBytes > limits.maxBlobBytes) throw bodyTooLarge(limits.maxBlobBytes);
      const { workspaceId } = call.caller;
      const known = (await findPushedFiles(call, [md5], { legacy })).get(md5);
      if (known !== undefined && (await claim(parts, call, known.sha256))) {
        const measured = await measure(body, { md5, legacy });
        // Under one legacy name there may be two contents, with other line ends: the first one stays.
        if (measured.sha256 !== known.sha256 && known.md5 === md5) throw md5Collision(md5);
        return { blob: known, isNew: false };
      }
      // What is stored is hashed by both ways anyway; only a name of DVC 2 has to be found out beside that.
      const object = await (legacy
        ? storeBody(parts, checkedName(body, { md5, legacy }), { sizeBytes })
        : storeBody(parts, body, { sizeBytes, md5 }));
      const { sha256 } = object.measured;
      const blob = await adoptObject(parts, call, {
        ...object,
        alongside: async (tx) => {
          await renewGrants(tx, { workspaceId, sha256s: [sha256], now: clock.now() });
          if (object.measured.md5 !== md5) await insertLegacyName(tx, { workspaceId, md5, sha256 });
        },
      });
      return { blob, isNew: true };
    },

    async putPushedTrees(call, trees) {
      requireWrite(call.caller);
      const outcomes: PutOutcome[] = [];
      const complete: { tree: PushedTree; place: number; blobs: readonly BlobInfo[] }[] = [];
      for (const [place, tree] of trees.entries()) {
        const blobs = await filesOf(call, tree);
        if (blobs instanceof DomainError) outcomes[place] = { state: 'refused', error: blobs };
        else complete.push({ tree, place, blobs });
      }
      const stored = await batches.putBlobs(
        call,
        complete.map(({ tree: { md5, bytes } }) => ({ md5, bytes, pushed: false })),
      );
      for (const [index, { tree, place, blobs }] of complete.entries()) {
        const outcome = stored[index];
        invariant(outcome !== undefined, 'every body has an outcome');
        outcomes[place] = outcome;
        if (outcome.state === 'refused') continue;
        const { md5, legacy, files } = tree;
        const totalBytes = blobs.reduce((sum, blob) => sum + blob.sizeBytes, 0);
        const sha256s = blobs.map(({ sha256 }) => sha256);
        await keepTree(call, { md5, legacy, sha256: outcome.blob.sha256, fileCount: files.length, totalBytes, sha256s });
      }
      return outcomes;
    },

    releasePushed(call, { files, trees }) {
      // What others pushed is not a run's to give up.
      requireScope(call.caller, 'WRITE');
      const { workspaceId } = call.caller;
      return within(database, call, (tx) => releasePushed(tx, { workspaceId, files: files.map(checkMd5), trees: trees.map(checkMd5) }));
    },

    digestsOfDvc: (call, dvcMd5s) => selectDigestsByDvcMd5(on(database, call), call.caller.workspaceId, dvcMd5s),

    async findManifestOfDvc(call, wanted) {
      const digest = await selectDigestOfDvc(on(database, call), { workspaceId: call.caller.workspaceId, ...wanted });
      if (digest === null) return null;
      // Whoever asks is about to refer to it. One whose own bytes are damaged is made again, which puts them right.
      const key = { workspaceId: call.caller.workspaceId, digest, now: clock.now() };
      const found = await touchManifestByDigest(on(database, call), key);
      if (found === null || found.bytesDamaged) return null;
      const { bytesDamaged: _, ...manifest } = found;
      return manifest;
    },

    dvcNamesOf: (call, manifestIds, page) =>
      selectDvcNames(on(database, call), { workspaceId: call.caller.workspaceId, manifestIds, ...page }),
  };
}

function infoOf({ sha256, md5, sizeBytes, integrity, checkedAt }: BlobInfo): BlobInfo {
  return { sha256, md5, sizeBytes, integrity, checkedAt };
}

async function allFiles(db: Queryable, manifestId: string): Promise<FileInfo[]> {
  const files: FileInfo[] = [];
  for (let from = ''; ;) {
    const page = await selectFiles(db, MANIFEST_TREE, manifestId, { from, before: null, limit: PAGE });
    for (const file of page) if (files.at(-1)?.path !== file.path) files.push(file);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return files;
    from = last.path;
  }
}

async function* latin1(pieces: Iterable<string>): AsyncGenerator<Buffer, void, undefined> {
  for (const piece of pieces) yield Buffer.from(piece, 'latin1');
}

/** Reads a body to its end. Throws CONTENT_MISMATCH where it has another name. */
async function measure(body: AsyncIterable<Uint8Array>, name: Naming & { md5: string }): Promise<Measured> {
  const meter = createMeter();
  for await (const chunk of checkedName(body, name)) meter.update(chunk);
  return meter.finish();
}

/** Passes a body on, and fails in place of its end where it has another name. */
async function* checkedName(
  body: AsyncIterable<Uint8Array>,
  { md5, legacy }: Naming & { md5: string },
): AsyncGenerator<Uint8Array, void, undefined> {
  const plain = createHash('md5');
  const other = legacy ? createLegacyMeter() : null;
  for await (const chunk of body) {
    plain.update(chunk);
    other?.update(chunk);
    yield chunk;
  }
  const found = plain.digest('hex');
  if (found !== md5 && other?.finish() !== md5) throw contentMismatch('MD5', md5, found);
}
