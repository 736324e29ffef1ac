// Copies another store into this one, through the same doors that clients use, so that everything that holds for what they write holds for what
// is imported. Ids, names, numbers and times are kept. What was copied whole carries a tag that says how it stood in the source: an import that
// was cut, or is run again, finds it by that, goes on where it stopped and brings only what is new. Writing a thing twice changes nothing:
// points that are the same are one point, files are named by their content, params and inputs are written once.
//
// An experiment is copied in four strides: its runs; its logged models, which need their runs; what needs both (links, metrics of models, how a
// run ended, whether it is deleted, since a deleted run takes no writes); and at last whether the experiment itself is deleted.

import { within } from '@throughline/database';
import type { Call } from '@throughline/database';
import { LIMITS, TAG } from '@throughline/tracking';
import type { Experiment, KeyValue, Run } from '@throughline/tracking';

import type { Services } from '../services.ts';
import { copyFiles } from './files.ts';
import type { Importing, ImportOptions } from './importing.ts';
import { importLoggedModel } from './logged-models.ts';
import { eachOf, isAboutInput, sendAll } from './parts.ts';
import { importRegistry } from './registry.ts';
import { addNote, emptyReport, leaveOut, readableOf } from './report.ts';
import type { ImportReport } from './report.ts';
import type { Source, SourceExperiment, SourceRun } from './source.ts';
import { isSame, standingOfRun, waitingForEnd, withoutEnd, withoutFiles } from './standing.ts';

/** Imports a store. Needs the scope ADMIN. Throws `unavailable` where the source went away; what was copied stays. */
export async function importMlflow(services: Services, call: Call, source: Source, options: ImportOptions): Promise<ImportReport> {
  const report = emptyReport(source.title, options.dryRun);
  // Nobody is told of it: what comes has happened long ago.
  const importing: Importing = { services, call: { ...call, silent: true }, source, options, report };
  const experiments: SourceExperiment[] = [];
  for await (const experiment of readableOf(report, 'experiments', source.experiments())) {
    if (options.experiments === null || options.experiments.includes(experiment.name)) experiments.push(experiment);
  }
  for (const name of options.experiments ?? []) {
    if (!experiments.some((experiment) => experiment.name === name))
      leaveOut(report, `experiment '${name}'`, 'There is none of this name.');
  }
  let total = 0;
  for (const { experimentId } of experiments) {
    options.signal?.throwIfAborted();
    total += await source.countRuns(experimentId);
  }
  const progress = () => options.onProgress?.(report.counts.runs.found, total);
  progress();
  await services.tracking.ensureDefaultExperiment(call);
  for (const experiment of experiments) {
    try {
      await importExperiment(importing, experiment, progress);
    } catch (error) {
      if (!isAboutInput(error)) throw error;
      leaveOut(report, `what is left of the experiment '${experiment.name}'`, error.message);
    }
  }
  // A version without its run would stay without files for good: part of a store comes without the registry.
  if (options.experiments === null) await importRegistry(importing);
  return report;
}

async function importExperiment(importing: Importing, from: SourceExperiment, progress: () => void): Promise<void> {
  const { services, call, source, options, report } = importing;
  report.counts.experiments.found += 1;
  if (options.dryRun) return countExperiment(importing, from, progress);
  const experiment = await ensureExperiment(importing, from);
  if (experiment === null) return;
  const ends: RunEnd[] = [];
  await eachOf(readableOf(report, 'runs', source.runs(from.experimentId)), source.width, async (run) => {
    options.signal?.throwIfAborted();
    await importRun(importing, experiment, run).then(
      (end) => end !== null && ends.push(end),
      (error: unknown) => {
        if (!isAboutInput(error)) throw error;
        leaveOut(report, `run ${run.runId}`, error.message, 'runs');
      },
    );
    progress();
  });
  for await (const model of readableOf(report, 'loggedModels', source.loggedModels(from.experimentId))) {
    options.signal?.throwIfAborted();
    await importLoggedModel(importing, experiment, model);
  }
  for (const end of ends) {
    try {
      await endRun(importing, end);
    } catch (error) {
      if (!isAboutInput(error)) throw error;
      leaveOut(report, `the end of run ${end.runId}`, error.message);
    }
  }
  if (from.lifecycle === 'DELETED' && experiment.lifecycle === 'ACTIVE')
    await services.tracking.experiments.delete(call, { id: experiment.id });
  await stamp(importing, experiment, from);
}

/** When the source knows it. */
async function stamp({ services, call }: Importing, { id }: Experiment, { createdAtMs, updatedAtMs }: SourceExperiment): Promise<void> {
  if (createdAtMs === null) return;
  await services.tracking.imports.stampExperiment(call, { id }, { createdAtMs, updatedAtMs: updatedAtMs ?? createdAtMs });
}

