// node scripts/run.mjs <file.ts> [arguments]: runs a TypeScript file with the Node 24 of the dependencies, installed first where missing.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { ensureGenerated, ensureInstalled, node24, ROOT, toolEnvironment } from './lib/install.mjs';
import { fail, track } from './lib/terminal.mjs';

const [file, ...args] = process.argv.slice(2);
if (file === undefined) fail('usage: node scripts/run.mjs <file.ts> [arguments]');
await ensureInstalled();
await ensureGenerated();
const envFile = join(ROOT, '.env');
const settings = existsSync(envFile) ? [`--env-file=${envFile}`] : [];
const child = track(
  spawn(node24(), [...settings, resolve(ROOT, file), ...args], {
    cwd: ROOT,
    env: toolEnvironment(),
    stdio: 'inherit',
  }),
);
child.once('error', (error) => fail(error.message));
child.once('exit', (code) => process.exit(code ?? 1));
