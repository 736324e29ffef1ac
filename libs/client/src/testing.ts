// What the suites share: the server that testing-setup.ts started, what it has of a run, and a line to it that can be cut.

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The variable that carries the server's address from the setup to the suites. */
export const TEST_SERVER = 'THROUGHLINE_TEST_SERVER';

export function serverUrl(): string {
  const url = process.env[TEST_SERVER];
  if (url === undefined) throw new Error(`${TEST_SERVER} is not set: the suites run with this package's vitest.config.ts.`);
  return url;
}

/** An empty folder for journals. */
export async function testFolder(): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'throughline-client-'));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

export interface StoredPoint {
  key: string;
  value: number | string;
  step: number;
  timestamp: number;
}

export interface StoredRun {
  info: { run_name: string; status: string; experiment_id: string; start_time: number; end_time?: number };
  data: { metrics: StoredPoint[]; params: { key: string; value: string }[]; tags: { key: string; value: string }[] };
  inputs: {
    dataset_inputs?: { dataset: { name: string; source: string; digest: string }; tags?: { key: string; value: string }[] }[];
  };
}

async function ask(path: string): Promise<Response> {
  const response = await fetch(`${serverUrl()}${path}`);
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${await response.text()}`);
  return response;
}

/** A run as the server has it; null where it has none. */
export async function storedRun(runId: string): Promise<StoredRun | null> {
  const response = await fetch(`${serverUrl()}/api/2.0/mlflow/runs/get?run_id=${runId}`);
  if (response.status === 404) return null;
  const { run } = (await response.json()) as {
    run: { info: StoredRun['info']; data?: Partial<StoredRun['data']>; inputs?: StoredRun['inputs'] };
  };
  return { info: run.info, data: { metrics: [], params: [], tags: [], ...run.data }, inputs: run.inputs ?? {} };
}

/** Every point of a metric, by step. */
export async function storedPoints(runId: string, key: string): Promise<StoredPoint[]> {
  const path = `/api/2.0/mlflow/metrics/get-history?run_id=${runId}&metric_key=${encodeURIComponent(key)}`;
  const { metrics } = (await (await ask(path)).json()) as { metrics: StoredPoint[] };
  return metrics.sort((a, b) => a.step - b.step);
}

export async function storedArtifact(runId: string, path: string): Promise<Buffer> {
  return Buffer.from(await (await ask(`/get-artifact?run_id=${runId}&path=${encodeURIComponent(path)}`)).arrayBuffer());
}

/** Something that the client has no word for, said over MLflow's protocol. */
export async function tell(procedure: string, message: object): Promise<void> {
  const body = JSON.stringify(message);
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${serverUrl()}/api/2.0/mlflow/${procedure}`, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(`${procedure} was answered with ${response.status}: ${await response.text()}`);
}

/** A line to the server. */
export interface Line {
  url: string;
  /** How many requests came through that held this text. */
  requestsWith(text: string): number;
  /** Resolves once so many requests came through that held this text. */
  until(text: string, count: number): Promise<void>;
  /** Tears every connection, and refuses new ones. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Lets the next request that holds this text through to the server, and tears the connection in place of the answer. */
  loseAnswerTo(text: string): void;
}

/** Lays a line to the server. Cut it when it is not needed any more. */
export async function layLine(): Promise<Line> {
  const far = new URL(serverUrl());
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const countOf = (text: string) => requests.filter((request) => request.includes(text)).length;
  const awaited = new Set<() => void>();
  let server: Server | null = null;
  let port = 0;
  let lost: string | null = null;

  function join(near: Socket): void {
    const onward = connect(Number(far.port), far.hostname);
    let isDoomed = false;
    near.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      requests.push(text);
      for (const check of awaited) check();
      if (lost !== null && text.includes(lost)) {
        lost = null;
        isDoomed = true;
      }
      onward.write(bytes);
    });
    onward.on('data', (bytes) => {
      if (isDoomed) near.destroy();
      else near.write(bytes);
    });
    for (const [one, other] of [
      [near, onward],
      [onward, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  }

  async function mend(): Promise<void> {
    server = createServer(join).listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address !== null && typeof address === 'object') port = address.port;
  }

  async function cut(): Promise<void> {
    const closing = server;
    server = null;
    if (closing === null) return;
    const closed = once(closing, 'close');
    closing.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  await mend();
  return {
    url: `http://127.0.0.1:${port}`,
    requestsWith: countOf,
    until: (text, count) =>
      new Promise((reached) => {
        const check = () => {
          if (countOf(text) < count) return;
          awaited.delete(check);
          reached();
        };
        awaited.add(check);
        check();
      }),
    cut,
    mend,
    loseAnswerTo: (text) => {
      lost = text;
    },
  };
}
