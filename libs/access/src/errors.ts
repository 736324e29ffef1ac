// The error codes of access, each made in one place with its words.

import { DomainError, invalid, notFound } from '@throughline/kernel';

export const tokenNotFound = (id: string): DomainError =>
  notFound('TOKEN_NOT_FOUND', `There is no token with the id ${id} in this workspace.`);

export const workspaceNotFound = (name: string): DomainError =>
  notFound('WORKSPACE_NOT_FOUND', `There is no workspace '${name.slice(0, 80)}' on this server.`);

export const otherWorkspace = (asked: string): DomainError =>
  new DomainError({
    kind: 'forbidden',
    code: 'OTHER_WORKSPACE',
    message: `This token is not for the workspace '${asked.slice(0, 80)}'.`,
    hint: 'A token is for one workspace: leave the workspace out of the request, or use a token that was made there.',
  });

export const invalidToken = (message: string): DomainError => invalid('INVALID_TOKEN_INPUT', message);

export const tooManyTokens = (limit: number): DomainError =>
  new DomainError({
    kind: 'exhausted',
    code: 'TOO_MANY_TOKENS',
    message: `A workspace has at most ${limit} tokens that are neither revoked nor expired. Revoke some first.`,
    details: { limit },
  });
