// MLflow's protocol as raw requests, for what its own client would never send.

import type { Client, RequestOptions } from './client.ts';

export interface MlflowAnswer {
  status: number;
  /** The body, parsed where it is JSON; null where there is none. */
  body: unknown;
  /** What a client branches on. */
  code: unknown;
  message: string;
  text: string;
}

type Query = Readonly<Record<string, string | readonly string[]>>;

export interface MlflowClient {
  get(path: string, query?: Query, prefix?: string): Promise<MlflowAnswer>;
  post(path: string, body: unknown, prefix?: string): Promise<MlflowAnswer>;
  /** Any method, with a body as it is. */
  raw(method: string, url: string, body?: string, headers?: RequestOptions['headers']): Promise<MlflowAnswer>;
  /** As `post`, where nothing but success will do. */
  did<T>(path: string, body: unknown): Promise<T>;
  /** A new experiment's id. */
  experiment(name: string): Promise<string>;
  /** A new run's id. */
  run(experimentId: string, more?: object): Promise<string>;
}

const PREFIX = '/api/2.0/mlflow/';
const JSON_BODY = { 'content-type': 'application/json' };

function queryOf(query: Query): string {
  const parts = Object.entries(query).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]));
  return parts.length === 0 ? '' : `?${new URLSearchParams(parts).toString()}`;
}

/** Speaks MLflow's protocol to the server behind a client. */
export function speakMlflow(client: Client): MlflowClient {
  async function raw(method: string, url: string, body?: string, headers: RequestOptions['headers'] = {}): Promise<MlflowAnswer> {
    const { status, text, headers: got } = await client.send(method, url, body, { headers });
    const isJson = got.get('content-type')?.startsWith('application/json') === true && text !== '';
    const parsed: unknown = isJson ? JSON.parse(text) : null;
    const { error_code: code, message = '' } = Object(parsed) as { error_code?: unknown; message?: string };
    return { status, body: parsed, code, message, text };
  }

  const post = (path: string, body: unknown, prefix = PREFIX) => raw('POST', prefix + path, JSON.stringify(body), JSON_BODY);

  async function did<T>(path: string, body: unknown): Promise<T> {
    const answer = await post(path, body);
    if (answer.status !== 200) throw new Error(`${path} ${JSON.stringify(body)}: ${answer.status} ${answer.text}`);
    return answer.body as T;
  }

  return {
    raw,
    post,
    did,
    get: (path, query = {}, prefix = PREFIX) => raw('GET', `${prefix}${path}${queryOf(query)}`),
    experiment: async (name) => (await did<{ experiment_id: string }>('experiments/create', { name })).experiment_id,
    run: async (experiment_id, more = {}) =>
      (await did<{ run: { info: { run_id: string } } }>('runs/create', { experiment_id, ...more })).run.info.run_id,
  };
}
