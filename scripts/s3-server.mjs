// A real S3 server for tests: MinIO from the PATH, or built from its source with Go, and where that cannot be had VersityGW. As a module it
// answers ensureS3Server() and startS3Server(); as a command it runs another one with the server's address in the environment:
//   node scripts/s3-server.mjs --run <command> [arguments]
//
// The server is started through a small process of our own that ends it when its standard input closes: however this script ends,
// kill -9 included, no server stays behind.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { fail, run, say, step, track } from './lib/terminal.mjs';

const SCRIPT = fileURLToPath(import.meta.url);
const TOOLS = fileURLToPath(new URL('../.throughline/tools/', import.meta.url));
const EXE = process.platform === 'win32' ? '.exe' : '';
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;
const KEPT_OUTPUT = 8_000;

/** What may serve, the best first. Versions are pinned to what the suites were seen to pass with. */
const SERVERS = [
  {
    name: 'minio',
    // The repository is archived and its releases carry no version that Go knows: this is its last commit.
    version: 'v0.0.0-20260212201848-7aac2a2c5b7c',
    module: 'github.com/minio/minio',
    isIt: /^minio version (\S+)/,
    arguments: ({ host, port, dataDir }) => [
      'server',
      '--quiet',
      '--certs-dir',
      join(dataDir, 'certs'),
      '--address',
      `${host}:${port}`,
      join(dataDir, 'objects'),
    ],
    environment: ({ accessKey, secretKey }) => ({
      MINIO_ROOT_USER: accessKey,
      MINIO_ROOT_PASSWORD: secretKey,
      MINIO_BROWSER: 'off',
      MINIO_UPDATE: 'off',
    }),
    ready: '/minio/health/ready',
  },
  {
    name: 'versitygw',
    version: 'v1.8.0',
    module: 'github.com/versity/versitygw/cmd/versitygw',
    isIt: /^Version\s*:\s*(\S+)/,
    arguments: ({ host, port, dataDir }) => [
      '--port',
      `${host}:${port}`,
      '--health',
      '/health',
      '--quiet',
      'posix',
      '--sidecar',
      join(dataDir, 'attributes'),
      join(dataDir, 'objects'),
    ],
    environment: ({ accessKey, secretKey }) => ({ ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey }),
    ready: '/health',
  },
];

/**
 * Finds a server in the PATH or among what was built before, else builds one, which takes minutes the first time. `only` asks for one by
 * its name. Answers { name, version, binary }; throws with every reason where none can be had.
 */
export async function ensureS3Server({ only } = {}) {
  const wanted = SERVERS.filter((server) => only === undefined || server.name === only);
  if (wanted.length === 0)
    throw new Error(`There is no S3 server ${only}; known are ${SERVERS.map((server) => server.name).join(' and ')}.`);
  const reasons = [];
  for (const server of wanted) {
    const found = (await fromPath(server)) ?? fromCache(server);
    if (found !== null) return found;
    const built = await build(server);
    if (built.binary !== undefined) return built;
    say(`  ${built.reason}`);
    reasons.push(`${server.name}: ${built.reason}`);
  }
  throw new Error(
    `No real S3 server can be had here.\n${reasons.join('\n')}\nPut minio into the PATH, or install Go (https://go.dev/dl) so that it can be built.`,
  );
}

async function fromPath({ name, isIt }) {
  const binary = inPath(name);
  if (binary === null) return null;
  const { code, output } = await run(binary, ['--version']);
  // Another program may have the name.
  const version = code === 0 ? isIt.exec(output)?.[1] : undefined;
  return version === undefined ? null : { name, version, binary };
}

function inPath(name, more = []) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...more].filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, `${name}${EXE}`)).find(isExecutable) ?? null;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const cacheFolder = ({ name, version }) => join(TOOLS, `${name}-${version}`);

function fromCache(server) {
  const binary = join(cacheFolder(server), `${server.name}${EXE}`);
  return existsSync(binary) ? { name: server.name, version: server.version, binary } : null;
}