/** The experiment here that stands for one of the source's, in use: by where it came from, else by its name, else a new one. Null leaves it alone. */
async function ensureExperiment(importing: Importing, from: SourceExperiment): Promise<Experiment | null> {
  const { services, call, source, report } = importing;
  const { experiments } = services.tracking;
  const origin = `${from.experimentId} of ${source.title}`;
  const quoted = origin.replaceAll("'", '');
  const before = await experiments.search(
    call,
    { filter: `tags.\`${TAG.importedFrom}\` = '${quoted}'`, view: 'ALL' },
    { first: 1, after: null },
  );
  let found = before.items[0] ?? (await experiments.findByName(call, from.name));
  if (found === null) {
    found = await makeExperiment(importing, from);
    if (found === null) return null;
    report.counts.experiments.copied += 1;
  } else {
    report.counts.experiments.there += 1;
    if (found.lifecycle === 'DELETED') {
      if (from.lifecycle === 'ACTIVE') {
        leaveOut(report, `experiment '${from.name}'`, 'It was deleted here; restore it and import again to bring what is new in it.');
        return null;
      }
      // Deleted ones take no runs; the last stride deletes it again.
      found = await experiments.restore(call, { id: found.id });
    }
  }
  if (found.experimentId !== from.experimentId) {
    addNote(report, `experiment '${from.name}'`, `Its number ${from.experimentId} is ${found.experimentId} here.`);
  }
  const tags = [...from.tags, { key: TAG.importedFrom, value: quoted }];
  const { id } = found;
  await sendAll(
    tags,
    LIMITS.experimentTags,
    (part) => experiments.setTags(call, { id }, part),
    (tag, why) => leaveOut(report, `tag ${tag.key} of experiment '${from.name}'`, why),
  );
  return found;
}

/** Null where there can be none of this name here. */
async function makeExperiment({ services, call, report }: Importing, { name, experimentId }: SourceExperiment): Promise<Experiment | null> {
  const { experiments } = services.tracking;
  const isFree = (await experiments.find(call, { experimentId })) === null;
  try {
    return await experiments.create(call, { name, ...(isFree ? { experimentId } : {}) });
  } catch (error) {
    if (!isAboutInput(error)) throw error;
    leaveOut(report, `experiment '${name.slice(0, 80)}'`, error.message, 'experiments');
    return null;
  }
}

/** What is left to do for a run when its logged models are here. There is one for every run of an experiment, so it holds no more than that. */
interface RunEnd extends Pick<SourceRun, 'runId' | 'status' | 'endTimeMs' | 'lifecycle' | 'modelInputs' | 'modelOutputs'> {
  id: string;
  parentTags: KeyValue[];
  /** What says that it was copied; null of a run under way. */
  standing: string | null;
}

/** Copies a run but for its end; null where all of it is here, or none of it may come. */
async function importRun(importing: Importing, experiment: Experiment, from: SourceRun): Promise<RunEnd | null> {
  const { services, call, report, options } = importing;
  const { runs } = services.tracking;
  const count = report.counts.runs;
  count.found += 1;
  const here = await runs.find(call, { runId: from.runId });
  if (here !== null && here.experimentUuid !== experiment.id) {
    leaveOut(report, `run ${from.runId}`, `It is here already, in the experiment ${here.experimentId}.`, 'runs');
    return null;
  }
  const standing = standingOfRun(from);
  const before = here === null ? undefined : await standingHere(importing, here);
  if (isSame(before, standing, options)) {
    count.there += 1;
    return null;
  }
  if (here?.lifecycle === 'DELETED' && from.lifecycle === 'ACTIVE' && before?.includes('DELETED') !== true) {
    leaveOut(report, `run ${from.runId}`, 'It was deleted here; restore it and import again to bring what is new in it.', 'runs');
    return null;
  }
  const run = here ?? (await runs.create(call, { experiment: { id: experiment.id }, ...headOf(from) }));
  if (run.lifecycle === 'DELETED') await runs.restore(call, { id: run.id });
  const waiting = waitingForEnd(before);
  const noted = waiting !== undefined && isSame(waiting, standing, options) ? waiting : await copyRun(importing, from, run, standing);
  if (here === null) count.copied += 1;
  else count.there += 1;
  const { runId, status, endTimeMs, lifecycle, modelInputs, modelOutputs } = from;
  const parentTags = from.tags.filter((tag) => tag.key === TAG.parentRunId);
  return { id: run.id, runId, status, endTimeMs, lifecycle, modelInputs, modelOutputs, parentTags, standing: noted };
}

