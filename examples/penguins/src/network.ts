// The models: a stack of dense layers over standardised measurements, ReLU between them and softmax at the end. With no hidden
// layer that is softmax (multinomial logistic) regression; with one it is a small multi-layer perceptron. One definition serves
// both, here and in the ONNX graph that is made of it.

/** One dense layer: outputs = weights x inputs + bias. */
export interface Layer {
  inputs: number;
  outputs: number;
  /** outputs x inputs, row by row. */
  weights: Float64Array;
  bias: Float64Array;
}

/** A classifier with all that it needs to judge raw measurements. */
export interface Network {
  /** What the inputs are, in order. */
  features: readonly string[];
  /** What the outputs stand for, in order. */
  classes: readonly string[];
  /** Taken from each input first … */
  mean: Float64Array;
  /** … and what is left divided by this. */
  scale: Float64Array;
  layers: readonly Layer[];
}

/** The element at an index. Throws beyond the end, where plain indexing would calculate on with `undefined`. */
export function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`There is no element ${index} of ${values.length}.`);
  return value;
}

/** The index of the largest value; the first of several. */
export function indexOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < values.length; index += 1) if (at(values, index) > at(values, best)) best = index;
  return best;
}

/** The inputs as the first layer sees them. */
export function standardise({ mean, scale }: Pick<Network, 'mean' | 'scale'>, row: readonly number[]): Float64Array {
  if (row.length !== mean.length) throw new RangeError(`The model takes ${mean.length} measurements, not ${row.length}.`);
  return mean.map((value, index) => (at(row, index) - value) / at(scale, index));
}

/** What each layer gives for standardised inputs: after ReLU for the hidden ones, probabilities for the last. */
export function activations(layers: readonly Layer[], inputs: Float64Array): Float64Array[] {
  const results: Float64Array[] = [];
  let current = inputs;
  for (const [index, layer] of layers.entries()) {
    const sums = affine(layer, current);
    current = index === layers.length - 1 ? softmax(sums) : sums.map((sum) => Math.max(0, sum));
    results.push(current);
  }
  return results;
}

/** The probability of each class for one row of raw measurements. */
export function predict(network: Network, row: readonly number[]): Float64Array {
  const inputs = standardise(network, row);
  return activations(network.layers, inputs).at(-1) ?? inputs;
}

function affine({ inputs, weights, bias }: Layer, values: Float64Array): Float64Array {
  return bias.map((start, output) => {
    let sum = start;
    for (let input = 0; input < inputs; input += 1) sum += at(weights, output * inputs + input) * at(values, input);
    return sum;
  });
}

/** Probabilities from scores; the largest score is taken off first, so that exp cannot overflow. */
function softmax(scores: Float64Array): Float64Array {
  const largest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
