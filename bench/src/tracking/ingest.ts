// Rows about writing points: log-batch in four shapes, log-metric, and log-batch against PostgreSQL's own fastest way in. Each client writes to
// a run of its own, as training jobs do; every turn begins with new runs, and ends, off the clock, with reading back what was written.

import { closedLoop } from '../harness/load.ts';
import { atLeast, row, timesTheRate } from '../harness/report.ts';
import type { Side } from '../harness/rounds.ts';
import type { Server } from '../harness/servers.ts';
import { connectionOf, withConnections } from './connection.ts';
import type { Connection } from './connection.ts';
import { bigCopyTurn, committedCopyTurn } from './copy.ts';
import { createExperiment, createRuns, history, latestSteps, PATHS } from './mlflow-protocol.ts';
import { BatchBodies, keyName, pointOf } from './points.ts';
import type { Shape } from './points.ts';
import type { Stand } from './stand.ts';
import { figureAt, figuresOf, freshName } from './work.ts';
import type { Work } from './work.ts';

/** Batches that are made before the first clock starts; a later turn finds those that earlier ones made. */
const PREPARED_TURNS = 400;

interface BatchBars {
  points?: number;
  timesMlflow: number;
}

function logBatchWork(shape: Shape, bars: BatchBars, seconds: number): Work {
  const size = shape.keys * shape.steps;
  const told = shape.steps === 1 ? `${shape.keys} keys x 1 step` : `${shape.keys} keys x ${shape.steps} steps`;
  return {
    name: shape.steps === 1 ? `log-batch-${shape.keys}x1` : `log-batch-${size}`,
    title: `log-batch of ${size} points (${told}), points/s`,
    work: 'Each of 8 clients logs batches to a run of its own, the next one when the last one was acknowledged; then counts and values are read back.',
    seconds,
    async run(stand, work) {
      const bodies = new BatchBodies(shape);
      bodies.prepare(PREPARED_TURNS);
      const mlflow = await stand.mlflow();
      const { figures, notes } = await figuresOf(stand, 'points/s', [
        batchSide(stand, stand.throughline, bodies, stand.scale.turnMs),
        batchSide(stand, mlflow, bodies, stand.scale.mlflowTurnMs),
      ]);
      const [ours, theirs] = [figureAt(figures, 0), figureAt(figures, 1)];
      const absolute = bars.points === undefined ? [] : [atLeast(ours, bars.points)];
      return row(work, { figures, bars: [...absolute, timesTheRate(ours, theirs, bars.timesMlflow, 'MLflow')], notes });
    },
  };
}

export const LOG_BATCH_1000_SHAPE: Shape = { keys: 20, steps: 50 };

export const LOG_BATCH_1000 = logBatchWork(LOG_BATCH_1000_SHAPE, { points: 350_000, timesMlflow: 40 }, 80);
export const LOG_BATCH_500 = logBatchWork({ keys: 20, steps: 25 }, { points: 250_000, timesMlflow: 40 }, 75);
export const LOG_BATCH_1000X1 = logBatchWork({ keys: 1000, steps: 1 }, { timesMlflow: 8 }, 80);
export const LOG_BATCH_10X1 = logBatchWork({ keys: 10, steps: 1 }, { timesMlflow: 10 }, 65);

function batchSide(stand: Stand, server: Server, bodies: BatchBodies, turnMs: number): Side<number> {
  return { name: server.name, turn: (isWarmUp) => logBatches(stand, server, bodies, isWarmUp ? turnMs / 2 : turnMs) };
}

/** One turn of log-batch, checked; answers points a second. */
export async function logBatches(stand: Stand, server: Server, bodies: BatchBodies, durationMs: number): Promise<number> {
  const { clients } = stand.scale;
  const size = bodies.shape.keys * bodies.shape.steps;
  return withConnections(server.origin, clients, async (connections) => {
    const experimentId = await createExperiment(connectionOf(connections, 0), freshName('log-batch'));
    const runIds = await createRuns(connections, experimentId);
    const result = await closedLoop({
      clients,
      durationMs,
      signal: stand.signal,
      async request(client, turn) {
        await connectionOf(connections, client).postBytes(PATHS.logBatch, bodies.body(runIds[client] ?? '', turn));
        return () => size;
      },
    });
    await Promise.all(
      runIds.map((runId, client) =>
        checkRun(connectionOf(connections, client), runId, bodies.shape, (result.turns[client] ?? 0) * bodies.shape.steps),
      ),
    );
    return result.perSecond;
  });
}

