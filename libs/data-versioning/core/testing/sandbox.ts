// Repositories for tests: a folder of their own with Git and DVC in it, nothing of the machine's own settings.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Surroundings } from '../types.ts';

export interface Sandbox {
  /** The repository's folder. */
  readonly root: string;
  readonly warnings: string[];
  readonly surroundings: Surroundings;
  /** Writes files below the root. */
  write(files: Readonly<Record<string, string>>): void;
  git(...args: readonly string[]): string;
  /** Commits everything that Git sees. */
  commit(): string;
  remove(): void;
}

/** A new folder under Git; `init` makes it a repository. */
export function sandbox(): Sandbox {
  const folder = mkdtempSync(path.join(tmpdir(), 'throughline-core-'));
  const root = path.join(folder, 'repository');
  const homeFolder = path.join(folder, 'home');
  for (const made of [root, homeFolder]) mkdirSync(made);
  const warnings: string[] = [];
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', root, '-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'init.defaultBranch=main', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    }).toString('utf8');
  git('init', '-q');
  return {
    root,
    warnings,
    surroundings: {
      workingFolder: root,
      homeFolder,
      globalConfigFolder: path.join(homeFolder, '.config', 'dvc'),
      systemConfigFolder: null,
      reporter: {
        task: () => ({ advance: () => undefined, setTotal: () => undefined, end: () => undefined }),
        warn: (message) => void warnings.push(message),
      },
      signal: new AbortController().signal,
      tokenFor: () => null,
    },
    write(files) {
      for (const [file, content] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
        writeFileSync(path.join(root, file), content);
      }
    },
    git,
    commit() {
      git('add', '-A');
      git('commit', '-q', '--allow-empty', '-m', 'c');
      return git('rev-parse', 'HEAD').trim();
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