/** Copies what a run holds, and notes then that it is here: its end comes much later. Answers what is to be noted at its end. */
async function copyRun(importing: Importing, from: SourceRun, run: Run, standing: string | null): Promise<string | null> {
  const { services, call, source, report, options } = importing;
  const { runs } = services.tracking;
  const key = { id: run.id };
  const refused = (what: string) => (item: KeyValue, why: string) => leaveOut(report, `${what} ${item.key} of run ${from.runId}`, why);
  await sendAll(from.params, LIMITS.batchParams, (params) => runs.logBatch(call, key, { params }), refused('param'));
  const tags = [...from.tags.filter((tag) => tag.key !== TAG.importedAs), { key: TAG.importedFrom, value: source.title }];
  await sendAll(tags, LIMITS.batchTags, (part) => runs.logBatch(call, key, { tags: part }), refused('tag'));
  for await (const points of source.points(from)) {
    options.signal?.throwIfAborted();
    report.counts.points.found += points.length;
    let left = 0;
    await sendAll(
      points,
      LIMITS.batchMetrics,
      (metrics) => runs.logBatch(call, key, { metrics }),
      (point, why) => {
        left += 1;
        leaveOut(report, `a point of ${point.key} of run ${from.runId}`, why, 'points');
      },
    );
    report.counts.points.copied += points.length - left;
  }
  await sendAll(
    from.inputs,
    LIMITS.inputsAtOnce,
    (datasets) => services.commands.logInputs(call, key, { datasets, models: [] }),
    (input, why) => leaveOut(report, `dataset ${input.name} of run ${from.runId}`, why),
  );
  const { runId, experimentId, artifactUri } = from;
  const isWhole = await copyFiles(importing, { kind: 'run', id: runId, experimentId, artifactUri }, run);
  if (standing === null) return null;
  const noted = isWhole ? standing : withoutFiles(standing);
  await runs.setTags(call, key, [{ key: TAG.importedAs, value: withoutEnd(noted) }]);
  return noted;
}

function headOf({ runId, name, userId, startTimeMs }: SourceRun) {
  // A name of a run is kept where it has one, and made up where it has none, as for every run.
  return { runId, name: name === '' ? undefined : name, userId, startTimeMs };
}

async function standingHere({ services, call }: Importing, run: Run): Promise<string | undefined> {
  const details = await services.tracking.runs.loadDetails(call, [run.id], { tags: [TAG.importedAs] });
  return details.get(run.id)?.tags[0]?.value;
}

/** The last stride of a run: what it started from and produced, its parent, how it ended, and whether it was deleted. */
async function endRun({ services, call, report }: Importing, end: RunEnd): Promise<void> {
  const { runs, loggedModels } = services.tracking;
  const key = { id: end.id };
  const link = (direction: 'INPUT' | 'OUTPUT', models: readonly { modelId: string; step?: number }[]) =>
    sendAll(
      models,
      LIMITS.inputsAtOnce,
      (part) => loggedModels.link(call, key, direction, part),
      ({ modelId }, why) => leaveOut(report, `run ${end.runId} and its model ${modelId}`, why),
    );
  await link(
    'INPUT',
    end.modelInputs.map((modelId) => ({ modelId })),
  );
  await link('OUTPUT', end.modelOutputs);
  const last = [...end.parentTags, ...(end.standing === null ? [] : [{ key: TAG.importedAs, value: end.standing }])];
  // At once, since what says that all of it is here is believed by every later import; and a deleted run takes no tags.
  await within(services.database, call, async (tx) => {
    const inside = { ...call, tx };
    await runs.update(inside, key, { status: end.status, endTimeMs: end.endTimeMs });
    if (last.length > 0) await runs.setTags(inside, key, last);
    if (end.lifecycle === 'DELETED') await runs.delete(inside, key);
  });
}

async function countExperiment(
  { services, call, source, options, report }: Importing,
  from: SourceExperiment,
  progress: () => void,
): Promise<void> {
  const known = await services.tracking.experiments.findByName(call, from.name);
  report.counts.experiments[known === null ? 'copied' : 'there'] += 1;
  for await (const run of readableOf(report, 'runs', source.runs(from.experimentId))) {
    options.signal?.throwIfAborted();
    report.counts.runs.found += 1;
    const here = await services.tracking.runs.find(call, { runId: run.runId });
    report.counts.runs[here === null ? 'copied' : 'there'] += 1;
    progress();
  }
  for await (const { modelId } of readableOf(report, 'loggedModels', source.loggedModels(from.experimentId))) {
    report.counts.loggedModels.found += 1;
    report.counts.loggedModels[(await services.tracking.loggedModels.find(call, { modelId })) === null ? 'copied' : 'there'] += 1;
  }
}
