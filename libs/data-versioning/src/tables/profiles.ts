// Profiles: what a table holds, found once for each content. Registering a version leaves a request; a worker finds the version's tables, queues those
// that nobody queued before, and takes them one at a time, under leases, so that a killed server loses the one that it was at. It stores the file
// beside a reader (run.ts), checked as it passes, and keeps the reader's answer.
//
// What is wrong with a table is its answer until somebody asks again. What is wrong with the machine (no room, the store is away) is no answer: the
// table is tried again later, and later each time.

import { createRests, underLease } from '@throughline/content';
import type { FileInfo } from '@throughline/content';
import { on, within } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import { DomainError, newId, requireScope } from '@throughline/kernel';
import type { Page, PageRequest } from '@throughline/kernel';

import type { Parts } from '../parts.ts';
import {
  deferProfile,
  deferRequest,
  deleteRequest,
  finishProfile,
  insertProfiles,
  insertRequest,
  leaseProfile,
  lockRequest,
  releaseProfile,
  renewProfile,
  selectProfiles,
  selectRequested,
  selectResults,
} from '../store/profiles.ts';
import type { LeasedProfile, ProfileKey, ProfileProblem, ProfileRow } from '../store/profiles.ts';
import type { DatasetVersion } from '../types.ts';
import { askTables, PROFILE_LIMITS } from './run.ts';
import { saveTable } from './scratch.ts';
import type { Scratch } from './scratch.ts';
import { endingOf, TABLE_ENDINGS, tableKindOf } from './types.ts';
import type { TableKind, TableProfile } from './types.ts';

/** A file of a version that is a table. */
export interface DatasetTable {
  file: FileInfo;
  kind: TableKind;
  key: ProfileKey;
}

export interface ProfileState {
  state: 'PENDING' | 'RUNNING' | 'DONE' | 'FAILED' | 'SKIPPED';
  problem: ProfileProblem | null;
  profiledAt: Date | null;
}

export interface ProfileWorkerOptions {
  /** Ends the worker; a profile under way is given back. */
  signal: AbortSignal;
  /** Told of what is the machine's trouble or a defect; the worker goes on. */
  onError?: (error: unknown) => void;
}

export interface Profiles {
  /** The same page of the tables of many manifests, by path; manifests that the workspace does not have are left out. */
  tablesOf(call: Call, manifestIds: readonly string[], page: PageRequest): Promise<Map<string, Page<DatasetTable>>>;
  /** A version's table; null where it has no such file, or that is no table. */
  findTable(call: Call, version: DatasetVersion, path: string): Promise<DatasetTable | null>;
  /** What is known of profiles, in the order asked for; null where nobody asked for one. Ask only for files that the caller may read. */
  rows(call: Call, keys: readonly ProfileKey[]): Promise<(ProfileRow | null)[]>;
  /** Those that are made, in the order asked for. Ask only for files that the caller may read. */
  results(call: Call, keys: readonly ProfileKey[]): Promise<(TableProfile | null)[]>;
  /** Those of the versions whose tables were not looked for yet. */
  requested(call: Call, versionIds: readonly string[]): Promise<Set<string>>;
  /** How far a table's profile is, by what is known of it, and whether its version's tables were not looked for yet. */
  stateOf(table: DatasetTable, known: { row: ProfileRow | null; isRequested: boolean }): ProfileState;
  /** Asks for the profiles of a version that is being registered. */
  request(call: Call & { tx: Tx }, version: DatasetVersion): Promise<void>;
  /** Asks for those that are missing, and again for those that failed. */
  requestAgain(call: Call, version: DatasetVersion): Promise<void>;
  /** Works until the signal ends it, on the requests of all workspaces. Any number may run, in any number of processes. */
  run(options: ProfileWorkerOptions): Promise<void>;
  /** Lets the workers of this process look for work now instead of at their next turn; for after the commit of a transaction. */
  wake(): void;
}

/** Limits that tests may want to change. */
export interface ProfileLimits {
  leaseMs: number;
  pollMs: number;
  /** How long after the machine's first trouble it is tried again; then twice as long each time, to six hours. */
  retryMs: number;
  /** Tables of a version that are profiled. */
  maxTables: number;
  /** The largest file that is profiled. */
  maxBytes: number;
}

export const DEFAULT_PROFILE_LIMITS: ProfileLimits = {
  leaseMs: 30_000,
  pollMs: 5_000,
  retryMs: 60_000,
  maxTables: 200,
  maxBytes: 2_000_000_000,
};

