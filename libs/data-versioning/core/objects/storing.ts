// What is noted while many objects are written, so that whatever ends the command, the next one finds the cache as it has to be. A killed command leaves temporary files:
// they bear the note's name and are removed; what it had staged is given its place where it is whole, so that the next command goes on from there. A power cut may leave objects under their final names whose bytes never reached the disk, since these are synced
// once, at the end: objects as young as the note are hashed before anybody uses them.

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { objectOfPath } from '../formats/object-id.ts';
import type { Repository } from '../repository/repository.ts';
import { moveAside } from './cache.ts';
import type { Cache } from './cache.ts';
import { replaceFile, syncFileSystem, TEMPORARY_PREFIX } from './durable.ts';
import { codeOf } from './failures.ts';
import { namesInSync } from './names-in.ts';
import { hashOfFile } from './large-file.ts';
import { publishStaged, stagedFolders } from './staging.ts';

const NOTE = 'storing.json';
/** Clocks of file systems and of the system differ by less. */
const SLACK_MS = 60_000;

interface Note {
  readonly temporaryName: string;
  readonly cacheFolder: string;
  readonly startedAtMs: number;
  /** When the machine started: another time says that it did so since. */
  readonly bootedAtMs: number;
}

/** A name for temporary files that nobody else uses. */
export function newTemporaryName(): string {
  return `${TEMPORARY_PREFIX}${randomBytes(6).toString('hex')}`;
}

/** To be called under the repository's lock before many objects are written. */
export async function beginStoring(repository: Repository, cache: Cache, temporaryName: string): Promise<void> {
  await recover(repository);
  const now = Date.now();
  const note: Note = { temporaryName, cacheFolder: cache.folder, startedAtMs: now, bootedAtMs: bootedAt(now) };
  await mkdir(repository.temporaryFolder, { recursive: true });
  await replaceFile(join(repository.temporaryFolder, NOTE), JSON.stringify(note));
}

/** To be called once everything is durable. */
export function endStoring(repository: Repository): void {
  rmSync(join(repository.temporaryFolder, NOTE), { force: true });
}

/** Sets right what a command that was ended left in the cache; nothing where none was. To be called under the lock. */
export async function recover(repository: Repository): Promise<void> {
  const file = join(repository.temporaryFolder, NOTE);
  const note = readNote(file);
  // One of another cache was made before that was moved, or by a stranger: nothing there is ours.
  if (note === null || note.cacheFolder !== repository.cacheFolder) return;
  const hasRestarted = Math.abs(bootedAt(Date.now()) - note.bootedAtMs) > SLACK_MS;
  if (hasRestarted)
    repository.surroundings.reporter.warn('An earlier command was ended by a power cut or a restart: what it stored is checked.');
  for (const place of [join(note.cacheFolder, 'files', 'md5'), note.cacheFolder]) {
    recoverStaged(place, note);
    for (const folder of namesInSync(place)) {
      // Large files get their names last, and lie here until then.
      if (folder.startsWith(note.temporaryName)) rmSync(join(place, folder), { force: true });
      else if (/^[0-9a-f]{2}$/.test(folder)) recoverFolder(place, folder, note, hasRestarted);
    }
  }
  // The killed command would have done so itself, and this one only cares for what it stores anew.
  if (existsSync(note.cacheFolder)) await syncFileSystem(note.cacheFolder);
  rmSync(file, { force: true });
}

function recoverStaged(place: string, note: Note): void {
  for (const { folder, prefix } of stagedFolders(place, note.temporaryName)) {
    for (const name of namesInSync(folder)) {
      const path = `${prefix}/${name}`;
      if (objectOfPath(path) === null || !isWhole(join(folder, name), path)) rmSync(join(folder, name), { force: true });
    }
  }
  publishStaged(place, note.temporaryName);
}

function recoverFolder(place: string, folder: string, note: Note, hasRestarted: boolean): void {
  for (const name of namesInSync(join(place, folder))) {
    const file = join(place, folder, name);
    if (name.startsWith(note.temporaryName)) rmSync(file, { force: true });
    else if (hasRestarted && isYoung(file, note) && !isWhole(file, `${folder}/${name}`)) moveAside(file, `${folder}${name}`);
  }
}

function isYoung(file: string, note: Note): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found !== undefined && found.ctimeMs >= note.startedAtMs - SLACK_MS;
}

function isWhole(file: string, path: string): boolean {
  const id = objectOfPath(path);
  return id === null || hashOfFile(file, 'md5') === id.md5 || (!id.isTree && hashOfFile(file, 'md5-dos2unix') === id.md5);
}

function readNote(file: string): Note | null {
  try {
    const note = JSON.parse(readFileSync(file, 'utf8')) as Partial<Note>;
    const isOurs =
      typeof note.temporaryName === 'string' && note.temporaryName.startsWith(TEMPORARY_PREFIX) && typeof note.cacheFolder === 'string';
    if (!isOurs || typeof note.startedAtMs !== 'number' || typeof note.bootedAtMs !== 'number') return null;
    return note as Note;
  } catch (error) {
    // A note is written whole or not at all: one that cannot be read as JSON is not ours.
    if (error instanceof SyntaxError || codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function bootedAt(now: number): number {
  return Math.round(now - uptime() * 1000);
}
