// vitest's globalSetup: a server of this project's as a process of its own, over an empty folder and with its own database. The client imports nothing
// of the workspace, and neither do its tests: they meet the server where everybody does.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { TEST_SERVER } from './testing.ts';

const MAIN = fileURLToPath(new URL('../../../apps/api/src/main.ts', import.meta.url));

export default async function setup(): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'throughline-client-server-'));
  const child = fork(MAIN, {
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_ENV: 'production',
      THROUGHLINE_DATA_DIR: dataDir,
      THROUGHLINE_PORT: '0',
      THROUGHLINE_WEB: '0',
    },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'exit');
  const first = await Promise.race([once(child, 'message'), ended.then(() => null)]);
  if (first === null) throw new Error(`The server ended before it was ready:\n${said}`);
  const { url } = first[0] as { url: string };
  process.env[TEST_SERVER] = url.replace('localhost', '127.0.0.1');
  return async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  };
}
