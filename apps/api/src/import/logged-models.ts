// Copies logged models: behind their runs, since a model names the run that made it and its metrics are points of runs.

import { within } from '@throughline/database';
import { LIMITS, TAG } from '@throughline/tracking';
import type { Experiment, KeyValue, LoggedModel } from '@throughline/tracking';

import { copyFiles } from './files.ts';
import type { Importing } from './importing.ts';
import { isAboutInput, sendAll } from './parts.ts';
import { leaveOut } from './report.ts';
import type { SourceLoggedModel } from './source.ts';
import { isSame, standingOfModel, withoutFiles } from './standing.ts';

export async function importLoggedModel(importing: Importing, experiment: Experiment, from: SourceLoggedModel): Promise<void> {
  const { report } = importing;
  const count = report.counts.loggedModels;
  count.found += 1;
  try {
    count[await copy(importing, experiment, from)] += 1;
  } catch (error) {
    if (!isAboutInput(error)) throw error;
    leaveOut(report, `logged model ${from.modelId}`, error.message, 'loggedModels');
  }
}

async function copy(importing: Importing, experiment: Experiment, from: SourceLoggedModel): Promise<'copied' | 'there'> {
  const { services, call, source, report, options } = importing;
  const { loggedModels, runs, imports } = services.tracking;
  const here = await findAny(importing, from.modelId);
  if (here?.lifecycle === 'DELETED' || (here !== null && isSame(await standingHere(importing, here), standingOfModel(from), options)))
    return 'there';
  const key = { modelId: from.modelId };
  const hasRun = from.sourceRunId !== null && (await runs.find(call, { runId: from.sourceRunId })) !== null;
  const model =
    here ??
    (await loggedModels.create(call, {
      experiment: { id: experiment.id },
      name: from.name,
      modelType: from.modelType,
      modelId: from.modelId,
      ...(hasRun && from.sourceRunId !== null ? { sourceRun: { runId: from.sourceRunId } } : {}),
    }));
  const refused = (what: string) => (item: KeyValue, why: string) =>
    leaveOut(report, `${what} ${item.key} of logged model ${from.modelId}`, why);
  await sendAll(from.params, LIMITS.loggedModelParams, (params) => loggedModels.logParams(call, key, params), refused('param'));
  const tags = [...from.tags, { key: TAG.importedFrom, value: source.title }];
  await sendAll(tags, LIMITS.loggedModelTags, (part) => loggedModels.setTags(call, key, part), refused('tag'));
  const isWhole = await copyFiles(
    importing,
    { kind: 'loggedModel', id: from.modelId, experimentId: from.experimentId, artifactUri: from.artifactUri },
    model,
  );
  for (const [runId, metrics] of Map.groupBy(from.metrics, (metric) => metric.runId)) {
    await sendAll(
      metrics.map(({ datasetName, datasetDigest, runId: _run, ...point }) => ({
        ...point,
        modelId: from.modelId,
        datasetName: datasetName ?? undefined,
        datasetDigest: datasetDigest ?? undefined,
      })),
      LIMITS.batchMetrics,
      (part) => imports.logModelMetrics(call, { runId }, part),
      ({ key: metric }, why) => leaveOut(report, `metric ${metric} of logged model ${from.modelId}`, why),
    );
  }
  const standing = isWhole ? standingOfModel(from) : withoutFiles(standingOfModel(from));
  const { status, statusMessage, createdAtMs, updatedAtMs, lifecycle } = from;
  // Last, so that what was cut on the way is gone on with; and at once, since the tag says that all of it is here.
  await within(services.database, call, async (tx) => {
    const inside = { ...call, tx };
    await loggedModels.setTags(inside, key, [{ key: TAG.importedAs, value: standing }]);
    if (lifecycle === 'DELETED') await loggedModels.delete(inside, key);
    await imports.stampLoggedModel(inside, key, { status, statusMessage, createdAtMs, updatedAtMs });
  });
  return here === null ? 'copied' : 'there';
}

async function findAny({ services, call }: Importing, modelId: string): Promise<LoggedModel | null> {
  try {
    return await services.tracking.loggedModels.get(call, { modelId }, { deleted: true });
  } catch (error) {
    if (isAboutInput(error) && error.kind === 'not_found') return null;
    throw error;
  }
}

async function standingHere({ services, call }: Importing, { id }: LoggedModel): Promise<string | undefined> {
  const details = await services.tracking.loggedModels.loadDetails(call, [id]);
  return details.get(id)?.tags.find(({ key }) => key === TAG.importedAs)?.value;
}
