// Makes sure that what the scripts need is there: the dependencies, the generated database client, the built dashboard. Each is made
// anew only when what it is made from has changed, by content, so that a second start costs milliseconds.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import { mustRun, step } from './terminal.mjs';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
const MODULES = join(ROOT, 'node_modules');
const BIN = join(MODULES, '.bin');
const INSTALL_STAMP = join(MODULES, '.throughline-install');
const GENERATE_STAMP = join(MODULES, '.throughline-generate');
const BUILD_STAMP = join(ROOT, 'apps/web/.next/.throughline-build');
/** What people install, packed. */
export const COMMAND = join(ROOT, 'apps/cli/dist/throughline-cli.tgz');
const COMMAND_STAMP = join(ROOT, 'apps/cli/dist/.throughline-command');

/** The Node 24 that came with the dependencies. */
export function node24() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  return [join(MODULES, 'node/bin', name), join(BIN, name)].find((path) => existsSync(path)) ?? process.execPath;
}

/** A program that came with the dependencies. */
export function bin(name) {
  return join(BIN, process.platform === 'win32' ? `${name}.cmd` : name);
}

/** The environment of programs that came with the dependencies: Node 24 first, and nothing that downloads or reports home. */
export function toolEnvironment(extra = {}) {
  return {
    ...process.env,
    PATH: [BIN, pathWithoutModules()].join(delimiter),
    // Any existing file will do: generating needs no schema engine, and Prisma would download one.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
    NEXT_TELEMETRY_DISABLED: '1',
    NX_DAEMON: 'false',
    NX_NO_CLOUD: 'true',
    NX_TUI: 'false',
    ...extra,
  };
}

function pathWithoutModules() {
  const parts = (process.env.PATH ?? '').split(delimiter);
  return parts.filter((part) => !part.includes(`${sep}node_modules${sep}`)).join(delimiter);
}

/** Hashes files and folders (recursively, in order) by their paths and bytes; missing ones count as absent. */
export function hashOf(paths, { skip = [] } = {}) {
  const hash = createHash('sha256');
  const visit = (path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (stat.isDirectory()) {
      for (const name of readdirSync(path).sort()) if (!skip.includes(name)) visit(join(path, name));
      return;
    }
    hash.update(`${relative(ROOT, path)}\n${stat.size}\n`).update(readFileSync(path));
  };
  for (const path of paths) visit(join(ROOT, path));
  return hash.digest('hex');
}

function stampSays(file, hash) {
  return existsSync(file) && readFileSync(file, 'utf8').trim() === hash;
}

/** Installs the dependencies where they are missing or other than package-lock.json says. */
export async function ensureInstalled() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new Error(`Node ${process.versions.node} is too old: Throughline needs Node 20 or newer to start (it brings its own Node 24).`);
  }
  const hash = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .update(`${process.platform} ${process.arch}`)
    .digest('hex');
  if (stampSays(INSTALL_STAMP, hash)) return;
  if (!installedAsLocked()) {
    await step('Installing the dependencies (npm ci; some minutes the first time)', async () => {
      rmSync(INSTALL_STAMP, { force: true });
      // The machine's own npm: one that runs on the Node inside node_modules would delete the ground it stands on.
      const env = { ...process.env, PATH: pathWithoutModules(), NX_DAEMON: 'false' };
      for (const name of ['npm_execpath', 'npm_node_execpath', 'NODE']) delete env[name];
      const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
      await mustRun(npm, ['ci', '--no-audit', '--no-fund'], {
        env,
        cwd: ROOT,
        failure: 'npm ci failed; see above. Is the package registry within reach?',
      });
    });
  }
  writeFileSync(INSTALL_STAMP, `${hash}\n`);
}

/** Whether node_modules, by npm's own account of it, holds what the lock asks for: somebody ran `npm ci` by hand. */
function installedAsLocked() {
  const account = join(MODULES, '.package-lock.json');
  if (!existsSync(account)) return false;
  try {
    const { packages: wanted } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
    const { packages: found } = JSON.parse(readFileSync(account, 'utf8'));
    return Object.entries(wanted).every(
      ([path, entry]) =>
        !path.includes('node_modules/') ||
        entry.link ||
        (found[path] === undefined ? entry.optional || entry.peer : found[path].version === entry.version),
    );
  } catch {
    // An account that is cut off tells nothing: install again.
    return false;
  }
}

/** Generates the database client from prisma/. */
export async function ensureGenerated({ anew = false } = {}) {
  const made = 'libs/database/src/generated/client.ts';
  const hash = hashOf(['prisma/schema.prisma', 'prisma/models', 'node_modules/prisma/package.json']);
  if (!anew && existsSync(join(ROOT, made)) && stampSays(GENERATE_STAMP, hash)) return;
  await step('Generating the database client', () =>
    mustRun(bin('prisma'), ['generate'], { env: toolEnvironment(), cwd: ROOT, failure: 'prisma generate failed; see above.' }),
  );
  writeFileSync(GENERATE_STAMP, `${hash}\n`);
}

/** Builds the dashboard. */
export async function ensureDashboard() {
  const inputs = ['apps/web', 'tsconfig.base.json', 'package-lock.json'];
  const hash = hashOf(inputs, { skip: ['.next', 'dist', 'e2e', 'test-results', 'node_modules', 'next-env.d.ts', 'tsconfig.tsbuildinfo'] });
  if (stampSays(BUILD_STAMP, hash)) return;
  await step('Building the dashboard', async () => {
    rmSync(BUILD_STAMP, { force: true });
    const env = toolEnvironment({ NODE_ENV: 'production' });
    await mustRun(bin('next'), ['build'], { env, cwd: join(ROOT, 'apps/web'), failure: 'The dashboard did not build; see above.' });
  });
  writeFileSync(BUILD_STAMP, `${hash}\n`);
}

/** Builds and packs the command that the server offers at /cli. */
export async function ensureCommand() {
  const hash = hashOf(
    ['apps/cli', 'libs/data-versioning/core', 'libs/data-versioning/package.json', 'libs/kernel/src', 'package-lock.json'],
    {
      skip: ['dist', 'test-results', 'node_modules'],
    },
  );
  if (existsSync(COMMAND) && stampSays(COMMAND_STAMP, hash)) return;
  await step('Building the command line', () =>
    mustRun(node24(), [join(ROOT, 'apps/cli/build.mjs'), '--pack'], { cwd: ROOT, failure: 'The command line did not build; see above.' }),
  );
  writeFileSync(COMMAND_STAMP, `${hash}\n`);
}
