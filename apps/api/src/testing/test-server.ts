// The server as a process of its own, as the launcher starts it: for tests that kill it, take its port or its database away.

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { Server, Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

import { createClient } from './client.ts';
import type { Client } from './client.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** What it wrote to its standard error. */
  said: string;
}

export interface ServerProcess {
  client: Client;
  pid: number;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ended>;
  /** Lets go of it, as a launcher does that is killed; waits for the end. */
  abandon(): Promise<Ended>;
  isRunning(): boolean;
}

/** Every process that was started here and runs still, for tests to clean up after a failure. */
const running = new Set<() => void>();

/** Ends with SIGKILL whatever of these processes runs still. For `afterEach`. */
export function killAll(): void {
  for (const kill of running) kill();
}

function start(env: Record<string, string>, onSaid: (text: string, child: ChildProcess) => void = () => undefined) {
  const child = fork(MAIN, {
    // Nothing of this process's own settings, and none of the runner's hooks.
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', THROUGHLINE_WEB: '0', THROUGHLINE_PORT: '0', ...env },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.stdout?.setEncoding('utf8').on('data', (text: string) => onSaid(text, child));
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const kill = () => void child.kill('SIGKILL');
  running.add(kill);
  // Not `close`, which never comes to who has let go of the process.
  const silent = child.stderr === null ? null : once(child.stderr, 'close');
  const ended = once(child, 'exit').then(async ([code, signal]): Promise<Ended> => {
    await silent;
    running.delete(kill);
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, said };
  });
  return { child, ended };
}

/** Starts a server and waits until it is ready. Rejects with what it said where it ends instead. */
export async function startServer(env: Record<string, string>): Promise<ServerProcess> {
  const { child, ended } = start(env);
  const ready = once(child, 'message').then(([message]) => message as { type: string; url: string });
  const first = await Promise.race([ready, ended]);
  if (!('url' in first)) throw new Error(`The server ended with ${String(first.code)}:\n${first.said}`);
  return {
    // Under the number: on some machines the name is another address first.
    client: createClient(first.url.replace('localhost', '127.0.0.1')),
    pid: child.pid ?? 0,
    end(signal) {
      child.kill(signal);
      return ended;
    },
    abandon() {
      child.disconnect();
      return ended;
    },
    isRunning: () => child.exitCode === null && child.signalCode === null,
  };
}

/** Starts a server that is not expected to become ready; answers how it ended. */
export async function startInVain(env: Record<string, string>): Promise<Ended> {
  return start(env).ended;
}

/** Starts a server and tells it to end as soon as it says this. */
export async function endWhenSaid(env: Record<string, string>, words: string): Promise<Ended> {
  return start(env, (text, child) => {
    if (text.includes(words)) child.kill('SIGTERM');
  }).ended;
}

/** A line to PostgreSQL that can be cut and mended. */
export interface Line {
  /** The database's address through the line. */
  url: string;
  /** Tears every connection, and refuses new ones. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** Lays a line to the PostgreSQL of this address. */
export async function layLine(url: string): Promise<Line> {
  const far = new URL(url);
  const near = new URL(url);
  const sockets = new Set<Socket>();
  let server: Server | null = null;

  async function mend(): Promise<void> {
    server = createServer((socket) => {
      const onward = connect(Number(far.port), far.hostname);
      for (const [one, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    server.listen(near.port === far.port ? 0 : Number(near.port), '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address !== null && typeof address === 'object') near.port = String(address.port);
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
  return { url: near.href, cut, mend, close: cut };
}
