// All stages of a repository: its `.dvc` files and its dvc.yaml files with their locks, in the workspace or in a revision of Git. What cannot be read is reported beside the
// rest, so that `gc` can refuse and `status` can go on.
//
// The workspace is walked once: what DVC leaves out, what Git leaves out and the folders that are outputs are not entered, since a data folder may hold a million files.

import { readdirSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { DomainError } from '@throughline/kernel';
import { isInside } from '../formats/paths.ts';
import type { Stage } from '../types.ts';
import { isMissing } from '../objects/failures.ts';
import { gitIgnoreRules } from './git-ignore.ts';
import type { GitIgnoreRules } from './git-ignore.ts';
import type { FolderRules } from './ignore-tree.ts';
import type { Repository } from './repository.ts';
import { revisionReader } from './revisions.ts';
import { collect, isStageFile, nothingCollected, readStageFile, unreadable, workspaceSource } from './stage-files.ts';
import type { CollectedStages } from './stage-files.ts';

export interface CollectOptions {
  /** A revision of Git instead of the workspace. */
  readonly revision?: string;
  /** `.dvc` files, dvc.yaml files, their stages (`dvc.yaml:train`, `train`, `train@a`), outputs and what lies in them, as repository paths. Absent: all. */
  readonly targets?: readonly string[];
  /** Folders among the targets stand for all stages and outputs below them. */
  readonly recursive?: boolean;
}

/**
 * Collects stages. Targets that nothing answers to are left for the caller to complain about: see `matchesTarget`.
 * @throws DomainError `REVISION_UNKNOWN`, `NO_GIT`.
 */
export async function collectStages(repository: Repository, options: CollectOptions = {}): Promise<CollectedStages> {
  const collected =
    options.revision === undefined ? await collectWorkspace(repository) : await collectRevision(repository, options.revision);
  const { targets, recursive = false } = options;
  if (targets === undefined) return collected;
  return {
    stages: collected.stages.filter((stage) => targets.some((target) => matchesTarget(stage, target, recursive))),
    unreadable: collected.unreadable,
    shown: collected.shown,
  };
}

/** Whether a target names a stage: its file, its name, an output of it, or something inside or (recursively) around one. */
export function matchesTarget(stage: Stage, target: string, isRecursive: boolean): boolean {
  if (stage.file === target || stage.outputs.some((output) => isInside(target, output.path) && target !== '')) return true;
  if (
    stage.name !== null &&
    (target === `${stage.file}:${stage.name}` || (stage.file === 'dvc.yaml' && target === stage.name) || isGroup(stage, target))
  )
    return true;
  return isRecursive && (isInside(stage.file, target) || stage.outputs.some((output) => isInside(output.path, target)));
}

/** A foreach's own name stands for all that it generates. */
function isGroup(stage: Stage, target: string): boolean {
  const group = stage.name?.includes('@') === true ? stage.name.slice(0, stage.name.lastIndexOf('@')) : null;
  return group !== null && (target === `${stage.file}:${group}` || (stage.file === 'dvc.yaml' && target === group));
}

async function collectRevision(repository: Repository, revision: string): Promise<CollectedStages> {
  const { git } = repository;
  if (git === null)
    throw new DomainError({ kind: 'invalid', code: 'NO_GIT', message: 'This repository is not in Git: it has no revisions.' });
  // Whoever lists commits passes their full names.
  const commit = /^[0-9a-f]{40}$/.test(revision) ? revision : await git.revParse(revision);
  return revisionReader(repository, git).collect(commit);
}

async function collectWorkspace(repository: Repository): Promise<CollectedStages> {
  const walk = new WorkspaceWalk(repository, await gitIgnoreRules(repository));
  await walk.folder(repository.ignore.folder(''), readFolder(repository.root));
  return walk.collected;
}

/** Synchronously, since a walk of many small folders waits longer for threads than for the disk. */
function readFolder(folder: string): Dirent[] {
  return readdirSync(folder, { withFileTypes: true });
}

class WorkspaceWalk {
  readonly collected = nothingCollected();
  readonly #repository: Repository;
  readonly #gitIgnore: GitIgnoreRules | null;
  readonly #outputs = new Set<string>();

  constructor(repository: Repository, gitIgnore: GitIgnoreRules | null) {
    this.#repository = repository;
    this.#gitIgnore = gitIgnore;
  }

  async folder(rules: FolderRules, entries: readonly Dirent[]): Promise<void> {
    const prefix = rules.path === '' ? '' : `${rules.path}/`;
    const isGitIgnored =
      this.#gitIgnore?.folder(
        rules.path,
        entries.some((entry) => entry.name === '.gitignore'),
      ) ?? (() => false);
    for (const entry of entries) {
      if (!isStageFile(entry.name) || entry.isDirectory() || rules.ignores(entry.name, false) || isGitIgnored(entry.name, false)) continue;
      await this.#file(`${prefix}${entry.name}`);
    }
    for (const entry of entries) {
      const below = `${prefix}${entry.name}`;
      // Links to folders are not followed: what lies behind them is found where it lies.
      if (!entry.isDirectory() || this.#outputs.has(below) || rules.ignores(entry.name, true) || isGitIgnored(entry.name, true)) continue;
      const inner = this.#entries(below);
      const innerRules = rules.enter(
        entry.name,
        inner.map((item) => item.name),
      );
      if (innerRules !== null) await this.folder(innerRules, inner);
    }
  }

  #entries(folder: string): Dirent[] {
    try {
      return readFolder(this.#repository.toFile(folder));
    } catch (cause) {
      // A folder may go while the walk is under way; one that cannot be read may hide stages, which gc must know.
      if (!isMissing(cause)) this.collected.unreadable.push({ file: folder, error: unreadable(folder, cause) });
      return [];
    }
  }

  async #file(file: string): Promise<void> {
    try {
      const content = await readStageFile(file, workspaceSource(this.#repository));
      collect(this.collected, content);
      for (const stage of content.stages) for (const output of stage.outputs) this.#outputs.add(output.path);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.collected.unreadable.push({ file, error });
    }
  }
}

export type { CollectedStages, Unreadable } from './stage-files.ts';
