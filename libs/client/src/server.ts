// What the client asks of a server: metrics, params and tags over MLflow's REST protocol, bytes by their hash, and the rest over GraphQL. Each can be
// sent again after an answer that was lost: runs have ids of the client's making, points that are there are not there twice, bytes are known by their hash.

import { createReadStream } from 'node:fs';

import { Failure, KIND_OF_CODE } from './errors.ts';
import type { FailureKind } from './errors.ts';
import { Http } from './http.ts';
import type { JournalRecord, Point } from './journal.ts';
import type { Connection } from './settings.ts';

/** What a run is started with. */
export interface RunStart {
  runId: string;
  /** By name; the parent's where it is missing. */
  experiment?: string;
  name?: string;
  parent?: string;
  startedAtMs: number;
  tags: readonly (readonly [string, string])[];
}

/** A run as the server has it. */
export interface ServerRun {
  experimentId: string;
  status: string;
  isDeleted: boolean;
  /** The greatest step of its metrics' latest points; null without any. */
  lastStep: number | null;
}

export interface Batch {
  metrics: readonly Point[];
  params: readonly (readonly [string, string])[];
  tags: readonly (readonly [string, string])[];
}

export type InputRecord = Extract<JournalRecord, { type: 'input' }>;
export type DatasetRecord = Extract<JournalRecord, { type: 'dataset' }>;

const PROBLEM = '... on Problem { kind code message hint }';
/** What fits one request; a larger file is sent in pieces, and goes on where it was cut. */
const WHOLE_BYTES = 8 * 2 ** 20;
const PIECE_BYTES = 64 * 2 ** 20;

interface Problem {
  __typename: 'Problem';
  kind: string;
  code: string;
  message: string;
  hint: string | null;
}

interface UploadState {
  id: string | null;
  offsetBytes: number;
  complete: boolean;
  partBytes: number;
}

const PROBLEM_KINDS: Readonly<Record<string, FailureKind>> = { FORBIDDEN: 'blocked', UNAVAILABLE: 'transient', EXHAUSTED: 'transient' };
const ERROR_KINDS: Readonly<Record<string, FailureKind>> = {
  UNAUTHENTICATED: 'blocked',
  FORBIDDEN: 'blocked',
  // A server that is older than this client.
  GRAPHQL_VALIDATION_FAILED: 'blocked',
  UNAVAILABLE: 'transient',
  RESOURCE_EXHAUSTED: 'transient',
  INTERNAL_SERVER_ERROR: 'transient',
};

/** A server of Throughline's. Every function throws Failure. */
export class Server {
  readonly #http: Http;

  constructor(connection: Connection) {
    this.#http = new Http(connection);
  }

  close(): void {
    this.#http.close();
  }