const MOST_RETRY_MS = 6 * 60 * 60_000;
/** A table in whose middle so many servers ended is not tried once more: it may be what ends them. */
const MAX_LOST = 3;

export function createProfiles(parts: Parts, scratch: Scratch, limits: ProfileLimits = DEFAULT_PROFILE_LIMITS): Profiles {
  const { database, content, clock } = parts;
  const { rest, wake } = createRests(limits.pollMs);

  const tablesOf: Profiles['tablesOf'] = async (call, manifestIds, page) => {
    const found = await content.listEntriesOf(call, manifestIds, { endings: TABLE_ENDINGS, page });
    return new Map(
      [...found].map(([id, { items, cursorOf, hasNextPage }]) => {
        const tables = { items: items.flatMap(tableOf), cursorOf: ({ file }: DatasetTable) => cursorOf(file), hasNextPage };
        return [id, tables] as const;
      }),
    );
  };

  /** Finds the tables of a manifest and queues their profiles. */
  const queue = async (call: Call & { tx: Tx }, manifestId: string, { again }: { again: boolean }): Promise<void> => {
    const tables = (await tablesOf(call, [manifestId], { first: limits.maxTables, after: null })).get(manifestId)?.items ?? [];
    const fitting = tables.filter(({ file }) => file.sizeBytes <= limits.maxBytes);
    // Files of the same bytes are one; in the order of the keys, so that two who queue the same do not wait for each other in a circle.
    const distinct = new Map(fitting.map(({ key, file }) => [keyText(key), { ...key, sizeBytes: file.sizeBytes }]));
    const sorted = [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, profile]) => profile);
    if (sorted.length > 0) await insertProfiles(call.tx, call.caller.workspaceId, sorted, { again });
  };

  /** Finds the tables of the version that waits longest. False where none does. */
  async function queueOne(): Promise<boolean> {
    const worked: { versionId?: string } = {};
    try {
      await database.transaction(async (tx) => {
        const request = await lockRequest(tx);
        if (request === null) return;
        worked.versionId = request.versionId;
        await queue({ ...readingAs(request.workspaceId), tx }, request.manifestId, { again: false });
        await deleteRequest(tx, request.versionId);
      });
    } catch (error) {
      if (worked.versionId !== undefined) await deferRequest(database, worked.versionId, limits.retryMs);
      throw error;
    }
    return worked.versionId !== undefined;
  }

  /** Makes the profile that waits longest. False where none does. */
  async function profileOne({ signal, onError = () => undefined }: ProfileWorkerOptions): Promise<boolean> {
    const profile = await leaseProfile(database, { leaseId: newId(), leaseMs: limits.leaseMs });
    if (profile === null) return false;
    const held = {
      leaseMs: limits.leaseMs,
      renew: () => renewProfile(database, profile),
      release: () => releaseProfile(database, profile),
    };
    await underLease(held, async () => {
      try {
        if (profile.lost >= MAX_LOST) throw endsServers();
        const result = await make(profile, signal);
        await finishProfile(database, profile, { result, problem: null, now: clock.now() });
      } catch (error) {
        // Ended, not failed.
        if (signal.aborted) return;
        const problem = problemOf(error);
        if (problem !== null) {
          await finishProfile(database, profile, { result: null, problem, now: clock.now() });
          return;
        }
        onError(error);
        const waits = { problem: troubleOf(error), leastMs: limits.retryMs, mostMs: MOST_RETRY_MS };
        await deferProfile(database, profile, waits);
      }
    });
    return true;
  }

  function make({ sha256, format, sizeBytes, workspaceId }: LeasedProfile, signal: AbortSignal): Promise<TableProfile> {
    const kind = tableKindOf(`table${format}`);
    if (kind === null) throw new Error(`'${format}' is no kind of table`);
    return scratch.use(async (folder) => {
      const { body } = await content.openBlob(readingAs(workspaceId), sha256);
      const table = await saveTable(folder, 'given', { kind, sizeBytes, body, signal });
      return askTables({ kind: 'profile', folder, table }, { limits: PROFILE_LIMITS, signal, isBackground: true });
    });
  }

  return {
    tablesOf,

    async findTable(call, version, path) {
      const file = tableKindOf(path) === null ? null : await content.findEntry(call, version.manifestId, path);
      return file === null ? null : (tableOf(file)[0] ?? null);
    },

    async rows(call, keys) {
      const found = new Map((await selectProfiles(on(database, call), keys)).map((row) => [keyText(row), row]));
      return keys.map((key) => found.get(keyText(key)) ?? null);
    },

    async results(call, keys) {
      const found = new Map((await selectResults(on(database, call), keys)).map((row) => [keyText(row), row.result]));
      return keys.map((key) => found.get(keyText(key)) ?? null);
    },

    stateOf: (table, known) => stateOf(table, known, limits),

    requested: (call, versionIds) => selectRequested(on(database, call), versionIds),

    request: ({ tx, caller }, version) => insertRequest(tx, { versionId: version.id, workspaceId: caller.workspaceId }),

    async requestAgain(call, version) {
      requireScope(call.caller, 'WRITE');
      await within(database, call, async (tx) => {
        await queue({ ...call, tx }, version.manifestId, { again: true });
        await deleteRequest(tx, version.id);
      });
      if (call.tx === undefined) wake();
    },

    async run(options) {
      const { signal, onError } = options;
      const patiently = (work: () => Promise<boolean>) =>
        work().catch((error: unknown) => {
          onError?.(error);
          return false;
        });
      await scratch.sweep().catch((error: unknown) => onError?.(error));
      while (!signal.aborted) {
        const queued = await patiently(queueOne);
        const profiled = await patiently(() => profileOne(options));
        if (!queued && !profiled) await rest(signal);
      }
    },

    wake,
  };
}

