// Putting what came from elsewhere in its place in the workspace, and recording it there, as one thing: what is under way is noted, and when it was killed the next such
// command takes it back first. Half a folder would otherwise stand where the same command, given again, finds a folder to put the data into.

import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseDvcFile } from '../formats/dvc-file.ts';
import { printObjectId } from '../formats/object-id.ts';
import { flawOfPath, folderOf } from '../formats/paths.ts';
import { buildOutput, objectPlace } from '../objects/build.ts';
import { openCache } from '../objects/cache.ts';
import { checkoutOutput } from '../objects/checkout.ts';
import { replaceFile } from '../objects/durable.ts';
import { fileFailed, isMissing, objectMissing } from '../objects/failures.ts';
import { missingObjects } from '../objects/presence.ts';
import { readRegularText } from '../objects/regular-file.ts';
import { WorkspaceFolders } from '../objects/workspace.ts';
import type { Taken } from '../remotes/take.ts';
import type { Repository } from '../repository/repository.ts';

interface Note {
  /** Of what is placed. */
  readonly path: string;
  readonly id: string;
  /** Where lies what was in its place; null where nothing was. */
  readonly aside: string | null;
}

function noteFile(repository: Repository): string {
  return join(repository.temporaryFolder, 'placing.json');
}

/**
 * Puts what the cache holds durably in its place in the workspace, and has it recorded; what was there is kept until that is done.
 * @param record Writes the `.dvc` file.
 */
export async function placeTaken<T>(repository: Repository, path: string, taken: Taken, record: () => Promise<T>): Promise<T> {
  const file = repository.toFile(path);
  const folder = folderOf(path);
  const name = `.throughline-${randomBytes(6).toString('hex')}`;
  const aside = existsSync(file) ? (folder === '' ? name : `${folder}/${name}`) : null;
  await mkdir(repository.temporaryFolder, { recursive: true });
  await replaceFile(noteFile(repository), JSON.stringify({ path, id: printObjectId(taken.id), aside } satisfies Note));
  if (aside !== null) await rename(file, repository.toFile(aside));
  try {
    await place(repository, path, taken);
    const recorded = await record();
    if (aside !== null) await rm(repository.toFile(aside), { recursive: true, force: true });
    return recorded;
  } catch (error) {
    // Whatever is there now was not before.
    await rm(file, { recursive: true, force: true });
    if (aside !== null) await rename(repository.toFile(aside), file);
    throw error;
  } finally {
    rmSync(noteFile(repository), { force: true });
  }
}

async function place(repository: Repository, path: string, taken: Taken): Promise<void> {
  const [only] = taken.files;
  const output = { path, id: taken.id, files: null, isExecutable: !taken.isFolder && only?.isExecutable === true };
  const { failures, missing } = await checkoutOutput(repository, openCache(repository), output, { force: true, relink: false });
  const [first] = failures;
  if (first !== undefined) throw fileFailed(first);
  if (missing.length > 0) throw objectMissing(taken.id);
}

/** Takes back what a command that was killed had placed and not recorded. To be called under the lock. */
export async function undoPlacing(repository: Repository): Promise<void> {
  const note = readNote(noteFile(repository));
  if (note === null) return;
  const aside = note.aside === null ? null : repository.toFile(note.aside);
  if (await isRecorded(repository, note)) {
    if (aside !== null) await rm(aside, { recursive: true, force: true });
  } else if (aside === null || existsSync(aside)) {
    await removePlaced(repository, note.path);
    if (aside !== null && !existsSync(repository.toFile(note.path))) await rename(aside, repository.toFile(note.path));
  }
  rmSync(noteFile(repository), { force: true });
}

async function isRecorded(repository: Repository, { path, id }: Note): Promise<boolean> {
  const file = `${path}.dvc`;
  if (!existsSync(repository.toFile(file))) return false;
  return (await parseDvcFile(await readFile(repository.toFile(file), 'utf8'), file)).outs.some((output) => output.md5 === id);
}

/** Only what the cache has goes: whoever wrote there since keeps it. */
async function removePlaced(repository: Repository, path: string): Promise<void> {
  if (!existsSync(repository.toFile(path))) return;
  const cache = openCache(repository);
  const folders = new WorkspaceFolders(repository);
  const built = await buildOutput(repository, cache, path, { store: false });
  if (built.kind === 'file') {
    if (await cache.has(built.id)) folders.unlink(path);
    return;
  }
  const { folder } = objectPlace(cache, 'md5');
  if (built.folders.some(({ digests }) => missingObjects(folder, digests).length > 0)) return;
  for (const entry of [...built.tree().map((one) => one.path), ...built.leftovers]) folders.unlink(`${path}/${entry}`);
  folders.removeEmpty(
    built.folders.map((one) => (one.path === '' ? path : `${path}/${one.path}`)),
    folderOf(path),
  );
}

function readNote(file: string): Note | null {
  try {
    const { path, id, aside } = JSON.parse(readRegularText(file)) as Partial<Record<keyof Note, unknown>>;
    if (typeof path !== 'string' || flawOfPath(path) !== null || typeof id !== 'string') return null;
    if (aside === null) return { path, id, aside };
    // What is taken back lies beside it, under a name of ours.
    const isOurs = typeof aside === 'string' && flawOfPath(aside) === null && dirname(aside) === dirname(path);
    return isOurs && /(?:^|\/)\.throughline-[0-9a-f]{12}$/.test(aside) ? { path, id, aside } : null;
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return null;
    throw error;
  }
}
