// Tells a Throughline server which datasets the objects are that it holds: name, where in Git they were seen, and which objects. A state that is committed is registered
// with its commit; one that is not is registered without a place in Git, since nobody else could find it there. Registering twice changes nothing.

import { DomainError, invalid } from '@throughline/kernel';
import { printObjectId } from '../formats/object-id.ts';
import { isInside } from '../formats/paths.ts';
import { withoutCredentials } from '../remotes/git-address.ts';
import { openRemote } from '../remotes/open.ts';
import { inParallel } from '../remotes/pool.ts';
import { selectOutputsOf } from '../remotes/selection.ts';
import type { SelectedOutput, SelectionOptions } from '../remotes/selection.ts';
import type { Registration, Throughline } from '../remotes/throughline.ts';
import type { TransferFailure } from '../remotes/wanted.ts';
import type { Repository } from '../repository/repository.ts';
import { collectStages } from '../repository/stages.ts';

export interface RegisteredDataset {
  /** The output's path. */
  readonly path: string;
  /** `data:penguins.csv@2`. */
  readonly ref: string;
  readonly dataset: string;
  readonly version: number;
  /** The SHA-256 that people cite. */
  readonly digest: string;
  /** Whether this was new to the server. */
  readonly created: boolean;
}

export interface RegisterOptions extends SelectionOptions {
  readonly remote?: string;
  /** Instead of the `.dvc` file's path; for one output alone. */
  readonly name?: string;
  readonly description?: string;
  readonly message?: string;
  readonly tags?: readonly string[];
}

export interface RegisterResult {
  readonly registered: readonly RegisteredDataset[];
}

const AT_A_TIME = 4;

/** Registers what was pushed before. @throws DomainError `NOT_A_SERVER` where the remote is none of Throughline's; what the server refuses. */
export async function register(repository: Repository, options: RegisterOptions = {}): Promise<RegisterResult> {
  const { signal } = repository.surroundings;
  const selection = await selectOutputsOf(repository, options);
  const remote = await openRemote(repository, options.remote ?? null);
  try {
    if (remote.server === null) {
      throw invalid('NOT_A_SERVER', `The remote ${remote.url} is no Throughline server: nothing can be registered there.`, {
        hint: 'Name one that is with -r, or add it: throughline remote add <name> throughline://<host>/<workspace>.',
      });
    }
    const whole = selection.outputs.filter(({ parts, output }) => parts === null && output.id !== null && output.isCached);
    const [first] = whole;
    if (first === undefined)
      throw invalid('NOTHING_TO_REGISTER', 'Nothing that is tracked was named.', { hint: 'Name .dvc files or outputs, or none for all.' });
    if (options.name !== undefined && new Set(whole.map(({ output }) => output.path)).size > 1) {
      throw invalid('NAME_FOR_MANY', 'A name was given for more than one output.', { hint: 'Name the one output that it is for.' });
    }
    const registrations = await registrationsOf(repository, whole, options);
    const registered: RegisteredDataset[] = [];
    const { server } = remote;
    await inParallel(registrations, { jobs: AT_A_TIME, signal }, async ({ path, registration }) => {
      registered.push({ path, ...(await server.register(registration, signal)) });
    });
    return { registered: sorted(registered) };
  } finally {
    remote.close();
  }
}

/** Registers what a push brought. What is refused is told and stops nothing: the data is there. */
export async function registerPushed(
  repository: Repository,
  server: Throughline,
  outputs: readonly SelectedOutput[],
  failures: readonly TransferFailure[],
): Promise<readonly RegisteredDataset[]> {
  const { reporter, signal } = repository.surroundings;
  const whole = outputs.filter(({ output, parts }) => {
    if (parts !== null || output.id === null || !output.isCached) return false;
    return !failures.some(({ path }) => isInside(path, output.path));
  });
  const registered: RegisteredDataset[] = [];
  await inParallel(await registrationsOf(repository, whole, {}), { jobs: AT_A_TIME, signal }, async ({ path, registration }) => {
    try {
      registered.push({ path, ...(await server.register(registration, signal)) });
    } catch (error) {
      if (!(error instanceof DomainError) || error.code === 'CANCELLED') throw error;
      reporter.warn(`${path} was pushed but not registered: ${error.message}`);
    }
  });
  return sorted(registered);
}

function sorted(registered: RegisteredDataset[]): RegisteredDataset[] {
  return registered.sort((a, b) => (a.path === b.path ? a.version - b.version : a.path < b.path ? -1 : 1));
}

interface Registering {
  readonly path: string;
  readonly registration: Registration;
}

type Words = Pick<RegisterOptions, 'name' | 'description' | 'message' | 'tags'>;

async function registrationsOf(repository: Repository, outputs: readonly SelectedOutput[], words: Words): Promise<Registering[]> {
  const { git } = repository;
  const head = git === null ? null : await git.currentCommit();
  const address = git === null ? null : await git.remoteUrl();
  const committed =
    head === null || !outputs.some(({ revision }) => revision === null) ? new Set<string>() : await committedOutputs(repository, head);
  const found = new Map<string, Registering>();
  for (const selected of outputs) {
    const { output, revision } = selected;
    if (output.id === null) continue;
    const id = printObjectId(output.id);
    const commit = revision ?? (committed.has(`${output.path}\0${id}`) ? head : null);
    const sighting =
      commit === null || address === null
        ? null
        : { repository: withoutCredentials(address), path: repository.toGitPath(output.path), commit };
    const registration: Registration = {
      name: words.name ?? datasetName(selected),
      impliedName: words.name === undefined,
      id,
      sighting,
      tags: words.tags ?? [],
      ...(output.isExecutable === true ? { executable: [''] } : {}),
      ...(words.description === undefined ? {} : { description: words.description }),
      ...(words.message === undefined ? {} : { message: words.message }),
    };
    found.set(JSON.stringify([registration.name, id, commit]), { path: output.path, registration });
  }
  return [...found.values()];
}

/** What HEAD says of every output. */
async function committedOutputs(repository: Repository, head: string): Promise<Set<string>> {
  const { stages } = await collectStages(repository, { revision: head });
  return new Set(stages.flatMap(({ outputs }) => outputs.flatMap(({ path, id }) => (id === null ? [] : `${path}\0${printObjectId(id)}`))));
}

/** The `.dvc` file's path without its ending; the output's own where the file has several, or is a dvc.yaml. */
export function datasetName({ stage, output }: Pick<SelectedOutput, 'stage' | 'output'>): string {
  return stage.name === null && stage.outputs.length === 1 && stage.file.endsWith('.dvc')
    ? stage.file.slice(0, -'.dvc'.length)
    : output.path;
}
