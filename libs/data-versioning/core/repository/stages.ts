// All stages of a repository: its `.dvc` files and its dvc.yaml files with their locks, in the workspace or in a revision of Git. What cannot be read is reported beside the
// rest, so that `gc` can refuse and `status` can go on.

import { lstat, readdir, readFile } from 'node:fs/promises';
import { DomainError } from '@throughline/kernel';
import { parseDvcFile, stageOfDvcFile } from '../formats/dvc-file.ts';
import { isInside } from '../formats/paths.ts';
import type { Stage } from '../types.ts';
import type { FolderRules } from './ignore-tree.ts';
import type { Repository } from './repository.ts';

const MAX_STAGE_FILE_BYTES = 256 * 1024 * 1024;

export interface CollectOptions {
  /** A revision of Git instead of the workspace. */
  readonly revision?: string;
  /** `.dvc` files, stages (`dvc.yaml:train`, `train`), outputs and what lies in them, as repository paths. Absent: all. */
  readonly targets?: readonly string[];
  /** Folders among the targets stand for all stages below them. */
  readonly recursive?: boolean;
}

export interface Unreadable {
  readonly file: string;
  readonly error: DomainError;
}

export interface CollectedStages {
  readonly stages: Stage[];
  readonly unreadable: Unreadable[];
}

/** Collects stages. */
export async function collectStages(repository: Repository, options: CollectOptions = {}): Promise<CollectedStages> {
  const collected: CollectedStages = { stages: [], unreadable: [] };
  await walk(repository, repository.ignore.folder(''), await readdir(repository.root, { withFileTypes: true }), new Set(), collected);
  if (options.targets === undefined) return collected;
  const targets = options.targets;
  const stages = collected.stages.filter((stage) =>
    targets.some(
      (target) =>
        stage.file === target ||
        (options.recursive === true && isInside(stage.file, target)) ||
        stage.outputs.some((output) => isInside(target, output.path)),
    ),
  );
  return { stages, unreadable: collected.unreadable };
}

type Entries = Awaited<ReturnType<typeof readFolder>>;

function readFolder(folder: string) {
  return readdir(folder, { withFileTypes: true });
}

async function walk(
  repository: Repository,
  rules: FolderRules,
  entries: Entries,
  outputs: Set<string>,
  collected: CollectedStages,
): Promise<void> {
  const prefix = rules.path === '' ? '' : `${rules.path}/`;
  for (const entry of entries) {
    if (entry.isDirectory() || !isStageFile(entry.name) || rules.ignores(entry.name, false)) continue;
    await collectFile(repository, `${prefix}${entry.name}`, outputs, collected);
  }
  for (const entry of entries) {
    const below = `${prefix}${entry.name}`;
    if (!entry.isDirectory() || outputs.has(below) || rules.ignores(entry.name, true)) continue;
    const inner = await readFolder(repository.toFile(below));
    const innerRules = rules.enter(
      entry.name,
      inner.map((item) => item.name),
    );
    if (innerRules !== null) await walk(repository, innerRules, inner, outputs, collected);
  }
}

function isStageFile(name: string): boolean {
  return name.endsWith('.dvc') || name === 'dvc.yaml';
}

async function collectFile(repository: Repository, file: string, outputs: Set<string>, collected: CollectedStages): Promise<void> {
  try {
    if (!file.endsWith('.dvc')) return;
    const { size } = await lstat(repository.toFile(file));
    if (size > MAX_STAGE_FILE_BYTES)
      throw new DomainError({ kind: 'invalid', code: 'FILE_INVALID', message: `${file} is larger than ${MAX_STAGE_FILE_BYTES} bytes.` });
    const stage = stageOfDvcFile(await parseDvcFile(await readFile(repository.toFile(file), 'utf8'), file), file);
    collected.stages.push(stage);
    for (const output of stage.outputs) outputs.add(output.path);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    collected.unreadable.push({ file, error });
  }
}
