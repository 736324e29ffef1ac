// Brings the same runs into both servers: into this one through its API, and into MLflow's tables by COPY, under the ids that this server gave
// them. Then this server finishes what it does in the background, and PostgreSQL does for both databases what it does on its own some minutes
// later (VACUUM, ANALYZE).

import { setTimeout as pause } from 'node:timers/promises';

import { closedLoop } from '../harness/load.ts';
import type { Server } from '../harness/servers.ts';
import { connectionOf, withConnections } from './connection.ts';
import { createExperiment, PATHS, runBody, runIdOf } from './mlflow-protocol.ts';
import { copyMlflowRows } from './mlflow-tables.ts';
import { endTimeOf, extraTags, METRICS, metricKey, metricValue, paramKey, PARAMS, paramValue, runName, startTimeOf } from './run-data.ts';
import { query } from './stand.ts';
import type { Stand } from './stand.ts';
import { freshName, oncePerStand } from './work.ts';

export interface SearchData {
  runs: number;
  /** The experiment that holds them, in each server. */
  experiments: { throughline: string; mlflow: string };
  /** By number, the same in both. */
  runIds: readonly string[];
  /** The other way round. */
  numberOf: ReadonlyMap<string, number>;
}

/** The runs, brought in for the first row that asks. */
export const searchData = oncePerStand(fill);

async function fill(stand: Stand): Promise<SearchData> {
  const { runs } = stand.scale.search;
  stand.progress.say(`logging ${runs} runs to this server`);
  const ours = await fillThroughline(stand, runs);
  const mlflow = await stand.mlflow();
  stand.progress.say(`copying ${runs} runs into MLflow's tables`);
  const theirs = await fillMlflow(mlflow, ours.runIds);
  stand.progress.say('waiting until this server has put its runs in order');
  await rested(stand);
  stand.progress.say('vacuuming and analyzing both databases');
  for (const url of [stand.throughline.databaseUrl, mlflow.databaseUrl]) await query(url, 'VACUUM (ANALYZE)');
  await query(mlflow.databaseUrl, 'CHECKPOINT');
  return {
    runs,
    experiments: { throughline: ours.experimentId, mlflow: theirs },
    runIds: ours.runIds,
    numberOf: new Map(ours.runIds.map((runId, run) => [runId, run])),
  };
}

/** How long that may take, at a thousand runs a second. */
const REST_LIMIT_MS = 300_000;

/** Resolves when the server's work in the background is done: what was logged is settled, and each of these runs has its card. */
async function rested({ throughline, signal }: Stand): Promise<void> {
  const begun = performance.now();
  for (let waiting = true; waiting;) {
    await pause(500, undefined, { signal });
    const [row] = await query<{ waiting: boolean }>(
      throughline.databaseUrl,
      `SELECT EXISTS (SELECT 1 FROM metric_batch) OR EXISTS (SELECT 1 FROM run_change x JOIN run r ON r.id = x.run_id WHERE r.status = 'FINISHED') AS waiting`,
    );
    waiting = row?.waiting !== false;
    if (waiting && performance.now() - begun > REST_LIMIT_MS) throw new Error('the server does not come to rest');
  }
}

async function fillThroughline(stand: Stand, runs: number): Promise<{ experimentId: string; runIds: string[] }> {
  const { clients } = stand.scale;
  return withConnections(stand.throughline.origin, clients, async (connections) => {
    const experimentId = await createExperiment(connectionOf(connections, 0), freshName('search'));
    const runIds = new Array<string>(runs).fill('');
    await closedLoop({
      clients,
      durationMs: Infinity,
      turnsPerClient: Math.ceil(runs / clients),
      signal: stand.signal,
      async request(client, turn) {
        const run = turn * clients + client;
        if (run >= runs) return () => 0;
        const connection = connectionOf(connections, client);
        const begun = { experimentId, name: runName(run), startTimeMs: startTimeOf(run), tags: extraTags(run) };
        const runId = runIdOf(await connection.postBytes(PATHS.createRun, runBody(begun)));
        runIds[run] = runId;
        await connection.postBytes(PATHS.logBatch, JSON.stringify({ run_id: runId, metrics: metricsOf(run), params: paramsOf(run) }));
        await connection.postBytes(PATHS.updateRun, JSON.stringify({ run_id: runId, status: 'FINISHED', end_time: endTimeOf(run) }));
        return () => 1;
      },
    });
    return { experimentId, runIds };
  });
}

function metricsOf(run: number): object[] {
  return Array.from({ length: METRICS }, (_, metric) => ({
    key: metricKey(metric),
    value: metricValue(run, metric),
    timestamp: startTimeOf(run),
    step: 0,
  }));
}

function paramsOf(run: number): { key: string; value: string }[] {
  return Array.from({ length: PARAMS }, (_, param) => ({ key: paramKey(param), value: paramValue(run, param) }));
}

async function fillMlflow(mlflow: Server, runIds: readonly string[]): Promise<string> {
  const experimentId = await withConnections(mlflow.origin, 1, (connections) =>
    createExperiment(connectionOf(connections, 0), freshName('search')),
  );
  const url = mlflow.databaseUrl;
  await copyMlflowRows(
    url,
    'runs',
    ['run_uuid', 'name', 'source_type', 'user_id', 'status', 'start_time', 'end_time', 'lifecycle_stage', 'artifact_uri', 'experiment_id'],
    lines(runIds, (run, id) => [
      [
        id,
        runName(run),
        'UNKNOWN',
        'bench',
        'FINISHED',
        startTimeOf(run),
        endTimeOf(run),
        'active',
        `mlflow-artifacts:/${experimentId}/${id}/artifacts`,
        experimentId,
      ],
    ]),
  );
  const metricColumns = ['key', 'value', 'timestamp', 'step', 'is_nan', 'run_uuid'];
  const metricLines = () =>
    lines(runIds, (run, id) =>
      Array.from({ length: METRICS }, (_, metric) => [metricKey(metric), metricValue(run, metric), startTimeOf(run), 0, 'f', id]),
    );
  // Two at a time: there are two cores.
  await Promise.all([
    copyMlflowRows(url, 'metrics', metricColumns, metricLines()),
    (async () => {
      await copyMlflowRows(url, 'latest_metrics', metricColumns, metricLines());
      const params = (run: number, id: string) => paramsOf(run).map(({ key, value }) => [key, value, id]);
      await copyMlflowRows(url, 'params', ['key', 'value', 'run_uuid'], lines(runIds, params));
      const tags = (run: number, id: string) => allTags(run).map(({ key, value }) => [key, value, id]);
      await copyMlflowRows(url, 'tags', ['key', 'value', 'run_uuid'], lines(runIds, tags));
    })(),
  ]);
  return experimentId;
}

/** What the server makes of the body that starts a run. */
function allTags(run: number): { key: string; value: string }[] {
  return [
    { key: 'mlflow.user', value: 'bench' },
    { key: 'mlflow.source.name', value: 'train.py' },
    { key: 'mlflow.source.type', value: 'LOCAL' },
    { key: 'mlflow.runName', value: runName(run) },
    ...extraTags(run),
  ];
}

function* lines(runIds: readonly string[], rowsOf: (run: number, id: string) => (string | number)[][]): Generator<string> {
  for (const [run, id] of runIds.entries()) {
    // No value here holds what COPY's text form would have to escape.
    for (const columns of rowsOf(run, id)) yield `${columns.join('\t')}\n`;
  }
}
