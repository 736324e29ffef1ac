// The registry's error codes, each made in one place with its words.

import type { DomainError } from '@throughline/kernel';
import { conflict, invalid, notFound } from '@throughline/kernel';

export const modelNotFound = (what: string): DomainError => notFound('MODEL_NOT_FOUND', `There is no registered model ${what}.`);

export const versionNotFound = (what: string): DomainError => notFound('MODEL_VERSION_NOT_FOUND', `There is no model version ${what}.`);

export const aliasNotFound = (model: string, alias: string): DomainError =>
  notFound('ALIAS_NOT_FOUND', `The registered model '${model}' has no alias '${alias}'.`);

export const deploymentNotFound = (what: string): DomainError => notFound('DEPLOYMENT_NOT_FOUND', `There is no deployment ${what}.`);

export const tagNotFound = (key: string, of: string): DomainError => notFound('TAG_NOT_FOUND', `There is no tag '${key}' on ${of}.`);

export const modelExists = (name: string): DomainError =>
  conflict('MODEL_EXISTS', `There is a registered model '${name}' already.`, { details: { name } });

export const invalidName = (message: string): DomainError => invalid('INVALID_MODEL_NAME', message);

export const invalidAlias = (alias: string): DomainError =>
  invalid(
    'INVALID_ALIAS',
    `'${alias.slice(0, 80)}' cannot be an alias: 1 to 255 letters, digits, '_' and '-'; not digits alone, not 'v' and digits, not 'latest', ` +
      `nothing that begins with 'sha256'.`,
  );

export const inUse = (what: string, places: readonly string[]): DomainError =>
  conflict('MODEL_DEPLOYED', `${what} cannot be deleted while it is deployed: ${places.join(', ')}.`, {
    hint: 'End these deployments first.',
    details: { deployments: places },
  });
