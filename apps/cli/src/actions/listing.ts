// Listings, one path a line or as a tree.

import type { Terminal } from '@throughline/kernel';
import { humanBytes } from '@throughline/kernel';

export interface Listed {
  readonly path: string;
  readonly isdir: boolean;
  readonly isout: boolean;
  readonly isexec: boolean;
  readonly size: number | null;
  readonly md5?: string | null;
}

interface Shape {
  terminal: Terminal;
  isTree: boolean;
  withSizes: boolean;
  withHashes: boolean;
}

const SIZE_WIDTH = 9;
const HASH_WIDTH = 36;

export function* listLines(entries: readonly Listed[], shape: Shape): Iterable<string> {
  if (shape.isTree) yield* treeLines(entries, shape);
  else for (const entry of entries) yield `${facts(entry, shape)}${nameOf(entry, entry.path, shape.terminal)}`;
}

/** What stands before the name, in columns. */
function facts({ size, md5 }: Listed, { withSizes, withHashes }: Shape): string {
  const hash = withHashes ? `${(md5 ?? '-').padEnd(HASH_WIDTH)}  ` : '';
  const bytes = withSizes ? `${(size === null ? '-' : humanBytes(size)).padStart(SIZE_WIDTH)}  ` : '';
  return `${hash}${bytes}`;
}

/** Tracked data green, what may be run with a star, folders with a slash. Control characters never reach the terminal. */
function nameOf({ isdir, isout, isexec }: Listed, name: string, terminal: Terminal): string {
  const shown = `${printable(name)}${isdir ? '/' : isexec ? '*' : ''}`;
  return isout ? terminal.good(shown) : shown;
}

export function printable(name: string): string {
  return name.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (letter) => JSON.stringify(letter).slice(1, -1));
}

interface Branch {
  entry: Listed | null;
  below: Map<string, Branch>;
}

function* treeLines(entries: readonly Listed[], shape: Shape): Iterable<string> {
  const root: Branch = { entry: null, below: new Map() };
  for (const entry of entries) {
    let at = root;
    for (const part of entry.path.split('/')) {
      const next = at.below.get(part) ?? { entry: null, below: new Map<string, Branch>() };
      at.below.set(part, next);
      at = next;
    }
    at.entry = entry;
  }
  yield* branchLines(root, '', shape);
}

function* branchLines({ below }: Branch, indent: string, shape: Shape): Iterable<string> {
  let left = below.size;
  for (const [name, branch] of below) {
    left -= 1;
    const entry = branch.entry ?? { path: name, isdir: true, isout: false, isexec: false, size: null };
    yield `${facts(entry, shape)}${indent}${left === 0 ? '└── ' : '├── '}${nameOf(entry, name, shape.terminal)}`;
    yield* branchLines(branch, `${indent}${left === 0 ? '    ' : '│   '}`, shape);
  }
}
