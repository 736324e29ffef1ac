// The error codes of content. Hashes may be named, since a caller has to know them to ask; storage keys never are.

import { conflict, DomainError, invalid, notFound } from '@throughline/kernel';

export function invalidPath(path: string, why: string): DomainError {
  return invalid('INVALID_PATH', `The path ${JSON.stringify(path.slice(0, 200))} ${why}.`, {
    hint: 'Paths are relative, with / between their parts: data/train.csv',
  });
}

export function pathConflict(path: string, other: string): DomainError {
  return invalid(
    'PATH_CONFLICT',
    `${JSON.stringify(path.slice(0, 200))} is a file, so that ${JSON.stringify(other.slice(0, 200))} cannot lie in it.`,
  );
}

export function invalidHash(name: string, text: string): DomainError {
  return invalid('INVALID_HASH', `${JSON.stringify(text.slice(0, 80))} is not a ${name}; it is written in lower-case hexadecimal.`);
}

export function invalidManifest(why: string): DomainError {
  return invalid('INVALID_MANIFEST', `This is not a manifest in canonical form 1: ${why}.`);
}

export function blobNotFound(sha256: string): DomainError {
  return notFound('BLOB_NOT_FOUND', `This workspace holds no content with the SHA-256 ${sha256}.`, {
    hint: 'Upload it first: knowing the hash of something is not having it.',
  });
}

/** `missing` is cut to the first 20 for people and programs alike; `count` says how many there are. */
export function blobsMissing(missing: readonly string[], count: number): DomainError {
  const named = missing.slice(0, 20);
  const more = count > named.length ? ` and ${count - named.length} more` : '';
  return invalid('BLOBS_MISSING', `This workspace holds no content with the SHA-256 ${named.join(', ')}${more}.`, {
    hint: 'Upload the content first, then name it.',
    details: { missing: named, count },
  });
}

/** `missing` are MD5s; 20 are named to people, and up to 10,000 to programs. */
export function filesMissing(missing: readonly string[]): DomainError {
  const named = missing.slice(0, 20);
  const more = missing.length > named.length ? ` and ${missing.length - named.length} more` : '';
  return conflict('MISSING_FILES', `This workspace does not hold the files ${named.join(', ')}${more}.`, {
    hint: 'Push the files first, and then what lists them.',
    details: { missing: missing.slice(0, 10_000), count: missing.length },
  });
}

export function md5Collision(md5: string): DomainError {
  return conflict('MD5_COLLISION', `This workspace already holds different content with the MD5 ${md5}.`, {
    hint: 'Two contents under one MD5 could pass for each other in DVC, so the second is refused.',
    details: { md5 },
  });
}

export function contentMismatch(what: string, expected: string | number, found: string | number): DomainError {
  return new DomainError({
    kind: 'corrupt',
    code: 'CONTENT_MISMATCH',
    message: `The content that arrived has the ${what} ${found}, but ${expected} was announced; nothing was stored.`,
    details: { what, expected, found },
  });
}

export function bodyTooLarge(limitBytes: number): DomainError {
  return invalid('BODY_TOO_LARGE', `The content is larger than the ${limitBytes} bytes that are taken; nothing was stored.`, {
    details: { limitBytes },
  });
}

/** The collector was faster than whoever was about to name these bytes. */
export function contentCollected(): DomainError {
  return conflict('CONTENT_COLLECTED', 'This content took so long to arrive that it was cleared away as forgotten; nothing was stored.', {
    hint: 'Send it again, as a resumable upload if it is large.',
  });
}

export function blobMissing(sha256: string): DomainError {
  return new DomainError({
    kind: 'corrupt',
    code: 'BLOB_MISSING',
    message: `The bytes of ${sha256} are gone from the object store.`,
    hint: 'Upload the same content again: that puts it back.',
  });
}

export function blobDamaged(sha256: string): DomainError {
  return new DomainError({
    kind: 'corrupt',
    code: 'BLOB_DAMAGED',
    message: `The stored bytes of ${sha256} are not what was uploaded, so they are not given out.`,
    hint: 'Upload the same content again: that puts it right.',
  });
}

export function manifestNotFound(id: string): DomainError {
  return notFound('MANIFEST_NOT_FOUND', `There is no manifest '${id.slice(0, 80)}' in this workspace.`);
}

export function fileSetNotFound(id: string): DomainError {
  return notFound('FILE_SET_NOT_FOUND', `There is no file set '${id.slice(0, 80)}' in this workspace.`);
}

export function uploadNotFound(id: string): DomainError {
  return notFound('UPLOAD_NOT_FOUND', `There is no upload '${id.slice(0, 80)}' in this workspace.`, {
    hint: 'It was finished, abandoned, or left alone for too long. Begin it again; what is stored already is not asked for twice.',
  });
}

export function uploadBusy(): DomainError {
  return conflict('UPLOAD_BUSY', 'Somebody else is appending to this upload at the moment.', {
    hint: 'Ask for its offset again in a few seconds; after a lost connection the server may still be putting the last bytes away.',
  });
}

/** `patience` is how long an upload may be left alone. */
export function tooManyUploads(limit: number, patience: string): DomainError {
  return new DomainError({
    kind: 'exhausted',
    code: 'TOO_MANY_UPLOADS',
    message: `This workspace has ${limit} unfinished uploads, which is the most.`,
    hint: `Finish or abandon some; those left alone for ${patience} are collected.`,
  });
}

/** Another server joins or hashes what arrived; it is done, or given up, in a while. */
export function directUploadBusy(): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'UPLOAD_BUSY',
    message: 'This upload is being completed or thrown away at the moment.',
    hint: 'Ask again in a few seconds.',
  });
}

export function noDirectAddresses(): DomainError {
  return new DomainError({
    kind: 'unimplemented',
    code: 'NO_DIRECT_ADDRESSES',
    message: 'Clients cannot reach the object store of this server by themselves.',
    hint: 'Send and fetch bytes through this server.',
  });
}

export function wrongOffset(offsetBytes: number): DomainError {
  return conflict('UPLOAD_OFFSET', `This upload goes on at byte ${offsetBytes}.`, { details: { offsetBytes } });
}

export function uploadTooLong(sizeBytes: number): DomainError {
  return invalid('UPLOAD_TOO_LONG', `More bytes arrived than the ${sizeBytes} that were announced.`, { details: { sizeBytes } });
}

export function verificationNotFound(id: string): DomainError {
  return notFound('VERIFICATION_NOT_FOUND', `There is no verification '${id.slice(0, 80)}' in this workspace.`);
}

/** Where nothing at all is stored though rows name objects, it is another folder or an unmounted disk, not loss. */
export function storeEmpty(): DomainError {
  return new DomainError({
    kind: 'unavailable',
    code: 'OBJECT_STORE_EMPTY',
    message: 'The object store holds nothing at all: it is not the one that the database speaks of, or it is not mounted.',
    hint: 'Whoever runs the server has to look at where the objects are kept.',
  });
}