/** Builds a server from its source. The result appears in the cache in one step, so a build that was cut leaves nothing that looks whole. */
async function build(server) {
  const go = inPath('go', ['/usr/local/go/bin', '/usr/lib/go/bin']);
  if (go === null) return { reason: 'building it needs Go, which is not in the PATH' };
  mkdirSync(TOOLS, { recursive: true });
  const folder = mkdtempSync(join(TOOLS, 'building-'));
  try {
    const env = {
      ...process.env,
      GOBIN: folder,
      CGO_ENABLED: '0',
      // Two packages at a time: its linker and compilers take much memory.
      GOFLAGS: `${process.env.GOFLAGS ?? ''} -trimpath -p=2`.trim(),
    };
    const title = `Building ${server.name} ${server.version} from source (the first time only; it takes some minutes)`;
    const { code, output } = await step(title, () =>
      run(go, ['install', '-ldflags=-s -w', `${server.module}@${server.version}`], { env, cwd: folder }),
    );
    if (code !== 0) return { reason: `the build failed (status ${code}): ${lastLines(output)}` };
    rmSync(cacheFolder(server), { recursive: true, force: true });
    renameSync(folder, cacheFolder(server));
    return fromCache(server) ?? { reason: 'the build made no program of this name' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lastLines(text, count = 8) {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

/**
 * Starts a server on a free port of the loopback interface, with its data in `dataDir` and credentials made up for it. Resolves once it
 * answers: { endpoint, accessKey, secretKey, name, version, stop() }.
 */
export async function startS3Server({ dataDir, only } = {}) {
  if (dataDir === undefined) throw new Error('startS3Server needs a dataDir.');
  const found = await ensureS3Server({ only });
  const server = SERVERS.find((candidate) => candidate.name === found.name);
  for (const folder of ['objects', 'certs', 'attributes']) mkdirSync(join(dataDir, folder), { recursive: true });
  const accessKey = `throughline${randomBytes(4).toString('hex')}`;
  const secretKey = randomBytes(20).toString('hex');
  for (let attempt = 1; ; attempt += 1) {
    const place = { host: '127.0.0.1', port: await freePort(), dataDir, accessKey, secretKey };
    const started = await startOnce(server, found, place);
    if (started.stop !== undefined) {
      say(`S3 server: ${found.name} ${found.version} at ${started.endpoint}`);
      return { endpoint: started.endpoint, accessKey, secretKey, name: found.name, version: found.version, stop: started.stop };
    }
    // Somebody else took the port between our asking for it and the server's taking it.
    if (attempt < 3 && /address already in use/i.test(started.output)) continue;
    throw new Error(`${found.name} ${found.version} did not start (${started.reason}): ${lastLines(started.output)}`);
  }
}

async function startOnce(server, { binary }, place) {
  const endpoint = `http://${place.host}:${place.port}`;
  const env = { ...withoutSettings(process.env), ...server.environment(place) };
  const child = track(
    spawn(process.execPath, [SCRIPT, '--supervise', binary, ...server.arguments(place)], { env, stdio: ['pipe', 'pipe', 'pipe'] }),
  );
  let output = '';
  const keep = (chunk) => (output = `${output}${chunk}`.slice(-KEPT_OUTPUT));
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  child.stdin.on('error', () => undefined); // It ended before we closed its input; its exit says so.
  const exited = new Promise((done) => {
    child.once('exit', (code, signal) => done(`it ended with ${signal ?? `status ${code}`}`));
    child.once('error', (error) => done(error.message));
  });
  let gone = null;
  void exited.then((reason) => (gone = reason));
  const stop = async () => {
    child.stdin.end();
    await exited;
  };
  const deadline = Date.now() + START_LIMIT_MS;
  while (gone === null && Date.now() < deadline) {
    if (await answers(`${endpoint}${server.ready}`)) return { endpoint, stop };
    await Promise.race([exited, new Promise((resume) => setTimeout(resume, 50))]);
  }
  const reason = gone ?? `no answer within ${START_LIMIT_MS / 1000} s`;
  await stop();
  return { reason, output };
}

/** Settings for another server of the kind must not reach this one. */
function withoutSettings(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(MINIO|VGW|ROOT_(ACCESS|SECRET))_/.test(name)));
}

async function answers(url) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Runs a server for as long as our own standard input stays open, and ends with it. */
async function supervise([binary, ...args]) {
  const child = track(spawn(binary, args, { stdio: ['ignore', 'inherit', 'inherit'] }));
  const end = () => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS).unref();
  };
  process.stdin.on('end', end).on('error', end).resume();
  child.once('error', (error) => fail(error.message));
  const [code] = await once(child, 'exit');
  process.exit(code ?? 0);
}

/** Runs a command with a fresh server's address in the environment; ends with the command's status. */
async function runWith(args) {
  const only = args[0] === '--only' ? args.splice(0, 2)[1] : undefined;
  const [command, ...rest] = args[0] === '--run' ? args.slice(1) : [];
  if (command === undefined) fail('usage: node scripts/s3-server.mjs [--only minio|versitygw] --run <command> [arguments]');
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-s3-'));
  try {
    const server = await startS3Server({ dataDir, only });
    const env = {
      ...process.env,
      THROUGHLINE_TEST_S3_ENDPOINT: server.endpoint,
      THROUGHLINE_TEST_S3_ACCESS_KEY: server.accessKey,
      THROUGHLINE_TEST_S3_SECRET_KEY: server.secretKey,
    };
    const { code } = await run(command, rest, { env, show: true });
    await server.stop();
    process.exitCode = code;
  } catch (error) {
    process.exitCode = 1;
    say(error instanceof Error ? error.message : String(error));
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

if (process.argv[1] === SCRIPT) {
  const [mode, ...rest] = process.argv.slice(2);
  await (mode === '--supervise' ? supervise(rest) : runWith([mode, ...rest].filter((arg) => arg !== undefined)));
}
