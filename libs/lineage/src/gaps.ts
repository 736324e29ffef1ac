// What is missing, in words, and how to fill it: with the line of Python or the mutation that does so.

import type { NodeFacts } from '@throughline/kernel';
import { parseRef } from '@throughline/kernel';

import type { GapKind } from './proof.ts';
import { keyOf } from './walk.ts';

export interface Gap {
  /** The node where something is missing, by its id. */
  node: string;
  kind: GapKind;
  message: string;
  hint: string;
}

/** Puts a gap into words. */
export function describeGap(kind: GapKind, facts: NodeFacts): Gap {
  const { message, hint } = WORDS[kind](facts);
  return { node: keyOf(facts.node), kind, message, hint };
}

/** As GraphQL and Python both write a text. */
function literal(text: string): string {
  return JSON.stringify(text);
}

/** MLflow takes no reference for a source, but it takes an address, and the one of a version's file says which version it was. */
const SOURCE = 'mlflow.get_tracking_uri() + "/api/v1/datasets/<name>/versions/<number>/files/<path>"';

function modelNameOf(facts: NodeFacts): string {
  const parsed = parseRef(facts.ref);
  return parsed?.ref.kind === 'model' ? parsed.ref.name : facts.label;
}

const WORDS = {
  UNRESOLVED_INPUT: (facts) => ({
    message: `A run read ${literal(facts.label)}, and no version of a dataset is known to be that.`,
    hint:
      `Register the data as a version. It is found where it was seen at the run's commit, under the path that the run read, or where the run has the tag ` +
      `throughline.dataset with the version's reference. Or say now that it was this one: mutation { resolveInput(input: ${literal(keyOf(facts.node))}, datasetVersion: "data:<name>@<number>") { __typename } }`,
  }),
  NO_INPUTS: (facts) => ({
    message: `The run ${literal(facts.label)} names no data that it read.`,
    hint:
      `Log what it read in the training code: mlflow.log_input(mlflow.data.from_pandas(df, source=${SOURCE}), context="training"); ` +
      `or say so now: mutation { logInput(run: ${literal(facts.ref)}, input: { datasetVersion: "data:<name>@<number>", context: "training" }) { __typename } }`,
  }),
  NO_RUN: (facts) => ({
    message:
      facts.node.kind === 'loggedModel'
        ? `The logged model ${literal(facts.label)} names no run that produced it.`
        : `The model version ${literal(facts.label)} names no run that it came from.`,
    hint:
      facts.node.kind === 'loggedModel'
        ? `Log the model inside its run: with mlflow.start_run(): mlflow.<flavor>.log_model(model, name="model")`
        : `Register it from the run that trained it: mlflow.register_model("runs:/<run id>/model", ${literal(modelNameOf(facts))})`,
  }),
  NO_DIGEST: (facts) => ({
    message: `The model version ${literal(facts.label)} has no digest: its files are not kept here, so that nobody can tell what they are.`,
    hint: `Log the model to this server and register that: mlflow.<flavor>.log_model(model, name="model", registered_model_name=${literal(modelNameOf(facts))})`,
  }),
  RETRACTED_DATA: (facts) => ({
    message: `The data ${literal(facts.label)} was withdrawn: ${facts.retraction ?? ''}`,
    hint: `Train on another version and deploy that model. Where the reason does not hold any more: mutation { reinstateDatasetVersion(version: ${literal(facts.ref)}, reason: "<why>") { __typename } }`,
  }),
} satisfies Record<GapKind, (facts: NodeFacts) => { message: string; hint: string }>;