  /** Starts a run, in an experiment that is made where there is none, or in its parent's. One that was started under that id already is as good. */
  async startRun({ runId, experiment, name, parent, startedAtMs, tags }: RunStart): Promise<void> {
    const { experimentId } = experiment === undefined ? await this.getRun(parent ?? '') : await this.#ensureExperiment(experiment);
    const input = {
      runId,
      experiment: `experiment:${experimentId}`,
      startedAt: new Date(startedAtMs).toISOString(),
      tags: keyValues(tags),
      ...(name === undefined ? {} : { name }),
      ...(parent === undefined ? {} : { parent: `run:${parent}` }),
    };
    try {
      await this.#command('createRun(input: $input) { __typename', { input: ['CreateRunInput!', input] });
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'RUN_EXISTS')) throw error;
      // Ours already, unless an id of 122 random bits was somebody else's: then it is not found in this workspace.
      await this.getRun(runId);
    }
  }

  async getRun(runId: string): Promise<ServerRun> {
    const { run } = (await this.#http.json({ method: 'GET', path: `/api/2.0/mlflow/runs/get?run_id=${encodeURIComponent(runId)}` })) as {
      run: { info: { experiment_id: string; status: string; lifecycle_stage: string }; data?: { metrics?: { step?: number }[] } };
    };
    const steps = (run.data?.metrics ?? []).map(({ step = 0 }) => step);
    return {
      experimentId: run.info.experiment_id,
      status: run.info.status,
      isDeleted: run.info.lifecycle_stage === 'deleted',
      lastStep: steps.length === 0 ? null : steps.reduce((a, b) => Math.max(a, b)),
    };
  }

  async logBatch(runId: string, { metrics, params, tags }: Batch): Promise<void> {
    await this.#mlflow('log-batch', {
      run_id: runId,
      metrics: metrics.map(([key, value, step, timestamp]) => ({ key, value, step, timestamp })),
      params: keyValues(params),
      tags: keyValues(tags),
    });
  }

  async updateRun(runId: string, change: { run_name?: string; status?: string; end_time?: number }): Promise<void> {
    await this.#mlflow('update', { run_id: runId, ...change });
  }

  /** Puts a file among a run's artifacts. Its bytes are hashed by the server, and refused where they are not what was staged. */
  async putArtifact(
    runId: string,
    { path, sha256, sizeBytes }: { path: string; sha256: string; sizeBytes: number },
    file: string,
  ): Promise<void> {
    await (sizeBytes <= WHOLE_BYTES ? this.#putWhole(sha256, sizeBytes, file) : this.#putPieces(sha256, sizeBytes, file));
    await this.#command('putArtifact(owner: $owner, path: $path, sha256: $sha256) { __typename', {
      owner: ['ID!', `run:${runId}`],
      path: ['String!', path],
      sha256: ['String!', sha256],
    });
  }

  /** Links a version of a dataset. One that is not registered is described by its reference, and becomes a link when it is. */
  async useDataset(runId: string, { ref, context, files }: DatasetRecord): Promise<void> {
    const input = {
      datasetVersion: ref,
      ...(context === undefined ? {} : { context }),
      ...(files === undefined ? {} : { files: files.map(([path, sha256]) => ({ path, sha256 })) }),
    };
    try {
      await this.#command('logInput(run: $run, input: $input) { __typename', {
        run: ['ID!', `run:${runId}`],
        input: ['LogInputInput!', input],
      });
    } catch (error) {
      if (!(error instanceof Failure && /^DATASET(?:_VERSION)?_NOT_FOUND$/.test(error.code))) throw error;
      const [, name = '', digest = ''] = /^data:([^@]+)@(.+)$/.exec(ref) ?? [];
      await this.logInput(runId, {
        type: 'input',
        name,
        digest: digest.slice(0, 36),
        source: ref,
        sourceType: 'throughline',
        ...(context === undefined ? {} : { context }),
      });
    }
  }

  async logInput(runId: string, { name, digest, source, sourceType, schema, profile, context }: InputRecord): Promise<void> {
    const dataset = { name, digest, source, source_type: sourceType, schema, profile };
    const tags = context === undefined ? [] : [{ key: 'mlflow.data.context', value: context }];
    await this.#mlflow('log-inputs', { run_id: runId, datasets: [{ dataset, tags }] });
  }

  async #ensureExperiment(name: string): Promise<{ experimentId: string }> {
    const known = await this.#findExperiment(name);
    if (known !== null) return known;
    try {
      const body = JSON.stringify({ name });
      const made = await this.#http.json({ method: 'POST', path: '/api/2.0/mlflow/experiments/create', type: 'application/json', body });
      return { experimentId: (made as { experiment_id: string }).experiment_id };
    } catch (error) {
      // Another run of the same name's making was faster.
      const made = error instanceof Failure && error.code === 'RESOURCE_ALREADY_EXISTS' ? await this.#findExperiment(name) : null;
      if (made === null) throw error;
      return made;
    }
  }

  async #findExperiment(name: string): Promise<{ experimentId: string } | null> {
    const path = `/api/2.0/mlflow/experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`;
    try {
      const { experiment } = (await this.#http.json({ method: 'GET', path })) as { experiment: { experiment_id: string } };
      return { experimentId: experiment.experiment_id };
    } catch (error) {
      if (error instanceof Failure && error.code === 'RESOURCE_DOES_NOT_EXIST') return null;
      throw error;
    }
  }

  async #putWhole(sha256: string, sizeBytes: number, file: string): Promise<void> {
    const body = { open: () => createReadStream(file), sizeBytes };
    await this.#http.json({ method: 'PUT', path: `/api/v1/files/${sha256}`, type: 'application/octet-stream', body });
  }

  async #putPieces(sha256: string, sizeBytes: number, file: string): Promise<void> {
    const begun = JSON.stringify({ sha256, sizeBytes });
    let state = (await this.#http.json({ method: 'POST', path: '/api/v1/uploads', type: 'application/json', body: begun })) as UploadState;
    while (!state.complete) {
      const start = state.offsetBytes;
      // Whole parts, at least one: what is less gets nowhere.
      const piece = Math.max(1, Math.floor(PIECE_BYTES / state.partBytes)) * state.partBytes;
      const end = Math.min(sizeBytes, start + piece);
      state = (await this.#http.json({
        method: 'PATCH',
        path: `/api/v1/uploads/${state.id ?? ''}`,
        type: 'application/octet-stream',
        headers: { 'Upload-Offset': String(start) },
        body: { open: () => createReadStream(file, { start, end: end - 1 }), sizeBytes: end - start },
      })) as UploadState;
      if (!state.complete && state.offsetBytes <= start) {
        throw new Failure({
          kind: 'transient',
          code: 'UPLOAD_STUCK',
          message: `The upload of ${sha256} did not get beyond byte ${start}.`,
        });
      }
    }
  }

  async #mlflow(procedure: string, message: object): Promise<void> {
    const body = JSON.stringify(message);
    await this.#http.json({ method: 'POST', path: `/api/2.0/mlflow/runs/${procedure}`, type: 'application/json', body });
  }

  /** Sends a mutation of one field. `variables` has a type and a value each. */
  async #command(field: string, variables: Readonly<Record<string, readonly [string, unknown]>>): Promise<void> {
    const declared = Object.entries(variables).map(([name, [type]]) => `$${name}: ${type}`);
    const query = `mutation (${declared.join(', ')}) { result: ${field} ${PROBLEM} } }`;
    const values = Object.fromEntries(Object.entries(variables).map(([name, [, value]]) => [name, value]));
    const body = JSON.stringify({ query, variables: values });
    const answer = (await this.#http.json({ method: 'POST', path: '/graphql', type: 'application/json', body })) as {
      data?: { result?: { __typename: string } | Problem } | null;
      errors?: readonly { message: string; extensions?: { code?: string; reason?: string } }[];
    };
    const [error] = answer.errors ?? [];
    if (error !== undefined) {
      const { code = '', reason = code } = error.extensions ?? {};
      const kind = ERROR_KINDS[code] ?? 'refused';
      throw new Failure({ kind, code: reason, message: error.message });
    }
    const result = answer.data?.result;
    if (result !== undefined && 'kind' in result) {
      const { kind, code, message, hint } = result;
      throw new Failure({ kind: KIND_OF_CODE[code] ?? PROBLEM_KINDS[kind] ?? 'refused', code, message, hint: hint ?? undefined });
    }
  }
}

function keyValues(pairs: readonly (readonly [string, string])[]): { key: string; value: string }[] {
  return pairs.map(([key, value]) => ({ key, value }));
}
