// Goal: what npm starts ends with npm. Method: a real npm, and a script that uses what all of ours use; npm alone is told to end, and the script's
// pipe closes only when nobody holds it any more.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterEach, beforeEach, expect, it } from 'vitest';

const TERMINAL = pathToFileURL(join(import.meta.dirname, '../../../scripts/lib/terminal.mjs')).href;

let folder: string;
let npm: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-launcher-'));
});
afterEach(async () => {
  // Its group, which is there still where the script was left behind.
  if (npm?.pid !== undefined) {
    try {
      process.kill(-npm.pid, 'SIGKILL');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
  await rm(folder, { recursive: true, force: true });
});

it.runIf(process.platform !== 'win32')('a script ends when npm, which started it, is told to end', { timeout: 60_000 }, async () => {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts: { start: 'node script.mjs' } }));
  const script = `import { say } from ${JSON.stringify(TERMINAL)};
    process.on('exit', () => say('ended'));
    setInterval(() => undefined, 1000);
    say('at work');`;
  await writeFile(join(folder, 'script.mjs'), script);
  const started = spawn('npm', ['start'], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  npm = started;
  let said = '';
  for await (const text of started.stdout.setEncoding('utf8') as AsyncIterable<string>) {
    said += text;
    if (said.includes('at work')) started.kill('SIGTERM');
  }
  expect(said).toMatch(/at work\nended\n$/);
});
