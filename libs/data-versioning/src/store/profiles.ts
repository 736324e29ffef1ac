// SQL for profiles of tables: one for each content, made in the background by whoever takes it under a lease, and asked for by versions. Leases are
// timed by the database, so that servers whose clocks differ agree.

import type { Queryable, Tx } from '@throughline/database';

import type { TableProfile } from '../tables/types.ts';

/** A profile by what it is of: the bytes, and as what they are read (`.csv`, `.csv.gz`, …). */
export interface ProfileKey {
  sha256: string;
  format: string;
}

/** What is told to people of a profile that is not there. */
export interface ProfileProblem {
  kind: 'INVALID' | 'EXHAUSTED' | 'CORRUPT' | 'NOT_FOUND' | 'UNAVAILABLE';
  code: string;
  message: string;
  hint: string | null;
}

export interface ProfileRow extends ProfileKey {
  state: 'QUEUED' | 'RUNNING' | 'DONE' | 'FAILED';
  problem: ProfileProblem | null;
  finishedAt: Date | null;
}

/** What a worker took. */
export interface LeasedProfile extends ProfileKey {
  leaseId: string;
  leaseMs: number;
  /** The workspace that asked for it, as which its bytes are read. */
  workspaceId: string;
  sizeBytes: number;
  /** How often a worker ended in the middle of it without a word. */
  lost: number;
}

/** A version whose tables are still to be found. */
export interface ProfileRequest {
  versionId: string;
  workspaceId: string;
  manifestId: string;
}

const bytesOf = (sha256: string) => Buffer.from(sha256, 'hex');

