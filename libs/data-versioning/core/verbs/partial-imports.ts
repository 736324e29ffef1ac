// Imports whose data was not taken yet (`--no-download`, `--no-exec`): pull takes it from where it stands, as it was when it was looked at, and puts it in its place. The `.dvc`
// file stays as it is, as with DVC: it is Git's, and `update` or `commit` writes the hash down. What lies in its place already is left alone.

import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { DomainError } from '@throughline/kernel';
import { parseDvcFile } from '../formats/dvc-file.ts';
import type { DependencyEntry } from '../formats/dvc-file.ts';
import { addressEntry, takeAddress } from '../remotes/address-source.ts';
import { takeImport } from '../remotes/imports.ts';
import type { SelectedOutput } from '../remotes/selection.ts';
import type { Taken } from '../remotes/take.ts';
import type { TransferFailure } from '../remotes/wanted.ts';
import type { Repository } from '../repository/repository.ts';
import type { Output, Stage } from '../types.ts';
import { placeTaken, undoPlacing } from './placing.ts';
import { shownPath } from './recording.ts';
import { isSameSource, openFollowed } from './update.ts';

export interface TakenImports {
  readonly objects: number;
  readonly sizeBytes: number;
  /** What is in its place now, as DVC shows it. */
  readonly added: readonly string[];
  readonly addedFiles: number;
  readonly failures: readonly TransferFailure[];
}

/** To be called under the repository's lock. What cannot be taken is in the answer. @throws DomainError what stops everything. */
export async function takePartialImports(
  repository: Repository,
  selected: readonly SelectedOutput[],
  options: { readonly jobs: number | null },
): Promise<TakenImports> {
  const result = { objects: 0, sizeBytes: 0, added: [] as string[], addedFiles: 0, failures: [] as TransferFailure[] };
  await undoPlacing(repository);
  for (const { stage, output } of selected) {
    if (existsSync(repository.toFile(output.path))) continue;
    try {
      const taken = await takeOne(repository, stage, output, options.jobs);
      await placeTaken(repository, output.path, taken, () => Promise.resolve());
      result.objects += taken.files.length;
      result.sizeBytes += taken.sizeBytes;
      result.addedFiles += taken.files.length;
      result.added.push(`${shownPath(repository, output.path)}${taken.isFolder ? '/' : ''}`);
    } catch (error) {
      if (!(error instanceof DomainError) || !PASSES.has(error.kind)) throw error;
      const { code, message, hint } = error;
      result.failures.push({ path: shownPath(repository, output.path), id: '', code, message, hint: hint ?? null });
    }
  }
  return result;
}

/** Kinds of what is about one import and not about all of them. */
const PASSES: ReadonlySet<DomainError['kind']> = new Set(['invalid', 'not_found', 'conflict', 'corrupt', 'unimplemented']);

async function takeOne(repository: Repository, stage: Stage, output: Output, jobs: number | null): Promise<Taken> {
  const [dependency] = stage.dependencies;
  if (dependency?.repo !== undefined) return await takeImport(repository, dependency, dependency.repo, jobs);
  const content = await parseDvcFile(await readFile(repository.toFile(stage.file), 'utf8'), stage.file);
  const entry: DependencyEntry = content.deps[0] ?? {};
  const source = await openFollowed(repository, stage, entry);
  try {
    const isLookedAt = (entry.md5 ?? entry.etag ?? entry.checksum) !== undefined;
    if (isLookedAt && !isSameSource(entry, await addressEntry(source, entry.path ?? '', null))) {
      throw new DomainError({
        kind: 'conflict',
        code: 'IMPORT_CHANGED',
        message: `${output.path} is not what ${stage.file} recorded: its source has changed.`,
        hint: `Take what is there now: throughline update ${stage.file}`,
      });
    }
    return await takeAddress(source, repository);
  } finally {
    source.storage.close();
  }
}
