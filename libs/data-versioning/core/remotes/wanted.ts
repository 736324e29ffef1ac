// What a command wants moved: the objects of outputs, each once, with a path of the workspace for the messages, sorted by the remote that holds them.

import { DomainError } from '@throughline/kernel';
import { objectPath } from '../formats/object-id.ts';
import { folderOf, isInside } from '../formats/paths.ts';
import type { ObjectId, Output, Stage, Tree } from '../types.ts';

export interface WantedObject {
  readonly id: ObjectId;
  /** Of the workspace. */
  readonly path: string;
}

/** An object of an output, which may be a folder of which only a part is wanted. */
export interface WantedOutput extends WantedObject {
  readonly sizeBytes: number | null;
  /** Paths inside of the folder: what lies in none of them is left alone. Null: all of it. */
  readonly parts: readonly string[] | null;
}

/** A folder's files that are wanted. */
export function filesOf(tree: Tree, wanted: WantedOutput): WantedObject[] {
  const { id, path, parts } = wanted;
  return tree
    .filter((entry) => parts === null || parts.some((part) => isInside(entry.path, part)))
    .map((entry) => ({ id: { hash: id.hash, md5: entry.md5, isTree: false }, path: `${path}/${entry.path}` }));
}

/** Each object once. A folder that is wanted whole somewhere is wanted whole. */
export function uniqueOutputs(outputs: readonly WantedOutput[]): WantedOutput[] {
  const found = new Map<string, WantedOutput>();
  for (const output of outputs) {
    const key = objectPath(output.id);
    const known = found.get(key);
    if (known === undefined) found.set(key, output);
    else found.set(key, { ...known, parts: known.parts === null || output.parts === null ? null : [...known.parts, ...output.parts] });
  }
  return [...found.values()];
}

/** Objects by their paths on remotes, each once. */
export function uniqueObjects(objects: Iterable<WantedObject>): Map<string, WantedObject> {
  const found = new Map<string, WantedObject>();
  for (const object of objects) {
    const key = objectPath(object.id);
    if (!found.has(key)) found.set(key, object);
  }
  return found;
}

export interface SelectOptions {
  /** Repository paths: `.dvc` files, outputs, and what lies in them. None: everything. */
  readonly targets: readonly string[];
  /** Folders among the targets stand for what lies below them. */
  readonly recursive: boolean;
}

/** Whether all of a stage is meant, outputs or not. */
export function isWholeStage(stage: Stage, { targets, recursive }: SelectOptions): boolean {
  return targets.length === 0 || targets.some((target) => target === stage.file || (recursive && isInside(stage.file, target)));
}

/** Which outputs of a stage the targets mean, and which parts of them; empty where none is meant. */
export function selectOutputs(stage: Stage, options: SelectOptions): { output: Output; parts: readonly string[] | null }[] {
  const { targets, recursive } = options;
  const isWhole = isWholeStage(stage, options);
  return stage.outputs.flatMap((output) => {
    if (isWhole) return [{ output, parts: null }];
    const inside = targets.filter((target) => isInside(target, output.path) || (recursive && isInside(output.path, target)));
    if (inside.length === 0) return [];
    const isAll = inside.some((target) => isInside(output.path, target));
    return [{ output, parts: isAll ? null : inside.map((target) => target.slice(output.path.length + 1)) }];
  });
}

/** Whether a target is a stage's name, seen from the folder of its dvc.yaml (`train`, `sub/train`, `sub/dvc.yaml:train`; `train` is `train@a` as well). */
export function isStage(stage: Stage, target: string): boolean {
  if (stage.name === null) return false;
  const folder = folderOf(stage.file);
  return [stage.name, stage.name.replace(/@.*$/, '')].some(
    (name) => target === `${stage.file}:${name}` || target === (folder === '' ? name : `${folder}/${name}`),
  );
}

/** What could not be moved, and why. */
export interface TransferFailure {
  readonly path: string;
  readonly id: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

export interface TransferResult {
  /** How many objects were moved. */
  readonly objects: number;
  /** Their bytes. */
  readonly sizeBytes: number;
  readonly failures: readonly TransferFailure[];
}

export const NOTHING_MOVED: TransferResult = { objects: 0, sizeBytes: 0, failures: [] };

export function addResults(a: TransferResult, b: TransferResult): TransferResult {
  return { objects: a.objects + b.objects, sizeBytes: a.sizeBytes + b.sizeBytes, failures: [...a.failures, ...b.failures] };
}

/** What one object's failure tells; what would stop all others as well is thrown instead. */
export function failureOf(wanted: WantedObject, error: unknown): TransferFailure {
  if (!(error instanceof DomainError) || ENDS_EVERYTHING.has(error.code)) throw error;
  return {
    path: wanted.path,
    id: `${wanted.id.md5}${wanted.id.isTree ? '.dir' : ''}`,
    code: error.code,
    message: error.message,
    hint: error.hint ?? null,
  };
}

const ENDS_EVERYTHING: ReadonlySet<string> = new Set([
  'CANCELLED',
  'DISK_FULL',
  'PROXY_FAILED',
  'REMOTE_FULL',
  'REMOTE_CREDENTIALS_REFUSED',
  'REMOTE_FORBIDDEN',
  'REMOTE_NOT_FOUND',
  'REMOTE_UNREACHABLE',
]);
