// Which paths of a workspace are left out: the `.dvcignore` files of the folders on the way, and repositories inside of this one. A walk goes from folder to folder
// with the names that it reads anyway, so nothing is looked up twice; a single path is answered by reading the folders above it once.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { DomainError } from '@throughline/kernel';
import { defaultPatterns, IGNORE_FILE, IgnoreList, parseDvcIgnore } from '../formats/ignore.ts';
import type { NameMatcher } from '../formats/ignore.ts';
import type { IgnorePattern } from '../formats/gitignore.ts';
import { folderOf } from '../formats/paths.ts';
import { isMissing } from '../objects/failures.ts';
import { readRegularText } from '../objects/regular-file.ts';

/** The rules for one folder of a walk. */
export interface FolderRules {
  /** From the repository's root; empty for itself. */
  readonly path: string;
  /** All that holds in it, over paths from the root. */
  readonly list: IgnoreList;
  /** Whether an entry of this folder is left out. */
  readonly ignores: NameMatcher;
  /** The rules of a folder in it, given the names that are in that one; null where it is a repository of its own and left out. */
  enter(name: string, names: readonly string[]): FolderRules | null;
}

export interface IgnoreRules {
  /** Whether a path is left out, itself or a folder above it. */
  isIgnored(path: string, isFolder: boolean): boolean;
  /** The rules that matched a path or a folder above it, the deciding one last. */
  explain(path: string, isFolder: boolean): { readonly isIgnored: boolean; readonly patterns: readonly IgnorePattern[] };
  /** Where a walk begins: the rules of a folder that is not left out itself. */
  folder(path: string): FolderRules;
}

/** What reading a workspace needs; a Git revision has other ways. */
export interface IgnoreSource {
  /** A file's text, null where it is not there. */
  readonly readText: (file: string) => string | null;
  /** Whether a path is there. */
  readonly has: (file: string) => boolean;
}

/** The rules of the workspace below a folder. */
export function workspaceIgnoreRules(root: string): IgnoreRules {
  return ignoreRules({
    readText: (file) => readIgnoreFile(path.join(root, file)),
    has: (file) => existsSync(path.join(root, file)),
  });
}

/** An ignore file's text; null where there is none. */
export function readIgnoreFile(file: string): string | null {
  try {
    return readRegularText(file);
  } catch (cause) {
    if (isMissing(cause)) return null;
    if (cause instanceof DomainError) throw cause;
    throw new DomainError({
      kind: 'invalid',
      code: 'IGNORE_FILE_UNREADABLE',
      message: `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      cause,
    });
  }
}

export function ignoreRules(source: IgnoreSource): IgnoreRules {
  const cache = new Map<string, FolderRules | null>();

  const rulesOf = (folder: string): FolderRules | null => {
    const known = cache.get(folder);
    if (known !== undefined) return known;
    const at = folder.lastIndexOf('/');
    const parent = folder === '' ? null : rulesOf(folder.slice(0, Math.max(at, 0)));
    const rules = folder === '' ? rootRules(source) : (parent?.enter(folder.slice(at + 1), namesOf(source, folder)) ?? null);
    cache.set(folder, rules);
    return rules;
  };

  const explain: IgnoreRules['explain'] = (target, isFolder) => {
    const patterns: IgnorePattern[] = [];
    const rules = rulesOf(folderOf(target));
    if (rules === null) return { isIgnored: true, patterns };
    const list = rules.list;
    // As DVC does it, the rules of the innermost folder decide on the folders above, too.
    for (let at = target.indexOf('/'); at !== -1; at = target.indexOf('/', at + 1)) {
      const pattern = list.match(target.slice(0, at), true);
      if (pattern?.isNegated === false) return { isIgnored: true, patterns: [pattern] };
    }
    const pattern = list.match(target, isFolder);
    return { isIgnored: pattern?.isNegated === false, patterns: pattern === null ? [] : [pattern] };
  };

  return {
    isIgnored: (target, isFolder) => explain(target, isFolder).isIgnored || (isFolder && rulesOf(target) === null),
    explain,
    folder(target) {
      const rules = rulesOf(target);
      if (rules === null)
        throw new DomainError({ kind: 'invalid', code: 'PATH_IGNORED', message: `${target} is left out: it is a repository of its own.` });
      return rules;
    },
  };
}

function namesOf(source: IgnoreSource, folder: string): string[] {
  return [IGNORE_FILE, '.dvc'].filter((name) => source.has(`${folder}/${name}`));
}

function rootRules(source: IgnoreSource): FolderRules {
  const own = source.readText(IGNORE_FILE);
  return folderRules(source, '', new IgnoreList([...defaultPatterns(), ...(own === null ? [] : parseDvcIgnore(own, ''))]));
}

function folderRules(source: IgnoreSource, folder: string, list: IgnoreList): FolderRules {
  return {
    path: folder,
    list,
    ignores: list.under(folder),
    enter(name, names) {
      const below = folder === '' ? name : `${folder}/${name}`;
      if (names.includes('.dvc')) return null;
      const own =
        names.includes(IGNORE_FILE) && !list.ignores(`${below}/${IGNORE_FILE}`, false) ? source.readText(`${below}/${IGNORE_FILE}`) : null;
      const patterns = own === null ? [] : parseDvcIgnore(own, below);
      if (patterns.length === 0) return folderRules(source, below, list);
      const extended = new IgnoreList([...list.patterns, ...patterns]);
      const inner = folderRules(source, below, extended);
      // A folder's own rules may leave the folder itself out: then nothing in it counts.
      return extended.ignores(below, true) ? { ...inner, ignores: () => true, enter: () => null } : inner;
    },
  };
}
