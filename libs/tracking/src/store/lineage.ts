// SQL for the edges that tracking records, in both directions: one statement for all nodes of a level.

import type { Queryable } from '@throughline/database';
import type { EdgeRelation, Evidence, GraphNodeKind } from '@throughline/kernel';

export interface EdgeRow {
  fromKind: GraphNodeKind;
  fromId: string;
  toKind: GraphNodeKind;
  toId: string;
  relation: EdgeRelation;
  evidence: Evidence;
  context: string | null;
  recordedAt: Date | null;
}

/** Node ids by kind. */
export interface NodeIds {
  run: readonly string[];
  loggedModel: readonly string[];
  datasetInput: readonly string[];
  datasetVersion: readonly string[];
}

/** The ends of an edge as the statements below name them, and which ids to look for at each. */
interface Piece {
  /** kind of the end that is asked about. */
  at: keyof NodeIds;
  sql: string;
}

const COLUMNS = (from: string, fromId: string, to: string, toId: string, relation: EdgeRelation, rest: string) =>
  `SELECT '${from}' AS "fromKind", ${fromId} AS "fromId", '${to}' AS "toKind", ${toId} AS "toId", '${relation}' AS relation, ${rest}`;

const ASSERTED = `'ASSERTED' AS evidence, NULL::text AS context, NULL::timestamptz AS "recordedAt"`;

/** Each kind of edge once; `$ids` stands for the ids at the end that is asked about. */
const EDGES: readonly {
  from: keyof NodeIds;
  to: keyof NodeIds;
  sql: string;
  fromId: string;
  toId: string;
  upstreamOnly?: true;
  upstreamWhere?: string;
}[] = [
  {
    from: 'run',
    to: 'datasetVersion',
    fromId: 'i.run_id',
    toId: 'i.dataset_version_id',
    sql: `${COLUMNS('run', 'i.run_id', 'datasetVersion', 'i.dataset_version_id', 'read', 'i.evidence::text, i.context, i.logged_at')}
      FROM dataset_input i WHERE i.workspace_id = $1 AND i.dataset_version_id IS NOT NULL`,
  },
  {
    from: 'run',
    to: 'datasetInput',
    fromId: 'i.run_id',
    toId: 'i.id',
    sql: `${COLUMNS('run', 'i.run_id', 'datasetInput', 'i.id', 'read', 'i.evidence::text, i.context, i.logged_at')}
      FROM dataset_input i WHERE i.workspace_id = $1`,
    // Up from a run, a resolved input is passed over: the version that it is comes next.
    upstreamWhere: 'i.dataset_version_id IS NULL',
  },
  {
    from: 'datasetInput',
    to: 'datasetVersion',
    fromId: 'i.id',
    toId: 'i.dataset_version_id',
    // Down from a version, runs are the next step: an input that is resolved is a node only for who asks about that input.
    upstreamOnly: true,
    sql: `${COLUMNS('datasetInput', 'i.id', 'datasetVersion', 'i.dataset_version_id', 'is', 'i.evidence::text, i.context, i.resolved_at')}
      FROM dataset_input i WHERE i.workspace_id = $1 AND i.dataset_version_id IS NOT NULL`,
  },
  {
    from: 'loggedModel',
    to: 'run',
    fromId: 'l.id',
    toId: 'l.source_run_id',
    sql: `${COLUMNS('loggedModel', 'l.id', 'run', 'l.source_run_id', 'produced by', `l.source_run_evidence::text, NULL::text, to_timestamp(l.created_at_ms / 1000.0)`)}
      FROM logged_model l WHERE l.workspace_id = $1 AND l.source_run_id IS NOT NULL`,
  },
  {
    from: 'loggedModel',
    to: 'run',
    fromId: 'k.logged_model_id',
    toId: 'k.run_id',
    sql: `${COLUMNS('loggedModel', 'k.logged_model_id', 'run', 'k.run_id', 'produced by', ASSERTED)}
      FROM run_model_link k JOIN logged_model l ON l.id = k.logged_model_id
      WHERE l.workspace_id = $1 AND k.direction = 'OUTPUT' AND l.source_run_id IS DISTINCT FROM k.run_id`,
  },
  {
    from: 'run',
    to: 'loggedModel',
    fromId: 'k.run_id',
    toId: 'k.logged_model_id',
    sql: `${COLUMNS('run', 'k.run_id', 'loggedModel', 'k.logged_model_id', 'started from', ASSERTED)}
      FROM run_model_link k JOIN logged_model l ON l.id = k.logged_model_id WHERE l.workspace_id = $1 AND k.direction = 'INPUT'`,
  },
  {
    from: 'datasetVersion',
    to: 'run',
    fromId: 'o.dataset_version_id',
    toId: 'o.run_id',
    sql: `${COLUMNS('datasetVersion', 'o.dataset_version_id', 'run', 'o.run_id', 'produced by', 'o.evidence::text, NULL::text, o.logged_at')}
      FROM dataset_output o JOIN run r ON r.id = o.run_id WHERE r.workspace_id = $1`,
  },
  {
    from: 'run',
    to: 'run',
    fromId: 'r.id',
    toId: 'r.parent_id',
    sql: `${COLUMNS('run', 'r.id', 'run', 'r.parent_id', 'part of', `'ASSERTED', NULL::text, r.created_at`)}
      FROM run r WHERE r.workspace_id = $1 AND r.parent_id IS NOT NULL`,
  },
];

