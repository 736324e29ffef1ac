// `install`: Git hooks that keep data in step (status before a commit, checkout after one, push before a push), and a driver that merges `.dvc` files. The hooks are plain shell
// and call the command by its name; somebody else's hook is never overwritten without being asked to.

import { existsSync, readFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { conflict, invalid } from '@throughline/kernel';
import { git as runGit } from '../repository/git.ts';
import type { Git } from '../repository/git.ts';
import type { Repository } from '../repository/repository.ts';
import { writeDurably } from '../repository/write.ts';

const MARK = '# Written by `throughline install`.';
const HOOKS = ['post-checkout', 'pre-commit', 'pre-push'] as const;
const DRIVER = 'throughline merge-driver --ancestor %O --our %A --their %B';

export interface InstallOptions {
  /** Overwrites hooks and a merge driver that are there. */
  readonly force?: boolean;
}

export interface InstallResult {
  readonly hooks: readonly string[];
  readonly mergeDriver: string;
  /** The line that `.gitattributes` needs for the driver; null where it is there. */
  readonly missingAttribute: string | null;
}

/** @throws DomainError `NO_GIT`, `HOOK_EXISTS` before anything is written. */
export async function install(repository: Repository, options: InstallOptions = {}): Promise<InstallResult> {
  const { git } = repository;
  if (git === null) throw invalid('NO_GIT', 'Hooks belong to Git, and this repository is not in it.');
  const folder = path.resolve(git.root, (await runGit(git.root, ['rev-parse', '--git-path', 'hooks'])).trim());
  const files = HOOKS.map((hook) => path.join(folder, hook));
  const foreign = files.find((file) => existsSync(file) && !readFileSync(file, 'utf8').includes(MARK));
  if (foreign !== undefined && options.force !== true) {
    throw conflict('HOOK_EXISTS', `${foreign} is there already, and not from here.`, {
      hint: 'Call throughline from it yourself, or overwrite it with --force.',
    });
  }
  const driver = await git.config('merge.dvc.driver');
  if (driver !== null && driver !== DRIVER && options.force !== true) {
    throw conflict('HOOK_EXISTS', `Git's merge driver "dvc" is ${JSON.stringify(driver)} already.`, { hint: 'Overwrite it with --force.' });
  }
  for (const [index, hook] of HOOKS.entries()) {
    const file = files[index] ?? '';
    await writeDurably(file, script(hook, repository.toGitPath('')));
    await chmod(file, 0o755);
  }
  await runGit(git.root, ['config', 'merge.dvc.name', 'Merges .dvc files']);
  await runGit(git.root, ['config', 'merge.dvc.driver', DRIVER]);
  return { hooks: files, mergeDriver: DRIVER, missingAttribute: await missingAttribute(git) };
}

/** Git runs hooks in the top folder; `folder` is the repository's below it. */
function script(hook: (typeof HOOKS)[number], folder: string): string {
  const enter = folder === '' ? '' : `cd '${folder.replaceAll("'", `'\\''`)}' || exit 0\n`;
  const body = {
    // Whoever commits may be offline.
    'pre-commit': 'exec throughline status --no-updates',
    'pre-push': 'exec throughline push',
    // The third argument is 1 where a branch was checked out, not single files. In the middle of a rebase there is more to come.
    'post-checkout': '[ "$3" = 1 ] || exit 0\n[ -d "$(git rev-parse --git-path rebase-merge)" ] && exit 0\nexec throughline checkout',
  }[hook];
  return `#!/bin/sh\n${MARK}\n${enter}[ -d .dvc ] || exit 0\n${body}\n`;
}

async function missingAttribute(git: Git): Promise<string | null> {
  const answer = await runGit(git.root, ['check-attr', 'merge', '--', 'x.dvc']);
  return /: dvc\s*$/.test(answer) ? null : '*.dvc merge=dvc';
}
