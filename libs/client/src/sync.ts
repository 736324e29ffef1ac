// Sends the journals that are left: of runs that were logged offline, or whose process or server went away. Whatever it was that stopped an earlier
// attempt, this goes on behind what the server confirmed; and what is sent twice shows once.

import { rm } from 'node:fs/promises';

import { Failure } from './errors.ts';
import { archiveFolder, listFolders, readProgress, removeFolder } from './folder.ts';
import type { RunFolder } from './folder.ts';
import { readStretch } from './journal.ts';
import { readLock, releaseLock, takeLock } from './lock.ts';
import { Sender } from './sender.ts';
import { Server } from './server.ts';
import { readConnection } from './settings.ts';
import type { Connection } from './settings.ts';
import type { Refusal, SyncedRun, SyncOptions, SyncReport } from './types.ts';

/** What a journal holds. */
interface Contents {
  points: number;
  artifacts: number;
  damagedLines: number;
  /** Behind the last whole line. */
  end: number;
  hasEnd: boolean;
  /** When the last record that knows its time was made. */
  lastAtMs: number;
}

/**
 * Sends every journal of a directory, runs that were started first first. A run whose process was killed ends as KILLED. What the server confirmed is
 * moved to `synced`; everything else stays for the next time. May be killed and repeated at any point.
 * @throws ThroughlineError INVALID_INPUT for wrong options, UNKNOWN_FORMAT for a journal of a newer client. What a server refuses is told in the report.
 */
export async function sync(options: SyncOptions = {}): Promise<SyncReport> {
  const connection = readConnection(options);
  const { folders, leftovers } = await listFolders(connection.dir);
  const wanted = options.runs === undefined ? folders : folders.filter(({ header }) => options.runs?.includes(header.runId));
  if (options.dryRun !== true) for (const folder of leftovers) await rm(folder, { recursive: true, force: true });
  const server = new Server(connection);
  const runs: SyncedRun[] = [];
  try {
    let isAway = false;
    for (const [index, folder] of wanted.entries()) {
      // Who has resumed the run says how it ends.
      const isResumed = wanted.some(({ header }, later) => later > index && header.runId === folder.header.runId);
      const result = await syncFolder({ folder, isResumed, isAway, server, connection, options });
      if (result === null) continue;
      runs.push(result);
      // One that does not answer for this run does not for the next; those are counted only.
      isAway ||= result.outcome === 'unreachable';
    }
  } finally {
    server.close();
  }
  return {
    runs,
    complete: runs.every(({ outcome, refusals, damagedLines }) => isWhole(outcome) && refusals.length === 0 && damagedLines === 0),
  };
}

function isWhole(outcome: SyncedRun['outcome']): boolean {
  return outcome === 'sent' || outcome === 'in use';
}

interface Job {
  folder: RunFolder;
  isResumed: boolean;
  isAway: boolean;
  server: Server;
  connection: Connection;
  options: SyncOptions;
}

/** Null where somebody else sent the folder meanwhile. */
async function syncFolder(job: Job): Promise<SyncedRun | null> {
  const { folder, isAway, options } = job;
  const { dryRun = false, force = false } = options;
  const about = { runId: folder.header.runId, folder: folder.path, refusals: [] };
  const lock = dryRun ? readLock(folder.path) : takeLock(folder.path, { force });
  if (lock === 'gone') return null;
  if (lock === 'in use' && !(dryRun && force)) return { ...about, outcome: 'in use', points: 0, artifacts: 0, damagedLines: 0 };
  try {
    const contents = await contentsOf(folder.path);
    const { points, artifacts, damagedLines } = contents;
    const counted = { ...about, points, artifacts, damagedLines };
    if (dryRun) return { ...counted, outcome: 'unsent' };
    if (isAway) return { ...counted, outcome: 'unreachable' };
    return { ...counted, ...(await send(job, contents)) };
  } finally {
    if (!dryRun) releaseLock(folder.path);
  }
}

async function send(
  { folder: { path, header }, isResumed, server, connection, options }: Job,
  contents: Contents,
): Promise<Pick<SyncedRun, 'outcome' | 'folder' | 'refusals'> & { error?: string }> {
  const { runId } = header;
  const refusals: Refusal[] = [];
  const onConfirmed = (sentBytes: number) => options.onProgress?.({ runId, sentBytes, totalBytes: contents.end });
  const from = Math.min(readProgress(path), contents.end);
  // What goes wrong is told in the report.
  const sender = new Sender({ server, folder: path, header, from, isLive: false, onTrouble: () => undefined, onConfirmed });
  try {
    const standing = await sender.settle(contents.end);
    refusals.push(...sender.takeRefusals());
    if (standing !== 'sent') return { outcome: standing, folder: path, refusals, error: sender.failure?.message ?? standing };
    if (!contents.hasEnd && !isResumed) await endKilled(server, runId, Math.max(contents.lastAtMs, header.startedAtMs));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { outcome: error.kind === 'transient' ? 'unreachable' : 'blocked', folder: path, refusals, error: error.message };
  } finally {
    await sender.close();
  }
  // What was refused is nowhere else.
  const isSpare = options.remove === true && refusals.length === 0 && contents.damagedLines === 0;
  if (!isSpare) return { outcome: 'sent', folder: await archiveFolder(connection.dir, path), refusals };
  await removeFolder(path);
  return { outcome: 'sent', folder: path, refusals };
}

/** Ends a run whose process did not, unless somebody else did. */
async function endKilled(server: Server, runId: string, endedAtMs: number): Promise<void> {
  const { status } = await server.getRun(runId);
  if (status === 'RUNNING') await server.updateRun(runId, { status: 'KILLED', end_time: endedAtMs });
}

/** Reads a journal through. */
async function contentsOf(folder: string): Promise<Contents> {
  const contents: Contents = { points: 0, artifacts: 0, damagedLines: 0, end: 0, hasEnd: false, lastAtMs: 0 };
  for (;;) {
    const { entries } = await readStretch(folder, contents.end);
    if (entries.length === 0) return contents;
    for (const { record, end } of entries) {
      contents.end = end;
      if (record === null) contents.damagedLines += 1;
      else if (record.type === 'metrics') {
        contents.points += record.points.length;
        contents.lastAtMs = Math.max(contents.lastAtMs, record.points.at(-1)?.[3] ?? 0);
      } else if (record.type === 'artifact') contents.artifacts += 1;
      else if (record.type === 'end') contents.hasEnd = true;
    }
  }
}
