// The error codes of lineage.

import { invalid, notFound } from '@throughline/kernel';
import type { DomainError } from '@throughline/kernel';

import { MAX_DEPTH } from './walk.ts';

export function nodeNotFound(text: string): DomainError {
  return notFound('NODE_NOT_FOUND', `There is no node ${JSON.stringify(text.slice(0, 120))} in this workspace.`, {
    hint: 'A node is named by its id or reference: run:<id>, data:<name>@<number>, model:<name>/<version>, deployment:<environment>/<target>.',
  });
}

export function notADeployment(text: string): DomainError {
  return invalid('NOT_A_DEPLOYMENT', `${JSON.stringify(text.slice(0, 120))} is not a deployment.`, {
    hint: 'A deployment is named by its id or its reference, as in deployment:production/api. `lineage` takes any node.',
  });
}

export function invalidDepth(depth: number): DomainError {
  return invalid('INVALID_DEPTH', `'depth' must be a whole number from 1 to ${MAX_DEPTH}; it was ${depth}.`);
}

export function invalidFileCount(first: number, max: number): DomainError {
  return invalid('INVALID_PAGE', `'first' must be a whole number from 1 to ${max}; it was ${first}.`);
}
