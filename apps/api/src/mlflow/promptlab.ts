// What MLflow's prompt lab asks the server to keep. The lab itself needs a gateway to models, which this server does not have.

import { invalid } from '@throughline/kernel';
import { LIMITS } from '@throughline/tracking';

import { EXPERIMENT_ID, tagsOf } from './experiments.ts';
import { cut, int64, list, nested, required, text } from './message.ts';
import type { Field } from './message.ts';
import { AJAX_ONLY, rpc } from './rpc.ts';
import type { Rpc } from './rpc.ts';
import { presentedRun, RUN_TAG } from './runs.ts';
import { MLFLOW_VERSION } from './version.ts';

/** Numbers and booleans of parameters are kept as text, like everything in a param. */
const SCALAR: Field<string | undefined> = {
  read(value, path) {
    const isPlain = typeof value === 'number' || typeof value === 'boolean';
    return cut(LIMITS.paramValue).read(isPlain ? String(value) : value, path);
  },
};
const PAIRS = list(nested({ key: required(text), value: SCALAR }));

/** A field that must be there, in the words that this one procedure has for it. */
function told<T>(name: string, field: Field<T>): Field<Exclude<T, undefined>> {
  return {
    ...(field.repeated === undefined ? {} : { repeated: field.repeated }),
    read(value, path) {
      const read = field.read(value, path);
      if (read === undefined || read === '' || (Array.isArray(read) && read.length === 0)) {
        throw invalid('INVALID_PARAMETER_VALUE', `CreatePromptlabRun request must specify ${name}.`);
      }
      return read as Exclude<T, undefined>;
    },
  };
}

export const promptlabRpcs: readonly Rpc[] = [
  rpc(
    'POST',
    '/mlflow/runs/create-promptlab-run',
    {
      experiment_id: told('experiment_id', EXPERIMENT_ID),
      prompt_template: told('prompt_template', cut(LIMITS.paramValue)),
      prompt_parameters: told('prompt_parameters', PAIRS),
      model_route: told('model_route', cut(LIMITS.paramValue)),
      model_input: told('model_input', text),
      mlflow_version: told('mlflow_version', text),
      run_name: text,
      user_id: text,
      start_time: int64,
      tags: list(RUN_TAG),
      model_parameters: PAIRS,
      model_output: text,
      model_output_parameters: PAIRS,
    },
    async (services, call, message) => {
      const run = await services.commands.createPromptlabRun(call, {
        experimentId: message.experiment_id,
        name: message.run_name || undefined,
        userId: message.user_id ?? 'unknown',
        startTimeMs: message.start_time,
        tags: tagsOf(message.tags),
        promptTemplate: message.prompt_template,
        promptParameters: tagsOf(message.prompt_parameters),
        modelRoute: message.model_route,
        modelParameters: tagsOf(message.model_parameters),
        modelInput: message.model_input,
        modelOutput: message.model_output ?? null,
        modelOutputParameters: tagsOf(message.model_output_parameters),
        // That of this server, as MLflow's does: it says what may be installed, which is not for a page to say.
        mlflowVersion: MLFLOW_VERSION,
      });
      return { run: await presentedRun(services, call, run) };
    },
    AJAX_ONLY,
  ),
];
