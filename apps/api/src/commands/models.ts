// Registering models: finding the files that a source names, freezing them, and making the version, in one transaction. Which run a
// version came from is the source's to tell; what a client says beside it is kept as its words. The edge to that run is observed where
// the run's own token brought every byte that was frozen, whoever registers it.

import type { FrozenFiles } from '@throughline/content';
import { within } from '@throughline/database';
import type { Call, Tx } from '@throughline/database';
import { DomainError, formatRef, invalid, isUuid } from '@throughline/kernel';
import type { Evidence } from '@throughline/kernel';
import type { CreateVersionInput, ModelVersion, RegisterVersionInput } from '@throughline/registry';
import { climbs } from '@throughline/tracking';
import type { LoggedModel, Run } from '@throughline/tracking';

import type { Parts } from './parts.ts';
import { appended } from './tag-lists.ts';

const VERSIONS_TAG = 'mlflow.modelVersions';

export interface RegisterSource {
  /** The registered model's name; it must exist. */
  model: string;
  /** As MLflow's client gave it. */
  source: string;
  runId: string | null;
  runLink: string | null;
  loggedModelId: string | null;
  description: string | undefined;
  tags: readonly { key: string; value: string }[];
}

/** What a source turned out to be. */
type Found = Pick<
  CreateVersionInput,
  | 'storageLocation'
  | 'sourceRunId'
  | 'runId'
  | 'runEvidence'
  | 'loggedModelId'
  | 'copiedFromId'
  | 'manifestId'
  | 'digest'
  | 'noDigestReason'
>;

/** Registers a logged model, or a folder of a run's artifacts, with its files; the model is made where there is none. */
export function registerVersion(parts: Parts, call: Call, input: RegisterVersionInput): Promise<ModelVersion> {
  if ((input.loggedModel == null) === (input.run == null)) {
    throw invalid('AMBIGUOUS_SOURCE', 'Name either the logged model or the run that is to be registered.');
  }
  return within(parts.database, call, async (tx) => {
    const inside = { ...call, tx };
    const { source, found, model } = await namedSource(parts, inside, input);
    await parts.tracking.runs.requireOwn(inside, found.runId ?? null);
    if (found.manifestId == null) {
      throw invalid('NO_FILES', `There are no files to register: ${found.noDigestReason ?? 'the source is empty'}`, {
        hint: 'Log the model first, then register it.',
      });
    }
    await keepOrigin(parts, inside, found);
    const version = await parts.registry.versions.create(inside, {
      ...found,
      name: input.model,
      createModel: true,
      source,
      description: input.description,
      tags: input.tags,
    });
    if (model !== null) await noteRegistration(parts, inside, model, version);
    return version;
  });
}

async function namedSource(
  parts: Parts,
  call: Call,
  input: RegisterVersionInput,
): Promise<{ source: string; found: Found; model: LoggedModel | null }> {
  const { tracking } = parts;
  if (input.loggedModel != null) {
    const model = await tracking.loggedModels.getByRef(call, input.loggedModel);
    return { source: `models:/${model.modelId}`, found: await ofLoggedModel(parts, call, model), model };
  }
  const run = await tracking.runs.getByRef(call, input.run ?? '');
  const path = (input.path ?? '').replace(/\/+$/, '');
  return { source: `runs:/${run.runId}${path === '' ? '' : `/${path}`}`, found: await ofRun(parts, call, run, path), model: null };
}

/** Registers whatever MLflow's client names; what this server cannot freeze is accepted without a digest, as MLflow accepts it. */
export function registerSource(parts: Parts, call: Call, input: RegisterSource): Promise<ModelVersion> {
  return within(parts.database, call, async (tx) => {
    const inside = { ...call, tx };
    const { tracking, registry } = parts;
    checkSource(input.source);
    const model = input.loggedModelId === null ? null : await tracking.loggedModels.find(inside, { modelId: input.loggedModelId });
    const found = model === null ? await resolveSource(parts, inside, input.source) : await ofLoggedModel(parts, inside, model);
    const origin = { ...found, ...(await namedRun(parts, inside, input.runId, found)) };
    await tracking.runs.requireOwn(inside, origin.runId ?? null);
    await keepOrigin(parts, inside, origin);
    const version = await registry.versions.create(inside, {
      ...origin,
      name: input.model,
      source: input.source,
      runLink: input.runLink,
      description: input.description,
      tags: input.tags,
    });
    const logged = model ?? (found.loggedModelId == null ? null : await tracking.loggedModels.find(inside, { id: found.loggedModelId }));
    if (logged !== null) await noteRegistration(parts, inside, logged, version);
    return version;
  });
}

