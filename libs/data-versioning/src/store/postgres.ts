// The port on PostgreSQL. Everything is plain SQL: nearly every question is asked for many rows at once, and the answers are joined with
// the dataset's name, which Prisma would ask for one statement later.

import type { Queryable } from '@throughline/database';
import type { Evidence } from '@throughline/kernel';

import { CURRENT } from '../names.ts';
import type {
  Dataset,
  DatasetPointer,
  DatasetPointerEvent,
  DatasetVersion,
  Derivation,
  Readme,
  RetractionEvent,
  Sighting,
} from '../types.ts';
import type { Obstacle, Reaching, Store, VersionSelector } from './store.ts';

const DATASET = `
  d.id, d.name, d.description, d.last_version AS "versionCount", d.created_at AS "createdAt", d.deleted_at AS "deletedAt",
  (SELECT p.version_id FROM dataset_pointer p WHERE p.dataset_id = d.id AND p.name = '${CURRENT}') AS "currentVersionId"`;

const VERSION = `
  v.id, v.dataset_id AS "datasetId", d.name AS "datasetName", v.number, v.manifest_id AS "manifestId", encode(v.digest, 'hex') AS digest,
  v.message, v.created_by AS "createdBy", v.created_at AS "createdAt",
  v.retracted_at AS "retractedAt", v.retracted_by AS "retractedBy", v.retraction_reason AS "retractionReason"`;

interface VersionRow extends Omit<DatasetVersion, 'retraction'> {
  retractedAt: Date | null;
  retractedBy: string | null;
  retractionReason: string | null;
}

function versionOf({ retractedAt, retractedBy, retractionReason, ...version }: VersionRow): DatasetVersion {
  const retraction = retractedAt === null ? null : { at: retractedAt, actor: retractedBy ?? '', reason: retractionReason ?? '' };
  return { ...version, retraction };
}

async function versions(on: Queryable, text: string, values: readonly unknown[]): Promise<DatasetVersion[]> {
  return (await on.sql<VersionRow>(text, values)).map(versionOf);
}

/** A search as a LIKE pattern that finds it anywhere, its own wildcards taken literally. */
function containing(search: string): string {
  return `%${search.replace(/[\\%_]/g, '\\$&')}%`;
}

/** What keeps a dataset from being deleted, and lets everybody else pass: only the lock of who deletes it collides with this one. */
const HOLD = 'FOR KEY SHARE OF d';

/** The id of the version that a row of `wanted` selects in the dataset `d`. Each way is one look into an index. */
const SELECTED = `CASE
  WHEN wanted.number IS NOT NULL THEN (SELECT one.id FROM dataset_version one WHERE one.dataset_id = d.id AND one.number = wanted.number)
  WHEN wanted.digest IS NOT NULL THEN (SELECT one.id FROM dataset_version one WHERE one.dataset_id = d.id AND one.digest = decode(wanted.digest, 'hex'))
  ELSE (SELECT p.version_id FROM dataset_pointer p WHERE p.dataset_id = d.id AND p.name = wanted.pointer) END`;

function pick(selector: VersionSelector): { number: number | null; digest: string | null; pointer: string | null } {
  return { number: null, digest: null, pointer: null, ...selector };
}

