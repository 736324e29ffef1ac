// A run with a token of its own. What is read and written with that token the server has seen this very run do: its steps in the
// lineage are observed, where anybody else could only assert them. However the work ends, the run ends and the token is revoked.

import type { Api } from './api.ts';
import { ApiError, PROBLEM } from './api.ts';

/** A run under way. */
export interface ActiveRun {
  id: string;
  ref: string;
  name: string;
  /** Speaks for the run, with its own token. */
  api: Api;
}

export interface RunOptions {
  experimentId: string;
  name: string;
  /** Called off by Ctrl-C: the run is then marked as killed, not as failed. */
  signal: AbortSignal;
}

/** A token outlives its run only where this process is killed without a word; then until tomorrow. */
const TOKEN_DAYS = 1;

/** Finds the experiment of this name, or makes it; one that was deleted is brought back. */
export async function ensureExperiment(api: Api, name: string): Promise<string> {
  const { experiments } = await api.query<{ experiments: { nodes: { id: string; lifecycle: 'ACTIVE' | 'DELETED' }[] } }>(
    'query Experiments($filter: String) { experiments(filter: $filter, view: ALL, first: 1) { nodes { id lifecycle } } }',
    { filter: `name = '${name}'` },
  );
  const [known] = experiments.nodes;
  if (known === undefined) {
    const made = await api.command<{ id: string }>(
      `mutation Create($input: CreateExperimentInput!) { result: createExperiment(input: $input) { __typename ... on Experiment { id } ${PROBLEM} } }`,
      { input: { name } },
    );
    return made.id;
  }
  if (known.lifecycle === 'DELETED') {
    await api.command(`mutation Restore($id: ID!) { result: restoreExperiment(id: $id) { __typename ${PROBLEM} } }`, { id: known.id });
  }
  return known.id;
}

/** Does the work inside a new run, and ends it as the work ended. `api` must be allowed to make tokens (scope admin). */
export async function inRun<Result>(api: Api, options: RunOptions, work: (run: ActiveRun) => Promise<Result>): Promise<Result> {
  const { signal } = options;
  signal.throwIfAborted();
  const tags = [
    { key: 'mlflow.source.name', value: 'examples/penguins/src/main.ts' },
    { key: 'mlflow.source.type', value: 'LOCAL' },
  ];
  const run = await api.command<{ id: string; ref: string }>(
    `mutation Start($input: CreateRunInput!) { result: createRun(input: $input) { __typename ... on Run { id ref } ${PROBLEM} } }`,
    { input: { experiment: options.experimentId, name: options.name, tags } },
  );
  try {
    const result = await withToken(api, { run: run.id, name: `penguins example: ${options.name}` }, (own) =>
      work({ ...run, name: options.name, api: own }),
    );
    signal.throwIfAborted();
    await endRun(api, run.id, 'FINISHED');
    return result;
  } catch (error) {
    // The first error is the one to report, also where the server is gone and cannot be told.
    await endRun(api, run.id, signal.aborted ? 'KILLED' : 'FAILED').catch(() => undefined);
    throw error;
  }
}

/** Says that a run has ended, and how. */
export async function endRun(api: Api, id: string, status: 'FINISHED' | 'FAILED' | 'KILLED'): Promise<void> {
  await api.command(
    `mutation End($id: ID!, $input: UpdateRunInput!) { result: updateRun(id: $id, input: $input) { __typename ${PROBLEM} } }`,
    {
      id,
      input: { status, endedAt: new Date().toISOString() },
    },
  );
}

/** Throws unless the caller may make tokens, before anything is begun. */
export async function requireAdmin(api: Api): Promise<void> {
  const { viewer } = await api.query<{ viewer: { scope: string } }>('{ viewer { scope } }');
  if (viewer.scope === 'ADMIN') return;
  throw new ApiError({
    code: 'SCOPE_TOO_SMALL',
    message: `The example gives each run a token of its own, which needs a token with the scope admin; yours has ${viewer.scope.toLowerCase()}.`,
    hint: 'Make one with: npx throughline token create --name penguins --scope admin',
  });
}

async function withToken<Result>(api: Api, input: { run: string; name: string }, work: (own: Api) => Promise<Result>): Promise<Result> {
  const { token, secret } = await api.command<{ token: { id: string }; secret: string }>(
    `mutation Token($input: CreateTokenInput!) { result: createToken(input: $input) { __typename ... on CreatedToken { token { id } secret } ${PROBLEM} } }`,
    { input: { ...input, scope: 'WRITE', expiresInDays: TOKEN_DAYS } },
  );
  const revoke = () =>
    api.command(`mutation Revoke($id: ID!) { result: revokeToken(id: $id) { __typename ${PROBLEM} } }`, { id: token.id });
  try {
    const result = await work(api.as(secret));
    await revoke();
    return result;
  } catch (error) {
    await revoke().catch(() => undefined);
    throw error;
  }
}

/** Puts a file among those of a run or a logged model. */
export async function putArtifact(api: Api, owner: string, path: string, bytes: Uint8Array): Promise<void> {
  const sha256 = await api.upload(bytes);
  await api.command(
    `mutation Put($owner: ID!, $path: String!, $sha256: String!) {
      result: putArtifact(owner: $owner, path: $path, sha256: $sha256) { __typename ${PROBLEM} }
    }`,
    { owner, path, sha256 },
  );
}
