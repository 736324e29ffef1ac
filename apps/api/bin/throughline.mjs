#!/usr/bin/env node
// npx throughline <command>: runs under the machine's own Node (20 or newer) and hands over to the Node 24 that comes along. Two commands share the
// name: the server's own, which works in the repository's folder, as the server does, so that both mean the same data (paths are taken from where
// the user stands); and the one that versions data, which works where the user stands. `throughline server <command>` is always the former.

import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { ensureInstalled, node24, ROOT } from '../../../scripts/lib/install.mjs';
import { answerSignals, fail, sayOnStderr, track } from '../../../scripts/lib/terminal.mjs';
import { serverLine } from '../../../scripts/lib/words.mjs';

sayOnStderr();
// The command ends what it does by itself, and this with it.
answerSignals();
const line = process.argv.slice(2);
const forServer = serverLine(line, process.cwd());
if (forServer !== null) {
  process.env.THROUGHLINE_INVOKED_FROM = process.env.INIT_CWD ?? process.cwd();
  process.argv.splice(2, line.length, 'apps/api/src/cli/throughline.ts', ...forServer);
  await import('../../../scripts/run.mjs');
} else {
  await ensureInstalled().catch((error) => fail(error.message));
  const child = track(spawn(node24(), [join(ROOT, 'apps/cli/src/main.ts'), ...line], { stdio: 'inherit' }));
  child.once('error', (error) => fail(error.message));
  child.once('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
}
