// `init`: makes a folder a repository, as `dvc init` does: the same files, so that either command goes on from there.

import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { conflict, invalid } from '@throughline/kernel';
import { findUpward } from '../repository/repository.ts';
import { Git } from '../repository/git.ts';
import { writeDurably } from '../repository/write.ts';
import type { Surroundings } from '../types.ts';

export interface InitOptions {
  /** Works without Git. */
  readonly noScm?: boolean;
  /** Below the top of Git's tree. */
  readonly subdir?: boolean;
  /** Begins anew where there is a `.dvc`: its settings are lost, what its cache holds is kept. */
  readonly force?: boolean;
}

export interface InitResult {
  readonly root: string;
  /** Relative to the root. */
  readonly files: readonly string[];
  /** Whether Git was told of them. */
  readonly isStaged: boolean;
}

const IGNORE_TEXT = `# Add patterns of files dvc should ignore, which could improve
# the performance. Learn more at
# https://dvc.org/doc/user-guide/dvcignore
`;

/** @throws DomainError `NO_GIT`, `ALREADY_A_REPOSITORY`, `GIT_IGNORED`. */
export async function init(surroundings: Surroundings, options: InitOptions = {}): Promise<InitResult> {
  const root = surroundings.workingFolder;
  const dvcFolder = path.join(root, '.dvc');
  if (options.noScm === true && options.subdir === true) throw invalid('OPTIONS_CONFLICT', '--no-scm and --subdir exclude each other.');
  const git = options.noScm === true ? null : await gitOf(root, options.subdir === true);
  if (existsSync(dvcFolder)) {
    if (options.force !== true)
      throw conflict('ALREADY_A_REPOSITORY', `${dvcFolder} is there already.`, {
        hint: 'Begin anew with --force: settings are lost, the cache is kept.',
      });
    for (const name of ['config', 'config.local', 'tmp']) await rm(path.join(dvcFolder, name), { recursive: true, force: true });
  }
  await mkdir(path.join(dvcFolder, 'tmp'), { recursive: true });
  const files = ['.dvc/config'];
  await writeDurably(path.join(dvcFolder, 'config'), git === null ? '[core]\n    no_scm = True\n' : '');
  if (git !== null) {
    await writeDurably(path.join(dvcFolder, '.gitignore'), '/config.local\n/tmp\n/cache\n');
    files.unshift('.dvc/.gitignore');
  }
  if (!existsSync(path.join(root, '.dvcignore'))) await writeDurably(path.join(root, '.dvcignore'), IGNORE_TEXT);
  files.push('.dvcignore');
  await git?.add(files.map((file) => path.relative(git.root, path.join(root, file)).split(path.sep).join('/')));
  return { root, files, isStaged: git !== null };
}

async function gitOf(root: string, isSubdir: boolean): Promise<Git> {
  const top = isSubdir ? findUpward(root, '.git', false) : existsSync(path.join(root, '.git')) ? root : null;
  if (top === null) {
    throw invalid('NO_GIT', `${root} is not the top of a Git repository.`, {
      hint: isSubdir
        ? 'Run `git init` first, or use --no-scm.'
        : 'Run `git init` first, use --subdir below the top of one, or --no-scm without Git.',
    });
  }
  const git = new Git(top);
  const relative = path.relative(top, path.join(root, '.dvc')).split(path.sep).join('/');
  if (await git.isIgnored(`${relative}/`))
    throw invalid('GIT_IGNORED', `${relative} is left out by Git.`, { hint: "Add '!.dvc' to .gitignore." });
  return git;
}