const PLACEHOLDERS: Readonly<Record<keyof NodeIds, string>> = { run: '$2', loggedModel: '$3', datasetInput: '$4', datasetVersion: '$5' };

function piecesOf(direction: 'UPSTREAM' | 'DOWNSTREAM'): Piece[] {
  return EDGES.filter((edge) => direction === 'UPSTREAM' || edge.upstreamOnly !== true).map((edge) => {
    const [at, column] = direction === 'UPSTREAM' ? [edge.from, edge.fromId] : [edge.to, edge.toId];
    const where = direction === 'UPSTREAM' && edge.upstreamWhere !== undefined ? ` AND ${edge.upstreamWhere}` : '';
    return { at, sql: `${edge.sql}${where} AND ${column} = ANY (${PLACEHOLDERS[at]}::uuid[])` };
  });
}

function statementOf(direction: 'UPSTREAM' | 'DOWNSTREAM'): string {
  return `SELECT * FROM (${piecesOf(direction)
    .map((piece) => piece.sql)
    .join(
      ' UNION ALL ',
    )}) edges WHERE $2::uuid[] IS NOT NULL AND $3::uuid[] IS NOT NULL AND $4::uuid[] IS NOT NULL AND $5::uuid[] IS NOT NULL
    ORDER BY "fromId", "toId", relation LIMIT $6`;
}

const STATEMENTS = { UPSTREAM: statementOf('UPSTREAM'), DOWNSTREAM: statementOf('DOWNSTREAM') };

/** The edges at these nodes in one direction, ordered, at most `limit`. */
export function selectEdges(
  db: Queryable,
  options: { workspaceId: string; nodes: NodeIds; direction: 'UPSTREAM' | 'DOWNSTREAM'; limit: number },
): Promise<EdgeRow[]> {
  const { workspaceId, nodes, direction, limit } = options;
  return db.sql<EdgeRow>(STATEMENTS[direction], [
    workspaceId,
    nodes.run,
    nodes.loggedModel,
    nodes.datasetInput,
    nodes.datasetVersion,
    limit,
  ]);
}

export interface RunFacts {
  id: string;
  runId: string;
  name: string;
  status: string;
  commit: string | null;
  fileSetId: string;
  hasInputs: boolean;
}

export function selectRunFacts(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<RunFacts[]> {
  return db.sql<RunFacts>(
    `SELECT r.id, r.run_id AS "runId", r.name, r.status::text AS status, t.value AS commit, r.file_set_id AS "fileSetId",
       EXISTS (SELECT 1 FROM dataset_input i WHERE i.run_id = r.id) OR EXISTS (SELECT 1 FROM run_model_link k WHERE k.run_id = r.id AND k.direction = 'INPUT') AS "hasInputs"
     FROM run r LEFT JOIN run_tag t ON t.run_id = r.id AND t.key = 'mlflow.source.git.commit'
     WHERE r.workspace_id = $1 AND r.id = ANY ($2::uuid[])`,
    [workspaceId, ids],
  );
}

export interface LoggedModelFacts {
  id: string;
  modelId: string;
  name: string;
  modelType: string | null;
  fileSetId: string;
  hasRun: boolean;
}

export function selectLoggedModelFacts(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<LoggedModelFacts[]> {
  return db.sql<LoggedModelFacts>(
    `SELECT l.id, l.model_id AS "modelId", l.name, l.model_type AS "modelType", l.file_set_id AS "fileSetId",
       l.source_run_id IS NOT NULL OR EXISTS (SELECT 1 FROM run_model_link k WHERE k.logged_model_id = l.id AND k.direction = 'OUTPUT') AS "hasRun"
     FROM logged_model l WHERE l.workspace_id = $1 AND l.id = ANY ($2::uuid[])`,
    [workspaceId, ids],
  );
}

/** Which of these file sets belong to a run or logged model, in any workspace, deleted or not. */
export async function selectFileSetsInUse(db: Queryable, ids: readonly string[]): Promise<string[]> {
  const rows = await db.sql<{ id: string }>(
    `SELECT file_set_id AS id FROM run WHERE file_set_id = ANY ($1::uuid[]) UNION SELECT file_set_id FROM logged_model WHERE file_set_id = ANY ($1::uuid[])`,
    [ids],
  );
  return rows.map((row) => row.id);
}
