// From candidates to a deployment: both are registered, the better one becomes the champion with a reason that names the numbers, and
// the champion is deployed. Every step finds what an earlier run of the example left: a version with the same digest is that version.

import type { Api } from './api.ts';
import { PROBLEM } from './api.ts';
import type { Candidate } from './candidate.ts';

export const MODEL = 'penguins';
export const ALIAS = 'champion';
export const ENVIRONMENT = 'production';
export const TARGET = 'penguins-api';

export interface ModelVersion {
  id: string;
  ref: string;
  version: number;
  digest: string | null;
  aliases: readonly string[];
}

export interface Release {
  candidate: Candidate;
  version: ModelVersion;
  /** Whether this registration made the version, or found it. */
  isNew: boolean;
}

const VERSION = '... on ModelVersion { id ref version digest aliases }';

/** Registers a candidate, unless a version with the same digest is there already. */
export async function register(api: Api, candidate: Candidate): Promise<Release> {
  const known = await findByDigest(api, candidate.digest);
  if (known !== null) return { candidate, version: known, isNew: false };
  const version = await api.command<ModelVersion>(
    `mutation Register($input: RegisterVersionInput!) { result: registerVersion(input: $input) { __typename ${VERSION} ${PROBLEM} } }`,
    { input: { model: MODEL, loggedModel: candidate.loggedModelId, description: candidate.recipe.description } },
  );
  if (version.digest !== candidate.digest) {
    throw new Error(`The server's digest of ${version.ref} is ${version.digest ?? 'absent'}; computed here it is ${candidate.digest}.`);
  }
  return { candidate, version, isNew: true };
}

async function findByDigest(api: Api, digest: string): Promise<ModelVersion | null> {
  for (let after: string | null = null; ;) {
    const { model }: VersionsPage = await api.query(
      `query Versions($id: ID!, $after: String) {
        model(id: $id) { versions(first: 100, after: $after) { nodes { id ref version digest aliases } pageInfo { hasNextPage endCursor } } }
      }`,
      { id: `model:${MODEL}`, after },
    );
    const found = model?.versions.nodes.find((version) => version.digest === digest);
    if (found !== undefined) return found;
    if (model?.versions.pageInfo.hasNextPage !== true) return null;
    after = model.versions.pageInfo.endCursor;
  }
}

interface VersionsPage {
  model: { versions: { nodes: ModelVersion[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } | null;
}

/** The better of the releases on the penguins that were held out: by accuracy, then by loss. Throws where there is none. */
export function better(releases: readonly Release[]): Release {
  const [first] = releases.toSorted((a, b) => {
    const [left, right] = [a.candidate.holdout, b.candidate.holdout];
    return right.accuracy - left.accuracy || left.loss - right.loss;
  });
  if (first === undefined) throw new Error('There is no release to choose from.');
  return first;
}

/** Why the best is the best, in numbers. */
export function reasonFor(best: Release, releases: readonly Release[]): string {
  const figures = ({ candidate: { holdout } }: Release) =>
    `${Math.round(holdout.accuracy * holdout.count)} of ${holdout.count} right, log-loss ${holdout.loss.toFixed(4)}`;
  const others = releases.filter((release) => release !== best).map((release) => `${figures(release)} for ${release.version.ref}`);
  return `On the penguins that were held out: ${figures(best)}, against ${others.join(' and ')}.`;
}

/** Makes a release the champion, unless it is. Answers whether anything changed. */
export async function promote(api: Api, { version }: Release, reason: string): Promise<boolean> {
  if (version.aliases.includes(ALIAS)) return false;
  await api.command(`mutation Promote($input: PromoteInput!) { result: promote(input: $input) { __typename ${PROBLEM} } }`, {
    input: { version: version.id, alias: ALIAS, reason },
  });
  return true;
}

/** Deploys a release, unless it is live there. */
export async function deploy(api: Api, { version }: Release, reason: string): Promise<{ id: string; isNew: boolean }> {
  const { deployment } = await api.query<{ deployment: { id: string; isLive: boolean; modelVersion: { id: string } } | null }>(
    'query Live($id: ID!) { deployment(id: $id) { id isLive modelVersion { id } } }',
    { id: `deployment:${ENVIRONMENT}/${TARGET}` },
  );
  if (deployment?.isLive === true && deployment.modelVersion.id === version.id) return { id: deployment.id, isNew: false };
  const made = await api.command<{ id: string }>(
    `mutation Deploy($input: DeployInput!) { result: deploy(input: $input) { __typename ... on Deployment { id } ${PROBLEM} } }`,
    { input: { version: version.id, environment: ENVIRONMENT, target: TARGET, reason } },
  );
  return { id: made.id, isNew: true };
}
