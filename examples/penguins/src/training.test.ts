// The gradient is checked against differences of the loss, and the real recipes on the real data against what was measured: 66 of 67
// held-out penguins right for softmax regression and 67 of 67 for the perceptron. One more may go wrong where a platform's exp
// rounds differently and training takes another turn.

import { describe, expect, it } from 'vitest';

import { examplesOf, RECIPES } from './candidate.ts';
import { clean, readRawPenguins } from './data.ts';
import type { Network } from './network.ts';
import type { Epoch, Example, TrainingOptions } from './training.ts';
import { score, train } from './training.ts';

const { train: training, holdout } = clean(await readRawPenguins());

function trained(examples: readonly Example[], options: TrainingOptions): { network: Network; epochs: Epoch[] } {
  const run = train(examples, options);
  const epochs: Epoch[] = [];
  for (;;) {
    const next = run.next();
    if (next.done === true) return { network: next.value, epochs };
    epochs.push(next.value);
  }
}

describe.each(RECIPES)('training $name', ({ options }) => {
  const { network, epochs } = trained(examplesOf(training), options);

  it('gives the same figures and the same network again', () => {
    expect(trained(examplesOf(training), options)).toEqual({ network, epochs });
  });

  it('tells at least 65 of 67 held-out penguins apart', () => {
    const { accuracy, loss } = score(network, examplesOf(holdout));
    expect(Math.round(accuracy * holdout.length)).toBeGreaterThanOrEqual(65);
    expect(loss).toBeLessThan(0.06);
  });

  it('yields every epoch, and learns', () => {
    expect(epochs.map(({ epoch }) => epoch)).toEqual(Array.from({ length: options.epochs }, (_, index) => index + 1));
    expect(epochs.at(-1)?.trainLoss).toBeLessThan((epochs[0]?.trainLoss ?? 0) / 5);
  });

  it('keeps weights that 32-bit floats can hold', () => {
    const values = [network.mean, network.scale, ...network.layers.flatMap(({ weights, bias }) => [weights, bias])];
    for (const numbers of values) expect(numbers).toEqual(numbers.map(Math.fround));
  });
});

describe('one step of gradient descent', () => {
  const examples: Example[] = [
    { row: [1, -2], label: 0 },
    { row: [0.5, 3], label: 1 },
    { row: [-1, 0.25], label: 2 },
    { row: [2, 1], label: 1 },
  ];
  const options: TrainingOptions = {
    features: ['a', 'b'],
    classes: ['x', 'y', 'z'],
    hidden: [5],
    epochs: 1,
    learningRate: 0,
    momentum: 0,
    weightDecay: 0,
    batchSize: 10,
    validationShare: 0.25,
    seed: 3,
  };
  /** The loss on what is fitted, as the first epoch ends. */
  const lossOf = (changed: Partial<TrainingOptions>) => trained(examples, { ...options, ...changed }).epochs[0]?.trainLoss ?? NaN;

  it('lowers the loss by the square of the gradient, to first order', () => {
    const before = trained(examples, options).network;
    const step = 0.001;
    const after = trained(examples, { ...options, learningRate: step }).network;
    const change = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, index) => sum + (value - (b[index] ?? NaN)) ** 2, 0);
    const moved = before.layers.reduce((sum, layer, index) => {
      const next = after.layers[index];
      return next === undefined ? NaN : sum + change(layer.weights, next.weights) + change(layer.bias, next.bias);
    }, 0);
    // A step of -rate x gradient moves the weights by rate x |gradient| and lowers the loss by rate x |gradient|².
    const expected = moved / step;
    const lowered = lossOf({}) - lossOf({ learningRate: step });
    expect(expected).toBeGreaterThan(1e-5);
    expect(Math.abs(lowered / expected - 1)).toBeLessThan(0.02);
  });

  it('is refused where there is nothing to watch it by', () => {
    expect(() => trained(examples.slice(0, 1), options)).toThrow('1 examples are too few');
  });
});
