// Threads and the end of the process. Method: a process of its own, with more threads than there is work for.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sandbox } from '../testing/sandbox.ts';
import type { Sandbox } from '../testing/sandbox.ts';
import { init } from '../verbs/init.ts';
import { FEW_FILES } from './queue.ts';

const RUN_VERB = fileURLToPath(new URL('../testing/run-verb.ts', import.meta.url));

let box: Sandbox;
beforeEach(async () => {
  box = sandbox();
  await init(box.surroundings);
});
afterEach(() => box.remove());

test('a thread that got no work keeps no process alive', async () => {
  box.write(Object.fromEntries(Array.from({ length: FEW_FILES * 2 }, (_, index) => [`data/${index}`, `content ${index}`])));
  const run = promisify(execFile)(process.execPath, [RUN_VERB, 'add', box.root, 'data'], { timeout: 20_000, killSignal: 'SIGKILL' });
  await expect(run).resolves.toMatchObject({ stdout: 'begun\n' });
}, 30_000);
