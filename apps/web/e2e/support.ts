// What the browser tests stand on: the real server in its own process on a throwaway data folder, a real Chromium, and a small
// client for what a test needs to be there before it looks.

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

const ROOT = join(import.meta.dirname, '../../..');
const SCREENS = join(import.meta.dirname, '../test-results/screens');
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface TestServer {
  url: string;
  dataDir: string;
  /** Ends it at once, as a power cut does; its data stays, for `startServer` to go on from. */
  kill: () => Promise<void>;
  stop: () => Promise<void>;
}

/** Starts the server with the dashboard on a free port, or anew where one was killed. The dashboard must have been built. */
export async function startServer({ killed, env = {} }: { killed?: TestServer; env?: Record<string, string> } = {}): Promise<TestServer> {
  if (!existsSync(join(import.meta.dirname, '../.next/BUILD_ID')))
    throw new Error('Build the dashboard first: npm run build -w @throughline/web');
  const dataDir = killed?.dataDir ?? (await mkdtemp(join(tmpdir(), 'throughline-web-')));
  const child = fork(join(ROOT, 'apps/api/src/main.ts'), [], {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      DATABASE_URL: '',
      THROUGHLINE_HOST: '127.0.0.1',
      THROUGHLINE_PORT: killed === undefined ? '0' : new URL(killed.url).port,
      THROUGHLINE_DATA_DIR: dataDir,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const url = await ready(child);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  };
  return {
    url,
    dataDir,
    kill: () => end('SIGKILL'),
    stop: async () => {
      await end('SIGTERM');
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function ready(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
    child.on('message', (message) => {
      if (typeof message === 'object' && 'type' in message && message.type === 'ready' && 'url' in message) resolve(String(message.url));
    });
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}:\n${said}`)));
  });
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium', args: FLAGS });
}

/** Complaints of pages since they were opened: errors in the console, and requests that left the server's own origin. */
export interface WatchedPage {
  page: Page;
  complaints: string[];
}

export async function openPage(
  browser: Browser,
  server: TestServer,
  options: { dark?: boolean; width?: number } = {},
): Promise<WatchedPage> {
  const page = await browser.newPage({
    baseURL: server.url,
    viewport: { width: options.width ?? 1280, height: 820 },
    colorScheme: options.dark === true ? 'dark' : 'light',
  });
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (/^https?:/.test(protocol) && origin !== new URL(server.url).origin) complaints.push(`asked ${origin}`);
  });
  return { page, complaints };
}

/** Keeps a picture for whoever wants to look at it. */
export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(SCREENS, { recursive: true });
  await page.screenshot({ path: join(SCREENS, `${name}.png`) });
}

/** The GraphQL API as a test uses it; a refusal is an exception. */
export function apiOf({ url }: TestServer) {
  const query = async (document: string, variables: object = {}): Promise<unknown> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: document, variables }),
    });
    const answer = (await response.json()) as { data?: Record<string, { __typename?: string } | null>; errors?: unknown };
    const refused = Object.values(answer.data ?? {}).find((value) => value?.__typename === 'Problem');
    if (answer.errors !== undefined || refused !== undefined) throw new Error(JSON.stringify(answer.errors ?? refused));
    return answer.data;
  };
  /** One mutation that answers its object or a Problem; `fields` are asked of the object of that type. */
  const change = async (
    field: string,
    type: string,
    fields: string,
    args: readonly (readonly [name: string, type: string, value: unknown])[],
  ): Promise<Record<string, string>> => {
    const document = `mutation(${args.map(([name, of]) => `$${name}: ${of}`).join(', ')}) {
      ${field}(${args.map(([name]) => `${name}: $${name}`).join(', ')}) { __typename ... on ${type} { ${fields} } ... on Problem { kind code message } }
    }`;
    const data = (await query(document, Object.fromEntries(args.map(([name, , value]) => [name, value])))) as Record<
      string,
      Record<string, string>
    >;
    return data[field] ?? {};
  };
  const upload = async (content: string | Uint8Array): Promise<string> => {
    const body = Buffer.from(content);
    const sha256 = createHash('sha256').update(body).digest('hex');
    const response = await fetch(`${url}/api/v1/files/${sha256}`, {
      method: 'PUT',
      body,
      headers: { 'content-type': 'application/octet-stream' },
    });
    if (!response.ok) throw new Error(await response.text());
    return sha256;
  };
  const mlflow = async (path: string, body: object): Promise<void> => {
    const response = await fetch(`${url}/api/2.0/mlflow/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(await response.text());
  };
  return { query, change, upload, mlflow };
}

export type Api = ReturnType<typeof apiOf>;

/** Registers files as a dataset version. */
export async function registerData(
  api: Api,
  dataset: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  derivedFrom: readonly string[] = [],
) {
  const list = [];
  for (const [path, content] of Object.entries(files)) list.push({ path, sha256: await api.upload(content) });
  const version = await api.change('registerDatasetVersion', 'DatasetVersion', 'id ref', [
    ['input', 'RegisterDatasetVersionInput!', { dataset, files: list, derivedFrom, message: 'by a test' }],
  ]);
  return { id: version['id'] ?? '', files: list };
}

/** Starts a run and logs a curve to it. */
export async function logRun(api: Api, experiment: string, name: string, best: number, steps = 12) {
  const run = await api.change('createRun', 'Run', 'id runId', [['input', 'CreateRunInput!', { experiment, name }]]);
  const metrics = Array.from({ length: steps }, (_, step) => [
    { key: 'val_accuracy', value: best * (1 - Math.exp(-(step + 1) / 4)), step: String(step) },
    { key: 'val_loss', value: 1.1 - best * (1 - Math.exp(-(step + 1) / 4)), step: String(step) },
  ]).flat();
  await api.change('logBatch', 'Run', 'id', [
    ['run', 'ID!', run['id']],
    ['metrics', '[MetricInput!]', metrics],
    ['params', '[ParamInput!]', [{ key: 'model', value: best > 0.9 ? 'mlp' : 'forest' }]],
  ]);
  await api.change('updateRun', 'Run', 'id', [
    ['id', 'ID!', run['id']],
    ['input', 'UpdateRunInput!', { status: 'FINISHED' }],
  ]);
  return { id: run['id'] ?? '', runId: run['runId'] ?? '' };
}
