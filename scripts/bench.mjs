// npm run bench: makes what a benchmark needs and hands over to bench/src/main.ts, which asks for it once it knows what it was called for. All
// words here go to stderr: stdout is the report's.

import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { ensureCommand, ensureDashboard, ensureGenerated, ensureInstalled, node24, ROOT, toolEnvironment } from './lib/install.mjs';
import { ensurePython } from './lib/python.mjs';
import { answerSignals, fail, sayOnStderr } from './lib/terminal.mjs';

/** What each benchmark is run beside. */
const RIVALS = {
  tracking: () =>
    ensurePython({ venv: join(ROOT, '.throughline/bench-venv'), requirements: 'bench/requirements.txt', title: 'with an MLflow server' }),
  data: async () => {
    await ensureCommand();
    await ensurePython({
      venv: join(ROOT, '.throughline/dvc-venv'),
      requirements: 'interop/dvc-requirements.txt',
      title: 'with dvc',
      sources: ['antlr4-python3-runtime'],
    });
  },
};

sayOnStderr();
await ensureInstalled().catch((error) => fail(error.message));

const child = spawn(node24(), [join(ROOT, 'bench/src/main.ts'), ...process.argv.slice(2)], {
  cwd: ROOT,
  env: toolEnvironment(),
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});

// A signal reaches the benchmark by the terminal or from here; it ends what it started, and this launcher waits for that.
answerSignals();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));

child.once('error', (error) => fail(error.message));
child.once('exit', (code) => process.exit(code ?? 1));
child.once('message', async ({ benchmark }) => {
  await ensureGenerated();
  await ensureDashboard();
  await RIVALS[benchmark]();
  child.send({ type: 'prepared' });
});
