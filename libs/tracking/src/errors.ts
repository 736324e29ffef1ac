// The error codes of tracking. Where MLflow's own words are known they are kept, since its clients and their tests look for them.

import { conflict, invalid, notFound } from '@throughline/kernel';
import type { DomainError } from '@throughline/kernel';

/** A name as messages quote it. */
export function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

export function experimentNotFound(name: string): DomainError {
  return notFound('EXPERIMENT_NOT_FOUND', `No Experiment with id=${short(name)} exists`, { details: { experiment: short(name) } });
}

export function experimentExists(name: string, deleted: boolean): DomainError {
  return conflict('EXPERIMENT_EXISTS', `Experiment(name=${short(name)}) already exists.${deleted ? ' It is in the deleted state.' : ''}`, {
    hint: deleted
      ? 'Restore it, or take another name: names of deleted experiments stay taken, so that restoring one always works.'
      : 'Take another name, or use the experiment that has it.',
  });
}

export function experimentIdTaken(id: string): DomainError {
  return conflict('EXPERIMENT_EXISTS', `An experiment with the id ${id} already exists.`);
}

export function experimentNotActive(name: string, state: string): DomainError {
  return conflict(
    'EXPERIMENT_NOT_ACTIVE',
    `The experiment ${short(name)} must be in the 'active' state. Current state is ${state.toLowerCase()}.`,
    { hint: 'Restore it first.' },
  );
}

export function experimentNotDeleted(name: string): DomainError {
  return conflict('EXPERIMENT_NOT_DELETED', `The experiment ${short(name)} must be in the 'deleted' state. Current state is active.`);
}

export function runNotFound(name: string): DomainError {
  return notFound('RUN_NOT_FOUND', `Run with id=${short(name)} not found`, { details: { run: short(name) } });
}

export function runExists(runId: string): DomainError {
  return conflict('RUN_EXISTS', `A run with the id ${short(runId)} already exists.`);
}

export function runNotActive(runId: string): DomainError {
  return conflict('RUN_NOT_ACTIVE', `The run ${runId} must be in the 'active' state. Current state is deleted.`, {
    hint: 'Restore it first.',
  });
}

export interface ChangedParam {
  key: string;
  old: string;
  new: string;
}

export function paramsChanged(runId: string, changed: readonly ChangedParam[]): DomainError {
  const words = changed.map(
    (param) =>
      `Changing param values is not allowed. Param with key='${param.key}' was already logged with value='${short(param.old)}' ` +
      `for run ID='${runId}'. Attempted logging new value '${short(param.new)}'.`,
  );
  return invalid('PARAM_CHANGED', words.slice(0, 3).join(' '), { details: { keys: changed.slice(0, 20).map((param) => param.key) } });
}

export function tagNotFound(key: string, of: string): DomainError {
  return notFound('TAG_NOT_FOUND', `No tag with name: ${short(key)} in ${of}`);
}

export function inputNotFound(id: string): DomainError {
  return notFound('DATASET_INPUT_NOT_FOUND', `There is no dataset input '${short(id)}' in this workspace.`);
}

export function inputResolved(id: string): DomainError {
  return conflict('DATASET_INPUT_RESOLVED', `The dataset input ${id} is known to be another dataset version already.`, {
    hint: 'Log the other version as an input of its own.',
  });
}

export function loggedModelNotFound(id: string): DomainError {
  return notFound('LOGGED_MODEL_NOT_FOUND', `Logged model with ID '${short(id)}' not found.`);
}

export function loggedModelExists(id: string): DomainError {
  return conflict('LOGGED_MODEL_EXISTS', `A logged model with the ID '${short(id)}' already exists.`);
}

export function loggedModelNotActive(id: string): DomainError {
  return conflict('LOGGED_MODEL_NOT_ACTIVE', `The logged model ${id} must be in the 'active' state. Current state is deleted.`);
}

export function artifactsElsewhere(name: string): DomainError {
  return conflict('ARTIFACTS_ELSEWHERE', `The artifacts of ${name} are at an external location, which this server does not open.`, {
    hint: 'Its artifact URI says where they are.',
  });
}

export function artifactNotFound(path: string): DomainError {
  return notFound('ARTIFACT_NOT_FOUND', `There is no artifact at ${JSON.stringify(short(path))}.`);
}