export const postgresStore: Store = {
  async insertDataset(on, { id, workspaceId, name, description, at }) {
    const rows = await on.sql(
      `INSERT INTO dataset (id, workspace_id, name, description, created_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (workspace_id, name) WHERE deleted_at IS NULL DO NOTHING RETURNING id`,
      [id, workspaceId, name, description, at],
    );
    return rows.length > 0;
  },

  async lockDataset(tx, workspaceId, by, purpose = 'change') {
    const [column, value] = 'id' in by ? ['id', by.id] : ['name', by.name];
    // Locked first and read afterwards: what the lock waited for (a new number, another current version) must be seen.
    const locked = await tx.sql<{ id: string }>(
      `SELECT d.id FROM dataset d WHERE d.workspace_id = $1 AND d.${column} = $2 AND d.deleted_at IS NULL
       ${purpose === 'delete' ? 'FOR UPDATE' : 'FOR NO KEY UPDATE'}`,
      [workspaceId, value],
    );
    const id = locked[0]?.id;
    if (id === undefined) return null;
    return (await tx.sql<Dataset>(`SELECT ${DATASET} FROM dataset d WHERE d.id = $1`, [id]))[0] ?? null;
  },

  async findDataset(on, workspaceId, name) {
    const rows = await on.sql<Dataset>(
      `SELECT ${DATASET} FROM dataset d WHERE d.workspace_id = $1 AND d.name = $2 AND d.deleted_at IS NULL`,
      [workspaceId, name],
    );
    return rows[0] ?? null;
  },

  datasetsByIds(on, workspaceId, ids) {
    return on.sql<Dataset>(`SELECT ${DATASET} FROM dataset d WHERE d.workspace_id = $1 AND d.id = ANY($2::uuid[])`, [workspaceId, ids]);
  },

  listDatasets(on, workspaceId, { search, first, after }) {
    return on.sql<Dataset>(
      `SELECT ${DATASET} FROM dataset d
       WHERE d.workspace_id = $1 AND d.deleted_at IS NULL AND ($2::text IS NULL OR d.name ILIKE $2) AND ($3::text IS NULL OR d.name > $3)
       ORDER BY d.name LIMIT $4`,
      [workspaceId, search === null ? null : containing(search), after, first],
    );
  },

  async countDatasets(on, workspaceId, search) {
    const rows = await on.sql<{ count: number }>(
      `SELECT count(*)::int AS count FROM dataset d
       WHERE d.workspace_id = $1 AND d.deleted_at IS NULL AND ($2::text IS NULL OR d.name ILIKE $2)`,
      [workspaceId, search === null ? null : containing(search)],
    );
    return rows[0]?.count ?? 0;
  },

  async updateDescription(tx, id, description) {
    await tx.prisma.dataset.update({ where: { id }, data: { description }, select: { id: true } });
  },

  async markDeleted(tx, id, at) {
    await tx.prisma.dataset.update({ where: { id }, data: { deletedAt: at }, select: { id: true } });
  },

  async insertReadme(tx, datasetId, { revision, text, author, at }, keptAbove) {
    await tx.sql('INSERT INTO dataset_readme (dataset_id, revision, text, author, at) VALUES ($1, $2, $3, $4, $5)', [
      datasetId,
      revision,
      text,
      author,
      at,
    ]);
    await tx.sql('DELETE FROM dataset_readme WHERE dataset_id = $1 AND revision <= $2', [datasetId, keptAbove]);
  },

  readmesOf(on, workspaceId, datasetIds) {
    return on.sql(
      `SELECT d.id AS "datasetId", r.revision, r.text, r.author, r.at
       FROM dataset d CROSS JOIN LATERAL (SELECT * FROM dataset_readme one WHERE one.dataset_id = d.id ORDER BY one.revision DESC LIMIT 1) r
       WHERE d.workspace_id = $1 AND d.id = ANY($2::uuid[])`,
      [workspaceId, datasetIds],
    );
  },

  listReadmes(on, workspaceId, { datasetId, first, below }) {
    return on.sql<Readme>(
      `SELECT r.revision, r.text, r.author, r.at FROM dataset_readme r JOIN dataset d ON d.id = r.dataset_id
       WHERE d.workspace_id = $1 AND d.id = $2 AND ($3::int IS NULL OR r.revision < $3) ORDER BY r.revision DESC LIMIT $4`,
      [workspaceId, datasetId, below, first],
    );
  },

  async insertVersion(tx, { id, workspaceId, datasetId, manifestId, digest, message, createdBy, at }) {
    await tx.sql(
      `WITH numbered AS (UPDATE dataset SET last_version = last_version + 1 WHERE id = $3 RETURNING last_version)
       INSERT INTO dataset_version (id, workspace_id, dataset_id, number, manifest_id, digest, message, created_by, created_at)
       SELECT $1, $2, $3, numbered.last_version, $4, decode($5, 'hex'), $6, $7, $8 FROM numbered`,
      [id, workspaceId, datasetId, manifestId, digest, message, createdBy, at],
    );
  },

  async findVersions(on, workspaceId, wanted, { hold }) {
    const selectors = wanted.map(({ selector }) => pick(selector));
    const rows = await on.sql<VersionRow & { place: number }>(
      `SELECT ${VERSION}, wanted.place
       FROM unnest($2::text[], $3::int[], $4::text[], $5::text[]) WITH ORDINALITY AS wanted(name, number, digest, pointer, place)
       JOIN dataset d ON d.workspace_id = $1 AND d.name = wanted.name AND d.deleted_at IS NULL
       JOIN dataset_version v ON v.id = ${SELECTED} ${hold ? HOLD : ''}`,
      [
        workspaceId,
        wanted.map(({ dataset }) => dataset),
        selectors.map(({ number }) => number),
        selectors.map(({ digest }) => digest),
        selectors.map(({ pointer }) => pointer),
      ],
    );
    const byPlace = new Map(rows.map(({ place, ...row }) => [place, versionOf(row)]));
    return wanted.map((_, index) => byPlace.get(index + 1) ?? null);
  },

  async lockNames(tx, workspaceId, names, how) {
    // One after the other in one order: the locks are taken as the rows come.
    await tx.sql(
      `SELECT ${how === 'SHARED' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock'}(sorted.key)
       FROM (SELECT DISTINCT hashtextextended('dataset ' || $1 || ' ' || name, 0) AS key FROM unnest($2::text[]) AS name ORDER BY key) AS sorted`,
      [workspaceId, names],
    );
  },

  liveVersions(on, workspaceId, ids, { hold }) {
    return versions(
      on,
      `SELECT ${VERSION} FROM dataset_version v JOIN dataset d ON d.id = v.dataset_id
       WHERE v.workspace_id = $1 AND v.id = ANY($2::uuid[]) AND d.deleted_at IS NULL ${hold ? HOLD : ''}`,
      [workspaceId, ids],
    );
  },

  versionsByIds(on, workspaceId, ids) {
    return versions(
      on,
      `SELECT ${VERSION} FROM dataset_version v JOIN dataset d ON d.id = v.dataset_id WHERE v.workspace_id = $1 AND v.id = ANY($2::uuid[])`,
      [workspaceId, ids],
    );
  },

  versionsByDigests(on, workspaceId, digests) {
    return versions(
      on,
      `SELECT ${VERSION} FROM dataset_version v JOIN dataset d ON d.id = v.dataset_id
       WHERE v.workspace_id = $1 AND v.digest = ANY(SELECT decode(hex, 'hex') FROM unnest($2::text[]) AS hex) AND d.deleted_at IS NULL
       ORDER BY v.created_at, v.id LIMIT 5000`,
      [workspaceId, digests],
    );
  },

  async listVersions(on, workspaceId, requests) {
    const rows = await on.sql<VersionRow & { place: number }>(
      `SELECT ${VERSION}, wanted.place
       FROM unnest($2::uuid[], $3::int[], $4::int[]) WITH ORDINALITY AS wanted(dataset_id, below, first, place)
       JOIN dataset d ON d.id = wanted.dataset_id AND d.workspace_id = $1
       CROSS JOIN LATERAL (
         SELECT * FROM dataset_version one
         WHERE one.dataset_id = wanted.dataset_id AND (wanted.below IS NULL OR one.number < wanted.below)
         ORDER BY one.number DESC LIMIT wanted.first
       ) v
       ORDER BY wanted.place, v.number DESC`,
      [workspaceId, requests.map((one) => one.datasetId), requests.map((one) => one.below), requests.map((one) => one.first)],
    );
    const byPlace = Map.groupBy(rows, (row) => row.place);
    return requests.map((_, index) => (byPlace.get(index + 1) ?? []).map(({ place: _place, ...row }) => versionOf(row)));
  },

  async versionIdsOf(on, workspaceId, datasetId) {
    const rows = await on.sql<{ id: string }>(
      'SELECT id FROM dataset_version WHERE workspace_id = $1 AND dataset_id = $2 ORDER BY number',
      [workspaceId, datasetId],
    );
    return rows.map((row) => row.id);
  },

  async manifestIds(on, workspaceId, from, limit) {
    const rows = await on.sql<{ id: string }>(
      `SELECT DISTINCT manifest_id AS id FROM dataset_version WHERE workspace_id = $1 AND ($2::uuid IS NULL OR manifest_id >= $2) ORDER BY id LIMIT $3`,
      [workspaceId, from, limit],
    );
    return rows.map(({ id }) => id);
  },

  async setRetraction(tx, versionId, retraction) {
    await tx.prisma.datasetVersion.update({
      where: { id: versionId },
      data: {
        retractedAt: retraction?.at ?? null,
        retractedBy: retraction?.actor ?? null,
        retractionReason: retraction?.reason ?? null,
      },
      select: { id: true },
    });
  },

  async insertRetractionEvent(tx, event) {
    await tx.prisma.retractionEvent.create({ data: event, select: { id: true } });
  },

  retractionEvents(on, workspaceId, versionIds, limit) {
    return on.sql<RetractionEvent>(
      `SELECT e.id, e.version_id AS "versionId", e.action::text AS action, e.actor, e.reason, e.at
       FROM dataset_version v CROSS JOIN LATERAL (
         SELECT * FROM retraction_event one WHERE one.version_id = v.id ORDER BY one.at DESC, one.id DESC LIMIT $3
       ) e
       WHERE v.workspace_id = $1 AND v.id = ANY($2::uuid[]) ORDER BY e.version_id, e.at DESC, e.id DESC`,
      [workspaceId, versionIds, limit],
    );
  },

  pointersOf(on, workspaceId, datasetIds, limit) {
    return on.sql<DatasetPointer>(
      `SELECT p.dataset_id AS "datasetId", p.name, p.version_id AS "versionId", p.since
       FROM dataset d CROSS JOIN LATERAL (
         SELECT * FROM dataset_pointer one WHERE one.dataset_id = d.id ORDER BY one.name LIMIT $3
       ) p
       WHERE d.workspace_id = $1 AND d.id = ANY($2::uuid[]) ORDER BY p.dataset_id, p.name`,
      [workspaceId, datasetIds, limit],
    );
  },

  pointersAt(on, workspaceId, versionIds) {
    return on.sql<DatasetPointer>(
      `SELECT p.dataset_id AS "datasetId", p.name, p.version_id AS "versionId", p.since
       FROM dataset_pointer p JOIN dataset_version v ON v.id = p.version_id
       WHERE v.workspace_id = $1 AND p.version_id = ANY($2::uuid[]) ORDER BY p.version_id, p.name`,
      [workspaceId, versionIds],
    );
  },

  async findPointer(on, datasetId, name) {
    const pointer = await on.prisma.datasetPointer.findUnique({
      where: { datasetId_name: { datasetId, name } },
      select: { versionId: true },
    });
    return pointer?.versionId ?? null;
  },

  async countPointers(on, datasetId) {
    const rows = await on.sql<{ count: number }>('SELECT count(*)::int AS count FROM dataset_pointer WHERE dataset_id = $1', [datasetId]);
    return rows[0]?.count ?? 0;
  },

  async movePointer(tx, { eventId, datasetId, name, versionId, previousVersionId, actor, at }) {
    if (versionId === null) {
      await tx.sql('DELETE FROM dataset_pointer WHERE dataset_id = $1 AND name = $2', [datasetId, name]);
    } else {
      await tx.sql(
        `INSERT INTO dataset_pointer (dataset_id, name, version_id, since) VALUES ($1, $2, $3, $4)
         ON CONFLICT (dataset_id, name) DO UPDATE SET version_id = EXCLUDED.version_id, since = EXCLUDED.since`,
        [datasetId, name, versionId, at],
      );
    }
    // Clocks are coarse and may step back; a history must not.
    await tx.sql(
      `INSERT INTO dataset_pointer_event (id, dataset_id, name, version_id, previous_version_id, actor, at)
       SELECT $1, $2, $3, $4, $5, $6,
         GREATEST($7::timestamptz, (SELECT max(e.at) + interval '1 millisecond' FROM dataset_pointer_event e WHERE e.dataset_id = $2))`,
      [eventId, datasetId, name, versionId, previousVersionId, actor, at],
    );
  },

  async pointerEvents(on, workspaceId, { datasetIds, name, first, after }) {
    const rows = await on.sql<DatasetPointerEvent & { datasetId: string }>(
      `SELECT d.id AS "datasetId", e.id, e.name, e.version_id AS "versionId", e.previous_version_id AS "previousVersionId", e.actor, e.at
       FROM dataset d CROSS JOIN LATERAL (
         SELECT * FROM dataset_pointer_event one
         WHERE one.dataset_id = d.id AND ($3::text IS NULL OR one.name = $3)
           AND ($4::timestamptz IS NULL OR (one.at, one.id) < ($4, $5::uuid))
         ORDER BY one.at DESC, one.id DESC LIMIT $6
       ) e
       WHERE d.workspace_id = $1 AND d.id = ANY($2::uuid[]) ORDER BY d.id, e.at DESC, e.id DESC`,
      [workspaceId, datasetIds, name, after?.at ?? null, after?.id ?? null, first],
    );
    const grouped = Map.groupBy(rows, (row) => row.datasetId);
    return new Map([...grouped].map(([id, events]) => [id, events.map(({ datasetId: _, ...event }) => event)]));
  },

  async pointerAsOf(on, workspaceId, datasetId, name, at) {
    const rows = await on.sql<{ versionId: string | null }>(
      `SELECT e.version_id AS "versionId" FROM dataset_pointer_event e JOIN dataset d ON d.id = e.dataset_id
       WHERE d.workspace_id = $1 AND e.dataset_id = $2 AND e.name = $3 AND e.at <= $4 ORDER BY e.at DESC, e.id DESC LIMIT 1`,
      [workspaceId, datasetId, name, at],
    );
    return rows[0]?.versionId ?? null;
  },

  async linkDerivations(tx, { versionId, fromVersionIds, evidence, actor, at }) {
    await tx.sql(
      `INSERT INTO dataset_derivation (version_id, from_version_id, evidence, actor, at)
       SELECT $1, source, $3::"Evidence", $4, $5 FROM unnest($2::uuid[]) AS source ORDER BY source
       ON CONFLICT (version_id, from_version_id) DO UPDATE SET evidence = EXCLUDED.evidence, actor = EXCLUDED.actor, at = EXCLUDED.at
       WHERE dataset_derivation.evidence < EXCLUDED.evidence`,
      [versionId, fromVersionIds, evidence, actor, at],
    );
  },

  derivations(on, workspaceId, versionIds, side, limit) {
    const column = side === 'derived' ? 'version_id' : 'from_version_id';
    return on.sql<Derivation & { evidence: Evidence }>(
      `SELECT r.version_id AS "versionId", r.from_version_id AS "fromVersionId", r.evidence::text AS evidence, r.at
       FROM dataset_derivation r JOIN dataset_version v ON v.id = r.${column}
       WHERE v.workspace_id = $1 AND r.${column} = ANY($2::uuid[]) ORDER BY r.version_id, r.from_version_id LIMIT $3`,
      [workspaceId, versionIds, limit],
    );
  },

  async insertSighting(tx, { id, workspaceId, versionId, repository, path, commit, actor, seenAt }) {
    await tx.prisma.sighting.createMany({
      data: [{ id, workspaceId, versionId, repository, path, commit, actor, seenAt }],
      skipDuplicates: true,
    });
  },

  sightingsOf(on, workspaceId, versionIds, limit) {
    return on.sql<Sighting>(
      `SELECT s.id, s.version_id AS "versionId", s.repository, s.path, s.commit, s.actor, s.seen_at AS "seenAt"
       FROM unnest($2::uuid[]) AS wanted(version_id) CROSS JOIN LATERAL (
         SELECT * FROM sighting one WHERE one.version_id = wanted.version_id AND one.workspace_id = $1
         ORDER BY one.seen_at DESC, one.id DESC LIMIT $3
       ) s ORDER BY s.version_id, s.seen_at DESC, s.id DESC`,
      [workspaceId, versionIds, limit],
    );
  },

  versionsSeenAt(on, workspaceId, { repository, path, commit }) {
    return versions(
      on,
      `SELECT DISTINCT ON (v.created_at, v.id) ${VERSION}
       FROM sighting s JOIN dataset_version v ON v.id = s.version_id JOIN dataset d ON d.id = v.dataset_id
       WHERE s.workspace_id = $1 AND s.commit = $2 AND s.path = $3 AND ($4::text IS NULL OR s.repository = $4) AND d.deleted_at IS NULL
       ORDER BY v.created_at, v.id LIMIT 100`,
      [workspaceId, commit, path, repository],
    );
  },

  async repositoriesOf(on, datasetId) {
    const rows = await on.sql<{ repository: string }>(
      `SELECT DISTINCT s.repository FROM dataset_version v JOIN sighting s ON s.version_id = v.id WHERE v.dataset_id = $1 LIMIT 1000`,
      [datasetId],
    );
    return rows.map(({ repository }) => repository);
  },

  async seenAtCommit(on, workspaceId, commit, limit) {
    const rows = await on.sql<VersionRow & { repository: string; path: string }>(
      `SELECT ${VERSION}, s.repository, s.path FROM sighting s JOIN dataset_version v ON v.id = s.version_id JOIN dataset d ON d.id = v.dataset_id
       WHERE s.workspace_id = $1 AND s.commit = $2 AND d.deleted_at IS NULL ORDER BY v.created_at, v.id, s.id LIMIT $3`,
      [workspaceId, commit, limit],
    );
    return rows.map(({ repository, path, ...row }) => ({ version: versionOf(row), repository, path }));
  },

  async standsOn(on, datasetId) {
    const [row] = await on.sql<{ what: Obstacle | null }>(
      `SELECT CASE
         WHEN EXISTS (
           SELECT 1 FROM dataset_version v JOIN dataset_derivation r ON r.from_version_id = v.id
             JOIN dataset_version w ON w.id = r.version_id JOIN dataset e ON e.id = w.dataset_id
           WHERE v.dataset_id = $1 AND e.id <> $1 AND e.deleted_at IS NULL) THEN 'derivative'
         WHEN EXISTS (SELECT 1 FROM dataset_version v JOIN sighting s ON s.version_id = v.id WHERE v.dataset_id = $1) THEN 'sighting'
         WHEN EXISTS (SELECT 1 FROM dataset_pointer p WHERE p.dataset_id = $1 AND p.name <> '${CURRENT}') THEN 'tag'
       END AS what`,
      [datasetId],
    );
    return row?.what ?? null;
  },

  versionsReaching(on, manifestIds) {
    // Down along what was made from a tombstone, until something is alive: what is, keeps all that it came from.
    return on.sql<Reaching>(
      `WITH RECURSIVE reach(manifest_id, version_id, alive) AS (
         SELECT v.manifest_id, v.id, d.deleted_at IS NULL
         FROM dataset_version v JOIN dataset d ON d.id = v.dataset_id WHERE v.manifest_id = ANY($1::uuid[])
         UNION
         SELECT reach.manifest_id, w.id, e.deleted_at IS NULL
         FROM reach JOIN dataset_derivation r ON r.from_version_id = reach.version_id AND NOT reach.alive
           JOIN dataset_version w ON w.id = r.version_id JOIN dataset e ON e.id = w.dataset_id)
       SELECT reach.manifest_id AS "manifestId", reach.version_id AS "versionId",
         reach.alive OR EXISTS (SELECT 1 FROM sighting s WHERE s.version_id = reach.version_id)
           OR EXISTS (SELECT 1 FROM dataset_pointer p WHERE p.version_id = reach.version_id AND p.name <> '${CURRENT}') AS needed
       FROM reach`,
      [manifestIds],
    );
  },
};