/** What a version came from stays: a purge waits for the commit, or was first. */
function keepOrigin({ tracking }: Parts, call: Call & { tx: Tx }, { runId, loggedModelId }: Partial<Found>): Promise<void> {
  return tracking.keep(call, { runs: runId == null ? [] : [runId], loggedModels: loggedModelId == null ? [] : [loggedModelId] });
}

/**
 * The run that the client named beside the source. Where the source tells its run itself, another one is a contradiction: MLflow's client
 * sends the source's own, and with a copy that of the original. Beside a source that tells none it is somebody's word, whoever says it.
 */
async function namedRun({ tracking }: Parts, call: Call, runId: string | null, found: Found): Promise<Partial<Found>> {
  if (runId === null || runId === found.sourceRunId) return {};
  if (found.runId != null) {
    throw invalid(
      'RUN_CONTRADICTS_SOURCE',
      `The source is of the run ${found.sourceRunId ?? 'that made it'}, not of ${runId.slice(0, 80)}.`,
      {
        hint: 'Leave the run out, or name the one that the source came from.',
      },
    );
  }
  const run = await tracking.runs.find(call, { runId });
  return { sourceRunId: runId, runId: run?.id ?? null, runEvidence: 'ASSERTED' };
}

async function ofLoggedModel({ content, tracking }: Parts, call: Call, model: LoggedModel): Promise<Found> {
  const owner = tracking.artifacts.ownedBy(model);
  const manifest = owner.ours ? await content.freeze(call, model.fileSetId, null) : null;
  const reason = owner.ours
    ? 'The logged model has no files yet.'
    : 'The files are at an external location, which this server does not open.';
  return {
    storageLocation: model.artifactUri,
    sourceRunId: model.sourceRunId,
    runId: model.sourceRunUuid,
    runEvidence: broughtBy(model.sourceRunEvidence === 'OBSERVED' ? model.sourceRunUuid : null, manifest),
    loggedModelId: model.id,
    manifestId: manifest?.id ?? null,
    digest: manifest?.digest ?? null,
    noDigestReason: manifest === null ? reason : null,
  };
}

/** Observed where every frozen byte came with this run's own token. */
function broughtBy(runUuid: string | null, frozen: FrozenFiles | null): Evidence {
  return runUuid !== null && frozen?.writerRunId === runUuid ? 'OBSERVED' : 'ASSERTED';
}

async function ofRun({ content, tracking }: Parts, call: Call, run: Run, path: string): Promise<Found> {
  const owner = tracking.artifacts.ownedBy(run);
  const manifest = owner.ours ? await content.freeze(call, run.fileSetId, path === '' ? null : path) : null;
  const reason = owner.ours
    ? `The run has no artifacts${path === '' ? '' : ` under '${path.slice(0, 200)}'`}.`
    : 'The files are at an external location, which this server does not open.';
  return {
    storageLocation: path === '' ? run.artifactUri : `${run.artifactUri}/${path}`,
    sourceRunId: run.runId,
    runId: run.id,
    runEvidence: broughtBy(run.id, manifest),
    manifestId: manifest?.id ?? null,
    digest: manifest?.digest ?? null,
    noDigestReason: manifest === null ? reason : null,
  };
}

function ofVersion(version: ModelVersion): Found {
  return {
    storageLocation: version.storageLocation,
    sourceRunId: version.sourceRunId,
    runId: version.runId,
    runEvidence: version.runEvidence,
    loggedModelId: version.loggedModelId,
    copiedFromId: version.id,
    manifestId: version.manifestId,
    digest: version.digest,
    noDigestReason: version.noDigestReason,
  };
}

function unknown(source: string, reason: string): Found {
  return { storageLocation: source, noDigestReason: reason };
}

const LOGGED_MODEL = /^models:\/(m-[0-9a-f]{32})\/?$/;
const VERSION = /^models:\/([^/@]+)\/(\d{1,9})\/?$/;
const ALIAS = /^models:\/([^/@]+)@([^/@]+)\/?$/;
const RUN = /^runs:\/([^/]+)(?:\/(.*))?$/s;
const PROXY = /^mlflow-artifacts:(?:\/\/[^/]*)?\/+(.+)$/s;
const FROZEN = /^model-versions\/([^/]+)\/?$/;
/** An address somewhere else: a scheme and a host, a bucket, or a path where the scheme itself is the place (dbfs:/models). */
const EXTERNAL = /^(?!(?:models|runs|mlflow-artifacts):)[a-z][a-z0-9+.-]+:\/{1,2}[^/\s]/i;
const LOCAL = /^(?:file|local|data|javascript):/i;

