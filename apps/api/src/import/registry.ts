// Copies registered models with their versions, stages, aliases and prompts. Numbers are kept, and so are their gaps: a version that was deleted in
// the source leaves its number taken here too. A source is translated into what it names here, so that the version freezes the files that
// came along; one that names nothing that came stays as it was, and says so.

import { within } from '@throughline/database';
import { conflict, DomainError } from '@throughline/kernel';
import type { ModelVersion, RegisteredModel, Tag } from '@throughline/registry';

import type { Importing } from './importing.ts';
import { isAboutInput, sendAll } from './parts.ts';
import { leaveOut, readableOf } from './report.ts';
import type { SourceRegisteredModel, SourceVersion } from './source.ts';

const TAGS_AT_ONCE = 1_000;
const REASON = 'Imported.';

export async function importRegistry(importing: Importing): Promise<void> {
  const { source, options, report } = importing;
  for await (const from of readableOf(report, 'registeredModels', source.registeredModels())) {
    options.signal?.throwIfAborted();
    const count = report.counts.registeredModels;
    count.found += 1;
    try {
      if (options.dryRun) await countModel(importing, from);
      else await importModel(importing, from);
    } catch (error) {
      if (!isAboutInput(error)) throw error;
      leaveOut(report, `registered model '${from.name}'`, error.message, 'registeredModels');
    }
  }
}

async function importModel(importing: Importing, from: SourceRegisteredModel): Promise<void> {
  const { services, call, source, options, report } = importing;
  const { models, imports } = services.registry;
  const here = await models.findByName(call, from.name);
  const model = here ?? (await models.create(call, { name: from.name, description: from.description }));
  report.counts.registeredModels[here === null ? 'copied' : 'there'] += 1;
  const refused = (tag: Tag, why: string) => leaveOut(report, `tag ${tag.key} of registered model '${from.name}'`, why);
  await sendAll(from.tags, TAGS_AT_ONCE, (part) => models.setTags(call, model.id, part), refused);
  for await (const version of readableOf(report, 'modelVersions', source.versions(from.name))) {
    options.signal?.throwIfAborted();
    await importVersion(importing, model, version);
  }
  const left = (alias: string, why: string) => leaveOut(report, `alias ${alias} of '${model.name}'`, why);
  for (const { alias, version } of from.aliases) {
    try {
      const why = await giveAlias(importing, model, alias, version);
      if (why !== null) left(alias, why);
    } catch (error) {
      // MLflow takes aliases that are none here: digits, for one.
      if (!isAboutInput(error)) throw error;
      left(alias, error.message);
    }
  }
  await imports.stampModel(call, model.id, from);
}

async function importVersion(importing: Importing, model: RegisteredModel, from: SourceVersion): Promise<void> {
  const { services, call, report } = importing;
  const { versions, imports } = services.registry;
  const count = report.counts.modelVersions;
  count.found += 1;
  if (from.stage === null) {
    await imports.skipTo(call, model.id, from.version);
    count.there += 1;
    return;
  }
  const what = `version ${from.version} of '${model.name}'`;
  const here = await versions.findByNumber(call, model.name, from.version);
  if (here !== null) {
    // An imported one has the time of its original.
    if (here.createdAtMs === from.createdAtMs) count.there += 1;
    else leaveOut(report, what, 'Another version has this number here.', 'modelVersions');
    return;
  }
  try {
    await makeVersion(importing, model, from, from.stage);
    count.copied += 1;
  } catch (error) {
    if (!isAboutInput(error)) throw error;
    leaveOut(report, what, error.message, 'modelVersions');
  }
}

