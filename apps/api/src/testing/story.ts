// The main job in a few steps, for tests to tell whole or in part: a file, two versions of a dataset, a run that reads the second with its
// own token, a model, its version, a promotion and a deployment.

import { randomUUID } from 'node:crypto';

import type { Client } from './client.ts';

export interface Version {
  id: string;
  ref: string;
  number: number;
  digest: string;
}

const VERSION = 'id ref number digest';

export interface VersionOptions {
  dataset: string;
  files: Readonly<Record<string, string | Uint8Array>>;
  derivedFrom?: readonly string[];
  token?: string;
}

/** Uploads files and registers them as a version. */
export async function makeVersion(client: Client, { dataset, files, derivedFrom = [], token }: VersionOptions): Promise<Version> {
  const options = token === undefined ? {} : { token };
  const uploaded = await Promise.all(
    Object.entries(files).map(async ([path, content]) => ({ path, sha256: await client.upload(Buffer.from(content), options) })),
  );
  const input = { dataset, files: uploaded, derivedFrom };
  return client.command<Version>('registerDatasetVersion', { input }, VERSION, options);
}

export interface StartedRun {
  id: string;
  runId: string;
  /** A token that is the run speaking. */
  token: string;
}

/** Starts a run of the default experiment, with a token of its own. */
export async function startRun(client: Client, name = 'training'): Promise<StartedRun> {
  const run = await client.command<{ id: string; runId: string }>('createRun', { input: { experiment: 'experiment:0', name } }, 'id runId');
  const input = { name: `run ${run.runId}`, scope: 'WRITE', principal: 'trainer', run: run.id };
  const { secret } = await client.command<{ secret: string }>('createToken', { input }, 'secret');
  return { ...run, token: secret };
}

/** Logs a model of one file, made by a run, ready to be registered. */
export async function logModel(client: Client, run: Pick<StartedRun, 'id'> & { token?: string }, content: string | Uint8Array) {
  const options = run.token === undefined ? {} : { token: run.token };
  const model = await client.command('createLoggedModel', { input: { name: 'model', sourceRun: run.id } }, 'id', options);
  const sha256 = await client.upload(Buffer.from(content), options);
  await client.command('putArtifact', { owner: model.id, path: 'model.bin', sha256 }, 'path', options);
  await client.command('finalizeLoggedModel', { id: model.id, status: 'READY' }, 'id', options);
  return model;
}

export interface ModelVersion {
  id: string;
  ref: string;
  version: number;
  digest: string;
}

/** Registers a logged model as the next version. */
export function registerModel(client: Client, model: string, loggedModel: string): Promise<ModelVersion> {
  return client.command<ModelVersion>('registerVersion', { input: { model, loggedModel } }, 'id ref version digest');
}

export interface Story {
  raw: Version;
  clean: Version;
  run: StartedRun;
  loggedModel: { id: string };
  version: ModelVersion;
  deployment: { id: string };
  /** The bytes, by what they are. */
  bytes: { raw: Buffer; clean: Buffer; model: Buffer };
}

export interface StoryOptions {
  /** The dataset's, model's and target's name. */
  name: string;
  /** How the run says what it read. */
  reads?: 'hashes' | 'token' | 'word';
}

/** Tells the whole story; no byte of it was ever told before. */
export async function tellStory(client: Client, { name, reads = 'hashes' }: StoryOptions): Promise<Story> {
  const unique = randomUUID();
  const bytes = {
    raw: Buffer.from(`species,mass\nadelie,3700\nadelie,NA\n# ${name} ${unique}\n`),
    clean: Buffer.from(`species,mass\nadelie,3700\n# ${name} ${unique}\n`),
    model: Buffer.from(`weights of ${name} ${unique}`),
  };
  const run = await startRun(client, `train ${name}`);
  const raw = await makeVersion(client, { dataset: name, files: { 'penguins.csv': bytes.raw } });
  // The run makes the second version itself: only so is what that came from more than a word.
  await readVersion(client, run, raw, ['penguins.csv']);
  const clean = await makeVersion(client, {
    dataset: name,
    files: { 'penguins.csv': bytes.clean },
    derivedFrom: [raw.id],
    token: run.token,
  });
  await logRead(client, run, clean, reads);
  const loggedModel = await logModel(client, run, bytes.model);
  const version = await registerModel(client, name, loggedModel.id);
  await client.command('promote', { input: { version: version.id, alias: 'champion', reason: 'the better one' } });
  const deployment = await client.command('deploy', {
    input: { version: `model:${name}@champion`, environment: 'production', target: name },
  });
  return { raw, clean, run, loggedModel, version, deployment, bytes };
}

/** Downloads files of a version with the run's own token, by their hashes. */
export async function readVersion(client: Client, run: StartedRun, version: Version, paths: readonly string[]): Promise<void> {
  const files = await filesOf(client, version);
  for (const path of paths) {
    const sha256 = files.find((file) => file.path === path)?.sha256 ?? '';
    const { status } = await client.download(`/api/v1/files/${sha256}`, { token: run.token });
    if (status !== 200) throw new Error(`Reading ${path} of ${version.ref} answered ${status}.`);
  }
}

export async function filesOf(client: Client, version: Version): Promise<{ path: string; sha256: string }[]> {
  const { datasetVersion } = await client.query<{ datasetVersion: { files: { nodes: { path: string; sha256: string }[] } } }>(
    'query ($id: ID!) { datasetVersion(id: $id) { files { nodes { path sha256 } } } }',
    { id: version.id },
  );
  return datasetVersion.files.nodes;
}

/** Says what a run read: with all hashes, after reading it with its token, or with nothing to show for it. */
async function logRead(client: Client, run: StartedRun, version: Version, reads: 'hashes' | 'token' | 'word'): Promise<void> {
  const files = await filesOf(client, version);
  if (reads === 'token') {
    await readVersion(
      client,
      run,
      version,
      files.map(({ path }) => path),
    );
  }
  const input = { datasetVersion: version.ref, context: 'training', ...(reads === 'hashes' ? { files } : {}) };
  await client.command('logInput', { run: run.id, input }, 'id', { token: run.token });
}
