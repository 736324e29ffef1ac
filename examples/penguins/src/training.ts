// Training: gradient descent with momentum over shuffled batches, on cross-entropy with weight decay. It is a generator of
// epochs, so that whoever logs them decides when; the weights end up as 32-bit floats, which is what the ONNX file keeps, so
// that the model that was judged is the model that is deployed.

import { activations, at, indexOfLargest, predict, standardise } from './network.ts';
import type { Layer, Network } from './network.ts';
import { seeded, shuffled } from './random.ts';
import type { Random } from './random.ts';

/** A row of raw measurements and the index of its class. */
export interface Example {
  row: readonly number[];
  label: number;
}

export interface TrainingOptions {
  features: readonly string[];
  classes: readonly string[];
  /** The units of each hidden layer; none makes it softmax regression. */
  hidden: readonly number[];
  epochs: number;
  learningRate: number;
  momentum: number;
  weightDecay: number;
  batchSize: number;
  /** The share of the examples that is kept from training, to watch each epoch. */
  validationShare: number;
  seed: number;
}

/** What an epoch came to; losses are mean cross-entropies in nats. */
export interface Epoch {
  epoch: number;
  trainLoss: number;
  valLoss: number;
  valAccuracy: number;
}

/** Mean cross-entropy in nats, and the share of examples whose likeliest class is the right one. */
export interface Score {
  loss: number;
  accuracy: number;
}

/** Yields every epoch's figures and returns the trained network. The same examples and options give the same network. */
export function* train(examples: readonly Example[], options: TrainingOptions): Generator<Epoch, Network, void> {
  const random = seeded(options.seed);
  const order = shuffled(examples, random);
  const held = Math.round(order.length * options.validationShare);
  const validation = order.slice(0, held);
  const fitted = order.slice(held);
  if (held === 0 || fitted.length === 0) throw new Error(`${examples.length} examples are too few to train on and to watch.`);

  const { mean, scale } = meanAndScale(fitted.map(({ row }) => row));
  const layers = startingLayers([options.features.length, ...options.hidden, options.classes.length], random);
  const network: Network = { features: options.features, classes: options.classes, mean, scale, layers };
  const velocities = layers.map(emptyLike);
  for (let epoch = 1; epoch <= options.epochs; epoch += 1) {
    const shuffledRows = shuffled(fitted, random);
    for (let start = 0; start < shuffledRows.length; start += options.batchSize) {
      descend(network, velocities, shuffledRows.slice(start, start + options.batchSize), options);
    }
    const { loss, accuracy } = score(network, validation);
    yield { epoch, trainLoss: score(network, fitted).loss, valLoss: loss, valAccuracy: accuracy };
  }
  return asFloat32(network);
}

/** Judges a network on examples. */
export function score(network: Network, examples: readonly Example[]): Score {
  let loss = 0;
  let right = 0;
  for (const { row, label } of examples) {
    const probabilities = predict(network, row);
    // A probability that underflowed is a large loss, not an infinite one.
    loss -= Math.log(Math.max(at(probabilities, label), Number.MIN_VALUE));
    if (indexOfLargest(probabilities) === label) right += 1;
  }
  return { loss: loss / examples.length, accuracy: right / examples.length };
}

/** Each column's mean and standard deviation; 1 for a column that never varies, which cannot be divided by. */
function meanAndScale(rows: readonly (readonly number[])[]): { mean: Float64Array; scale: Float64Array } {
  const columns = (rows[0] ?? []).map((_, index) => rows.map((row) => at(row, index)));
  const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const mean = columns.map(average);
  const scale = columns.map((values, index) => Math.sqrt(average(values.map((value) => (value - at(mean, index)) ** 2))) || 1);
  return { mean: Float64Array.from(mean, Math.fround), scale: Float64Array.from(scale, Math.fround) };
}

/** Layers of these widths, even around zero with the spread that keeps ReLU's signal alive (He and others, 2015). */
function startingLayers(widths: readonly number[], random: Random): Layer[] {
  return widths.slice(1).map((outputs, index) => {
    const inputs = at(widths, index);
    const limit = Math.sqrt(6 / inputs);
    const weights = Float64Array.from({ length: inputs * outputs }, () => (random() * 2 - 1) * limit);
    return { inputs, outputs, weights, bias: new Float64Array(outputs) };
  });
}

function emptyLike({ inputs, outputs }: Layer): Layer {
  return { inputs, outputs, weights: new Float64Array(inputs * outputs), bias: new Float64Array(outputs) };
}

/** One step against the gradient of a batch. */
function descend(network: Network, velocities: readonly Layer[], batch: readonly Example[], options: TrainingOptions): void {
  const gradients = network.layers.map(emptyLike);
  for (const example of batch) accumulate(network, gradients, example);
  const step = (values: Float64Array, speeds: Float64Array, slopes: Float64Array, decay: number) => {
    for (let index = 0; index < values.length; index += 1) {
      const slope = at(slopes, index) / batch.length + decay * at(values, index);
      const speed = options.momentum * at(speeds, index) - options.learningRate * slope;
      speeds[index] = speed;
      values[index] = at(values, index) + speed;
    }
  };
  for (const [index, layer] of network.layers.entries()) {
    const speed = velocities[index];
    const gradient = gradients[index];
    if (speed === undefined || gradient === undefined) throw new RangeError('Every layer has a speed and a gradient.');
    step(layer.weights, speed.weights, gradient.weights, options.weightDecay);
    step(layer.bias, speed.bias, gradient.bias, 0);
  }
}

/** Adds one example's gradient, from the last layer back to the first. */
function accumulate(network: Network, gradients: readonly Layer[], { row, label }: Example): void {
  const inputs = standardise(network, row);
  const outputs = activations(network.layers, inputs);
  // Of cross-entropy behind softmax, the slope by each score is its probability, less one for the right class.
  let slopes = (outputs.at(-1) ?? inputs).map((probability, index) => probability - (index === label ? 1 : 0));
  for (let index = network.layers.length - 1; index >= 0; index -= 1) {
    const layer = network.layers[index];
    const gradient = gradients[index];
    if (layer === undefined || gradient === undefined) throw new RangeError('Every layer has a gradient.');
    const before = index === 0 ? inputs : (outputs[index - 1] ?? inputs);
    const backward = new Float64Array(layer.inputs);
    for (const [output, slope] of slopes.entries()) {
      gradient.bias[output] = at(gradient.bias, output) + slope;
      for (let input = 0; input < layer.inputs; input += 1) {
        const place = output * layer.inputs + input;
        gradient.weights[place] = at(gradient.weights, place) + slope * at(before, input);
        backward[input] = at(backward, input) + slope * at(layer.weights, place);
      }
    }
    // ReLU passes on the slope of what it let through.
    slopes = backward.map((slope, input) => (at(before, input) > 0 ? slope : 0));
  }
}

function asFloat32(network: Network): Network {
  const round = (values: Float64Array) => values.map(Math.fround);
  return { ...network, layers: network.layers.map((layer) => ({ ...layer, weights: round(layer.weights), bias: round(layer.bias) })) };
}