/** Throws unless the run holds every key up to the last step, and one key's history, point by point. */
async function checkRun(connection: Connection, runId: string, shape: Shape, steps: number): Promise<void> {
  if (steps === 0) return;
  const latest = await latestSteps(connection, runId);
  const late = Array.from({ length: shape.keys }, (_, key) => keyName(key)).filter((key) => latest.get(key) !== steps - 1);
  if (latest.size !== shape.keys || late.length > 0) {
    throw new Error(`${runId} holds ${latest.size} of ${shape.keys} metrics, ${late.length} of them not up to step ${steps - 1}`);
  }
  const key = steps % shape.keys;
  const points = await history(connection, runId, keyName(key));
  const wrong = points.findIndex((point, step) => {
    const expected = pointOf(key, step);
    return point.step !== expected.step || point.timestamp !== expected.timestamp || point.value !== expected.value;
  });
  if (points.length !== steps || wrong !== -1) {
    throw new Error(`the history of ${keyName(key)} of ${runId} has ${points.length} points instead of ${steps}, wrong from ${wrong} on`);
  }
}

export const LOG_METRIC: Work = {
  name: 'log-metric',
  title: 'log-metric, one point a request, metrics/s',
  work: 'Each of 8 clients logs one metric step by step to a run of its own; then the histories are read back.',
  seconds: 65,
  async run(stand, work) {
    const mlflow = await stand.mlflow();
    const { figures, notes } = await figuresOf(stand, 'metrics/s', [
      { name: stand.throughline.name, turn: (isWarmUp) => logMetrics(stand, stand.throughline, isWarmUp) },
      { name: mlflow.name, turn: (isWarmUp) => logMetrics(stand, mlflow, isWarmUp) },
    ]);
    return row(work, { figures, bars: [timesTheRate(figureAt(figures, 0), figureAt(figures, 1), 10, 'MLflow')], notes });
  },
};

async function logMetrics(stand: Stand, server: Server, isWarmUp: boolean): Promise<number> {
  const { clients, turnMs } = stand.scale;
  return withConnections(server.origin, clients, async (connections) => {
    const experimentId = await createExperiment(connectionOf(connections, 0), freshName('log-metric'));
    const runIds = await createRuns(connections, experimentId);
    const result = await closedLoop({
      clients,
      durationMs: isWarmUp ? turnMs / 2 : turnMs,
      signal: stand.signal,
      async request(client, turn) {
        const body = JSON.stringify({ run_id: runIds[client], key: keyName(0), ...pointOf(0, turn) });
        await connectionOf(connections, client).postBytes(PATHS.logMetric, body);
        return () => 1;
      },
    });
    const shape: Shape = { keys: 1, steps: 1 };
    await Promise.all(runIds.map((runId, client) => checkRun(connectionOf(connections, client), runId, shape, result.turns[client] ?? 0)));
    return result.perSecond;
  });
}

export const COPY: Work = {
  name: 'log-batch-against-copy',
  title: 'log-batch of 1000 points (20 keys x 50 steps) against binary COPY of the same points into a keyed table, points/s',
  work:
    'log-batch as above; COPY by 8 connections into an empty table (run, key, step, timestamp, value) whose primary key is all five: ' +
    'once committed every 1000 points, as log-batch is, and once as one COPY a connection. The bar is held against the faster of the two.',
  seconds: 85,
  async run(stand, work) {
    const bodies = new BatchBodies(LOG_BATCH_1000_SHAPE);
    bodies.prepare(PREPARED_TURNS);
    const { figures, notes } = await figuresOf(stand, 'points/s', [
      batchSide(stand, stand.throughline, bodies, stand.scale.turnMs),
      { name: 'COPY, committed every 1000', turn: (isWarmUp) => committedCopyTurn(stand, LOG_BATCH_1000_SHAPE, isWarmUp) },
      { name: 'COPY, one a connection', turn: (isWarmUp) => bigCopyTurn(stand, LOG_BATCH_1000_SHAPE, isWarmUp) },
    ]);
    const [ours, committed, whole] = [figureAt(figures, 0), figureAt(figures, 1), figureAt(figures, 2)];
    const faster = committed.median > whole.median ? committed : whole;
    return row(work, { figures, bars: [timesTheRate(ours, faster, 1.5, faster.name)], notes });
  },
};
