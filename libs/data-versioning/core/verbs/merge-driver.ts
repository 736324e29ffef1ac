// The merge driver for `.dvc` files: two branches that changed different files of one folder merge to the folder with both changes. It needs the three manifests in the cache; where
// both changed the same file in different ways, people have to decide, and Git shows the conflict.

import { readFile } from 'node:fs/promises';
import { conflict } from '@throughline/kernel';
import type { DomainError } from '@throughline/kernel';
import { objectOfEntry, parseDvcFile, updateDvcFile } from '../formats/dvc-file.ts';
import type { DvcFile, OutputEntry } from '../formats/dvc-file.ts';
import { encodeManifest, manifestId, sortTree } from '../formats/manifest.ts';
import { isSameObject, printObjectId } from '../formats/object-id.ts';
import { openCache, readTree } from '../objects/cache.ts';
import type { Cache } from '../objects/cache.ts';
import type { Repository } from '../repository/repository.ts';
import { writeDurably } from '../repository/write.ts';
import type { ObjectId, Tree } from '../types.ts';

export interface MergeDriverOptions {
  /** Absolute paths of the three versions, as Git names them; the result is written to `our`. The ancestor may be empty. */
  readonly ancestor: string;
  readonly our: string;
  readonly their: string;
}

export interface MergeResult {
  readonly md5: string;
  readonly fileCount: number;
}

/** @throws DomainError `MERGE_CONFLICT`, with the files that both changed; `OBJECT_MISSING`. */
export async function mergeDriver(repository: Repository, options: MergeDriverOptions): Promise<MergeResult> {
  return repository.withLock('throughline merge-driver', async () => {
    const [ancestor, our, their] = await Promise.all([read(options.ancestor), read(options.our), read(options.their)]);
    const base = ancestor.content.outs.length === 0 ? null : folderOf(ancestor.content, 'the common ancestor');
    const ours = folderOf(our.content, 'this branch');
    const theirs = folderOf(their.content, 'the other branch');
    if (ours.entry.path !== theirs.entry.path) throw cannot(`the output is ${ours.entry.path} here and ${theirs.entry.path} there`);
    const cache = openCache(repository);
    const treeOf = (folder: Folder | null): Promise<Tree> => (folder === null ? Promise.resolve([]) : readTree(cache, folder.id));
    const merged = mergeTrees(await treeOf(base), await treeOf(ours), await treeOf(theirs));
    const entry = await storeTree(cache, merged, ours.entry);
    await writeDurably(options.our, await updateDvcFile(our.text, options.our, { ...our.content, outs: [entry] }));
    return { md5: entry.md5 ?? '', fileCount: merged.length };
  });
}

interface Version {
  readonly text: string;
  readonly content: DvcFile;
}

async function read(file: string): Promise<Version> {
  const text = await readFile(file, 'utf8');
  return { text, content: text.trim() === '' ? { deps: [], outs: [] } : await parseDvcFile(text, file) };
}

interface Folder {
  readonly entry: OutputEntry;
  readonly id: ObjectId;
}

function folderOf(content: DvcFile, where: string): Folder {
  const [entry, ...more] = content.outs;
  if (entry === undefined || more.length > 0 || content.deps.length > 0) throw cannot(`${where} does not have one added output in it`);
  const id = objectOfEntry(entry, where);
  if (id?.isTree !== true) throw cannot(`${where} has a file there, and only folders can be merged`);
  if (id.hash !== 'md5')
    throw cannot(`${where} has a folder that DVC 2 recorded: run \`throughline cache migrate\` on both branches first`);
  return { entry, id };
}

function cannot(reason: string): DomainError {
  return conflict('MERGE_CONFLICT', `The .dvc files cannot be merged: ${reason}.`);
}

/** Both sides' changes to a folder. @throws DomainError `MERGE_CONFLICT` where both changed a file in different ways. */
export function mergeTrees(base: Tree, ours: Tree, theirs: Tree): Tree {
  const [before, here, there] = [base, ours, theirs].map((tree) => new Map(tree.map((entry) => [entry.path, entry.md5])));
  const merged = new Map(here);
  const clashes: string[] = [];
  for (const path of new Set([...(before?.keys() ?? []), ...(there?.keys() ?? [])])) {
    const old = before?.get(path);
    const mine = here?.get(path);
    const other = there?.get(path);
    if (other === old || other === mine) continue;
    if (mine !== old) clashes.push(path);
    else if (other === undefined) merged.delete(path);
    else merged.set(path, other);
  }
  if (clashes.length > 0) {
    const named = clashes.slice(0, 10).map((path) => JSON.stringify(path));
    throw conflict(
      'MERGE_CONFLICT',
      `Both branches changed ${named.join(', ')}${clashes.length > 10 ? ` and ${clashes.length - 10} more` : ''}.`,
      { hint: 'Check one side out, put the files right, and run `throughline commit`.' },
    );
  }
  return sortTree([...merged].map(([path, md5]) => ({ path, md5 })));
}

async function storeTree(cache: Cache, tree: Tree, entry: OutputEntry): Promise<OutputEntry> {
  const bytes = encodeManifest(tree);
  const id = manifestId(bytes);
  const { size: _size, nfiles: _nfiles, ...rest } = entry;
  if (isSameObject(id, objectOfEntry(entry, entry.path))) return entry;
  await cache.put(id, bytes);
  await cache.flush();
  return { ...rest, md5: printObjectId(id), nfiles: tree.length };
}
