// What Git leaves out of a workspace, asked while it is walked: folders of environments and caches are not entered, and `.dvc` files that Git does not see do not count.
// Asking `git check-ignore` for each would cost more than the walk, so the files are read here, by the grammar of formats/gitignore.ts.

import path from 'node:path';
import { compilePattern } from '../formats/gitignore.ts';
import type { IgnorePattern } from '../formats/gitignore.ts';
import { IgnoreList } from '../formats/ignore.ts';
import type { NameMatcher } from '../formats/ignore.ts';
import { DomainError } from '@throughline/kernel';
import { folderOf } from '../formats/paths.ts';
import { readIfThere } from './config.ts';
import { readIgnoreFile } from './ignore-tree.ts';
import type { Repository } from './repository.ts';

export interface GitIgnoreRules {
  /** What is left out of a folder, asked parents first. @param hasFile Whether it holds a .gitignore. */
  folder(path: string, hasFile: boolean): NameMatcher;
}

/** Rules of one file, over paths from the folder that it stands in. */
interface Scope {
  /** From the repository's root; null: the top of Git's tree and above. */
  readonly base: string;
  readonly list: IgnoreList;
  /** What stands before a repository path seen from `base`: for files above the repository's root. */
  readonly prefix: string;
}

/** Null without Git. */
export async function gitIgnoreRules(repository: Repository): Promise<GitIgnoreRules | null> {
  const { gitRoot } = repository;
  if (gitRoot === null) return null;
  const above = await scopesAbove(repository, gitRoot);
  const scopes = new Map<string, readonly Scope[]>();
  const scopesOf = (folder: string, hasFile: boolean): readonly Scope[] => {
    const inherited = folder === '' ? above : (scopes.get(folderOf(folder)) ?? above);
    const own = hasFile ? scopeOf(readIgnoreFile(path.join(repository.toFile(folder), '.gitignore')), folder, '') : null;
    const all = own === null ? inherited : [...inherited, own];
    scopes.set(folder, all);
    return all;
  };
  return {
    folder(folder, hasFile) {
      const all = scopesOf(folder, hasFile);
      if (all.length === 0) return () => false;
      return (name, isFolder) => isLeftOut(all, folder === '' ? name : `${folder}/${name}`, isFolder);
    },
  };
}

/** The last file that says something about a path decides; within it, the last line. */
function isLeftOut(scopes: readonly Scope[], target: string, isFolder: boolean): boolean {
  for (let index = scopes.length - 1; index >= 0; index--) {
    const scope = scopes[index];
    if (scope === undefined) continue;
    const relative = scope.base === '' ? `${scope.prefix}${target}` : target.slice(scope.base.length + 1);
    const pattern = scope.list.match(relative, isFolder);
    if (pattern !== null) return !pattern.isNegated;
  }
  return false;
}

/** What holds for the whole tree: the user's own file, `.git/info/exclude`, and .gitignore files above the repository's root. */
async function scopesAbove(repository: Repository, gitRoot: string): Promise<Scope[]> {
  const inside = path.relative(gitRoot, repository.root).split(path.sep).join('/');
  const prefix = inside === '' ? '' : `${inside}/`;
  const { homeFolder, globalConfigFolder } = repository.surroundings;
  const configured = /^\s*excludesfile\s*=\s*(.+?)\s*$/im.exec((await readIfThere(path.join(homeFolder, '.gitconfig'))) ?? '')?.[1];
  const excludes =
    configured === undefined
      ? path.join(globalConfigFolder === null ? path.join(homeFolder, '.config') : path.dirname(globalConfigFolder), 'git', 'ignore')
      : path.resolve(homeFolder, configured.replace(/^~\//, ''));
  const scopes = [
    scopeOf(await readIfThere(excludes), '', prefix),
    scopeOf(await readIfThere(path.join(gitRoot, '.git', 'info', 'exclude')), '', prefix),
  ];
  const parts = inside === '' ? [] : inside.split('/');
  for (let depth = 0; depth < parts.length; depth++) {
    const content = await readIfThere(path.join(gitRoot, ...parts.slice(0, depth), '.gitignore'));
    scopes.push(scopeOf(content, '', `${parts.slice(depth).join('/')}/`));
  }
  return scopes.filter((scope) => scope !== null);
}

function scopeOf(content: string | null, base: string, prefix: string): Scope | null {
  if (content === null) return null;
  const patterns = content.split(/\r?\n/).flatMap((line) => compiledOrNone(line));
  return patterns.length === 0 ? null : { base, prefix, list: new IgnoreList(patterns) };
}

/** Git passes over lines that mean nothing; so does this. */
function compiledOrNone(line: string): IgnorePattern[] {
  try {
    const pattern = compilePattern(line, '', 'git');
    return pattern === null ? [] : [pattern];
  } catch (error) {
    if (error instanceof DomainError) return [];
    throw error;
  }
}
