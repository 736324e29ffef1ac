// The registry's error codes, each made in one place with its words. Where MLflow's own words are known they are kept, since its clients and
// their tests look for them.

import type { DomainError } from '@throughline/kernel';
import { conflict, invalid, notFound } from '@throughline/kernel';

const shortened = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text);

/** `which` says by what it was looked for: a name, an id, a reference. */
const absentModel = (which: string): DomainError => notFound('MODEL_NOT_FOUND', `Registered Model ${which} not found.`);

const absentVersion = (which: string, hint?: string): DomainError =>
  notFound('MODEL_VERSION_NOT_FOUND', `Model Version ${which} not found.`, hint === undefined ? {} : { hint });

/** No live model has this name. */
export const modelNotFound = (name: string): DomainError => absentModel(`with name=${shortened(name)}`);

export const modelIdNotFound = (id: string): DomainError => absentModel(`with id=${id}`);

export const modelRefNotFound = (ref: string): DomainError => absentModel(`'${shortened(ref)}'`);

/** No live version has this number. */
export const versionNotFound = (model: string, version: number, hint?: string): DomainError =>
  absentVersion(`(name=${shortened(model)}, version=${version})`, hint);

export const versionIdNotFound = (id: string): DomainError => absentVersion(`(id=${id})`);

export const versionRefNotFound = (ref: string): DomainError => absentVersion(`'${shortened(ref)}'`);

export const aliasNotFound = (model: string, alias: string): DomainError =>
  notFound('ALIAS_NOT_FOUND', `Registered model alias ${shortened(alias)} not found.`, {
    details: { model: shortened(model), alias: shortened(alias) },
  });

export const deploymentNotFound = (what: string): DomainError => notFound('DEPLOYMENT_NOT_FOUND', `There is no deployment ${what}.`);

export const tagNotFound = (key: string, of: string): DomainError => notFound('TAG_NOT_FOUND', `There is no tag '${key}' on ${of}.`);

/** What stands under a name of the registry: prompts are models with a tag, and share the names with them. */
type Kind = 'registered model' | 'prompt';

export const kindOf = ({ isPrompt }: { isPrompt: boolean }): Kind => (isPrompt ? 'prompt' : 'registered model');

/** The name is taken. `wanted` is what was to be made, `holder` what has the name. */
export function modelExists(name: string, wanted: Kind = 'registered model', holder: Kind = wanted): DomainError {
  const message =
    wanted === holder
      ? `${wanted === 'prompt' ? 'Prompt' : 'Registered Model'} (name=${name}) already exists.`
      : `Tried to create a ${wanted} with name '${name}', but the name is already taken by a ${holder}.`;
  return conflict('MODEL_EXISTS', message, { details: { name } });
}

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
