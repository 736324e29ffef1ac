// The proof, in two parts. That the stored model is the model: its frozen files are downloaded, hashed against the digest that the
// deployment is pinned to, and run. That the way back to the data holds: the server hashes every stored byte again, and the trace
// says how strong its weakest step is.

import { setTimeout as sleep } from 'node:timers/promises';

import type { Api } from './api.ts';
import { digestOf } from './manifest.ts';

const MOST_FILES = 100;
/** Milliseconds between two looks at a verification, and for all of it. */
const LOOK_EVERY_MS = 200;
const PATIENCE_MS = 60_000;

/** Downloads what is deployed. Throws where one byte is not what the deployment was pinned to. */
export async function downloadDeployed(
  api: Api,
  deploymentId: string,
): Promise<{ ref: string; digest: string; files: Map<string, Buffer> }> {
  const { deployment } = await api.query<{
    deployment: {
      digest: string;
      modelVersion: { ref: string; files: { nodes: { path: string; sha256: string; downloadUrl: string }[] } };
    } | null;
  }>(
    `query Deployed($id: ID!, $first: Int) {
      deployment(id: $id) { digest modelVersion { ref files(first: $first) { nodes { path sha256 downloadUrl } } } }
    }`,
    { id: deploymentId, first: MOST_FILES },
  );
  if (deployment === null) throw new Error(`There is no deployment ${deploymentId}.`);
  const { digest, modelVersion } = deployment;
  const files = new Map<string, Buffer>();
  for (const file of modelVersion.files.nodes) files.set(file.path, await api.download(file));
  const computed = digestOf('dir', files);
  if (computed !== digest) throw new Error(`What was downloaded has the digest ${computed}; ${digest} is deployed.`);
  return { ref: modelVersion.ref, digest, files };
}

interface VerificationJob {
  id: string;
  state: 'QUEUED' | 'RUNNING' | 'DONE' | 'FAILED';
  totalFiles: number;
  checkedFiles: number;
  checkedBytes: string;
  damagedFiles: number;
  error: string | null;
}

const JOB = 'id state totalFiles checkedFiles checkedBytes damagedFiles error';

/** Has every stored byte behind a deployment hashed again, and waits. Throws where that cannot be done. */
export async function verify(api: Api, deploymentId: string, signal: AbortSignal): Promise<VerificationJob> {
  const { verify: begun } = await api.query<{ verify: VerificationJob }>(`mutation Verify($root: ID!) { verify(root: $root) { ${JOB} } }`, {
    root: deploymentId,
  });
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (let job = begun; ;) {
    if (job.state === 'DONE') return job;
    if (job.state === 'FAILED') throw new Error(`The verification could not go on: ${job.error ?? 'nobody knows why'}.`);
    if (Date.now() > giveUpAt)
      throw new Error(`The verification has checked ${job.checkedFiles} of ${job.totalFiles} files; it goes on without us.`);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
    const { verification } = await api.query<{ verification: VerificationJob | null }>(
      `query Look($id: ID!) { verification(id: $id) { ${JOB} } }`,
      { id: job.id },
    );
    if (verification === null) throw new Error(`The verification ${job.id} is gone.`);
    job = verification;
  }
}

type Evidence = 'ASSERTED' | 'OBSERVED' | 'MATCHED';

interface Trace {
  nodes: { id: string; ref: string }[];
  edges: { from: string; to: string; evidence: Evidence }[];
  files: { path: string; integrity: 'UNCHECKED' | 'INTACT' | 'DAMAGED' }[];
  fileCount: number;
  integrity: { unchecked: number; intact: number; damaged: number };
  verified: boolean;
  weakest: { from: string; to: string; relation: string; evidence: Evidence } | null;
  gaps: { message: string; hint: string }[];
}

/** The way from a deployment back to its data. */
export async function traceDeployment(api: Api, deploymentId: string): Promise<Trace> {
  const { traceDeployment: trace } = await api.query<{ traceDeployment: Trace }>(
    `query Trace($id: ID!) {
      traceDeployment(id: $id) {
        nodes { id ref }
        edges { from to evidence }
        files(first: ${MOST_FILES}) { path integrity }
        fileCount
        integrity { unchecked intact damaged }
        verified
        weakest { from to relation evidence }
        gaps { message hint }
      }
    }`,
    { id: deploymentId },
  );
  return trace;
}

/** A trace in a few lines. */
export function describeTrace({ nodes, edges, files, fileCount, integrity, verified, weakest, gaps }: Trace): string[] {
  const refOf = (id: string) => nodes.find((node) => node.id === id)?.ref ?? id;
  const count = (evidence: Evidence) => edges.filter((edge) => edge.evidence === evidence).length;
  return [
    `verified: ${verified ? 'yes' : 'no'}`,
    `${nodes.length} things, ${edges.length} steps: ${count('MATCHED')} matched, ${count('OBSERVED')} observed, ${count('ASSERTED')} asserted`,
    `${fileCount} files: ${integrity.intact} intact, ${integrity.damaged} damaged, ${integrity.unchecked} unchecked`,
    weakest === null
      ? 'no step leads to data'
      : `the weakest step is ${weakest.evidence.toLowerCase()}: ${refOf(weakest.from)} ${weakest.relation} ${refOf(weakest.to)}`,
    ...files.filter((file) => file.integrity === 'DAMAGED').map(({ path }) => `damaged: ${path}`),
    ...gaps.map(({ message, hint }) => `missing: ${message} ${hint}`),
  ];
}
