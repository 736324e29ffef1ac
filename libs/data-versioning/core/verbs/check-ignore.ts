// `check-ignore`: which paths `.dvcignore` leaves out, and by which line.

import { statSync } from 'node:fs';
import type { Repository } from '../repository/repository.ts';

export interface CheckIgnoreResult {
  /** As it was asked for. */
  readonly target: string;
  readonly isIgnored: boolean;
  /** The lines that matched it or a folder above it, the deciding one last. One that begins with "!" takes a path back in. */
  readonly patterns: readonly { readonly origin: string; readonly text: string }[];
}

/** Answers in the order of the targets. Paths outside of the repository are left out by nothing. */
export function checkIgnore(repository: Repository, targets: readonly string[]): CheckIgnoreResult[] {
  return targets.map((target) => {
    const path = repository.toRepositoryPath(target);
    if (path === '') return { target, isIgnored: false, patterns: [] };
    const isFolder = target.endsWith('/') || statSync(repository.toFile(path), { throwIfNoEntry: false })?.isDirectory() === true;
    const { isIgnored, patterns } = repository.ignore.explain(path, isFolder);
    return { target, isIgnored, patterns: patterns.map(({ origin, text }) => ({ origin, text })) };
  });
}
