// The part of MLflow's REST protocol that the benchmark speaks, to both servers in the same words. Answers are taken apart by hand: a field
// that is missing or of another kind is an error of the server's, not something to pass over.

import { inspect } from 'node:util';

import type { Connection } from './connection.ts';

const API = '/api/2.0/mlflow';
export const PATHS = {
  createRun: `${API}/runs/create`,
  logBatch: `${API}/runs/log-batch`,
  logMetric: `${API}/runs/log-metric`,
  searchRuns: `${API}/runs/search`,
  updateRun: `${API}/runs/update`,
} as const;

export interface Point {
  step: number;
  timestamp: number;
  value: number;
}

export interface NewRun {
  experimentId: string;
  name: string;
  startTimeMs: number;
  /** Beside the ones that every client sets. */
  tags?: readonly { key: string; value: string }[];
}

/** The body that the Python client sends when a script starts a run. */
export function runBody({ experimentId, name, startTimeMs, tags = [] }: NewRun): string {
  return JSON.stringify({
    experiment_id: experimentId,
    user_id: 'bench',
    run_name: name,
    start_time: startTimeMs,
    tags: [
      { key: 'mlflow.user', value: 'bench' },
      { key: 'mlflow.source.name', value: 'train.py' },
      { key: 'mlflow.source.type', value: 'LOCAL' },
      ...tags,
    ],
  });
}

export async function createExperiment(connection: Connection, name: string): Promise<string> {
  return text(field(await connection.post(`${API}/experiments/create`, { name }), 'experiment_id'));
}

export function runIdOf(created: Buffer): string {
  return text(field(field(field(JSON.parse(created.toString('utf8')), 'run'), 'info'), 'run_id'));
}

export async function createRuns(connections: readonly Connection[], experimentId: string): Promise<string[]> {
  return Promise.all(
    connections.map(async (connection, index) =>
      runIdOf(await connection.postBytes(PATHS.createRun, runBody({ experimentId, name: `client-${index}`, startTimeMs: Date.now() }))),
    ),
  );
}

/** The latest step of each metric of a run. */
export async function latestSteps(connection: Connection, runId: string): Promise<Map<string, number>> {
  const metrics = list(field(field(field(await connection.get(`${API}/runs/get?run_id=${runId}`), 'run'), 'data'), 'metrics'));
  return new Map(metrics.map((metric) => [text(field(metric, 'key')), count(Reflect.get(Object(metric), 'step') ?? 0)]));
}

/** All points of one metric, as the server orders them. */
export async function history(connection: Connection, runId: string, key: string): Promise<Point[]> {
  const points: Point[] = [];
  let token = '';
  do {
    const query = `run_id=${runId}&metric_key=${encodeURIComponent(key)}&max_results=25000`;
    const answer = await connection.get(
      `${API}/metrics/get-history?${query}${token === '' ? '' : `&page_token=${encodeURIComponent(token)}`}`,
    );
    for (const metric of list(Reflect.get(Object(answer), 'metrics') ?? [])) {
      points.push({
        step: count(Reflect.get(Object(metric), 'step') ?? 0),
        timestamp: count(field(metric, 'timestamp')),
        value: Number(field(metric, 'value')),
      });
    }
    token = text(Reflect.get(Object(answer), 'next_page_token') ?? '');
  } while (token !== '');
  return points;
}

export interface Search {
  experimentId: string;
  filter: string;
  orderBy: string;
  maxResults: number;
  pageToken?: string;
}

export function searchBody({ experimentId, filter, orderBy, maxResults, pageToken }: Search): string {
  return JSON.stringify({
    experiment_ids: [experimentId],
    filter,
    order_by: [orderBy],
    max_results: maxResults,
    ...(pageToken === undefined ? {} : { page_token: pageToken }),
  });
}

/** One page of a search: the runs' ids in order, and where the next page begins. */
export async function searchPage(connection: Connection, search: Search): Promise<{ runIds: string[]; nextPageToken: string | null }> {
  return pageOf(await connection.postBytes(PATHS.searchRuns, searchBody(search)));
}

/** A search's answer, taken apart. */
export function pageOf(bytes: Buffer): { runIds: string[]; nextPageToken: string | null } {
  const answer: unknown = JSON.parse(bytes.toString('utf8'));
  const runs = list(Reflect.get(Object(answer), 'runs') ?? []);
  const token: unknown = Reflect.get(Object(answer), 'next_page_token');
  return {
    runIds: runs.map((run) => text(field(field(run, 'info'), 'run_id'))),
    nextPageToken: token === undefined || token === '' ? null : text(token),
  };
}

const RUN_MARK = Buffer.from('"run_uuid"');

/** How many runs an answer holds, without taking it apart: each says its older name once. */
export function countRuns(answer: Buffer): number {
  let found = 0;
  for (let at = answer.indexOf(RUN_MARK); at !== -1; at = answer.indexOf(RUN_MARK, at + RUN_MARK.length)) found += 1;
  return found;
}

export function field(value: unknown, name: string): unknown {
  const found: unknown = Reflect.get(Object(value), name);
  if (found === undefined) throw new Error(`the answer lacks '${name}': ${excerpt(value)}`);
  return found;
}

export function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error(`a list was expected, not ${excerpt(value)}`);
  return value as unknown[];
}

export function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`text was expected, not ${excerpt(value)}`);
  return value;
}

/** A whole number, which GraphQL's BigInt writes as text. */
export function count(value: unknown): number {
  const found = typeof value === 'string' ? Number(value) : value;
  if (typeof found !== 'number' || !Number.isSafeInteger(found)) throw new Error(`a whole number was expected, not ${excerpt(value)}`);
  return found;
}

function excerpt(value: unknown): string {
  return inspect(value, { depth: 4, breakLength: Infinity }).slice(0, 300);
}
