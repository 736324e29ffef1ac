// The error codes of data versioning.

import { conflict, DomainError, invalid, notFound } from '@throughline/kernel';

import type { DatasetVersion } from './types.ts';

/** A caller's text as messages quote it: short, and on one line. */
function quote(text: string): string {
  return JSON.stringify(text.slice(0, 120));
}

export function datasetNotFound(text: string): DomainError {
  return notFound('DATASET_NOT_FOUND', `There is no dataset ${quote(text)} in this workspace.`, {
    hint: 'A dataset is named by its id or its reference, as in data:penguins.',
  });
}

export function versionNotFound(text: string): DomainError {
  return notFound('DATASET_VERSION_NOT_FOUND', `There is no dataset version ${quote(text)} in this workspace.`, {
    hint: 'A version is named by its id or its reference: data:penguins@2, data:penguins@<tag>, data:penguins@sha256:<digest>; data:penguins is the current one.',
  });
}

export function datasetExists(name: string): DomainError {
  return conflict('DATASET_EXISTS', `There is a dataset ${quote(name)} already.`, { details: { name } });
}

export function datasetOfOthers(name: string): DomainError {
  return conflict(
    'DATASET_OF_OTHERS',
    `There is a dataset ${quote(name)} already, which is another repository's, as are those with longer names.`,
    {
      hint: 'Register it under a name of its own: throughline register --name <name>. The same name, given so, says that it is the same data.',
      details: { name },
    },
  );
}

export function invalidDatasetName(name: string, why: string): DomainError {
  return invalid('INVALID_DATASET_NAME', `${quote(name)} cannot be the name of a dataset: it ${why}.`, {
    hint: 'Names have 1 to 255 characters, no control characters, and no blanks at their ends.',
  });
}

export function invalidText(what: string, why: string): DomainError {
  return invalid('INVALID_TEXT', `The ${what} ${why}.`);
}

export function invalidTag(tag: string): DomainError {
  return invalid('INVALID_TAG', `${quote(tag)} cannot be a tag of a dataset.`, {
    hint: "Tags have letters, digits, - and _, up to 255; never digits alone, 'v' and digits, 'latest', 'current', or something that begins with sha256.",
  });
}

export function tagNotFound(dataset: string, tag: string): DomainError {
  return notFound('TAG_NOT_FOUND', `The dataset ${quote(dataset)} has no tag ${quote(tag)}.`);
}

export function tooManyTags(dataset: string, limit: number): DomainError {
  return new DomainError({
    kind: 'exhausted',
    code: 'TOO_MANY_TAGS',
    message: `The dataset ${quote(dataset)} has ${limit} tags already, which is the most it may have.`,
    hint: 'Take away tags that nobody uses.',
    details: { limit },
  });
}

export function readmeChanged(dataset: string, revision: number): DomainError {
  return conflict('README_CHANGED', `Somebody else has written the README of ${quote(dataset)} in the meantime.`, {
    hint: 'Read it again, put your changes into it, and write it with its revision.',
    details: { revision },
  });
}

export function versionRetracted(version: DatasetVersion): DomainError {
  return conflict(
    'VERSION_RETRACTED',
    `Version ${version.number} of ${quote(version.datasetName)} was withdrawn: ${version.retraction?.reason ?? ''}`,
    {
      hint: 'Register other data, or take the retraction back first with reinstateDatasetVersion.',
      details: { number: version.number, digest: version.digest },
    },
  );
}

export function alreadyRetracted(version: DatasetVersion): DomainError {
  return conflict(
    'ALREADY_RETRACTED',
    `Version ${version.number} of ${quote(version.datasetName)} was withdrawn before, for another reason: ${version.retraction?.reason ?? ''}`,
    { hint: 'To change the reason, reinstate it and retract it again.' },
  );
}

export function notRetracted(version: DatasetVersion): DomainError {
  return conflict('NOT_RETRACTED', `Version ${version.number} of ${quote(version.datasetName)} is not withdrawn.`);
}

export function derivedFromItself(version: DatasetVersion): DomainError {
  return invalid(
    'DERIVED_FROM_ITSELF',
    `These files are version ${version.number} of ${quote(version.datasetName)}, which cannot be derived from itself.`,
  );
}

export function tooManySources(limit: number): DomainError {
  return invalid('TOO_MANY_SOURCES', `A version is derived from at most ${limit} others in one call.`, { details: { limit } });
}

export function matchedByClient(): DomainError {
  return invalid(
    'EVIDENCE_NOT_CLAIMABLE',
    'That a version derives from another cannot be matched: only asserted, or observed by this server.',
  );
}

export function invalidRepository(text: string, why: string): DomainError {
  // Not quoted: what is refused may hold a password.
  return invalid('INVALID_REPOSITORY', `The repository's address (${text.length} characters) ${why}.`, {
    hint: 'Give it as Git does: https://host/owner/name.git or git@host:owner/name.git',
  });
}

export function invalidCommit(commit: string): DomainError {
  return invalid('INVALID_COMMIT', `${quote(commit)} is not the full id of a commit: 40 or 64 hexadecimal characters.`, {
    hint: 'git rev-parse HEAD prints it.',
  });
}

export function foreignWorkspace(text: string): DomainError {
  return invalid('WORKSPACE_IN_REFERENCE', `${quote(text)} names a workspace; a reference is read in the caller's own.`, {
    hint: 'Leave the workspace and its slash away.',
  });
}
