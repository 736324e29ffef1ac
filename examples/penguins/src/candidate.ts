// One candidate model: trained in a run of its own on what that run read from the server, judged on the penguins that were held out,
// exported, checked against ONNX Runtime, and logged with its files.

import type { Api } from './api.ts';
import { PROBLEM } from './api.ts';
import { writeCsv } from './csv.ts';
import type { Penguin } from './data.ts';
import { FEATURES, readPenguins, SPECIES } from './data.ts';
import type { DatasetVersion } from './datasets.ts';
import { HOLDOUT_FILE, logInput, readVersion, TRAIN_FILE } from './datasets.ts';
import { largestDifference } from './inference.ts';
import { digestOf } from './manifest.ts';
import type { ModelFiles } from './model-files.ts';
import { modelFiles, ONNX_FILE } from './model-files.ts';
import type { Network } from './network.ts';
import { indexOfLargest, predict } from './network.ts';
import type { ActiveRun, RunOptions } from './runs.ts';
import { inRun, putArtifact } from './runs.ts';
import type { Epoch, Example, Score, TrainingOptions } from './training.ts';
import { score, train } from './training.ts';

/** What tells the candidates apart. */
export interface Recipe {
  name: string;
  description: string;
  options: TrainingOptions;
}

/** A model that was logged and may be registered. */
export interface Candidate {
  recipe: Recipe;
  runRef: string;
  loggedModelId: string;
  /** The digest of its files, as computed here. */
  digest: string;
  holdout: Score & { count: number };
  /** How far ONNX Runtime is from the forward pass in TypeScript, at most. */
  difference: number;
}

const SHARED = {
  features: FEATURES,
  classes: SPECIES,
  epochs: 300,
  momentum: 0.9,
  weightDecay: 0.001,
  batchSize: 32,
  validationShare: 0.2,
  seed: 7,
};

export const RECIPES: readonly Recipe[] = [
  {
    name: 'softmax-regression',
    description: 'Softmax regression on four measurements.',
    options: { ...SHARED, hidden: [], learningRate: 0.05 },
  },
  {
    name: 'mlp-16',
    description: 'A multi-layer perceptron with one hidden layer of 16 units, on four measurements.',
    options: { ...SHARED, hidden: [16], learningRate: 0.02 },
  },
];

/** Probabilities that differ by more were not computed by the same model. */
const TOLERANCE = 1e-5;
/** Epochs between two batches of metrics. */
const LOG_EVERY = 50;

/** Penguins as the training takes them. */
export function examplesOf(penguins: readonly Penguin[]): Example[] {
  return penguins.map(({ measurements, species }) => ({ row: measurements, label: SPECIES.indexOf(species) }));
}

/** Trains, judges, exports, checks and logs one candidate. */
export function makeCandidate(api: Api, data: DatasetVersion, recipe: Recipe, where: Omit<RunOptions, 'name'>): Promise<Candidate> {
  return inRun(api, { ...where, name: recipe.name }, async (run) => {
    const files = await readVersion(run.api, data);
    await logInput(run.api, { run: run.id, version: data, files, context: 'training' });
    const [training, holdout] = [TRAIN_FILE, HOLDOUT_FILE].map((path) => readPenguins(files.get(path) ?? Buffer.alloc(0)));
    if (training === undefined || holdout === undefined) throw new Error(`${data.ref} has no ${TRAIN_FILE} and ${HOLDOUT_FILE}.`);

    const network = await trainLogged(run, recipe, examplesOf(training), where.signal);
    const judged = score(network, examplesOf(holdout));
    await logMetrics(run, recipe.options.epochs, { holdout_loss: judged.loss, holdout_accuracy: judged.accuracy });
    await putArtifact(run.api, run.id, 'holdout-predictions.csv', writePredictions(network, holdout));

    const rows = holdout.map(({ measurements }) => measurements);
    const model = modelFiles(recipe.name, network, rows[0] ?? []);
    const difference = await largestDifference(model.get(ONNX_FILE) ?? Buffer.alloc(0), network, rows);
    // Written so that NaN is refused too.
    if (!(difference < TOLERANCE)) throw new Error(`The ONNX file of ${recipe.name} differs from the model by ${difference}.`);
    return {
      recipe,
      runRef: run.ref,
      loggedModelId: await logModel(run, recipe, model),
      digest: digestOf('dir', model),
      holdout: { ...judged, count: holdout.length },
      difference,
    };
  });
}

