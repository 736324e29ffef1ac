// npm start: installs and builds what is missing, then runs the server with the database that it brings along.

import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { ensureCommand, ensureDashboard, ensureGenerated, ensureInstalled, node24, ROOT, toolEnvironment } from './lib/install.mjs';
import { answerSignals, fail, run, say } from './lib/terminal.mjs';

const HELP = `npm start [-- --empty]

Starts Throughline at http://localhost:4000: its API, its dashboard and, unless DATABASE_URL names another, its own PostgreSQL.
On an empty database of its own it runs the example (examples/penguins), so that there is something to look at.

  --empty   leave the empty database empty
  --help    this text

Settings are read from the environment and from .env; .env.example lists them all.`;

const KNOWN = new Set(['--empty', '--help', '-h']);
const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  say(HELP);
  process.exit(0);
}
const unknown = args.find((arg) => !KNOWN.has(arg));
if (unknown !== undefined) fail(`'${unknown}' is not known here.\n\n${HELP}`);

const envFile = join(ROOT, '.env');
try {
  await ensureInstalled();
  await ensureGenerated();
  await ensureDashboard();
  await ensureCommand();
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}

// How glibc keeps what is freed; other systems do not look at it. By itself it makes up to eight heaps a core and keeps in them whatever lies
// below the last byte in use, which after a burst of requests is more than the server needs to run. Two heaps are enough for a process that
// works in one thread, and what is as large as a body or a packet gets pages of its own, which go back when it is freed.
const allocator = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '65536' };

// A group of its own: Ctrl-C reaches this launcher, which passes it on once. The channel between the two tells the server when the
// launcher is gone without a word (kill -9), and then it stops by itself.
// What the environment says already wins over .env.
const server = spawn(node24(), [`--env-file-if-exists=${envFile}`, join(ROOT, 'apps/api/src/main.ts')], {
  cwd: ROOT,
  env: { ...allocator, ...toolEnvironment({ NODE_ENV: 'production' }) },
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  detached: process.platform !== 'win32',
});

let stopping = false;
let lastSignalMs = 0;
answerSignals();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    // npm passes on what the terminal has told us already.
    if (Date.now() - lastSignalMs < 500) return;
    lastSignalMs = Date.now();
    if (!stopping) say('\nStopping …');
    stopping = true;
    server.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
  });
}

server.once('error', (error) => fail(`The server cannot be started: ${error.message}`));
server.once('exit', (code, signal) => {
  if (stopping && code === 0) {
    say('Stopped.');
    process.exit(0);
  }
  fail(
    `The server ended${signal === null ? ` with status ${code}` : ` by ${signal}`}${stopping ? ' while it was stopping' : ''}; the lines above say why.`,
  );
});

server.on('message', async (message) => {
  if (message?.type !== 'ready') return;
  const { url, embedded, emptyDatabase } = message;
  if (embedded && emptyDatabase && !args.includes('--empty')) await runExample(url);
  if (!stopping) say(`\nThroughline is ready: ${url}   (Ctrl-C stops it)`);
});

async function runExample(url) {
  say('\nThe database is empty: running the example, real penguins from file to deployed model (npm start -- --empty skips this).');
  const main = join(ROOT, 'examples/penguins/src/main.ts');
  const { code } = await run(node24(), [main], { cwd: ROOT, env: toolEnvironment({ THROUGHLINE_URL: url }), show: true });
  if (code !== 0 && !stopping) say('\nThe example did not finish; the lines above say why. The server runs on.');
}
