// npm run test:interop: the suites with foreign clients and stores: the unmodified MLflow client, the unmodified dvc, and a real S3 server.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { bin, COMMAND, ensureCommand, ensureDashboard, ensureGenerated, ensureInstalled, ROOT, toolEnvironment } from './lib/install.mjs';
import { ensurePython, programsOf } from './lib/python.mjs';
import { startServer } from './lib/services.mjs';
import { fail, run, say, step } from './lib/terminal.mjs';
import { Totals } from './lib/totals.mjs';
import { startS3Server } from './s3-server.mjs';

const VENV = join(ROOT, '.throughline/interop-venv');
const VENV_BIN = programsOf(VENV);
/** Apart: what dvc depends on shall not decide what the client gets. */
const DVC_VENV = join(ROOT, '.throughline/dvc-venv');
const RESULTS = join(ROOT, 'interop/test-results');

await ensureInstalled().catch((error) => fail(error.message));
await ensureGenerated();
// The client prints links, and they must open.
await ensureDashboard();
await ensureCommand();
await ensurePython({ venv: VENV, requirements: 'interop/requirements.txt', title: 'with the MLflow client' });
await ensurePython({
  venv: DVC_VENV,
  requirements: 'interop/dvc-requirements.txt',
  title: 'with dvc',
  sources: ['antlr4-python3-runtime'],
});

rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS, { recursive: true });
const totals = new Totals();
await guarded('the MLflow client, on the filesystem', () => withServer('filesystem', {}));
await guarded('the MLflow client, on a server that tests may empty', () =>
  withServer('reset', { THROUGHLINE_TEST_RESET: '1' }, 'interop/reset/'),
);
await guarded('the S3 suites', s3Suites);
process.exitCode = totals.close();

/** A suite that cannot even start is a failure, and the next one still runs. */
async function guarded(name, work) {
  try {
    await work();
  } catch (error) {
    totals.failure(`${name}: ${error instanceof Error ? error.message : error}`);
  }
}

async function s3Suites() {
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-s3-'));
  const s3 = await startS3Server({ dataDir });
  try {
    await guarded('the object-store contract on S3', () => contractOnS3(s3, 'libs/object-store', 'the object-store contract on S3'));
    await guarded("the command's remotes on S3", () => contractOnS3(s3, 'libs/data-versioning', "the command's remotes on S3"));
    await guarded('the MLflow client, on S3', () =>
      withServer('s3', {
        THROUGHLINE_S3_ENDPOINT: s3.endpoint,
        THROUGHLINE_S3_PUBLIC_ENDPOINT: s3.endpoint,
        THROUGHLINE_S3_BUCKET: 'throughline-interop',
        THROUGHLINE_S3_ACCESS_KEY: s3.accessKey,
        THROUGHLINE_S3_SECRET_KEY: s3.secretKey,
      }),
    );
  } finally {
    await s3.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** What a project holds any store to, against the real S3 server. */
async function contractOnS3(s3, project, name) {
  say(`\n${name} (${s3.name}) …`);
  const folder = join(ROOT, project);
  const report = join(folder, 'test-results/vitest-s3.json');
  rmSync(report, { force: true });
  const env = toolEnvironment({
    THROUGHLINE_TEST_S3_ENDPOINT: s3.endpoint,
    THROUGHLINE_TEST_S3_ACCESS_KEY: s3.accessKey,
    THROUGHLINE_TEST_S3_SECRET_KEY: s3.secretKey,
  });
  const { code } = await run(bin('vitest'), ['run', '--config', 'vitest.s3.config.ts'], { cwd: folder, env, show: true });
  count(code, name, () => totals.addVitest(report, name));
}

/** Runs pytest against a fresh server, over all suites or those of a folder. */
async function withServer(name, settings, tests = 'interop/') {
  const server = await step(`Starting a server on the ${name === 's3' ? 'S3 server' : 'filesystem'}`, () =>
    // The receivers of webhooks are tests on loopback.
    startServer({ THROUGHLINE_S3_ENDPOINT: '', THROUGHLINE_WEBHOOK_ALLOW_PRIVATE: '1', ...settings }),
  );
  try {
    say(`\nThe unmodified MLflow client against ${server.url} (${name}) …`);
    const report = join(RESULTS, `pytest-${name}.xml`);
    const env = {
      ...process.env,
      PATH: [VENV_BIN, programsOf(DVC_VENV), process.env.PATH].join(delimiter),
      THROUGHLINE_URL: server.url,
      // What people install, for the suites that use it as they do.
      THROUGHLINE_CLI: COMMAND,
      THROUGHLINE_STORE: name,
      // For the commands that work beside the server.
      THROUGHLINE_DATA_DIR: server.dataDir,
      DATABASE_URL: '',
      THROUGHLINE_S3_ENDPOINT: '',
      ...settings,
      MLFLOW_TRACKING_URI: server.url,
      MLFLOW_DISABLE_TELEMETRY: 'true',
      DO_NOT_TRACK: 'true',
      GIT_PYTHON_REFRESH: 'quiet',
      PYTHONDONTWRITEBYTECODE: '1',
    };
    const args = ['-m', 'pytest', tests, `--junitxml=${report}`, '-p', 'no:cacheprovider', '-ra', '--color=yes'];
    const { code } = await run(join(VENV_BIN, 'python'), args, { cwd: ROOT, env, show: true });
    const failed = count(code, `pytest on ${name}`, () => totals.addPytest(report, `pytest on ${name}`));
    if (failed) say(`The server's last words:\n${server.output().split('\n').slice(-60).join('\n')}`);
  } finally {
    await server.stop();
  }
}

/** Adds a report; a runner that failed without one failed test counts as a failure. Answers whether anything failed. */
function count(code, name, add) {
  const before = totals.failed;
  add();
  if (code !== 0 && totals.failed === before) totals.failure(`${name} ended with status ${code}, though no test failed`);
  return totals.failed > before;
}
