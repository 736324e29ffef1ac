// Goal: a store of 20,000 runs answers pages, filters, orders and counts right, and reads no more of itself than an answer needs.
// Method: the runs are written by SQL, from formulas that the expectations are computed from as well. They are asked for over HTTP. The
// statements that a request sends are then explained by PostgreSQL, which tells how many rows each of their scans touched.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { startWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

const BIG = 20_000;
const SMALL = 30;
const LATE = 'data:late@1';

interface Made {
  runId: string;
  /** Which of the two experiments. */
  isBig: boolean;
  isDeleted: boolean;
  startTimeMs: number;
  /** NaN is a value, null is none. */
  loss: number | null;
  /** Few have one. */
  accuracy: number | null;
  lr: string;
  seed: string;
}

/** What the SQL of `seed` makes of a number. */
function madeOf(i: number): Made {
  return {
    runId: `r${String(i).padStart(5, '0')}`,
    isBig: i < BIG,
    isDeleted: i % 100 === 99,
    startTimeMs: 1_700_000_000_000 + Math.floor(i / 2) * 1000,
    loss: i % 333 === 1 ? null : i % 500 === 2 ? Number.NaN : ((i * 7919) % 20_011) / 20_011,
    accuracy: i % 40 === 0 ? ((i / 40) % 100) / 100 : null,
    lr: `0.${i % 10}`,
    seed: String(i),
  };
}

const ALL = Array.from({ length: BIG + SMALL }, (_, i) => madeOf(i));
const ACTIVE = ALL.filter(({ isDeleted, isBig }) => isBig && !isDeleted);

let world: World;
let big: string;
let small: string;

const uuidOf = (prefix: string, i: string) => `('${prefix}-0000-7000-8000-' || lpad(to_hex(${i}), 12, '0'))::uuid`;

async function seed(): Promise<void> {
  const { database } = world.database;
  const { workspaceId } = await world.services.access.localCaller();
  const [bigId, smallId] = [big, small].map((id) => id.replace('experiment_', ''));
  const run = uuidOf('00000000', 'i');
  const fileSet = uuidOf('00000001', 'i');
  const dataset = uuidOf('00000002', 'i');
  const input = uuidOf('00000003', 'i');
  const each = `generate_series(0, ${BIG + SMALL - 1}) AS i`;
  await database.sql(`INSERT INTO file_set (id, workspace_id) SELECT ${fileSet}, $1 FROM ${each}`, [workspaceId]);
  await database.sql(
    `INSERT INTO run (id, workspace_id, run_id, experiment_id, name, status, start_time_ms, artifact_uri, file_set_id, lifecycle, deleted_at)
     SELECT ${run}, $1, 'r' || lpad(i::text, 5, '0'), CASE WHEN i < ${BIG} THEN $2::uuid ELSE $3::uuid END, 'run ' || i, 'FINISHED',
       1700000000000 + (i / 2) * 1000, 'mlflow-artifacts:/seeded', ${fileSet},
       CASE WHEN i % 100 = 99 THEN 'DELETED' ELSE 'ACTIVE' END::"Lifecycle", CASE WHEN i % 100 = 99 THEN now() END
     FROM ${each}`,
    [workspaceId, bigId, smallId],
  );
  await database.sql(
    `INSERT INTO metric_summary (run_id, key, step, timestamp_ms, value, min, max, point_count, generation)
     SELECT ${run}, key, 0, 0, value, value, value, 1, 1 FROM ${each} CROSS JOIN LATERAL (
       SELECT 'loss' AS key, CASE WHEN i % 500 = 2 THEN 'NaN'::float8 ELSE ((i::bigint * 7919) % 20011) / 20011::float8 END AS value WHERE i % 333 <> 1
       UNION ALL SELECT 'accuracy', ((i / 40) % 100) / 100::float8 WHERE i % 40 = 0) AS metric`,
  );
  await database.sql(
    `INSERT INTO run_param (run_id, key, value)
     SELECT ${run}, key, value FROM ${each} CROSS JOIN LATERAL (VALUES ('lr', '0.' || i % 10), ('seed', i::text)) AS param(key, value)`,
  );
  await database.sql(`INSERT INTO run_tag (run_id, key, value) SELECT ${run}, 'mlflow.runName', 'run ' || i FROM ${each}`);
  await database.sql(
    `INSERT INTO logged_dataset (id, experiment_id, name, digest, source_type, source)
     SELECT ${dataset}, $1, 'late', i::text, 'throughline', $2 FROM generate_series(0, ${BIG - 1}) AS i`,
    [bigId, LATE],
  );
  await database.sql(
    `INSERT INTO dataset_input (id, workspace_id, run_id, dataset_id, claim, claimed_by)
     SELECT ${input}, $1, ${run}, ${dataset}, $2, 'source' FROM generate_series(0, ${BIG - 1}) AS i`,
    [workspaceId, LATE],
  );
  // As the database does by itself in the minutes after so many rows: its plans follow from what it knows of them.
  await database.sql('VACUUM ANALYZE');
}

