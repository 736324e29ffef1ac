// Copies another store into this one, through the same doors that clients use, so that everything that holds for what they write holds for what
// is imported. Ids, names, numbers and times are kept. What was copied whole carries a tag that says how it stood in the source: an import that
// was cut, or is run again, finds it by that, goes on where it stopped and brings only what is new. Writing a thing twice changes nothing:
// points that are the same are one point, files are named by their content, params and inputs are written once.
//
// An experiment is copied in four strides: its runs; its logged models, which need their runs; what needs both (links, metrics of models, how a
// run ended, whether it is deleted, since a deleted run takes no writes); and at last whether the experiment itself is deleted.

import type { Call } from '@throughline/database';
import { LIMITS, TAG } from '@throughline/tracking';
import type { Experiment, KeyValue, Run } from '@throughline/tracking';

import type { Services } from '../services.ts';
import { copyFiles } from './files.ts';
import { importLoggedModel } from './logged-models.ts';
import { eachOf, isAboutInput, sendAll } from './parts.ts';
import { importRegistry } from './registry.ts';
import { addNote, emptyReport } from './report.ts';
import type { ImportReport } from './report.ts';
import type { Source, SourceExperiment, SourceRun } from './source.ts';

export interface ImportOptions {
  /** Only experiments of these names, without the registry; null for all. */
  experiments: readonly string[] | null;
  /** Whether files come along. */
  files: boolean;
  /** Counts what would come, and writes nothing. */
  dryRun: boolean;
  /** Ends the import behind what is under way. */
  signal?: AbortSignal | undefined;
  /** Runs that are done, of those that there are. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What every part of an import is given. */
export interface Importing {
  services: Services;
  call: Call;
  source: Source;
  options: ImportOptions;
  report: ImportReport;
}

/** Runs that are copied at once. */
const WIDTH = 4;

/** Imports a store. Needs the scope ADMIN. Throws `unavailable` where the source went away; what was copied stays. */
export async function importMlflow(services: Services, call: Call, source: Source, options: ImportOptions): Promise<ImportReport> {
  const importing: Importing = { services, call, source, options, report: emptyReport(source.title, options.dryRun) };
  const experiments: SourceExperiment[] = [];
  for await (const experiment of source.experiments()) {
    if (options.experiments === null || options.experiments.includes(experiment.name)) experiments.push(experiment);
  }
  for (const name of options.experiments ?? []) {
    if (!experiments.some((experiment) => experiment.name === name))
      addNote(importing.report, `experiment '${name}'`, 'There is none of this name.');
  }
  let total = 0;
  for (const { experimentId } of experiments) total += await source.countRuns(experimentId);
  const progress = () => options.onProgress?.(importing.report.counts.runs.found, total);
  progress();
  await services.tracking.ensureDefaultExperiment(call);
  for (const experiment of experiments) await importExperiment(importing, experiment, progress);
  // A version without its run would stay without files for good: part of a store comes without the registry.
  if (options.experiments === null) await importRegistry(importing);
  return importing.report;
}

async function importExperiment(importing: Importing, from: SourceExperiment, progress: () => void): Promise<void> {
  const { services, call, source, options, report } = importing;
  report.counts.experiments.found += 1;
  if (options.dryRun) return countExperiment(importing, from, progress);
  const experiment = await ensureExperiment(importing, from);
  if (experiment === null) return;
  const ends: RunEnd[] = [];
  await eachOf(source.runs(from.experimentId), WIDTH, async (run) => {
    options.signal?.throwIfAborted();
    await importRun(importing, experiment, run).then(
      (end) => end !== null && ends.push(end),
      (error: unknown) => {
        if (!isAboutInput(error)) throw error;
        report.counts.runs.skipped += 1;
        addNote(report, `run ${run.runId}`, error.message);
      },
    );
    progress();
  });
  for await (const model of source.loggedModels(from.experimentId)) {
    options.signal?.throwIfAborted();
    await importLoggedModel(importing, experiment, model);
  }
  for (const end of ends) await endRun(importing, end);
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
    report.counts.experiments.copied += 1;
  } else {
    report.counts.experiments.there += 1;
    if (found.lifecycle === 'DELETED') {
      if (from.lifecycle === 'ACTIVE') {
        addNote(report, `experiment '${from.name}'`, 'It was deleted here; restore it and import again to bring what is new in it.');
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
    (tag, why) => addNote(report, `tag ${tag.key} of experiment '${from.name}'`, why),
  );
  return found;
}

async function makeExperiment({ services, call }: Importing, { name, experimentId }: SourceExperiment): Promise<Experiment> {
  const { experiments } = services.tracking;
  const isFree = (await experiments.find(call, { experimentId })) === null;
  return experiments.create(call, { name, ...(isFree ? { experimentId } : {}) });
}

/** What is left to do for a run when its logged models are here. */
interface RunEnd {
  run: Run;
  from: SourceRun;
}

/** How a run stood in the source; as long as it stands so, there is nothing new in it. A run under way may have more at any time. */
function standingOf({ status, endTimeMs, lifecycle, params, tags }: SourceRun): string | null {
  if (status === 'RUNNING' || status === 'SCHEDULED') return null;
  return `${status} ${endTimeMs ?? '-'} ${lifecycle} ${params.length} ${tags.length}`;
}

/** Copies a run but for its end; null where all of it is here. */
async function importRun(importing: Importing, experiment: Experiment, from: SourceRun): Promise<RunEnd | null> {
  const { services, call, source, report, options } = importing;
  const { runs } = services.tracking;
  const count = report.counts.runs;
  count.found += 1;
  const here = await runs.find(call, { runId: from.runId });
  if (here !== null && here.experimentUuid !== experiment.id) {
    count.skipped += 1;
    addNote(report, `run ${from.runId}`, `It is here already, in the experiment ${here.experimentId}.`);
    return null;
  }
  if (here !== null && (await standingHere(importing, here)) === standingOf(from)) {
    count.there += 1;
    return null;
  }
  const run = here ?? (await runs.create(call, { experiment: { id: experiment.id }, ...headOf(from) }));
  if (run.lifecycle === 'DELETED') await runs.restore(call, { id: run.id });
  const key = { id: run.id };
  const refused = (what: string) => (item: KeyValue, why: string) => addNote(report, `${what} ${item.key} of run ${from.runId}`, why);
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
        addNote(report, `a point of ${point.key} of run ${from.runId}`, why);
      },
    );
    report.counts.points.copied += points.length - left;
    report.counts.points.skipped += left;
  }
  await sendAll(
    from.inputs,
    LIMITS.inputsAtOnce,
    (datasets) => services.commands.logInputs(call, key, { datasets, models: [] }),
    (input, why) => addNote(report, `dataset ${input.name} of run ${from.runId}`, why),
  );
  await copyFiles(importing, { kind: 'run', id: from.runId, experimentId: from.experimentId, artifactUri: from.artifactUri }, run);
  if (here === null) count.copied += 1;
  else count.there += 1;
  return { run, from };
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
async function endRun(importing: Importing, { run: { id }, from }: RunEnd): Promise<void> {
  const { services, call, report } = importing;
  const { runs, loggedModels } = services.tracking;
  const key = { id };
  const link = (direction: 'INPUT' | 'OUTPUT', models: readonly { modelId: string; step?: number }[]) =>
    sendAll(
      models,
      LIMITS.inputsAtOnce,
      (part) => loggedModels.link(call, key, direction, part),
      ({ modelId }, why) => addNote(report, `run ${from.runId} and its model ${modelId}`, why),
    );
  await link(
    'INPUT',
    from.modelInputs.map((modelId) => ({ modelId })),
  );
  await link('OUTPUT', from.modelOutputs);
  const standing = standingOf(from);
  const last = from.tags.filter((tag) => tag.key === TAG.parentRunId);
  if (standing !== null) last.push({ key: TAG.importedAs, value: standing });
  if (last.length > 0) await runs.setTags(call, key, last);
  await runs.update(call, key, { status: from.status, endTimeMs: from.endTimeMs });
  if (from.lifecycle === 'DELETED') await runs.delete(call, key);
}

async function countExperiment(
  { services, call, source, options, report }: Importing,
  from: SourceExperiment,
  progress: () => void,
): Promise<void> {
  const known = await services.tracking.experiments.findByName(call, from.name);
  report.counts.experiments[known === null ? 'copied' : 'there'] += 1;
  for await (const run of source.runs(from.experimentId)) {
    options.signal?.throwIfAborted();
    report.counts.runs.found += 1;
    const here = await services.tracking.runs.find(call, { runId: run.runId });
    report.counts.runs[here === null ? 'copied' : 'there'] += 1;
    progress();
  }
  for await (const { modelId } of source.loggedModels(from.experimentId)) {
    report.counts.loggedModels.found += 1;
    report.counts.loggedModels[(await services.tracking.loggedModels.find(call, { modelId })) === null ? 'copied' : 'there'] += 1;
  }
}