/** Makes a version as it was, in one transaction: it is there with its number, time and tags, or it is not. */
function makeVersion(importing: Importing, model: RegisteredModel, from: SourceVersion, stage: string): Promise<void> {
  const { services, call, report } = importing;
  const { versions, stages, imports } = services.registry;
  return within(services.database, call, async (tx) => {
    const inside = { ...call, tx };
    await imports.skipTo(inside, model.id, from.version - 1);
    const made = await register({ ...importing, call: inside }, model, from);
    // Under another number it would be another version, and a new one with every import.
    if (made.version !== from.version) throw conflict('NUMBER_TAKEN', 'Its number was given out here to a version that was deleted.');
    const refused = (tag: Tag, why: string) => leaveOut(report, `tag ${tag.key} of version ${from.version} of '${model.name}'`, why);
    await sendAll(from.tags, TAGS_AT_ONCE, (part) => versions.setTags(inside, made.id, part), refused);
    if (stage !== 'None') await stages.transition(inside, made.id, stage);
    await imports.stampVersion(inside, made.id, from);
  });
}

async function register(importing: Importing, model: RegisteredModel, from: SourceVersion): Promise<ModelVersion> {
  const { services, call } = importing;
  const { description } = from;
  const source = await sourceHere(importing, from);
  if (source === null) {
    const run = from.runId === null ? null : await services.tracking.runs.find(call, { runId: from.runId });
    return services.registry.versions.create(call, {
      modelId: model.id,
      source: from.source,
      runLink: from.runLink,
      sourceRunId: from.runId,
      runId: run?.id ?? null,
      noDigestReason: 'Its files did not come with the import.',
      description,
    });
  }
  const input = { model: model.name, source, runLink: from.runLink, loggedModelId: from.modelId, description, tags: [] };
  try {
    return await services.commands.registerSource(call, { ...input, runId: from.runId });
  } catch (error) {
    // The source tells its run better than the version's own word for it.
    if (!(error instanceof DomainError && error.code === 'RUN_CONTRADICTS_SOURCE')) throw error;
    return services.commands.registerSource(call, { ...input, runId: null });
  }
}

/** What a version's source is called here; null where it names nothing that this server has. */
async function sourceHere({ services, call }: Importing, from: SourceVersion): Promise<string | null> {
  const { runs, loggedModels } = services.tracking;
  const said = [from.source, from.storageLocation ?? ''].map((text) => text.replace(/\/+$/, ''));
  for (const text of from.modelId === null ? said : [`models:/${from.modelId}`, ...said]) {
    const modelId = /(?:^models:|\/)\/?(m-[0-9a-f]{32})(?:\/artifacts)?$/.exec(text)?.[1];
    if (modelId !== undefined && (await loggedModels.find(call, { modelId })) !== null) return `models:/${modelId}`;
    const [, runId, path] = /^runs:\/([^/]+)(?:\/(.*))?$/.exec(text) ?? /\/([\w-]+)\/artifacts(?:\/(.*))?$/.exec(text) ?? [];
    if (runId !== undefined && (await runs.find(call, { runId })) !== null) return `runs:/${runId}${path === undefined ? '' : `/${path}`}`;
    if (/^models:\/[^/@]+\/\d+$/.test(text)) return text;
  }
  return null;
}

/** Points an alias at the version that it had; answers why not, where it does not. */
async function giveAlias({ services, call }: Importing, model: RegisteredModel, alias: string, number: number): Promise<string | null> {
  const { aliases, versions } = services.registry;
  const version = await versions.findByNumber(call, model.name, number);
  if (version === null) return `Its version ${number} is not here.`;
  const holder = await aliases.find(call, model.id, alias);
  if (holder !== null) return holder.versionId === version.id ? null : 'Another version holds it here; it was left there.';
  await aliases.promote(call, { versionId: version.id, alias, reason: REASON });
  return null;
}

async function countModel({ services, call, source, report }: Importing, from: SourceRegisteredModel): Promise<void> {
  const { models, versions } = services.registry;
  report.counts.registeredModels[(await models.findByName(call, from.name)) === null ? 'copied' : 'there'] += 1;
  for await (const { version, stage } of readableOf(report, 'modelVersions', source.versions(from.name))) {
    report.counts.modelVersions.found += 1;
    const isThere = stage === null || (await versions.findByNumber(call, from.name, version)) !== null;
    report.counts.modelVersions[isThere ? 'there' : 'copied'] += 1;
  }
}
