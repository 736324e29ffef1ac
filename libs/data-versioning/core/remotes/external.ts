// Another repository, of Git with or without DVC in it: a folder of this machine, or an address to clone from. Nothing of it is checked out: its `.dvc` files and
// what else Git keeps are read from Git's own objects, and a clone's configuration is taken over except for where its cache lies, which is nobody's business here.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { DomainError, invalid, notFound } from '@throughline/kernel';
import { isInside } from '../formats/paths.ts';
import { Git, runGit } from '../repository/git.ts';
import type { GitFile } from '../repository/git.ts';
import { openRepositoryAt } from '../repository/repository.ts';
import type { GivenConfig } from '../repository/config.ts';
import type { Repository } from '../repository/repository.ts';
import type { Surroundings } from '../types.ts';
import { withoutCredentials } from './git-address.ts';
import { openFolder } from './local.ts';
import { openRemote, openRemoteOf } from './open.ts';
import type { RemoteOptionTexts } from './open.ts';
import { createRemote } from './remote.ts';
import type { Remote } from './remote.ts';

export interface ExternalOptions {
  /** A folder, or an address that Git can clone. */
  readonly url: string;
  /** A branch, tag or commit; null: the workspace of a folder, the default branch of an address. */
  readonly rev: string | null;
  /** What is looked for there, since repositories may lie within each other. */
  readonly path: string;
  /** Instead of the default remote that is configured there. */
  readonly remote?: string | null;
  /** Put over that remote's options. */
  readonly remoteOptions?: RemoteOptionTexts;
  /** Settings over those of that repository. */
  readonly config?: GivenConfig | null;
}

export interface External {
  readonly repository: Repository;
  /** Whose state it is; null: the workspace's. */
  readonly revision: string | null;
  /** What is written down as the state that was taken; null for a folder without Git. */
  readonly commit: string | null;
  /** The path from `repository`'s root. */
  readonly path: string;
  /** For messages: without credentials. */
  readonly shownUrl: string;
  /** Where its objects may be, the nearest first. They are opened when their turn comes, and closed by the caller. */
  readonly sources: readonly ((outputRemote: string | null) => Promise<Remote>)[];
  close(): Promise<void>;
}

/** @throws DomainError `EXTERNAL_NOT_FOUND`, `CLONE_FAILED`, `REVISION_UNKNOWN`. */
export async function openExternal(surroundings: Surroundings, options: ExternalOptions): Promise<External> {
  const folder = localFolder(surroundings, options.url);
  return folder === null ? await openClone(surroundings, options) : await openLocal(surroundings, options, folder);
}

/** The folder that an address names; null where Git has to clone from it. @throws DomainError `EXTERNAL_NOT_FOUND`. */
export function localFolder(surroundings: Surroundings, url: string): string | null {
  if (/^(?:[a-z][a-z0-9+.-]*:\/\/|[^/]*@[^/]*:)/i.test(url) && !/^file:/i.test(url)) return null;
  const folder = resolve(surroundings.workingFolder, /^file:\/\//i.test(url) ? decodeURIComponent(new URL(url).pathname) : url);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    // Git takes shorter forms of addresses as well: host:path.
    if (/^[^/]+:/.test(url)) return null;
    throw notFound('EXTERNAL_NOT_FOUND', `There is no repository ${withoutCredentials(url)}.`, {
      hint: 'Give the folder of a repository, or an address that git clone takes.',
    });
  }
  // A bare repository has no workspace: it is cloned.
  return existsSync(join(folder, 'HEAD')) && existsSync(join(folder, 'objects')) ? null : folder;
}

async function openLocal(surroundings: Surroundings, options: ExternalOptions, folder: string): Promise<External> {
  const root = upward(folder, '.dvc') ?? upward(folder, '.git');
  if (root === null) {
    throw notFound('EXTERNAL_NOT_FOUND', `${folder} is no repository: it lies neither in one of DVC nor in one of Git.`, {
      hint: 'Use get-url or import-url for plain files.',
    });
  }
  const top = await openRepositoryAt(root, surroundings, options.config);
  const hasDvc = existsSync(join(root, '.dvc'));
  const commit = top.git === null ? null : options.rev === null ? await top.git.currentCommit() : await top.git.revParse(options.rev);
  const revision = options.rev === null && hasDvc ? null : commit;
  const inner = await innermost(top, revision, surroundings, options);
  return {
    ...inner,
    revision,
    commit,
    shownUrl: withoutCredentials(options.url),
    sources: [async () => cacheOf(inner.repository), (outputRemote) => remoteOf(inner.repository, outputRemote, options, surroundings)],
    close: async () => undefined,
  };
}

/** The repository within another one that a path lies in. */
async function innermost(
  top: Repository,
  revision: string | null,
  surroundings: Surroundings,
  { path, config }: ExternalOptions,
): Promise<{ repository: Repository; path: string }> {
  if (revision !== null) return { repository: top, path };
  const parts = path.split('/');
  for (let length = parts.length - 1; length > 0; length -= 1) {
    const inner = join(top.root, ...parts.slice(0, length));
    if (existsSync(join(inner, '.dvc', 'config')))
      return { repository: await openRepositoryAt(inner, surroundings, config), path: parts.slice(length).join('/') };
  }
  return { repository: top, path };
}

