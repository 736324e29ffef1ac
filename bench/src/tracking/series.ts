// The row about charts: one metric of a million points, and of ten million, in 2,000 buckets, as the dashboard asks for it. Every request asks
// for another range of steps, a little short of the whole, so that no answer can be kept.

import { closedLoop } from '../harness/load.ts';
import { atMostTimes, figure, row, under } from '../harness/report.ts';
import type { Figure } from '../harness/report.ts';
import { interleaved } from '../harness/rounds.ts';
import { median, percentile } from '../harness/statistics.ts';
import type { Server } from '../harness/servers.ts';
import { connectionOf, withConnections } from './connection.ts';
import { copyMlflowRows } from './mlflow-tables.ts';
import { count, createExperiment, createRuns, field, list, PATHS } from './mlflow-protocol.ts';
import { BatchBodies, keyName, noise, pointOf } from './points.ts';
import type { Stand } from './stand.ts';
import { figureAt, freshName, ROUNDS_BUDGET_SECONDS } from './work.ts';
import type { Work } from './work.ts';

const BUCKETS = 2_000;
/** One key: a batch is a thousand steps of it. */
const SHAPE = { keys: 1, steps: 1_000 };
const KEY = keyName(0);
/** MLflow's own limit on points a run. */
const MLFLOW_POINTS = 2_000;

/** What a chart is drawn from, as columns: so the dashboard's charts ask. */
const CHARTED = 'toStep first last min max';
const CHECKED = `${CHARTED} count`;

function seriesQuery(fields: string): string {
  return `query Series($run: ID!, $key: String!, $range: StepRange, $buckets: Int) {
    metricSeries(run: $run, key: $key, range: $range, buckets: $buckets) { key pointCount columns { ${fields} } }
  }`;
}

export const SERIES_WORK: Work = {
  name: 'series',
  title: 'series of 1 million points, and of 10 million, in 2,000 buckets, ms',
  work:
    'GraphQL metricSeries with the columns of last steps and of first, last, least and greatest values, over ranges that differ from request to request, by 8 clients at once and by one. MLflow has no ' +
    'buckets; its nearest thing, get-history-bulk-interval with 2,000 sampled points, is shown for information.',
  seconds: 150,
  async run(stand, work) {
    const { points, manyPoints, turnMs } = stand.scale.series;
    stand.progress.say(`logging ${points + manyPoints} points`);
    const [small, large] = await Promise.all([logSeries(stand, points), logSeries(stand, manyPoints)]);
    await checkSeries(stand, small, points);
    await checkSeries(stand, large, manyPoints);
    const side = (name: string, clients: number, runId: string, size: number) => ({
      name,
      turn: (isWarmUp: boolean) => askSeries(stand, { clients, runId, size, durationMs: isWarmUp ? turnMs / 2 : turnMs }),
    });
    const names = [
      `${points} points, 8 clients`,
      `${manyPoints} points, 8 clients`,
      `${points} points, 1 client`,
      `${manyPoints} points, 1 client`,
    ];
    const [a = '', b = '', c = '', d = ''] = names;
    const sides = [side(a, 8, small, points), side(b, 8, large, manyPoints), side(c, 1, small, points), side(d, 1, large, manyPoints)];
    const { sides: results, notes } = await interleaved(sides, {
      rounds: stand.scale.rounds,
      budgetSeconds: ROUNDS_BUDGET_SECONDS,
      progress: stand.progress,
      signal: stand.signal,
    });
    const medians = results.map((turns, index) => figure(`${names[index] ?? ''}, median`, 'ms', turns.map(median)));
    const tails = results.map((turns, index) =>
      figure(
        `${names[index] ?? ''}, p95`,
        'ms',
        turns.map((turn) => percentile(turn, 95)),
      ),
    );
    const [ours, many] = [figureAt(medians, 0), figureAt(medians, 1)];
    return row(work, {
      figures: [...medians, ...tails, await askMlflow(stand, points)],
      bars: [under(ours, 50), atMostTimes(many, ours, 1.5, `the cost of ${points} points`)],
      notes,
    });
  },
};

/** Logs the points to a new run, through log-batch; answers its id. */
async function logSeries(stand: Stand, points: number): Promise<string> {
  const bodies = new BatchBodies(SHAPE);
  const clients = stand.scale.clients;
  return withConnections(stand.throughline.origin, clients, async (connections) => {
    const first = connectionOf(connections, 0);
    const [runId = ''] = await createRuns([first], await createExperiment(first, freshName('series')));
    await closedLoop({
      clients,
      durationMs: Infinity,
      turnsPerClient: Math.ceil(points / SHAPE.steps / clients),
      signal: stand.signal,
      async request(client, turn) {
        const batch = turn * clients + client;
        if (batch * SHAPE.steps < points) await connectionOf(connections, client).postBytes(PATHS.logBatch, bodies.body(runId, batch));
        return () => SHAPE.steps;
      },
    });
    return runId;
  });
}

