// Whose a folder is: the process that writes it, or the one that sends it. A note with the process's id and the moment that it began, so that an id
// that was given to another process is not taken for the first. What is sent twice shows once, so nothing is lost where two take a folder
// nevertheless; the note keeps a sync from ending and moving away what is still written.

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { systemCode } from './errors.ts';

const NAME = 'lock';

interface Note {
  host: string;
  pid: number;
  /** What tells this process from an earlier one with its id; empty where the system does not say. */
  begun: string;
}

/** `in use`: a living process has it, or one of another host, of which nothing is known. `gone`: there is no such folder. */
export type LockState = 'free' | 'in use' | 'gone';

/** How a folder stands. */
export function readLock(folder: string): LockState {
  const text = readNote(join(folder, NAME));
  return text !== null && isAlive(text) ? 'in use' : 'free';
}

/** Takes a folder where it answers `free`. With `force`, from whoever has it. */
export function takeLock(folder: string, options: { force: boolean }): LockState {
  const path = join(folder, NAME);
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify(ownNote()), { flag: 'wx' });
      return 'free';
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return 'gone';
      if (systemCode(error) !== 'EEXIST') throw error;
    }
    const text = readNote(path);
    if (text === null) continue;
    if (!options.force && isAlive(text)) return 'in use';
    // Two may find the same old note: only one of them moves it.
    const stale = `${path}.${process.pid}`;
    try {
      renameSync(path, stale);
      rmSync(stale);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
}

export function releaseLock(folder: string): void {
  rmSync(join(folder, NAME), { force: true });
}

function ownNote(): Note {
  return { host: hostname(), pid: process.pid, begun: begunAt(process.pid) ?? '' };
}

function readNote(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function isAlive(text: string): boolean {
  const note = parse(text);
  // Half written: by a process that was killed just then.
  if (note === null) return false;
  if (note.host !== hostname()) return true;
  try {
    process.kill(note.pid, 0);
  } catch (error) {
    // Somebody else's process is a process.
    if (systemCode(error) !== 'EPERM') return false;
  }
  const begun = begunAt(note.pid);
  return begun === null || note.begun === '' || begun === note.begun;
}

function parse(text: string): Note | null {
  try {
    const note = JSON.parse(text) as Partial<Note> | null;
    if (typeof note?.host !== 'string' || typeof note.pid !== 'number' || !Number.isInteger(note.pid) || note.pid <= 0) return null;
    return { host: note.host, pid: note.pid, begun: String(note.begun) };
  } catch {
    return null;
  }
}

/** When a process began, in Linux's ticks since the machine's start; null where that is not told. */
function begunAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in brackets, which may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
