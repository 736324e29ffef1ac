// A repository: the folder that holds `.dvc`, with its settings, its lock and its rules. Opening one reads the config files and nothing else; what costs more is made when
// it is first asked for.

import { existsSync, lstatSync, statSync } from 'node:fs';
import path from 'node:path';
import { conflict, invalid, notFound } from '@throughline/kernel';
import type { Surroundings } from '../types.ts';
import { readConfig } from './config.ts';
import type { Config, GivenConfig } from './config.ts';
import { Git } from './git.ts';
import { workspaceIgnoreRules } from './ignore-tree.ts';
import type { IgnoreRules } from './ignore-tree.ts';
import { takeLock } from './lock.ts';

export type LinkType = 'reflink' | 'hardlink' | 'symlink' | 'copy';
const LINK_TYPES: readonly string[] = ['reflink', 'hardlink', 'symlink', 'copy'] satisfies LinkType[];
const DEFAULT_LINK_TYPES: readonly LinkType[] = ['reflink', 'copy'];

export interface Repository {
  /** The folder that `.dvc` lies in. */
  readonly root: string;
  /** The top of Git's working tree; null without Git, or where `core.no_scm` says so. */
  readonly gitRoot: string | null;
  readonly dvcFolder: string;
  /** `.dvc/tmp/throughline`, which Git does not see. It may not be there yet. */
  readonly temporaryFolder: string;
  readonly surroundings: Surroundings;
  readonly config: Config;
  /** Paths there are relative to `gitRoot`: see `toGitPath`. */
  readonly git: Git | null;
  readonly cacheFolder: string;
  readonly linkTypes: readonly LinkType[];
  /** `cache.shared = group`: what the cache holds may be written by the whole group. */
  readonly isShared: boolean;
  readonly ignore: IgnoreRules;
  /** Does something that no other command may do at the same time. Calls inside of it need not wait. */
  withLock<T>(command: string, work: () => Promise<T>): Promise<T>;
  /** What a user typed, or an absolute path, as a path from the root; the root itself is empty. @throws DomainError `PATH_OUTSIDE`. */
  toRepositoryPath(typed: string): string;
  /** A repository path as an absolute one. */
  toFile(repositoryPath: string): string;
  /** A repository path as Git sees it. */
  toGitPath(repositoryPath: string): string;
}

/** Finds the repository that the working folder lies in. @throws DomainError `NOT_A_REPOSITORY`. */
export async function openRepository(surroundings: Surroundings): Promise<Repository> {
  const root = findRepositoryRoot(surroundings.workingFolder);
  if (root === null) {
    throw notFound(
      'NOT_A_REPOSITORY',
      `${surroundings.workingFolder} lies in no repository: neither it nor a folder above it holds .dvc.`,
      { hint: 'Run `throughline init` in the top folder of the project.' },
    );
  }
  return openRepositoryAt(root, surroundings);
}

/** Opens the repository whose `.dvc` lies in this folder. @param given Settings over those of its files. @throws DomainError `OWN_FOLDER_LINKED`, `CONFIG_INVALID`. */
export async function openRepositoryAt(root: string, surroundings: Surroundings, given: GivenConfig | null = null): Promise<Repository> {
  const dvcFolder = path.join(root, '.dvc');
  requireOwnFolders(dvcFolder);
  const { globalConfigFolder, systemConfigFolder, homeFolder } = surroundings;
  const config = await readConfig({ dvcFolder, globalConfigFolder, systemConfigFolder, homeFolder }, given);
  const gitRoot = config.flag('core', 'no_scm') === true ? null : findUpward(root, '.git', false);
  return new OpenRepository(root, gitRoot, config, surroundings);
}

/** What this command writes to without being asked. Git leaves it alone, but a stranger's commit may hold it all the same. */
const OWN_PATHS = ['tmp', 'tmp/lock', 'tmp/throughline', 'tmp/throughline/state'] as const;

/** A link in the place of our own files would have us write over somebody's files elsewhere. */
function requireOwnFolders(dvcFolder: string): void {
  for (const own of OWN_PATHS) {
    const file = path.join(dvcFolder, own);
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() !== true) continue;
    throw conflict('OWN_FOLDER_LINKED', `${file} is a symbolic link: nothing is written through it.`, {
      hint: 'Remove it: it is made anew. Git should not hold anything of .dvc/tmp.',
    });
  }
}

