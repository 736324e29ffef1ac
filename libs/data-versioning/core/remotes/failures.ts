// What goes wrong between here and a remote, each said once: where it was, what it means, what to do. Addresses in these words have no credentials in them.

import { DomainError } from '@throughline/kernel';
import { codeOf } from '../objects/failures.ts';

export function fileNotFound(location: string): DomainError {
  return new DomainError({ kind: 'not_found', code: 'REMOTE_FILE_NOT_FOUND', message: `There is no file ${location}.` });
}

/** Nobody answers, or not now. Trying again later may help. */
export function unreachable(url: string, reason: string, cause?: unknown): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'REMOTE_UNREACHABLE',
    message: `The remote ${url} cannot be reached: ${reason}.`,
    hint: 'Check the address (throughline remote list) and the network, and try again.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** It wants to know who asks, or does not take the answer. */
export function unauthenticated(url: string, hint: string, cause?: unknown): DomainError {
  return new DomainError({
    kind: 'unauthenticated',
    code: 'REMOTE_CREDENTIALS_REFUSED',
    message: `The remote ${url} does not accept the credentials.`,
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}

export function forbidden(url: string, doing: string, cause?: unknown): DomainError {
  return new DomainError({
    kind: 'forbidden',
    code: 'REMOTE_FORBIDDEN',
    message: `The remote ${url} does not allow ${doing}.`,
    hint: 'The credentials are known there but may not do this: ask whoever keeps the remote.',
    ...(cause === undefined ? {} : { cause }),
  });
}

export function remoteMissing(url: string, what: string, cause?: unknown): DomainError {
  return new DomainError({
    kind: 'not_found',
    code: 'REMOTE_NOT_FOUND',
    message: `The remote ${url} is not there: ${what}.`,
    hint: 'Create it first, or correct its address: throughline remote modify <name> url <address>.',
    ...(cause === undefined ? {} : { cause }),
  });
}

export function remoteFull(url: string, cause?: unknown): DomainError {
  return new DomainError({
    kind: 'exhausted',
    code: 'REMOTE_FULL',
    message: `The remote ${url} has no space left.`,
    hint: 'Free some there and repeat the command: what has arrived already is not sent again.',
    ...(cause === undefined ? {} : { cause }),
  });
}

export function diskFull(folder: string, cause?: unknown): DomainError {
  return new DomainError({
    kind: 'exhausted',
    code: 'DISK_FULL',
    message: `There is no space left on the disk of ${folder}.`,
    hint: 'Free some and repeat the command: what is there already is not fetched again.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What came is not what was asked for. */
export function wrongContent(location: string, expected: string, actual: string): DomainError {
  return new DomainError({
    kind: 'corrupt',
    code: 'REMOTE_OBJECT_DAMAGED',
    message: `${location} is damaged: its MD5 is ${actual} and should be ${expected}. Nothing of it was kept.`,
    hint: 'Push it again from a clone that holds it whole, after it was removed from the remote.',
  });
}

/** What was to be sent is not what its name says. */
export function localDamaged(file: string, expected: string, actual: string): DomainError {
  return new DomainError({
    kind: 'corrupt',
    code: 'CACHE_OBJECT_DAMAGED',
    message: `${file} is damaged: its MD5 is ${actual} and should be ${expected}. It was not sent.`,
    hint: 'Remove this file and fetch it from a remote, or add the data again.',
  });
}

export function cutShort(location: string, received: number, expected: number): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'REMOTE_CUT_SHORT',
    message: `${location} ended after ${received} of ${expected} bytes.`,
    hint: 'Repeat the command: what has arrived is kept.',
  });
}

export function unexpectedAnswer(url: string, what: string, cause?: unknown): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'REMOTE_ANSWER',
    message: `The remote ${url} answered ${what}.`,
    ...(cause === undefined ? {} : { cause }),
  });
}

export function cancelled(): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'CANCELLED',
    message: 'The command was stopped.',
    hint: 'Repeat it: it goes on where it stopped.',
  });
}

/** Why, in words that hold no address: those may carry credentials. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code !== null) return REASONS.get(code) ?? `its connection failed with ${code}`;
  return error instanceof Error && error.name === 'AbortError' ? 'the command was stopped' : 'its answer made no sense';
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nobody listens at this host and port'],
  ['ENOTFOUND', 'its host name is not known'],
  ['EAI_AGAIN', 'its host name cannot be looked up now'],
  ['ECONNRESET', 'it closed the connection'],
  ['ETIMEDOUT', 'it did not answer in time'],
  ['EHOSTUNREACH', 'no way leads to its host'],
  ['ENETUNREACH', 'no way leads to its network'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is signed by itself (set ssl_verify to its file)'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is signed by an authority that is not known (set ssl_verify to its file)'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', "its certificate cannot be verified (set ssl_verify to its authority's file)"],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another host'],
]);