/** Throws `invalid` for a source that could be taken for a place on this server's own disk. */
function checkSource(source: string): void {
  if (LOCAL.test(source) || climbs(source)) throw badSource(source);
}

/** A name out of a source, where it stands percent-encoded. Throws `invalid` where it is not well encoded. */
function decoded(name: string, source: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw badSource(source);
  }
}

/** Finds what a source names; what is external or dangling is told back as it is, without files. Throws `invalid` for what is no source. */
async function resolveSource(parts: Parts, call: Call, source: string): Promise<Found> {
  const { tracking, registry } = parts;

  const loggedModelId = LOGGED_MODEL.exec(source)?.[1];
  if (loggedModelId !== undefined) {
    const model = await tracking.loggedModels.find(call, { modelId: loggedModelId });
    return model === null ? unknown(source, `There is no logged model ${loggedModelId}.`) : ofLoggedModel(parts, call, model);
  }
  const [, name, number] = VERSION.exec(source) ?? [];
  if (name !== undefined && number !== undefined) {
    const version = await registry.versions.findByNumber(call, decoded(name, source), Number(number));
    return version === null ? unknown(source, `There is no version ${number} of the model '${name}'.`) : ofVersion(version);
  }
  const [, aliased, alias] = ALIAS.exec(source) ?? [];
  if (aliased !== undefined && alias !== undefined) {
    const ref = formatRef({ kind: 'model', name: decoded(aliased, source), alias: decoded(alias, source) });
    const version = await registry.versions.findByRef(call, ref);
    return version === null ? unknown(source, `The model '${aliased}' has no alias '${alias}'.`) : ofVersion(version);
  }
  const [, runId, path = ''] = RUN.exec(source) ?? [];
  if (runId !== undefined) {
    const run = await tracking.runs.find(call, { runId });
    return run === null ? unknown(source, `There is no run ${runId.slice(0, 80)}.`) : ofRun(parts, call, run, path.replace(/\/+$/, ''));
  }
  const proxied = PROXY.exec(source)?.[1];
  if (proxied !== undefined) return ofLocation(parts, call, source, proxied.replace(/\/+$/, ''));
  if (EXTERNAL.test(source)) return unknown(source, 'The files are at an external location, which this server does not open.');
  throw badSource(source);
}

async function ofLocation(parts: Parts, call: Call, source: string, location: string): Promise<Found> {
  const { tracking, registry } = parts;
  const versionId = FROZEN.exec(location)?.[1];
  if (versionId !== undefined && isUuid(versionId)) {
    const version = (await registry.versions.findMany(call, [versionId])).get(versionId);
    return version === undefined ? unknown(source, 'There is no such model version.') : ofVersion(version);
  }
  try {
    const owner = await tracking.artifacts.ownerOf(call, location);
    if (owner.kind === 'run') return await ofRun(parts, call, await tracking.runs.get(call, { id: owner.id }), owner.path);
    const model = await tracking.loggedModels.get(call, { id: owner.id });
    return owner.path === ''
      ? await ofLoggedModel(parts, call, model)
      : unknown(source, 'It names a part of a logged model, not the whole.');
  } catch (error) {
    if (error instanceof DomainError && error.kind === 'not_found') return unknown(source, 'Nothing is stored at that location.');
    throw error;
  }
}

function badSource(source: string): DomainError {
  return invalid('INVALID_SOURCE', `Invalid model version source: '${source.slice(0, 120)}'.`, {
    hint: 'Name a logged model (models:/m-…), a version (models:/name/1), a run (runs:/<id>/path) or an external address such as s3://bucket/path.',
  });
}

/** MLflow's clients look at this tag of a logged model for the versions that were made from it. */
async function noteRegistration({ tracking }: Parts, call: Call, model: LoggedModel, version: ModelVersion): Promise<void> {
  const details = (await tracking.loggedModels.loadDetails(call, [model.id])).get(model.id);
  const noted = details?.tags.find(({ key }) => key === VERSIONS_TAG)?.value;
  const value = appended(noted, JSON.stringify({ name: version.modelName, version: version.version }), isVersionNote);
  await tracking.loggedModels.setTags(call, model, [{ key: VERSIONS_TAG, value }]);
}

function isVersionNote(item: unknown): boolean {
  if (typeof item !== 'object' || item === null) return false;
  const { name, version } = item as { name?: unknown; version?: unknown };
  return typeof name === 'string' && Number.isSafeInteger(version);
}