/** The folder that holds `.dvc`, at or above a folder; null where there is none. */
export function findRepositoryRoot(folder: string): string | null {
  return findUpward(folder, '.dvc', true);
}

/** The folder that holds a file or folder of a name, at or above a folder. */
export function findUpward(start: string, name: string, isFolder: boolean): string | null {
  for (let folder = path.resolve(start); ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, name);
    if (isFolder ? statSync(candidate, { throwIfNoEntry: false })?.isDirectory() === true : existsSync(candidate)) return folder;
    if (folder === path.dirname(folder)) return null;
  }
}

class OpenRepository implements Repository {
  readonly root: string;
  readonly gitRoot: string | null;
  readonly surroundings: Surroundings;
  readonly config: Config;
  readonly git: Git | null;
  #ignore: IgnoreRules | null = null;
  #isLocked = false;

  constructor(root: string, gitRoot: string | null, config: Config, surroundings: Surroundings) {
    this.root = root;
    this.gitRoot = gitRoot;
    this.config = config;
    this.surroundings = surroundings;
    this.git = gitRoot === null ? null : new Git(gitRoot);
  }

  get dvcFolder(): string {
    return path.join(this.root, '.dvc');
  }

  get temporaryFolder(): string {
    return path.join(this.dvcFolder, 'tmp', 'throughline');
  }

  get cacheFolder(): string {
    return this.config.text('cache', 'dir') ?? path.join(this.dvcFolder, 'cache');
  }

  get linkTypes(): readonly LinkType[] {
    const value = this.config.get('cache', 'type');
    if (value === null) return DEFAULT_LINK_TYPES;
    const names = (typeof value === 'string' ? value.split(',') : value).map((name) => name.trim());
    const unknown = names.find((name) => !LINK_TYPES.includes(name));
    if (unknown !== undefined)
      throw invalid('CONFIG_INVALID', `The setting cache.type names ${JSON.stringify(unknown)}: known are ${LINK_TYPES.join(', ')}.`);
    return names as LinkType[];
  }

  get isShared(): boolean {
    const value = this.config.text('cache', 'shared')?.toLowerCase() ?? null;
    if (value !== null && value !== 'group')
      throw invalid('CONFIG_INVALID', `The setting cache.shared is ${JSON.stringify(value)}: only group is known.`);
    return value === 'group';
  }

  get ignore(): IgnoreRules {
    this.#ignore ??= workspaceIgnoreRules(this.root);
    return this.#ignore;
  }

  async withLock<T>(command: string, work: () => Promise<T>): Promise<T> {
    if (this.#isLocked) return work();
    if (this.config.flag('core', 'hardlink_lock') === true) {
      this.surroundings.reporter.warn(
        'core.hardlink_lock is set: dvc then takes another kind of lock than this one, and must not run here at the same time.',
      );
    }
    const release = await takeLock({
      file: path.join(this.dvcFolder, 'tmp', 'lock'),
      holderFile: path.join(this.temporaryFolder, 'lock.json'),
      command,
      surroundings: this.surroundings,
    });
    this.#isLocked = true;
    try {
      return await work();
    } finally {
      this.#isLocked = false;
      release();
    }
  }

  toRepositoryPath(typed: string): string {
    const absolute = path.resolve(this.surroundings.workingFolder, typed);
    const relative = path.relative(this.root, absolute).split(path.sep).join('/');
    if (relative === '') return '';
    if (relative === '..' || relative.startsWith('../') || path.isAbsolute(relative)) {
      throw invalid('PATH_OUTSIDE', `${typed} lies outside of the repository ${this.root}.`);
    }
    return relative;
  }

  toFile(repositoryPath: string): string {
    return path.join(this.root, repositoryPath);
  }

  toGitPath(repositoryPath: string): string {
    const folder = path
      .relative(this.gitRoot ?? this.root, this.root)
      .split(path.sep)
      .join('/');
    return folder === '' ? repositoryPath : repositoryPath === '' ? folder : `${folder}/${repositoryPath}`;
  }
}
