// `install`: Git hooks that keep data in step (status before a commit, checkout after one, push before a push), and a driver that merges `.dvc` files. The hooks are plain shell
// and call the command by its name; somebody else's hook is never overwritten without being asked to. Teams that use the pre-commit tool get the same in its file instead.

import { existsSync, readFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { conflict, invalid } from '@throughline/kernel';
import { addLocalHooks } from '../formats/pre-commit-config.ts';
import type { LocalHook } from '../formats/pre-commit-config.ts';
import { isMissing } from '../objects/failures.ts';
import { readRegularText } from '../objects/regular-file.ts';
import { git as runGit } from '../repository/git.ts';
import type { Git } from '../repository/git.ts';
import type { Repository } from '../repository/repository.ts';
import { writeDurably } from '../repository/write.ts';

const MARK = '# Written by `throughline install`.';
const HOOKS = ['post-checkout', 'pre-commit', 'pre-push'] as const;
type Hook = (typeof HOOKS)[number];
const PRE_COMMIT_CONFIG = '.pre-commit-config.yaml';
const DRIVER = 'throughline merge-driver --ancestor %O --our %A --their %B';

export interface InstallOptions {
  /** Overwrites hooks and a merge driver that are there. */
  readonly force?: boolean;
  /** Writes `.pre-commit-config.yaml` of the pre-commit tool instead of hooks. */
  readonly usePreCommitTool?: boolean;
}

export interface InstallResult {
  readonly hooks: readonly string[];
  /** The pre-commit tool's file, and which of our hooks were added to it; null where it was not asked for. */
  readonly preCommit: { readonly file: string; readonly added: readonly string[] } | null;
  readonly mergeDriver: string;
  /** The line that `.gitattributes` needs for the driver; null where it is there. */
  readonly missingAttribute: string | null;
}

/** @throws DomainError `NO_GIT`, `HOOK_EXISTS`, `YAML_INVALID`, `PRE_COMMIT_CONFIG_INVALID` before anything is written. */
export async function install(repository: Repository, options: InstallOptions = {}): Promise<InstallResult> {
  const { git } = repository;
  if (git === null) throw invalid('NO_GIT', 'Hooks belong to Git, and this repository is not in it.');
  const force = options.force === true;
  const folder = repository.toGitPath('');
  const usesTool = options.usePreCommitTool === true;
  const files = usesTool ? [] : await hookFiles(git, force);
  const driver = await git.config('merge.dvc.driver');
  if (driver !== null && driver !== DRIVER && !force) {
    throw conflict('HOOK_EXISTS', `Git's merge driver "dvc" is ${JSON.stringify(driver)} already.`, { hint: 'Overwrite it with --force.' });
  }
  const preCommit = usesTool ? await configurePreCommit(path.join(git.root, PRE_COMMIT_CONFIG), folder) : null;
  for (const [hook, file] of files) {
    await writeDurably(file, script(hook, folder));
    await chmod(file, 0o755);
  }
  await runGit(git.root, ['config', 'merge.dvc.name', 'Merges .dvc files']);
  await runGit(git.root, ['config', 'merge.dvc.driver', DRIVER]);
  return { hooks: files.map(([, file]) => file), preCommit, mergeDriver: DRIVER, missingAttribute: await missingAttribute(git) };
}

/** Where the hooks go, once nobody else's is there. */
async function hookFiles(git: Git, force: boolean): Promise<(readonly [Hook, string])[]> {
  const folder = path.resolve(git.root, (await runGit(git.root, ['rev-parse', '--git-path', 'hooks'])).trim());
  const files = HOOKS.map((hook) => [hook, path.join(folder, hook)] as const);
  const foreign = files.find(([, file]) => existsSync(file) && !readFileSync(file, 'utf8').includes(MARK));
  if (foreign !== undefined && !force) {
    throw conflict('HOOK_EXISTS', `${foreign[1]} is there already, and not from here.`, {
      hint: 'Call throughline from it yourself, or overwrite it with --force.',
    });
  }
  return files;
}

async function configurePreCommit(file: string, folder: string): Promise<{ file: string; added: readonly string[] }> {
  const { content, added } = await addLocalHooks(
    readIfThere(file),
    PRE_COMMIT_CONFIG,
    HOOKS.map((hook) => localHook(hook, folder)),
  );
  if (content !== null) await writeDurably(file, content);
  return { file, added };
}

function readIfThere(file: string): string | null {
  try {
    return readRegularText(file);
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw cause;
  }
}

/** The tool runs programs without a shell, and says what was checked out in a variable. The id names the folder: a Git repository may hold several of data. */
function localHook(hook: Hook, folder: string): LocalHook {
  const where = folder === '' ? '' : ` --cd ${quoted(folder)}`;
  const entry = {
    'pre-commit': `throughline${where} status --no-updates`,
    'pre-push': `throughline${where} push`,
    'post-checkout': `sh -c ${quoted(
      `[ "$PRE_COMMIT_CHECKOUT_TYPE" = 1 ] || exit 0; [ -d "$(git rev-parse --git-path rebase-merge)" ] && exit 0; exec throughline${where} checkout`,
    )}`,
  }[hook];
  const below = folder === '' ? '' : `:${folder}`;
  return { id: `throughline-${hook}${below}`, name: `throughline ${hook}${below}`, entry, stage: hook };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Git runs hooks in the top folder; `folder` is the repository's below it. */
function script(hook: Hook, folder: string): string {
  const enter = folder === '' ? '' : `cd ${quoted(folder)} || exit 0\n`;
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
