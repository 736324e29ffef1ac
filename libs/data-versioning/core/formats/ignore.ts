// Lists of ignore rules: the last one that matches a path decides, and nothing below a folder that is left out comes back. A walk asks for every file, so most
// lists (no "!" in them) are answered by looking the name up in a set and, for what is left, by one regular expression and an automaton for each unusual rule.

import { compilePattern } from './gitignore.ts';
import type { IgnorePattern } from './gitignore.ts';
import type { GlobAutomaton } from './glob-automaton.ts';

export const IGNORE_FILE = '.dvcignore';
/** What DVC always leaves out. */
const DEFAULTS = ['.hg/', '.git/', '.git', '.dvc/'];
const MAX_IGNORE_FILE_BYTES = 4 * 1024 * 1024;

/** Whether an entry of one folder is left out. */
export type NameMatcher = (name: string, isFolder: boolean) => boolean;

/** Rules over paths relative to one folder, the weakest first. */
export class IgnoreList {
  readonly patterns: readonly IgnorePattern[];
  readonly #hasNegation: boolean;
  /** Of lists without "!" alone. */
  readonly #names: ReadonlySet<string>;
  readonly #folderNames: ReadonlySet<string>;
  readonly #others: Union | null;
  readonly #folderOthers: Union | null;

  constructor(patterns: readonly IgnorePattern[]) {
    this.patterns = patterns;
    this.#hasNegation = patterns.some((pattern) => pattern.isNegated);
    const named = patterns.filter((pattern) => pattern.name !== null);
    this.#names = new Set(named.flatMap((pattern) => (pattern.isFolderOnly ? [] : [pattern.name ?? ''])));
    this.#folderNames = new Set(named.flatMap((pattern) => (pattern.isFolderOnly ? [pattern.name ?? ''] : [])));
    const rest = patterns.filter((pattern) => pattern.name === null);
    this.#others = union(rest.filter((pattern) => !pattern.isFolderOnly));
    this.#folderOthers = union(rest.filter((pattern) => pattern.isFolderOnly));
  }

  /** The rule that decides on a path itself, whatever its parents are; null where none matches. */
  match(path: string, isFolder: boolean): IgnorePattern | null {
    for (let index = this.patterns.length - 1; index >= 0; index--) {
      const pattern = this.patterns[index];
      if (pattern === undefined || (pattern.isFolderOnly && !isFolder)) continue;
      if (pattern.expression.test(path) || (isFolder && pattern.expression.test(`${path}/`))) return pattern;
    }
    return null;
  }

  /** Whether a path is left out: itself or one of the folders above it. */
  ignores(path: string, isFolder: boolean): boolean {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      if (this.match(path.slice(0, at), true)?.isNegated === false) return true;
    }
    return this.match(path, isFolder)?.isNegated === false;
  }

  /** For the entries of a folder that is not left out itself: the names in it are asked for one by one. */
  under(folder: string): NameMatcher {
    const prefix = folder === '' ? '' : `${folder}/`;
    if (this.#hasNegation || prefix.includes('\n'))
      return (name, isFolder) => this.match(`${prefix}${name}`, isFolder)?.isNegated === false;
    return (name, isFolder) => this.#isMatched(prefix, name, isFolder);
  }

  #isMatched(prefix: string, name: string, isFolder: boolean): boolean {
    if (name.endsWith('\n')) return this.match(`${prefix}${name}`, isFolder) !== null;
    if (this.#names.has(name) || (isFolder && this.#folderNames.has(name))) return true;
    if (this.#others === null && (!isFolder || this.#folderOthers === null)) return false;
    const path = `${prefix}${name}`;
    if (!isFolder) return this.#others?.test(path) === true;
    return [this.#others, this.#folderOthers].some(
      (expression) => expression !== null && (expression.test(path) || expression.test(`${path}/`)),
    );
  }
}

/** Rules of which any may match. */
interface Union {
  test(path: string): boolean;
}

function union(patterns: readonly IgnorePattern[]): Union | null {
  if (patterns.length === 0) return null;
  const expressions = patterns.map(({ expression }) => expression);
  const sources = expressions.flatMap((one) => (one instanceof RegExp ? [`(?:${one.source})`] : []));
  const automata = expressions.filter((one): one is GlobAutomaton => !(one instanceof RegExp));
  const plain = sources.length === 0 ? null : new RegExp(sources.join('|'), 'u');
  if (plain !== null && automata.length === 0) return plain;
  return { test: (path) => plain?.test(path) === true || automata.some((one) => one.test(path)) };
}

/** What is left out everywhere. */
export function defaultPatterns(): IgnorePattern[] {
  return DEFAULTS.flatMap((line) => compilePattern(line, '') ?? []);
}

/** Lines as Python splits and strips them. */
function linesOf(content: string): string[] {
  return content.split(/\r\n|\r|\n/).map((line) => line.replace(/^[\s\x1c-\x1f\x85]+(?<!\ufeff)|(?<!\ufeff)[\s\x1c-\x1f\x85]+$/g, ''));
}

/**
 * The rules of a `.dvcignore` file, as rules over paths from the repository's root.
 * @param folder The folder that it stands in, empty for the root.
 * @throws DomainError `IGNORE_PATTERN_INVALID` with file and line.
 */
export function parseDvcIgnore(content: string, folder: string): IgnorePattern[] {
  const file = folder === '' ? IGNORE_FILE : `${folder}/${IGNORE_FILE}`;
  return linesOf(content.slice(0, MAX_IGNORE_FILE_BYTES)).flatMap((line, index) => {
    if (line === '' || line.startsWith('#')) return [];
    const pattern = compilePattern(folder === '' ? line : rebased(line, folder), `${file}:${index + 1}`);
    return pattern === null ? [] : [{ ...pattern, text: line }];
  });
}

/** A rule of a folder's own file, said from the root in DVC's way: without a slash before it, so that what a folder's name begins with may come to mean something. */
function rebased(line: string, folder: string): string {
  const isNegated = line.startsWith('!');
  const rule = isNegated ? line.slice(1) : line;
  const isAnchored = rule.slice(0, -1).includes('/') && !rule.startsWith('**/');
  const bare = isAnchored ? rule.replace(/^\//, '') : rule.replace(/^\*\*\//, '');
  return `${isNegated ? '!/' : ''}${folder}/${isAnchored ? '' : '**/'}${bare.replace(/^\\/, '')}`;
}
