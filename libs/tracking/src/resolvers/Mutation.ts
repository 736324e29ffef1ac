import type { TypeResolvers } from '@throughline/graphql';
import { asResult, callOf, presentFile } from '@throughline/graphql';

import type { Tracking } from '../api.ts';
import type { LogInputCommand, TrackingCommands } from '../commands.ts';
import type { KeyValue, LoggedModelStatus, RunStatus } from '../types.ts';
import { experimentKeyOf, loggedModelKeyOf, runKeyOf } from './find.ts';

interface CreateRunArgs {
  input: {
    experiment: string;
    name?: string | null;
    parent?: string | null;
    startedAt?: Date | null;
    tags?: readonly KeyValue[] | null;
    runId?: string | null;
  };
}

interface UpdateRunArgs {
  id: string;
  input: { name?: string | null; status?: RunStatus | null; endedAt?: Date | null };
}

interface LogBatchArgs {
  run: string;
  metrics?: readonly { key: string; value: number; step?: bigint | null; timestamp?: Date | null }[] | null;
  params?: readonly KeyValue[] | null;
  tags?: readonly KeyValue[] | null;
}

interface PurgeArgs {
  input: {
    dryRun: boolean;
    olderThanSeconds?: number | null;
    runIds?: readonly string[] | null;
    loggedModelIds?: readonly string[] | null;
    experimentIds?: readonly string[] | null;
  };
}

interface CreateLoggedModelArgs {
  input: {
    experiment?: string | null;
    name: string;
    modelType?: string | null;
    sourceRun?: string | null;
    params?: readonly KeyValue[] | null;
    tags?: readonly KeyValue[] | null;
  };
}

export function mutationResolvers({ experiments, runs, loggedModels }: Tracking, commands: TrackingCommands): TypeResolvers {
  return {
    purge: (_parent, { input }: PurgeArgs, context) =>
      asResult('PurgeJob', () =>
        commands.purge(callOf(context), {
          dryRun: input.dryRun,
          olderThanMs: (input.olderThanSeconds ?? 0) * 1000,
          runIds: input.runIds ?? undefined,
          loggedModelIds: input.loggedModelIds ?? undefined,
          experimentIds: input.experimentIds ?? undefined,
        }),
      ),

    createExperiment: (_parent, { input }: { input: { name: string; tags?: readonly KeyValue[] | null } }, context) =>
      asResult('Experiment', () => experiments.create(callOf(context), { name: input.name, tags: input.tags ?? [] })),

    renameExperiment: (_parent, { id, name }: { id: string; name: string }, context) =>
      asResult('Experiment', () => experiments.rename(callOf(context), experimentKeyOf(id), name)),

    setExperimentTags: (_parent, { id, tags }: { id: string; tags: readonly KeyValue[] }, context) =>
      asResult('Experiment', () => experiments.setTags(callOf(context), experimentKeyOf(id), tags)),

    deleteExperiment: (_parent, { id }: { id: string }, context) =>
      asResult('Experiment', () => experiments.delete(callOf(context), experimentKeyOf(id))),

    restoreExperiment: (_parent, { id }: { id: string }, context) =>
      asResult('Experiment', () => experiments.restore(callOf(context), experimentKeyOf(id))),

    createRun: (_parent, { input }: CreateRunArgs, context) =>
      asResult('Run', () =>
        runs.create(callOf(context), {
          experiment: experimentKeyOf(input.experiment),
          name: input.name,
          userId: context.caller.name,
          startTimeMs: input.startedAt?.getTime(),
          parent: input.parent == null ? undefined : runKeyOf(input.parent),
          tags: input.tags ?? [],
          runId: input.runId ?? undefined,
        }),
      ),

    updateRun: (_parent, { id, input }: UpdateRunArgs, context) =>
      asResult('Run', () =>
        commands.updateRun(callOf(context), runKeyOf(id), { name: input.name, status: input.status, endTimeMs: input.endedAt?.getTime() }),
      ),

    logBatch: (_parent, { run, metrics, params, tags }: LogBatchArgs, context) =>
      asResult('Run', async () => {
        const call = callOf(context);
        const key = runKeyOf(run);
        const nowMs = Date.now();
        await commands.logBatch(call, key, {
          metrics: metrics?.map(({ key: metric, value, step, timestamp }) => ({
            key: metric,
            value,
            step: Number(step ?? 0),
            timestampMs: timestamp?.getTime() ?? nowMs,
          })),
          params: params ?? [],
          tags: tags ?? [],
        });
        return runs.get(call, key);
      }),

    deleteRunTag: (_parent, { run, key }: { run: string; key: string }, context) =>
      asResult('Run', async () => {
        await commands.deleteRunTag(callOf(context), runKeyOf(run), key);
        return runs.get(callOf(context), runKeyOf(run));
      }),

    logInput: (_parent, { run, input }: { run: string; input: Omit<LogInputCommand, 'run'> }, context) =>
      asResult('Run', () => commands.logInput(callOf(context), { ...input, run })),

    resolveInput: (_parent, args: { input: string; datasetVersion: string }, context) =>
      asResult('DatasetInput', () => commands.resolveInput(callOf(context), args)),

    logDatasetOutput: (_parent, args: { run: string; datasetVersion: string }, context) =>
      asResult('Run', () => commands.logDatasetOutput(callOf(context), args)),

    putArtifact: (_parent, args: { owner: string; path: string; sha256: string }, context) =>
      asResult('File', async () => presentFile(await commands.putArtifact(callOf(context), args))),

    createLoggedModel: (_parent, { input }: CreateLoggedModelArgs, context) =>
      asResult('LoggedModel', () =>
        loggedModels.create(callOf(context), {
          experiment: input.experiment == null ? undefined : experimentKeyOf(input.experiment),
          name: input.name,
          modelType: input.modelType,
          sourceRun: input.sourceRun == null ? undefined : runKeyOf(input.sourceRun),
          params: input.params ?? [],
          tags: input.tags ?? [],
        }),
      ),

    finalizeLoggedModel: (_parent, { id, status }: { id: string; status: LoggedModelStatus }, context) =>
      asResult('LoggedModel', () => loggedModels.finalize(callOf(context), loggedModelKeyOf(id), status)),

    deleteRun: (_parent, { id }: { id: string }, context) => asResult('Run', () => runs.delete(callOf(context), runKeyOf(id))),

    restoreRun: (_parent, { id }: { id: string }, context) => asResult('Run', () => runs.restore(callOf(context), runKeyOf(id))),
  };
}
