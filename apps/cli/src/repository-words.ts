// What completion learns from the repository where the user stands. A repository that cannot be read, or none, has no words: at a Tab nobody wants
// to hear why.

import { relative } from 'node:path';

import { collectStages, openRepository } from '@throughline/data-versioning/core';
import type { Repository, Surroundings } from '@throughline/data-versioning/core';
import { DomainError } from '@throughline/kernel';

import type { Ask, Candidate } from './completion.ts';

const MAX_CANDIDATES = 1_000;

/** Options that a remote is most often given. */
const REMOTE_OPTIONS = [
  'url',
  'endpointurl',
  'profile',
  'region',
  'access_key_id',
  'secret_access_key',
  'session_token',
  'allow_anonymous_login',
  'auth',
  'user',
  'password',
  'ask_password',
  'custom_auth_header',
  'method',
  'ssl_verify',
  'connect_timeout',
  'read_timeout',
];
const CONFIG_NAMES = ['core.remote', 'core.autostage', 'cache.dir', 'cache.type', 'cache.shared'];

export function askRepository(surroundings: Surroundings): Ask {
  return async (what) => {
    if (what === 'remote-options') return words(REMOTE_OPTIONS);
    if (what === 'config-names') return words(CONFIG_NAMES);
    try {
      const repository = await openRepository(surroundings);
      return what === 'remotes' ? remotesOf(repository) : await targetsOf(repository);
    } catch (error) {
      if (error instanceof DomainError) return [];
      throw error;
    }
  };
}

function words(list: readonly string[]): Candidate[] {
  return list.map((word) => ({ word, about: '' }));
}

/** Without addresses: a completion is no place for them. */
function remotesOf({ config }: Repository): Candidate[] {
  const byDefault = config.defaultRemote();
  return config.remotes().map((word) => ({ word, about: word === byDefault ? 'the default remote' : '' }));
}

/** What is tracked and the files that say so, as paths from where the user stands; of files inside of tracked folders the shell itself knows. */
async function targetsOf(repository: Repository): Promise<Candidate[]> {
  const { stages } = await collectStages(repository);
  const shown = (path: string) => relative(repository.surroundings.workingFolder, repository.toFile(path));
  const found: Candidate[] = [];
  for (const { file, name, outputs } of stages) {
    found.push(name === null ? { word: shown(file), about: 'tracked data' } : { word: name, about: `stage of ${file}` });
    for (const { path } of outputs) found.push({ word: shown(path), about: `tracked by ${name ?? file}` });
    if (found.length > MAX_CANDIDATES) break;
  }
  return found;
}
