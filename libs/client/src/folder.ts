// The folder of one journal: `<dir>/runs/<run id>`, and `<run id>.2` and so on for those who resume the run. It holds
//
//   run.json         what run it is, written once
//   *.journal        the records (journal.ts)
//   artifacts/       staged files, by number
//   progress.json    up to where the server has it; behind the truth after a crash, never before it
//   refused.jsonl    records that the server refused for good
//   lock             whose the folder is (lock.ts)
//
// A folder whose run is over and sent is renamed before it is removed, so that no half of one is ever taken for a run.

import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { systemCode, ThroughlineError } from './errors.ts';
import { syncFolder, writeDurably } from './journal.ts';
import type { JournalRecord } from './journal.ts';
import { takeLock } from './lock.ts';
import type { RunStart } from './server.ts';
import type { Refusal } from './types.ts';
import { VERSION } from './version.ts';

/** Of the folder and of the lines in it. */
const FORMAT = 1;
const MAX_WRITERS = 10_000;
const FOLDER = /^([a-zA-Z0-9][\w-]{0,255})(?:\.(\d{1,5}))?$/;

/** What is written once about a journal: whether its run starts with it, or was there. */
export type Header = { format: number; client: string } & (
  ({ kind: 'start' } & RunStart) | { kind: 'resume'; runId: string; startedAtMs: number }
);

/** A folder under `runs`, with what stands in its header. */
export interface RunFolder {
  path: string;
  header: Header;
}

/** Makes a folder for a journal, and takes it. */
export async function createFolder(
  dir: string,
  about: ({ kind: 'start' } & RunStart) | { kind: 'resume'; runId: string; startedAtMs: number },
): Promise<RunFolder> {
  const runs = join(dir, 'runs');
  const header: Header = { format: FORMAT, client: VERSION, ...about };
  try {
    await mkdir(runs, { recursive: true });
    const path = makeNext(runs, about.runId);
    takeLock(path, { force: false });
    mkdirSync(join(path, 'artifacts'));
    const draft = join(path, 'run.json.new');
    writeDurably(draft, `${JSON.stringify(header)}\n`);
    renameSync(draft, join(path, 'run.json'));
    await syncFolder(path);
    await syncFolder(runs);
    return { path, header };
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw new ThroughlineError({
      code: 'NO_FOLDER',
      message: `No journal can be kept in ${runs} (${code}).`,
      hint: 'Name a folder that can be written to in THROUGHLINE_DIR.',
      cause: error,
    });
  }
}

function makeNext(runs: string, runId: string): string {
  for (let number = 1; number < MAX_WRITERS; number += 1) {
    const path = join(runs, number === 1 ? runId : `${runId}.${number}`);
    try {
      mkdirSync(path);
      return path;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
  }
  throw new ThroughlineError({ code: 'TOO_MANY_JOURNALS', message: `There are ${MAX_WRITERS} journals of the run ${runId} in ${runs}.` });
}

/** The journals of a directory that hold a run, those that were begun first first; and the folders that were left half removed. */
export async function listFolders(dir: string): Promise<{ folders: RunFolder[]; leftovers: string[] }> {
  const runs = join(dir, 'runs');
  const names = await readdir(runs).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  const folders = names
    .filter((name) => FOLDER.test(name))
    .flatMap((name): RunFolder[] => {
      const path = join(runs, name);
      const header = readHeader(path);
      return header === null ? [] : [{ path, header }];
    });
  const numberOf = ({ path }: RunFolder) => Number(FOLDER.exec(basename(path))?.[2] ?? 1);
  folders.sort((a, b) => a.header.startedAtMs - b.header.startedAtMs || numberOf(a) - numberOf(b));
  return { folders, leftovers: names.filter((name) => name.startsWith('.done-')).map((name) => join(runs, name)) };
}

/** What a folder says about its run; null where it was just being made. Throws for a format of a newer client. */
function readHeader(path: string): Header | null {
  const text = readIfThere(join(path, 'run.json'));
  if (text === null) return null;
  const header = parseHeader(text);
  if (header?.format === FORMAT) return header;
  throw new ThroughlineError({
    code: 'UNKNOWN_FORMAT',
    message: `${path} is written in ${header === null ? 'no format' : `the format ${header.format}`}; this client knows ${FORMAT}.`,
    hint: 'Use the client that wrote it, or a newer one.',
  });
}

function parseHeader(text: string): Header | null {
  try {
    return JSON.parse(text) as Header | null;
  } catch {
    return null;
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null;
    throw error;
  }
}

/** Up to where the server has a journal. */
export function readProgress(folder: string): number {
  const text = readIfThere(join(folder, 'progress.json'));
  if (text === null) return 0;
  try {
    const { sentBytes } = JSON.parse(text) as { sentBytes: unknown };
    return typeof sentBytes === 'number' && Number.isSafeInteger(sentBytes) && sentBytes >= 0 ? sentBytes : 0;
  } catch {
    return 0; // Torn by a crash: everything is sent again, and shows once.
  }
}

export function writeProgress(folder: string, sentBytes: number): void {
  const path = join(folder, 'progress.json');
  writeFileSync(`${path}.new`, JSON.stringify({ sentBytes }));
  renameSync(`${path}.new`, path);
}

/** Keeps what the server will never take. */
export function writeRefusal(folder: string, refusal: Refusal, record: JournalRecord): void {
  appendFileSync(join(folder, 'refused.jsonl'), `${JSON.stringify({ ...refusal, content: record })}\n`);
}

export function stagedFile(folder: string, file: string): string {
  return join(folder, 'artifacts', basename(file));
}

/** Removes a folder that the server has all of. */
export async function removeFolder(folder: string): Promise<void> {
  const away = join(dirname(folder), `.done-${basename(folder)}-${process.pid}-${Date.now()}`);
  await rename(folder, away);
  await rm(away, { recursive: true, force: true });
}

/** Moves a folder that was sent to `synced`. Answers where it is then. */
export async function archiveFolder(dir: string, folder: string): Promise<string> {
  const synced = join(dir, 'synced');
  await mkdir(synced, { recursive: true });
  rmSync(join(folder, 'lock'), { force: true });
  for (let number = 1; ; number += 1) {
    const target = join(synced, number === 1 ? basename(folder) : `${basename(folder)}-${number}`);
    try {
      await rename(folder, target);
      return target;
    } catch (error) {
      const code = systemCode(error);
      if ((code !== 'ENOTEMPTY' && code !== 'EEXIST') || number >= MAX_WRITERS) throw error;
    }
  }
}
