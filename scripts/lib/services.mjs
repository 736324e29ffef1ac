// Programs that run beside a suite: the throwaway PostgreSQL, a server of ours. Each is started over a channel, says when it is ready,
// and ends when the channel closes.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { node24, ROOT, toolEnvironment } from './install.mjs';
import { track } from './terminal.mjs';

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;

/** Starts a TypeScript program and waits for its `ready` message; answers the message and how to stop it. */
async function startService(file, env) {
  const child = track(
    spawn(node24(), [join(ROOT, file)], { cwd: ROOT, env: toolEnvironment(env), stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }),
  );
  let said = '';
  const keep = (chunk) => (said = (said + chunk).slice(-20_000));
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const ended = new Promise((done) => child.once('exit', (code, signal) => done(signal ?? code)));
  let clock;
  const message = await Promise.race([
    new Promise((done) => child.on('message', (one) => one?.type === 'ready' && done(one))),
    ended.then((how) => Promise.reject(new Error(`${file} ended (${how}) before it was ready:\n${said}`))),
    new Promise((_, failed) => {
      clock = setTimeout(() => failed(new Error(`${file} was not ready within ${START_LIMIT_MS / 1000} s:\n${said}`)), START_LIMIT_MS);
    }),
  ]).finally(() => clearTimeout(clock));
  return {
    message,
    output: () => said,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(limit);
    },
  };
}

/** One fast PostgreSQL without safety against power loss, for a whole run of suites. */
export async function startThrowawayPostgres() {
  const { message, stop } = await startService('libs/database/src/cli/throwaway.ts', {});
  return { url: message.url, stop };
}

/** A server of ours over an empty folder and a free port, with its own PostgreSQL. `env` adds settings. */
export async function startServer(env = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-'));
  try {
    const { message, output, stop } = await startService('apps/api/src/main.ts', {
      THROUGHLINE_DATA_DIR: dataDir,
      THROUGHLINE_HOST: '127.0.0.1',
      THROUGHLINE_PORT: '0',
      DATABASE_URL: '',
      ...env,
    });
    return {
      url: message.url,
      dataDir,
      output,
      async stop() {
        await stop();
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(dataDir, { recursive: true, force: true });
    throw error;
  }
}