function seriesBody(fields: string, runId: string, from: number, to: number): string {
  return JSON.stringify({
    query: seriesQuery(fields),
    variables: { run: `run:${runId}`, key: KEY, range: { from: String(from), to: String(to) }, buckets: BUCKETS },
  });
}

/** Throws unless the series holds every point once, in at most 2,000 buckets, and no extreme is lost. */
async function checkSeries(stand: Stand, runId: string, points: number): Promise<void> {
  await withConnections(stand.throughline.origin, 1, async (connections) => {
    const answer: unknown = JSON.parse(
      (await connectionOf(connections, 0).postBytes('/graphql', seriesBody(CHECKED, runId, 0, points))).toString('utf8'),
    );
    const series = field(field(answer, 'data'), 'metricSeries');
    const columns = field(series, 'columns');
    const numbers = (name: string): number[] => list(field(columns, name)).map(Number);
    const counts = numbers('count');
    const total = counts.reduce((sum, one) => sum + one, 0);
    const told = count(field(series, 'pointCount'));
    if (total !== points || told !== points || counts.length > BUCKETS) {
      throw new Error(`the series of ${points} points tells of ${told}, has ${total} of them in ${counts.length} buckets`);
    }
    const expected = { min: Infinity, max: -Infinity };
    for (let step = 0; step < points; step += 1) {
      const { value } = pointOf(0, step);
      if (value < expected.min) expected.min = value;
      if (value > expected.max) expected.max = value;
    }
    const min = Math.min(...numbers('min'));
    const max = Math.max(...numbers('max'));
    if (min !== expected.min || max !== expected.max) throw new Error(`the series of ${points} points reaches from ${min} to ${max}`);
  });
}

interface SeriesLoad {
  clients: number;
  runId: string;
  size: number;
  durationMs: number;
}

let asked = 0;

/** Latencies of one turn, ms. */
function askSeries(stand: Stand, { clients, runId, size, durationMs }: SeriesLoad): Promise<number[]> {
  return withConnections(stand.throughline.origin, clients, async (connections) => {
    const result = await closedLoop({
      clients,
      durationMs,
      signal: stand.signal,
      async request(client) {
        asked += 1;
        const from = Math.floor((noise(asked * 2) * size) / 50);
        const to = size - 1 - Math.floor((noise(asked * 2 + 1) * size) / 50);
        const answer = await connectionOf(connections, client).postBytes('/graphql', seriesBody(CHARTED, runId, from, to));
        return () => {
          const buckets = lengthOfColumn(answer, 'toStep');
          // Buckets without points are left out; steps follow one another here, so there are nearly as many as were asked for.
          if (buckets < Math.min(BUCKETS, size) / 2 || buckets > BUCKETS) throw new Error(`a series came in ${buckets} buckets`);
          return 1;
        };
      },
    });
    return result.latenciesMs;
  });
}

/** How many numbers a column of an answer has; 0 where it has no such column. Without parsing the answer, which would take a core from the server. */
function lengthOfColumn(answer: Buffer, name: string): number {
  const mark = `"${name}":[`;
  const begin = answer.indexOf(mark) + mark.length;
  const end = answer.indexOf(']', begin);
  return begin < mark.length || end <= begin ? 0 : answer.toString('latin1', begin, end).split(',').length;
}

/** The same points in MLflow's table, sampled by its own route: for information. */
async function askMlflow(stand: Stand, points: number): Promise<Figure> {
  const mlflow: Server = await stand.mlflow();
  stand.progress.say(`MLflow: copying ${points} points into its table`);
  return withConnections(mlflow.origin, 1, async (connections) => {
    const connection = connectionOf(connections, 0);
    const [runId = ''] = await createRuns([connection], await createExperiment(connection, freshName('series')));
    await copyMlflowRows(
      mlflow.databaseUrl,
      'metrics',
      ['key', 'value', 'timestamp', 'step', 'is_nan', 'run_uuid'],
      metricRows(runId, points),
    );
    const query = `run_ids=${runId}&metric_key=${KEY}&max_results=${MLFLOW_POINTS}`;
    const latencies: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      stand.signal.throwIfAborted();
      stand.progress.say(`MLflow: request ${turn + 1} of 4, the first one thrown away`);
      const sent = performance.now();
      const answer = await connection.get(`/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?${query}`);
      if (turn > 0) latencies.push(performance.now() - sent);
      const found = list(field(answer, 'metrics')).length;
      if (found < MLFLOW_POINTS / 2) throw new Error(`MLflow sampled ${found} points instead of ${MLFLOW_POINTS}`);
    }
    return figure(`MLflow, ${points} points, 1 client, ${MLFLOW_POINTS} sampled`, 'ms', latencies);
  });
}

function* metricRows(runId: string, points: number): Generator<string> {
  for (let step = 0; step < points; step += 1) {
    const { timestamp, value } = pointOf(0, step);
    yield `${KEY}\t${value}\t${timestamp}\t${step}\tf\t${runId}\n`;
  }
}
