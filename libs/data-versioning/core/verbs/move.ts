// `move`: gives an added or imported output another name or place, in the workspace, in its `.dvc` file and in `.gitignore`. Nothing is hashed: the bytes stay what they are. The
// data is renamed first; what is under way is noted, so that after a kill the same command does the rest.

import { lstatSync, renameSync, rmSync, statSync } from 'node:fs';
import { mkdir, readFile, unlink } from 'node:fs/promises';
import path from 'node:path';
import { conflict, invalid, notFound } from '@throughline/kernel';
import { parseDvcFile, stageMd5, updateDvcFile } from '../formats/dvc-file.ts';
import type { DependencyEntry, DvcFile } from '../formats/dvc-file.ts';
import { checkPath, flawOfPath, folderOf, isInside, joinPaths, nameOf } from '../formats/paths.ts';
import { replaceFile } from '../objects/durable.ts';
import { isMissing } from '../objects/failures.ts';
import { readRegularText } from '../objects/regular-file.ts';
import { WorkspaceFolders } from '../objects/workspace.ts';
import { autostage, ignoreInGit, unignoreInGit } from '../repository/gitignore.ts';
import type { Repository } from '../repository/repository.ts';
import { collectStages } from '../repository/stages.ts';
import { writeDvcFile } from '../repository/write.ts';
import type { Stage } from '../types.ts';

export interface MoveOptions {
  /** An output, and where it goes: a folder that is there takes it in. As the user typed them. */
  readonly from: string;
  readonly to: string;
}

export interface MoveResult {
  readonly from: string;
  readonly to: string;
  /** The `.dvc` files before and after. */
  readonly oldFile: string;
  readonly newFile: string;
}

/** @throws DomainError `TARGET_UNKNOWN`, `NOT_A_DATA_SOURCE`, `OUTPUT_EXISTS`, `OUTPUT_OVERLAPS`, `FILE_NOT_FOUND`. */
export async function move(repository: Repository, options: MoveOptions): Promise<MoveResult> {
  return repository.withLock('throughline move', async () => {
    const from = repository.toRepositoryPath(options.from);
    const begun = begunMove(repository, from, repository.toRepositoryPath(options.to));
    if (begun !== null) return await finish(repository, begun);
    const { stages } = await collectStages(repository);
    const stage = sourceOf(stages, from);
    const to = targetOf(repository, from, options.to, stages);
    // A `.dvc` file that is named after its output goes with it.
    const isNamedAfter = nameOf(stage.file) === `${nameOf(from)}.dvc`;
    const newFile = isNamedAfter ? `${to}.dvc` : stage.file;
    if (newFile !== stage.file && exists(repository, newFile)) throw conflict('OUTPUT_EXISTS', `${newFile} is there already.`);
    const result = { from, to, oldFile: stage.file, newFile };
    // What would fail fails before anything is moved.
    await movedText(repository, result);
    requirePlace(repository, result);
    await mkdir(repository.temporaryFolder, { recursive: true });
    await replaceFile(noteFile(repository), JSON.stringify(result));
    return await finish(repository, result);
  });
}

/** Does what is noted. Each step may have been done by an earlier command. */
async function finish(repository: Repository, result: MoveResult): Promise<MoveResult> {
  const { from, to, oldFile, newFile } = result;
  const changed = [await ignoreInGit(repository, to)];
  if (exists(repository, from)) renameSync(repository.toFile(from), repository.toFile(to));
  if (exists(repository, oldFile)) {
    await writeDvcFile(repository, newFile, await movedText(repository, result));
    if (newFile !== oldFile) await unlink(repository.toFile(oldFile));
  }
  changed.push(await unignoreInGit(repository, from), oldFile, newFile);
  await autostage(repository, changed);
  rmSync(noteFile(repository), { force: true });
  return result;
}

function noteFile(repository: Repository): string {
  return path.join(repository.temporaryFolder, 'moving.json');
}

/** The move that was killed, where it is the one that is asked for and its data was renamed already. @throws DomainError `MOVE_UNFINISHED`. */
function begunMove(repository: Repository, from: string, given: string): MoveResult | null {
  const note = readNote(noteFile(repository));
  if (note?.from !== from || exists(repository, from) || !exists(repository, note.to)) return null;
  if (given === note.to || given === folderOf(note.to)) return note;
  throw conflict('MOVE_UNFINISHED', `An earlier command moved ${from} to ${note.to} and was stopped before it had recorded that.`, {
    hint: `Let it end first: throughline move ${from} ${note.to}.`,
  });
}

