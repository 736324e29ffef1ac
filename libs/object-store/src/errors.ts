// This package's error codes. Adapters translate errno and S3 codes into these; nothing of a path, an endpoint or a
// credential stands in a message, since messages reach clients. The raw error travels as `cause`, for logs only.

import { conflict, DomainError, invalid, notFound } from '@throughline/kernel';

export function objectNotFound(key: string): DomainError {
  return notFound('OBJECT_NOT_FOUND', `There is no object '${key}'.`);
}

export function uploadNotFound(key: string, cause?: unknown): DomainError {
  return notFound('OBJECT_UPLOAD_NOT_FOUND', `There is no open multipart upload with this id for '${key}'.`, {
    hint: 'It was completed or aborted, or never began; begin a new one.',
    cause,
  });
}

export function rangeNotSatisfiable(sizeBytes: number | null, cause?: unknown): DomainError {
  const size = sizeBytes === null ? '' : `; the object has ${sizeBytes} bytes`;
  return invalid('RANGE_NOT_SATISFIABLE', `The range begins behind the end of the object${size}.`, { details: { sizeBytes }, cause });
}

export function sizeMismatch(declared: number, received: number, more: boolean): DomainError {
  const got = more ? `more than that arrived` : `${received} arrived`;
  return invalid('OBJECT_SIZE_MISMATCH', `The body was declared as ${declared} bytes, but ${got}; nothing was stored.`, {
    details: { declaredBytes: declared },
  });
}

export function tooLarge(limitBytes: number, cause?: unknown): DomainError {
  return invalid('OBJECT_TOO_LARGE', `The body is larger than the ${limitBytes} bytes that can be stored here; nothing was stored.`, {
    details: { limitBytes },
    cause,
  });
}

export function invalidPart(message: string, cause?: unknown): DomainError {
  return invalid('INVALID_OBJECT_PART', message, { cause });
}

export function keyConflict(key: string, cause?: unknown): DomainError {
  return conflict('OBJECT_KEY_CONFLICT', `'${key}' cannot be stored: one key cannot be both an object and the folder of another.`, {
    cause,
  });
}

export function storeFull(cause: unknown): DomainError {
  return new DomainError({
    kind: 'exhausted',
    code: 'OBJECT_STORE_FULL',
    message: 'The object store has no room left; nothing was stored.',
    hint: 'Whoever runs the server has to add space, or to collect what nothing refers to.',
    cause,
  });
}

/** `why` is for people and must name no path, host or credential. */
export function storeUnavailable(why: string, cause: unknown): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'OBJECT_STORE_UNAVAILABLE',
    message: `The object store is not available right now: ${why}.`,
    hint: 'Try again in a moment; if it goes on, whoever runs the server finds the reason in its log.',
    cause,
  });
}

/** What is stored is not what was put there: bytes are missing, or something leads out of the store. */
export function storeDamaged(message: string): DomainError {
  return new DomainError({ kind: 'corrupt', code: 'OBJECT_STORE_DAMAGED', message });
}
