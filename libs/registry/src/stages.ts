// MLflow's stages, which aliases replaced: four fixed names, which several versions may share. They are a label and nothing else:
// deployments and lineage do not look at them.

import { on, within } from '@throughline/database';
import type { Call } from '@throughline/database';
import { invalid, requireScope } from '@throughline/kernel';

import type { Parts } from './parts.ts';
import { updateModel } from './store/models.ts';
import { lockLiveVersions, newestInStages, updateVersions } from './store/versions.ts';
import type { ModelVersion, Stage } from './types.ts';
import { STAGES } from './types.ts';
import { lockLiveVersion } from './versions.ts';

export interface Stages {
  /**
   * Puts a version into a stage, whatever the case of its name. `archiveExisting` moves the other versions in that stage to
   * Archived; only with Staging and Production.
   */
  transition(call: Call, versionId: string, stage: string, options?: { archiveExisting?: boolean | undefined }): Promise<ModelVersion>;
  /** The newest version of each model in each of these stages, all four unless given; under the models' ids, by stage as STAGES lists them. */
  latestOf(call: Call, modelIds: readonly string[], stages?: readonly string[]): Promise<Map<string, ModelVersion[]>>;
}

/** The stage of this name, whatever its case. Throws INVALID_STAGE. */
function checkStage(name: string): Stage {
  const stage = STAGES.find((known) => known.toLowerCase() === name.toLowerCase());
  if (stage === undefined) {
    throw invalid('INVALID_STAGE', `Invalid Model Version stage: ${name.slice(0, 80)}. Value must be one of ${STAGES.join(', ')}.`);
  }
  return stage;
}

export function createStages({ database, clock }: Parts): Stages {
  return {
    async transition(call, versionId, name, { archiveExisting = false } = {}) {
      requireScope(call.caller, 'WRITE');
      const stage = checkStage(name);
      if (archiveExisting && stage !== 'Staging' && stage !== 'Production') {
        throw invalid(
          'INVALID_STAGE',
          `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. Valid stages are Staging, Production.`,
        );
      }
      return within(database, call, async (tx) => {
        const { version } = await lockLiveVersion(tx, call, versionId);
        const nowMs = clock.now().getTime();
        if (archiveExisting) {
          const others = (await lockLiveVersions(tx, version.modelId)).filter((other) => other.id !== versionId && other.stage === stage);
          await updateVersions(
            tx,
            others.map((other) => other.id),
            { stage: 'Archived', nowMs },
          );
        }
        await updateModel(tx, version.modelId, { nowMs });
        const [moved] = await updateVersions(tx, [versionId], { stage, nowMs });
        return moved ?? version;
      });
    },

    async latestOf(call, modelIds, names = STAGES) {
      const stages = names.length === 0 ? STAGES : names.map(checkStage);
      const rows = await newestInStages(on(database, call), call.caller.workspaceId, modelIds, stages);
      rows.sort((a, b) => STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage));
      const groups = Map.groupBy(rows, (version) => version.modelId);
      return new Map(modelIds.map((id) => [id, groups.get(id) ?? []]));
    },
  };
}
