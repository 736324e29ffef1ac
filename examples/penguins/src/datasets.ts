// Dataset versions: publishing files as a version, and reading a version back. A version is named by the digest of its files, so
// publishing the same files again finds the version that is there.

import type { Api } from './api.ts';
import { PROBLEM } from './api.ts';
import { clean, writeDropped, writePenguins } from './data.ts';
import { digestOf, sha256 } from './manifest.ts';
import type { RunOptions } from './runs.ts';
import { endRun, inRun, putArtifact } from './runs.ts';

export const DATASET = 'penguins';
export const RAW_FILE = 'penguins.json';
export const TRAIN_FILE = 'train.csv';
export const HOLDOUT_FILE = 'holdout.csv';

export interface DatasetVersion {
  id: string;
  ref: string;
  digest: string;
}

/** A version, and whether this call made it. */
export type Published = DatasetVersion & { isNew: boolean };

type Files = ReadonlyMap<string, Uint8Array>;

const MOST_FILES = 100;

/** Publishes the raw file as a version of its own. */
export async function publishRaw(api: Api, bytes: Uint8Array): Promise<Published> {
  const files: Files = new Map([[RAW_FILE, bytes]]);
  const known = await findVersion(api, digestOf('file', files));
  if (known !== null) return { ...known, isNew: false };
  const message = 'Palmer penguins as the npm package vega-datasets carries them (CC0).';
  return { ...(await register(api, files, { single: true, message })), isNew: true };
}

/**
 * Cleans the raw version and publishes the result, inside a run of its own: the run reads the raw bytes from the server with its token
 * and registers what it made of them, so that the server can tell what came of what.
 */
export async function publishCleaned(api: Api, raw: DatasetVersion, bytes: Uint8Array, run: RunOptions): Promise<Published> {
  const expected = digestOf('dir', cleanedFiles(bytes));
  const known = await findVersion(api, expected);
  if (known !== null) {
    // Its run has done its work; where it still runs, it was cut between that and saying so.
    if (known.producedBy?.status === 'RUNNING') await endRun(api, known.producedBy.id, 'FINISHED');
    return { ...known, isNew: false };
  }
  return inRun(api, run, async ({ id, api: own }) => {
    const read = await readVersion(own, raw);
    await logInput(own, { run: id, version: raw, files: read, context: 'cleaning' });
    const source = read.get(RAW_FILE);
    if (source === undefined) throw new Error(`${raw.ref} has no ${RAW_FILE}.`);
    const { train, holdout, dropped, rawCount } = clean(source);
    await putArtifact(own, id, 'dropped.csv', writeDropped(dropped));
    const message = `${rawCount - dropped.length} of ${rawCount} penguins with everything known: ${train.length} to train on, ${holdout.length} held out.`;
    const version = await register(own, cleanedFiles(source), { message, derivedFrom: [raw.id], producedBy: id });
    return { ...version, isNew: true };
  });
}

function cleanedFiles(raw: Uint8Array): Files {
  const { train, holdout } = clean(raw);
  return new Map([
    [TRAIN_FILE, writePenguins(train)],
    [HOLDOUT_FILE, writePenguins(holdout)],
  ]);
}

/** Downloads every file of a version, hashing each. */
export async function readVersion(api: Api, { id }: Pick<DatasetVersion, 'id'>): Promise<Files> {
  const { datasetVersion } = await api.query<{
    datasetVersion: { files: { nodes: { path: string; sha256: string; downloadUrl: string }[]; totalCount: number } } | null;
  }>(
    `query Files($id: ID!, $first: Int) {
      datasetVersion(id: $id) { files(first: $first) { nodes { path sha256 downloadUrl } totalCount } }
    }`,
    { id, first: MOST_FILES },
  );
  const { nodes, totalCount } = datasetVersion?.files ?? { nodes: [], totalCount: 0 };
  if (nodes.length === 0 || nodes.length < totalCount)
    throw new Error(`The version ${id} should have 1 to ${MOST_FILES} files, not ${totalCount}.`);
  const files = new Map<string, Buffer>();
  for (const file of nodes) files.set(file.path, await api.download(file));
  return files;
}

/** Says what a run read, with the full hash of every file as it arrived: what the server can compare, it need not believe. */
export async function logInput(
  api: Api,
  { run, version, files, context }: { run: string; version: DatasetVersion; files: Files; context: string },
): Promise<void> {
  const hashes = [...files].map(([path, bytes]) => ({ path, sha256: sha256(bytes) }));
  await api.command(
    `mutation Read($run: ID!, $input: LogInputInput!) { result: logInput(run: $run, input: $input) { __typename ${PROBLEM} } }`,
    { run, input: { datasetVersion: version.id, context, files: hashes } },
  );
}

async function findVersion(
  api: Api,
  digest: string,
): Promise<(DatasetVersion & { producedBy: { id: string; status: string } | null }) | null> {
  const { datasetVersion } = await api.query<{ datasetVersion: Awaited<ReturnType<typeof findVersion>> }>(
    'query Known($id: ID!) { datasetVersion(id: $id) { id ref digest producedBy { id status } } }',
    { id: `data:${DATASET}@sha256:${digest}` },
  );
  return datasetVersion;
}

async function register(
  api: Api,
  files: Files,
  input: { message: string; single?: boolean; derivedFrom?: string[]; producedBy?: string },
): Promise<DatasetVersion> {
  const uploaded: { path: string; sha256: string }[] = [];
  for (const [path, bytes] of files) uploaded.push({ path, sha256: await api.upload(bytes) });
  return api.command<DatasetVersion>(
    `mutation Register($input: RegisterDatasetVersionInput!) {
      result: registerDatasetVersion(input: $input) { __typename ... on DatasetVersion { id ref digest } ${PROBLEM} }
    }`,
    { input: { dataset: DATASET, files: uploaded, ...input } },
  );
}
