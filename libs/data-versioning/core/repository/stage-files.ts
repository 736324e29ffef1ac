// The files that hold stages, `.dvc` and dvc.yaml with dvc.lock, read from wherever they are: the workspace or a revision.

import { DomainError } from '@throughline/kernel';
import { parseDvcFile, stageOfDvcFile } from '../formats/dvc-file.ts';
import { nameOf } from '../formats/paths.ts';
import type { ParsingConfig } from '../formats/templating.ts';
import type { ShownAs, Stage } from '../types.ts';
import { isMissing } from '../objects/failures.ts';
import { readRegularText } from '../objects/regular-file.ts';
import type { Repository } from './repository.ts';

export interface Unreadable {
  readonly file: string;
  readonly error: DomainError;
}

export interface CollectedStages {
  readonly stages: Stage[];
  readonly unreadable: Unreadable[];
  /** Files that are shown as metrics or plots without being listed so by the stage that makes them, as repository paths. */
  readonly shown: Readonly<Record<ShownAs, string[]>>;
}

/** What one file says. */
export type StageFileContent = Omit<CollectedStages, 'unreadable'>;

export function nothingCollected(): CollectedStages {
  return { stages: [], unreadable: [], shown: { metrics: [], plots: [] } };
}

/** Takes in what one file says. */
export function collect(into: CollectedStages, { stages, shown }: StageFileContent): void {
  into.stages.push(...stages);
  into.shown.metrics.push(...shown.metrics);
  into.shown.plots.push(...shown.plots);
}

/** Whether a name is one of a file that holds stages. */
export function isStageFile(name: string): boolean {
  return name.endsWith('.dvc') || name === 'dvc.yaml';
}

/** Where files are read from: the workspace, or a revision. */
export interface StageSource {
  /** A file's text by its repository path; null where it is not there. */
  readText(path: string): Promise<string | null>;
  /** How maps of parameters are put into commands. */
  readonly parsing?: ParsingConfig;
}

/** @throws DomainError where it cannot be read. */
export async function readStageFile(file: string, source: StageSource): Promise<StageFileContent> {
  const content = await source.readText(file);
  if (content === null) throw new DomainError({ kind: 'not_found', code: 'FILE_MISSING', message: `${file} is not there.` });
  if (nameOf(file) !== 'dvc.yaml')
    return { stages: [stageOfDvcFile(await parseDvcFile(content, file), file)], shown: { metrics: [], plots: [] } };
  // Pipelines are read by modules of their own, which repositories without any need not load.
  const { parseDvcYaml } = await import('../formats/dvc-yaml.ts');
  const { parseDvcLock } = await import('../formats/dvc-lock.ts');
  const lockFile = file.replace(/yaml$/, 'lock');
  const lock = await source.readText(lockFile);
  return await parseDvcYaml(content, file, lock === null ? new Map() : await parseDvcLock(lock, lockFile), source);
}

/** The files of the workspace. */
export function workspaceSource(repository: Repository): StageSource {
  return {
    get parsing(): ParsingConfig {
      const { config } = repository;
      return {
        list: config.text('parsing', 'list')?.toLowerCase() === 'append' ? 'append' : 'nargs',
        bool: config.text('parsing', 'bool')?.toLowerCase() === 'boolean_optional' ? 'boolean_optional' : 'store_true',
      };
    },
    readText(path) {
      const file = repository.toFile(path);
      try {
        return Promise.resolve(readRegularText(file));
      } catch (cause) {
        if (isMissing(cause)) return Promise.resolve(null);
        throw cause instanceof DomainError ? cause : unreadable(path, cause);
      }
    },
  };
}

/** What to say of a file or folder that the system does not let us read. */
export function unreadable(path: string, cause: unknown): DomainError {
  return new DomainError({
    kind: 'invalid',
    code: 'FILE_UNREADABLE',
    message: `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
    cause,
  });
}
