// What can go wrong with files on this machine, in words for people.

import { conflict, DomainError, invalid, notFound } from '@throughline/kernel';
import { printObjectId } from '../formats/object-id.ts';
import type { ObjectId } from '../types.ts';

/** What the system calls an error; null for anything that is not the system's. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** Whether a failure of the file system says that something is not there. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
}

/** Whether it says that nothing can be written there: a full disk, no right to it, a file system for reading alone. */
export function isUnwritable(error: unknown): boolean {
  return UNWRITABLE.has(codeOf(error) ?? '');
}

const UNWRITABLE: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM']);

export function objectMissing(id: ObjectId): DomainError {
  return notFound('OBJECT_MISSING', `The object ${printObjectId(id)} is not in the cache.`, {
    hint: 'Fetch it from a remote.',
    details: { id: printObjectId(id) },
  });
}

export function objectDamaged(id: ObjectId, file: string, actual: string): DomainError {
  return new DomainError({
    kind: 'corrupt',
    code: 'OBJECT_DAMAGED',
    message: `The object ${printObjectId(id)} is damaged: ${file} holds bytes whose MD5 is ${actual}.`,
    hint: 'Fetch it again from a remote, or add the file again.',
    details: { id: printObjectId(id), actual },
  });
}

/** What a thread that reads and writes files met: plain words and numbers, so that it can be sent. */
export interface FileFailure {
  /** The system's code, or one of ours: `CHANGED`, `NOT_A_FILE`, `MISSING`, `DAMAGED`, `IN_THE_WAY`, `NO_LINK`. */
  readonly code: string;
  /** Which file, as it was named in the task. */
  readonly path: string;
  readonly message: string;
}

/** @param path Relative to the repository, or absolute where it lies elsewhere. */
export function fileFailed({ code, path, message }: FileFailure): DomainError {
  switch (code) {
    case 'CHANGED':
      return conflict('FILE_CHANGED', `${quoted(path)} was changed while it was read.`, {
        hint: 'Repeat the command once nobody writes to it.',
      });
    case 'NOT_A_FILE':
      return invalid('NOT_A_FILE', `${quoted(path)} is neither a file nor a folder, but ${message}.`, {
        hint: 'Remove it, or leave it out with a line in .dvcignore beside the folder.',
      });
    case 'ENOENT':
      return notFound('FILE_NOT_FOUND', `${quoted(path)} does not exist.`);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new DomainError({
        kind: 'forbidden',
        code: 'FILE_FORBIDDEN',
        message: `${quoted(path)} cannot be read or written: ${message}.`,
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return new DomainError({
        kind: 'exhausted',
        code: 'DISK_FULL',
        message: `The disk is full: ${quoted(path)} could not be written.`,
        hint: 'Make room (gc removes what no commit needs) and repeat the command: it goes on where it stopped.',
      });
    case 'ELOOP':
      return invalid('LINK_CIRCLE', `${quoted(path)} is a symbolic link that leads in a circle.`, { hint: 'Remove the link.' });
    default:
      return new DomainError({
        kind: 'unavailable',
        code: 'FILE_FAILED',
        message: `${quoted(path)} could not be read or written: ${message}.`,
        details: { code },
      });
  }
}

/** As an error of the system becomes one that can be sent. */
export function failureOf(path: string, error: unknown): FileFailure {
  const message = error instanceof Error ? error.message : String(error);
  return { code: codeOf(error) ?? 'UNKNOWN', path, message };
}

/** Names with line breaks and the like are shown escaped. */
export function quoted(path: string): string {
  return JSON.stringify(path.length > 400 ? `${path.slice(0, 400)}…` : path);
}