function upward(start: string, name: string): string | null {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, name))) return folder;
    if (folder === dirname(folder)) return null;
  }
}

/** A repository's cache, looked at as a remote. */
function cacheOf(repository: Repository): Remote {
  return createRemote({ name: null, storage: openFolder({ folder: repository.cacheFolder }), server: null, jobs: null });
}

async function remoteOf(
  repository: Repository,
  outputRemote: string | null,
  options: ExternalOptions,
  surroundings: Surroundings,
): Promise<Remote> {
  const name = options.remote ?? outputRemote ?? repository.config.defaultRemote();
  if (options.remoteOptions === undefined) return await openRemote(repository, name);
  const base = name === null ? null : repository.config.remote(name);
  const optionsOf = (other: string) => repository.config.remote(other);
  return await openRemoteOf(name, { ...base, ...options.remoteOptions }, { surroundings, folder: repository.root, optionsOf });
}

async function openClone(surroundings: Surroundings, options: ExternalOptions): Promise<External> {
  const scratch = await mkdtemp(join(tmpdir(), 'throughline-clone-'));
  const close = () => rm(scratch, { recursive: true, force: true });
  try {
    const root = join(scratch, 'repository');
    await clone(options, scratch, root, surroundings);
    const git = new Git(root);
    const commit = await commitOf(git, options.rev);
    const { folder, path } = await configure(git, root, commit, options.path);
    const repository = await openRepositoryAt(folder, surroundings, options.config);
    return {
      repository,
      revision: commit,
      commit,
      path,
      shownUrl: withoutCredentials(options.url),
      sources: [(outputRemote) => remoteOf(repository, outputRemote, options, surroundings)],
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One commit is enough where a branch or tag is wanted; a commit by its hash needs all of them, since few servers give single ones. */
async function clone({ url, rev }: ExternalOptions, scratch: string, root: string, { reporter }: Surroundings): Promise<void> {
  const task = reporter.task(`Cloning ${withoutCredentials(url)}`, 'objects', null);
  const common = ['clone', '--quiet', '--no-checkout', '-c', 'protocol.ext.allow=never'];
  try {
    const isHash = rev !== null && /^[0-9a-f]{7,64}$/i.test(rev);
    if (!isHash) {
      const shallow = await runGit(scratch, [...common, '--depth', '1', ...(rev === null ? [] : ['--branch', rev]), '--', url, root]);
      if (shallow.code === 0) return;
      await rm(root, { recursive: true, force: true });
    }
    const { code, stderr } = await runGit(scratch, [...common, '--', url, root]);
    if (code !== 0) throw cloneFailed(url, stderr);
  } finally {
    task.end();
  }
}

function cloneFailed(url: string, said: string): DomainError {
  const shown = withoutCredentials(url);
  const line = said.trim().split('\n').at(-1)?.replaceAll(url, shown).slice(0, 500) ?? '';
  return new DomainError({
    kind: 'not_found',
    code: 'CLONE_FAILED',
    message: `${shown} could not be cloned: ${line === '' ? 'git says nothing more' : line}`,
    hint: 'Try it with git clone: the address and the credentials are those of Git.',
  });
}

async function commitOf(git: Git, rev: string | null): Promise<string> {
  if (rev === null) return await git.revParse('HEAD');
  try {
    return await git.revParse(rev);
  } catch (error) {
    // A branch of theirs is a remote branch here.
    if (error instanceof DomainError && error.code === 'REVISION_UNKNOWN') return await git.revParse(`refs/remotes/origin/${rev}`);
    throw error;
  }
}

/** Which repository of DVC in the clone a path belongs to; its configuration is the one file that is written down. */
async function configure(git: Git, root: string, commit: string, path: string): Promise<{ folder: string; path: string }> {
  const configs = (await git.readTree(commit)).filter((file) => /(?:^|\/)\.dvc\/config$/.test(file.path));
  const own = configs
    .map((file) => ({ file, base: file.path.replace(/\/?\.dvc\/config$/, '') }))
    .filter(({ base }) => base === '' || (isInside(path, base) && path !== base))
    .sort((a, b) => b.base.length - a.base.length)[0];
  const folder = own === undefined || own.base === '' ? root : join(root, ...own.base.split('/'));
  await mkdir(join(folder, '.dvc'), { recursive: true });
  if (own === undefined) return { folder, path };
  await writeFile(join(folder, '.dvc', 'config'), await readBlob(git, own.file));
  return { folder, path: own.base === '' ? path : path.slice(own.base.length + 1) };
}

async function readBlob(git: Git, file: GitFile): Promise<Buffer> {
  const objects = git.openObjects();
  try {
    return await objects.read(file.blob);
  } finally {
    objects.close();
  }
}

/** A repository that holds nothing, for what passes through this machine without belonging to a repository here. */
export async function openScratch(folder: string, surroundings: Surroundings): Promise<Repository> {
  await mkdir(join(folder, '.dvc'), { recursive: true });
  return await openRepositoryAt(folder, { ...surroundings, globalConfigFolder: null, systemConfigFolder: null, workingFolder: folder });
}

/** A path within a repository, however it was typed: "." is all of it. */
export function cleanPath(typed: string): string {
  const parts = typed.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw invalid('PATH_REFUSED', `${JSON.stringify(typed)} leads out of the repository.`);
  return parts.join('/');
}