function readNote(file: string): MoveResult | null {
  try {
    const note = JSON.parse(readRegularText(file)) as Partial<Record<keyof MoveResult, unknown>> | null;
    const { from, to, oldFile, newFile } = note ?? {};
    const paths = [from, to, oldFile, newFile];
    if (!paths.every((one) => typeof one === 'string' && flawOfPath(one) === null)) return null;
    return { from: String(from), to: String(to), oldFile: String(oldFile), newFile: String(newFile) };
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return null;
    throw error;
  }
}

async function movedText(repository: Repository, { to, oldFile, newFile }: MoveResult): Promise<string> {
  const before = await readFile(repository.toFile(oldFile), 'utf8');
  return await updateDvcFile(before, oldFile, moved(await parseDvcFile(before, oldFile), oldFile, newFile, to));
}

function exists(repository: Repository, target: string): boolean {
  return lstatSync(repository.toFile(target), { throwIfNoEntry: false }) !== undefined;
}

function sourceOf(stages: readonly Stage[], from: string): Stage {
  const stage = stages.find((candidate) => candidate.outputs.some((output) => output.path === from));
  if (stage === undefined) {
    const around = stages.flatMap((candidate) => candidate.outputs).find((output) => isInside(from, output.path));
    const hint =
      around === undefined
        ? 'See what is tracked: throughline list . -R --dvc-only.'
        : `It lies in ${around.path}: move it there as any file, then run \`throughline commit ${around.path}\`.`;
    throw notFound('TARGET_UNKNOWN', `${JSON.stringify(from)} is no output.`, { hint });
  }
  if (stage.name !== null || stage.outputs.length !== 1) {
    throw invalid(
      'NOT_A_DATA_SOURCE',
      `${from} is made by ${stage.name === null ? stage.file : `${stage.file}:${stage.name}`}: only what was added or imported can be moved.`,
      { hint: `Change ${stage.file} instead.` },
    );
  }
  return stage;
}

function targetOf(repository: Repository, from: string, typed: string, stages: readonly Stage[]): string {
  const given = repository.toRepositoryPath(typed);
  const isFolder = statSync(repository.toFile(given), { throwIfNoEntry: false })?.isDirectory() === true;
  const inside = joinPaths(given, nameOf(from)) ?? '';
  // The user may have moved the data himself: then it is in the folder, or is the folder.
  const isMovedTo = !exists(repository, from) && !exists(repository, inside);
  const to = checkPath(isFolder && !isMovedTo ? inside : given, typed);
  if (to === from) throw invalid('PATH_REFUSED', `${from} is there already.`);
  if (isInside(to, from)) throw invalid('PATH_REFUSED', `${from} cannot be moved into itself.`);
  const overlapping = stages
    .flatMap((stage) => stage.outputs)
    .find((output) => output.path !== from && (isInside(to, output.path) || isInside(output.path, to)));
  if (overlapping !== undefined) throw conflict('OUTPUT_OVERLAPS', `${to} overlaps with ${overlapping.path}, which is tracked.`);
  if (exists(repository, from) && exists(repository, to))
    throw conflict('OUTPUT_EXISTS', `${to} is there already.`, { hint: 'Take it away first: nothing is overwritten.' });
  return to;
}

/** Makes the folder that the data goes to. */
function requirePlace(repository: Repository, { from, to }: MoveResult): void {
  const folders = new WorkspaceFolders(repository);
  folders.requireReal(folderOf(from));
  folders.make(folderOf(to));
  if (!exists(repository, from) && !exists(repository, to))
    throw notFound('FILE_NOT_FOUND', `${from} is not in the workspace.`, { hint: `Get it back first: throughline checkout ${from}.` });
}

/** The file's content for the output's new place; paths of dependencies are seen from the new `.dvc` file. */
function moved(content: DvcFile, oldFile: string, newFile: string, to: string): DvcFile {
  const oldFolder = path.posix.join(folderOf(oldFile), content.wdir ?? '.');
  const isSameFile = oldFile === newFile;
  const folder = isSameFile ? oldFolder : folderOf(newFile);
  const { wdir, md5, ...rest } = content;
  const next: DvcFile = {
    ...rest,
    ...(isSameFile && wdir !== undefined ? { wdir } : {}),
    outs: content.outs.map((entry) => ({ ...entry, path: relativePath(folder, to) })),
    deps: content.deps.map((entry) =>
      isLocal(entry) ? { ...entry, path: relativePath(folder, path.posix.join(oldFolder, entry.path ?? '')) } : entry,
    ),
  };
  // Imports carry a checksum of their own text.
  return md5 === undefined ? next : { ...next, md5: stageMd5(next) };
}

function isLocal(entry: DependencyEntry): boolean {
  return entry.path !== undefined && entry.repo === undefined && !entry.path.startsWith('/') && !/^[\w+]+:\/\//.test(entry.path);
}

function relativePath(folder: string, target: string): string {
  return path.posix.relative(folder, target);
}