beforeAll(async () => {
  world = await startWorld();
  big = (await world.command('createExperiment', { input: { name: 'big' } })).id;
  small = (await world.command('createExperiment', { input: { name: 'small' } })).id;
  await seed();
}, 60_000);
afterAll(async () => {
  await world.close();
});

interface Search {
  experiment?: string;
  filter?: string;
  orderBy?: readonly string[];
  first?: number;
  after?: string | null;
}

interface RunPage {
  nodes: { runId: string }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  totalCount?: number;
}

async function page(search: Search, more = ''): Promise<RunPage> {
  const { experiment = big, ...rest } = search;
  const { runs } = await world.query<{ runs: RunPage }>(
    `query ($experiments: [ID!], $filter: String, $orderBy: [String!], $first: Int, $after: String) {
      runs(experiments: $experiments, filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        nodes { runId } pageInfo { hasNextPage endCursor } ${more} } }`,
    { experiments: [experiment], ...rest },
  );
  return runs;
}

/** Every page of a search, one behind the other. */
async function walk(search: Search): Promise<string[]> {
  const found: string[] = [];
  let after: string | null = null;
  do {
    const { nodes, pageInfo }: RunPage = await page({ ...search, after });
    found.push(...nodes.map(({ runId }) => runId));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  return found;
}

/** The same over MLflow's protocol, whose pages are larger. */
async function walkMlflow(search: { order_by: readonly string[]; max_results: number }): Promise<string[]> {
  const { experiment } = await world.query<{ experiment: { experimentId: string } }>(
    'query ($id: ID!) { experiment(id: $id) { experimentId } }',
    { id: big },
  );
  const found: string[] = [];
  let token: string | undefined;
  do {
    const answer: { runs?: { info: { run_id: string } }[]; next_page_token?: string } = await world.mlflow('runs/search', {
      experiment_ids: [experiment.experimentId],
      ...search,
      ...(token === undefined ? {} : { page_token: token }),
    });
    found.push(...(answer.runs ?? []).map(({ info }) => info.run_id));
    token = answer.next_page_token;
  } while (token !== undefined && token !== '');
  return found;
}

const newestFirst = (a: Made, b: Made) => b.startTimeMs - a.startTimeMs || (a.runId < b.runId ? -1 : 1);

/** Numbers as they sort, then what is not one, then what is missing; newest first among equals. */
function byLoss(direction: 1 | -1) {
  const rank = (loss: number | null) => (loss === null ? 2 : Number.isNaN(loss) ? 1 : 0);
  return (a: Made, b: Made) =>
    rank(a.loss) - rank(b.loss) || (rank(a.loss) === 0 ? direction * ((a.loss ?? 0) - (b.loss ?? 0)) : 0) || newestFirst(a, b);
}

const idsOf = (runs: readonly Made[]) => runs.map(({ runId }) => runId);

describe('among 20,000 runs', () => {
  it('pages sorted up by a metric hold every run once, in order', async () => {
    expect(await walkMlflow({ order_by: ['metrics.loss ASC'], max_results: 12_000 })).toEqual(idsOf(ACTIVE.toSorted(byLoss(1))));
  });

  it('pages sorted down by a metric hold every run once, in order', async () => {
    expect(await walk({ orderBy: ['metrics.loss DESC'], first: 1000 })).toEqual(idsOf(ACTIVE.toSorted(byLoss(-1))));
  });

  it('a filter by metric and param finds what it says, and counts it in all pages', async () => {
    const filter = "metrics.loss < 0.25 AND metrics.accuracy >= 0.5 AND params.lr = '0.0'";
    const expected = ACTIVE.filter(
      ({ loss, accuracy, lr }) => loss !== null && loss < 0.25 && accuracy !== null && accuracy >= 0.5 && lr === '0.0',
    );
    expect(expected.length).toBeGreaterThan(10);
    const answer = await page({ filter, orderBy: ['metrics.accuracy DESC', 'metrics.loss'], first: 10 }, 'totalCount');
    const sorted = expected.toSorted((a, b) => (b.accuracy ?? 0) - (a.accuracy ?? 0) || byLoss(1)(a, b));
    expect(answer).toMatchObject({ nodes: idsOf(sorted.slice(0, 10)).map((runId) => ({ runId })), totalCount: expected.length });
    expect(await walk({ filter, orderBy: ['metrics.accuracy DESC', 'metrics.loss'], first: 7 })).toEqual(idsOf(sorted));
  });

  it('a count is of those in use, in the experiment that was asked for', async () => {
    expect((await page({ first: 1 }, 'totalCount')).totalCount).toBe(ACTIVE.length);
    const inSmall = ALL.filter(({ isBig, isDeleted }) => !isBig && !isDeleted).length;
    expect((await page({ experiment: small, first: 1 }, 'totalCount')).totalCount).toBe(inSmall);
  });
});

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

/** Rows that the scans of a plan touched, by table. */
function touched(node: PlanNode, rows = new Map<string, number>()): Map<string, number> {
  const table = node['Relation Name'];
  if (table !== undefined) {
    const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
    rows.set(table, (rows.get(table) ?? 0) + (node['Actual Rows'] + removed) * node['Actual Loops']);
  }
  for (const child of node.Plans ?? []) touched(child, rows);
  return rows;
}

/** Rows that all statements of some work touched, by table. */
async function readBy(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const { database } = world.database;
  const spy = vi.spyOn(database, 'sql');
  await work();
  const sent = spy.mock.calls.map(([text, values]) => ({ text, values }));
  spy.mockRestore();
  const total = new Map<string, number>();
  for (const { text, values } of sent) {
    if (!/^\s*(?:SELECT|WITH)/i.test(text)) continue;
    const [row] = await database.sql<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
    for (const [table, count] of row === undefined ? [] : touched(row['QUERY PLAN'][0].Plan)) {
      total.set(table, (total.get(table) ?? 0) + count);
    }
  }
  expect(sent.length).toBeGreaterThan(0);
  return Object.fromEntries([...total].map(([table, count]) => [table, Math.round(count)]));
}

/** The most rows of any table of runs and of what belongs to them. */
function most(rows: Record<string, number>): number {
  return Math.max(...['run', 'run_param', 'run_tag', 'metric_summary', 'dataset_input'].map((table) => rows[table] ?? 0));
}

describe('reads of the store stay near the answer', () => {
  const FIRST = 50;
  /** A page is looked at once for itself and once for each kind of thing that belongs to it; the deleted ones in between are passed over. */
  const PAGE_ROWS = 6 * FIRST;

  it('for the first page, newest first', async () => {
    const rows = await readBy(() => page({ first: FIRST }));
    expect(most(rows), JSON.stringify(rows)).toBeLessThanOrEqual(PAGE_ROWS);
  });

  it('for a page behind 15,000 others, which all are newer', async () => {
    const found: string[] = [];
    let after: string | null = null;
    while (found.length < 15_000) {
      const { nodes, pageInfo }: RunPage = await page({ first: 1000, after });
      found.push(...nodes.map(({ runId }) => runId));
      after = pageInfo.endCursor;
    }
    const rows = await readBy(async () => {
      found.push(...(await page({ first: FIRST, after })).nodes.map(({ runId }) => runId));
    });
    expect(found).toEqual(idsOf(ACTIVE.toSorted(newestFirst).slice(0, 15_000 + FIRST)));
    expect(most(rows), JSON.stringify(rows)).toBeLessThanOrEqual(PAGE_ROWS);
  });

  it('for what belongs to a page', async () => {
    const rows = await readBy(() =>
      page({ first: FIRST }, 'nodes { params { key value } metrics { key value } tags { key value } inputs { id } }'),
    );
    expect(most(rows), JSON.stringify(rows)).toBeLessThanOrEqual(PAGE_ROWS);
  });

  it('for a param that one run has', async () => {
    const rows = await readBy(() => page({ filter: "params.seed = '12345'", first: FIRST }, 'totalCount'));
    expect(most(rows), JSON.stringify(rows)).toBeLessThanOrEqual(PAGE_ROWS);
  });

  it('for a metric that few runs have', async () => {
    const rows = await readBy(() => page({ filter: 'metrics.accuracy > 0.98', first: FIRST }));
    expect(most(rows), JSON.stringify(rows)).toBeLessThanOrEqual(2 * ALL.filter(({ accuracy }) => accuracy !== null).length);
  });

  it('for an order by a metric in an experiment of few runs', async () => {
    const rows = await readBy(() => page({ experiment: small, orderBy: ['metrics.loss ASC'], first: FIRST }, 'totalCount'));
    expect(most(rows), JSON.stringify(rows)).toBeLessThanOrEqual(6 * SMALL);
  });

  it('for a count, which is of runs alone', async () => {
    const rows = await readBy(() => page({ first: 1 }, 'totalCount'));
    expect([rows['run_param'] ?? 0, rows['metric_summary'] ?? 0, rows['run_tag'] ?? 0]).toEqual([0, 0, 0]);
    expect(rows['run'], JSON.stringify(rows)).toBeLessThanOrEqual(BIG + SMALL + PAGE_ROWS);
  });
});

describe('20,000 inputs that wait for one version', () => {
  it('are all resolved when it is registered', async () => {
    const files = [{ path: 'a.csv', sha256: await world.upload(Buffer.from('late')) }];
    const { id } = await world.command('registerDatasetVersion', { input: { dataset: 'late', files } });
    const [row] = await world.database.database.sql<{ count: number }>(
      'SELECT count(*) AS count FROM dataset_input WHERE dataset_version_id = $1 AND resolved_by = $2',
      [id.replace('datasetVersion_', ''), 'source'],
    );
    expect(row?.count).toBe(BIG);
  });
});