/** Trains and logs: the settings first, then the figures of every epoch, some epochs at a time. */
async function trainLogged(run: ActiveRun, { options }: Recipe, examples: readonly Example[], signal: AbortSignal): Promise<Network> {
  const { features, classes, hidden, ...numbers } = options;
  const params = [
    { key: 'features', value: features.join(' ') },
    { key: 'classes', value: classes.join(' ') },
    { key: 'hidden', value: hidden.length === 0 ? 'none' : hidden.join(' ') },
    ...Object.entries(numbers).map(([key, value]) => ({ key: snakeCase(key), value: String(value) })),
  ];
  await logBatch(run, { params });
  const training = train(examples, options);
  let points: MetricPoint[] = [];
  for (;;) {
    const next = training.next();
    if (next.done !== true) points.push(...pointsOf(next.value));
    if (next.done === true || next.value.epoch % LOG_EVERY === 0) {
      signal.throwIfAborted();
      if (points.length > 0) await logBatch(run, { metrics: points });
      points = [];
    }
    if (next.done === true) return next.value;
  }
}

interface MetricPoint {
  key: string;
  value: number;
  step: number;
  timestamp: string;
}

function pointsOf({ epoch, trainLoss, valLoss, valAccuracy }: Epoch): MetricPoint[] {
  const timestamp = new Date().toISOString();
  const values = { train_loss: trainLoss, val_loss: valLoss, val_accuracy: valAccuracy };
  return Object.entries(values).map(([key, value]) => ({ key, value, step: epoch, timestamp }));
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function logMetrics(run: ActiveRun, step: number, values: Record<string, number>): Promise<void> {
  const timestamp = new Date().toISOString();
  return logBatch(run, { metrics: Object.entries(values).map(([key, value]) => ({ key, value, step, timestamp })) });
}

async function logBatch(run: ActiveRun, batch: { metrics?: MetricPoint[]; params?: { key: string; value: string }[] }): Promise<void> {
  await run.api.command(
    `mutation Log($run: ID!, $metrics: [MetricInput!], $params: [ParamInput!]) {
      result: logBatch(run: $run, metrics: $metrics, params: $params) { __typename ${PROBLEM} }
    }`,
    { run: run.id, ...batch },
  );
}

/** Logs the files as a model of this run, with the run's own token. Answers the logged model's id. */
async function logModel(run: ActiveRun, recipe: Recipe, files: ModelFiles): Promise<string> {
  const model = await run.api.command<{ id: string }>(
    `mutation Model($input: CreateLoggedModelInput!) {
      result: createLoggedModel(input: $input) { __typename ... on LoggedModel { id } ${PROBLEM} }
    }`,
    { input: { name: recipe.name, modelType: 'onnx', sourceRun: run.id } },
  );
  const finalize = (status: 'READY' | 'UPLOAD_FAILED') =>
    run.api.command(
      `mutation Ready($id: ID!, $status: LoggedModelStatus!) { result: finalizeLoggedModel(id: $id, status: $status) { __typename ${PROBLEM} } }`,
      { id: model.id, status },
    );
  try {
    for (const [path, bytes] of files) await putArtifact(run.api, model.id, path, bytes);
  } catch (error) {
    await finalize('UPLOAD_FAILED').catch(() => undefined);
    throw error;
  }
  await finalize('READY');
  return model.id;
}

/** What the model says of each penguin that was held out, as CSV. */
function writePredictions(network: Network, penguins: readonly Penguin[]): Buffer {
  const rows = penguins.map(({ species, measurements }) => {
    const probabilities = predict(network, measurements);
    const told = network.classes[indexOfLargest(probabilities)] ?? '';
    return [species, told, ...Array.from(probabilities, (value) => value.toFixed(6))];
  });
  const columns = ['species', 'predicted', ...network.classes.map((name) => `p_${name.toLowerCase()}`)];
  return Buffer.from(writeCsv({ columns, rows }), 'utf8');
}
