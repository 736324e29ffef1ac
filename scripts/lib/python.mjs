// Python environments for the foreign programs that suites and benchmarks run beside ours, each made from a file of pinned requirements and
// made anew when that file changes.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { hashOf, ROOT } from './install.mjs';
import { fail, mustRun, run, step } from './terminal.mjs';

/** Where an environment keeps its programs. */
export function programsOf(venv) {
  return join(venv, process.platform === 'win32' ? 'Scripts' : 'bin');
}

/**
 * Makes the environment in the folder `venv` from `requirements`, a path inside the repository, where it is missing or stale. `title` says
 * what it is for; `sources` names packages that are published as nothing but sources. Answers the folder of its programs.
 */
export async function ensurePython({ venv, requirements, title, sources = [] }) {
  const programs = programsOf(venv);
  const stamp = join(venv, '.throughline-requirements');
  const hash = hashOf([requirements]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === hash) return programs;
  const python = await findPython();
  const failure = 'The Python environment cannot be made. On Debian: apt-get install python3-venv. Otherwise see above.';
  await step(`Making a Python environment ${title} (minutes, once)`, async () => {
    rmSync(venv, { recursive: true, force: true });
    await mustRun(python, ['-m', 'venv', venv], { failure });
    const options = [
      '--quiet',
      '--disable-pip-version-check',
      '--only-binary',
      ':all:',
      ...sources.flatMap((name) => ['--no-binary', name]),
    ];
    await mustRun(join(programs, 'python'), ['-m', 'pip', 'install', ...options, '-r', requirements], { cwd: ROOT, failure });
  });
  writeFileSync(stamp, `${hash}\n`);
  return programs;
}

async function findPython() {
  for (const name of [process.env.PYTHON, 'python3', 'python'].filter(Boolean)) {
    const { code } = await run(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']);
    if (code === 0) return name;
  }
  return fail('Python 3.10 or newer is needed: install it, or name one with PYTHON.');
}