function stateOf(
  { file }: DatasetTable,
  { row, isRequested }: { row: ProfileRow | null; isRequested: boolean },
  limits: ProfileLimits,
): ProfileState {
  if (row !== null) {
    return { state: row.state === 'QUEUED' ? 'PENDING' : row.state, problem: row.problem, profiledAt: row.finishedAt };
  }
  if (file.sizeBytes > limits.maxBytes) {
    return skipped('FILE_TOO_LARGE', `Files of more than ${limits.maxBytes / 1e9} GB are not profiled.`);
  }
  if (isRequested) return { state: 'PENDING', problem: null, profiledAt: null };
  return skipped('TOO_MANY_TABLES', `Of each version, the first ${limits.maxTables} tables by path are profiled.`);
}

function skipped(code: string, message: string): ProfileState {
  return { state: 'SKIPPED', problem: { kind: 'EXHAUSTED', code, message, hint: null }, profiledAt: null };
}

function tableOf(file: FileInfo): DatasetTable[] {
  const kind = tableKindOf(file.path);
  return kind === null ? [] : [{ file, kind, key: { sha256: file.sha256, format: endingOf(kind) } }];
}

/** Names a key, for maps. */
export function keyText({ sha256, format }: ProfileKey): string {
  return `${sha256}${format}`;
}

/** The worker itself, who reads as the workspace that asked. */
function readingAs(workspaceId: string): Call {
  return { caller: { workspaceId, principalId: workspaceId, name: 'profiles of tables', scope: 'READ', runId: null } };
}

const FINAL = { invalid: 'INVALID', exhausted: 'EXHAUSTED', corrupt: 'CORRUPT', not_found: 'NOT_FOUND' } as const;

/** What the table itself fails with; null for what may pass. */
function problemOf(error: unknown): ProfileProblem | null {
  if (!(error instanceof DomainError) || !(error.kind in FINAL)) return null;
  return { kind: FINAL[error.kind as keyof typeof FINAL], code: error.code, message: error.message, hint: error.hint ?? null };
}

/** What is told meanwhile of something that may pass; the inside of a defect stays inside. */
function troubleOf(error: unknown): ProfileProblem {
  const isTold = error instanceof DomainError && error.kind === 'unavailable';
  return {
    kind: 'UNAVAILABLE',
    code: isTold ? error.code : 'TRIED_AGAIN_LATER',
    message: isTold ? error.message : 'Something unexpected was in the way; the server’s log has it. It is tried again later.',
    hint: isTold ? (error.hint ?? null) : null,
  };
}

function endsServers(): DomainError {
  return new DomainError({
    kind: 'exhausted',
    code: 'READING_NEVER_ENDED',
    message: `${MAX_LOST} times the server ended while the table was read, so it is not tried again by itself.`,
    hint: 'Ask again where that had another reason: profileDatasetVersion.',
  });
}
