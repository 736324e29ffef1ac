// The file is right where a runtime that knows nothing of us computes what we compute: random networks, run by ONNX Runtime.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { largestDifference, runOnnx } from './inference.ts';
import type { Network } from './network.ts';
import { encodeOnnx } from './onnx.ts';
import { seeded } from './random.ts';

/**
 * A network of these widths, and rows of measurements for it. The more inputs a layer has, the smaller its weights, so that what runs
 * through it stays below 100 and 32-bit floats keep it to a hundred-thousandth.
 */
function randomNetwork(widths: readonly number[], seed: number): { network: Network; rows: number[][] } {
  const random = seeded(seed);
  const numbers = (length: number, from: number, to: number) =>
    Float64Array.from({ length }, () => Math.fround(from + (to - from) * random()));
  const [inputs = 1] = widths;
  const outputs = widths.at(-1) ?? 1;
  const layers = widths.slice(1).map((width, index) => {
    const before = widths[index] ?? 1;
    return { inputs: before, outputs: width, weights: numbers(width * before, -2 / before, 2 / before), bias: numbers(width, -1, 1) };
  });
  const network: Network = {
    features: Array.from({ length: inputs }, (_, index) => `feature_${index}`),
    classes: Array.from({ length: outputs }, (_, index) => `Klasse ${index}: é`),
    mean: numbers(inputs, -5, 5),
    scale: numbers(inputs, 2, 5),
    layers,
  };
  return { network, rows: Array.from({ length: 5 }, () => Array.from(numbers(inputs, -10, 10))) };
}

const arbitrary = fc.record({ widths: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 5 }), seed: fc.nat() });

describe('a network as an ONNX file', () => {
  it('gives the same probabilities in ONNX Runtime, to a hundred-thousandth', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ widths, seed }) => {
        const { network, rows } = randomNetwork(widths, seed);
        expect(await largestDifference(encodeOnnx('random', network), network, rows)).toBeLessThan(1e-5);
      }),
      { numRuns: 60 },
    );
  });

  it('names the likeliest class of each row, the first of equals', async () => {
    // The largest input wins: nothing is taken off, nothing divided, and the weights pass each input to its own class.
    const network: Network = {
      features: ['a', 'b', 'c'],
      classes: ['Adelie', 'Chinstrap', 'Éudyptes'],
      mean: Float64Array.of(0, 0, 0),
      scale: Float64Array.of(1, 1, 1),
      layers: [{ inputs: 3, outputs: 3, weights: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), bias: Float64Array.of(0, 0, 0) }],
    };
    const predictions = await runOnnx(encodeOnnx('largest', network), [
      [0, 0, 2],
      [3, 1, 2],
      [1, 5, 5],
    ]);
    expect(predictions.map(({ label }) => label)).toEqual(['Éudyptes', 'Adelie', 'Chinstrap']);
  });

  it('is the same bytes for the same network', () => {
    const { network } = randomNetwork([4, 8, 3], 11);
    expect(encodeOnnx('one', network)).toEqual(encodeOnnx('one', structuredClone(network)));
  });

  it('is told apart from the file of another network', async () => {
    const { network, rows } = randomNetwork([4, 8, 3], 11);
    const other = {
      ...network,
      layers: network.layers.map((layer) => ({ ...layer, bias: layer.bias.map((value) => value + 0.01 * value) })),
    };
    expect(await largestDifference(encodeOnnx('other', other), network, rows)).toBeGreaterThan(1e-5);
  });

  it('takes rows of its own width only', async () => {
    const { network } = randomNetwork([4, 3], 1);
    await expect(runOnnx(encodeOnnx('random', network), [[1, 2, 3]])).rejects.toThrow();
  });
});