/** Asks for the profiles of a version. Asking twice is asking once. */
export async function insertRequest(tx: Tx, request: { versionId: string; workspaceId: string }): Promise<void> {
  await tx.sql(`INSERT INTO profile_request (version_id, workspace_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, [
    request.versionId,
    request.workspaceId,
  ]);
}

/** The oldest request that nobody else works on, locked until the transaction ends. */
export async function lockRequest(tx: Tx): Promise<ProfileRequest | null> {
  const [row] = await tx.sql<ProfileRequest>(
    `SELECT r.version_id AS "versionId", r.workspace_id AS "workspaceId", v.manifest_id AS "manifestId"
     FROM profile_request r JOIN dataset_version v ON v.id = r.version_id
     WHERE r.not_before <= now() ORDER BY r.not_before, r.version_id LIMIT 1 FOR UPDATE OF r SKIP LOCKED`,
  );
  return row ?? null;
}

export async function deleteRequest(tx: Tx, versionId: string): Promise<void> {
  await tx.sql(`DELETE FROM profile_request WHERE version_id = $1`, [versionId]);
}

/** Puts the request that is next behind all others, for a while: it could not be worked on, and others can. */
export async function deferRequest(db: Queryable, versionId: string, delayMs: number): Promise<void> {
  await db.sql(`UPDATE profile_request SET not_before = now() + $2 * interval '1 millisecond' WHERE version_id = $1`, [versionId, delayMs]);
}

/** Those of the versions whose tables were not found yet. */
export async function selectRequested(db: Queryable, versionIds: readonly string[]): Promise<Set<string>> {
  const rows = await db.sql<{ id: string }>(`SELECT version_id AS id FROM profile_request WHERE version_id = ANY ($1::uuid[])`, [
    versionIds,
  ]);
  return new Set(rows.map(({ id }) => id));
}

/** Queues profiles that there are none of. `again` queues those as well that failed, or wait for the machine. */
export async function insertProfiles(
  tx: Tx,
  workspaceId: string,
  profiles: readonly (ProfileKey & { sizeBytes: number })[],
  { again }: { again: boolean },
): Promise<void> {
  const conflict = again
    ? `UPDATE SET state = 'QUEUED', workspace_id = excluded.workspace_id, problem = NULL, finished_at = NULL, lost = 0, retries = 0, not_before = now()
       WHERE table_profile.state = 'FAILED' OR (table_profile.state = 'QUEUED' AND table_profile.not_before > now())`
    : 'NOTHING';
  await tx.sql(
    `INSERT INTO table_profile (sha256, format, workspace_id, size_bytes)
     SELECT decode(s, 'hex'), f, $1, n FROM unnest($2::text[], $3::text[], $4::bigint[]) AS o (s, f, n)
     ON CONFLICT (sha256, format) DO ${conflict}`,
    [workspaceId, profiles.map(({ sha256 }) => sha256), profiles.map(({ format }) => format), profiles.map(({ sizeBytes }) => sizeBytes)],
  );
}

const KEYS = `unnest($1::bytea[], $2::text[]) AS wanted (sha256, format)`;
const keysOf = (keys: readonly ProfileKey[]) => [keys.map(({ sha256 }) => bytesOf(sha256)), keys.map(({ format }) => format)];

/** How far each is; those that nobody asked for are left out. */
export function selectProfiles(db: Queryable, keys: readonly ProfileKey[]): Promise<ProfileRow[]> {
  return db.sql<ProfileRow>(
    `SELECT encode(sha256, 'hex') AS sha256, format, p.state, p.problem, p.finished_at AS "finishedAt"
     FROM ${KEYS} JOIN table_profile p USING (sha256, format)`,
    keysOf(keys),
  );
}

/** What was found, of those that are done. */
export function selectResults(db: Queryable, keys: readonly ProfileKey[]): Promise<(ProfileKey & { result: TableProfile })[]> {
  return db.sql<ProfileKey & { result: TableProfile }>(
    `SELECT encode(sha256, 'hex') AS sha256, format, p.result FROM ${KEYS} JOIN table_profile p USING (sha256, format) WHERE p.result IS NOT NULL`,
    keysOf(keys),
  );
}

/** Takes the profile that waits longest, or that a worker left without a sign of life. */
export async function leaseProfile(
  db: Queryable,
  { leaseId, leaseMs }: { leaseId: string; leaseMs: number },
): Promise<LeasedProfile | null> {
  const [row] = await db.sql<Omit<LeasedProfile, 'leaseId' | 'leaseMs'>>(
    `UPDATE table_profile SET lost = lost + (state = 'RUNNING')::int, state = 'RUNNING', lease_id = $1,
       lease_until = now() + $2 * interval '1 millisecond'
     WHERE (sha256, format) = (
       SELECT sha256, format FROM table_profile
       WHERE state IN ('QUEUED', 'RUNNING') AND not_before <= now() AND (lease_id IS NULL OR lease_until < now())
       ORDER BY not_before, sha256 LIMIT 1 FOR UPDATE SKIP LOCKED
     ) RETURNING encode(sha256, 'hex') AS sha256, format, workspace_id AS "workspaceId", size_bytes AS "sizeBytes", lost`,
    [leaseId, leaseMs],
  );
  return row === undefined ? null : { ...row, leaseId, leaseMs };
}

export async function renewProfile(db: Queryable, { leaseId, leaseMs }: LeasedProfile): Promise<void> {
  await db.sql(`UPDATE table_profile SET lease_until = now() + $2 * interval '1 millisecond' WHERE lease_id = $1`, [leaseId, leaseMs]);
}

/** Gives one back that was not finished, for anybody to take. */
export async function releaseProfile(db: Queryable, { leaseId }: LeasedProfile): Promise<void> {
  await db.sql(`UPDATE table_profile SET state = 'QUEUED', lease_id = NULL, lease_until = NULL WHERE lease_id = $1`, [leaseId]);
}

/** Writes down what was found; where the lease was lost, or the bytes were collected, nothing. */
export async function finishProfile(
  db: Queryable,
  { leaseId }: LeasedProfile,
  found: { result: TableProfile | null; problem: ProfileProblem | null; now: Date },
): Promise<void> {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
  await db.sql(
    `UPDATE table_profile SET state = CASE WHEN $2::jsonb IS NULL THEN 'FAILED' ELSE 'DONE' END::"JobState", result = $2::jsonb, problem = $3::jsonb,
       finished_at = $4, lease_id = NULL, lease_until = NULL WHERE lease_id = $1`,
    [leaseId, json(found.result), json(found.problem), found.now],
  );
}

/** Puts one off that the machine, and not the table, was in the way of: each time twice as long, up to `mostMs`. */
export async function deferProfile(
  db: Queryable,
  { leaseId }: LeasedProfile,
  { problem, leastMs, mostMs }: { problem: ProfileProblem; leastMs: number; mostMs: number },
): Promise<void> {
  await db.sql(
    `UPDATE table_profile SET state = 'QUEUED', problem = $2::jsonb, lost = 0, retries = least(retries + 1, 30), lease_id = NULL, lease_until = NULL,
       not_before = now() + least($3 * 2 ^ least(retries, 30), $4) * interval '1 millisecond' WHERE lease_id = $1`,
    [leaseId, JSON.stringify(problem), leastMs, mostMs],
  );
}
