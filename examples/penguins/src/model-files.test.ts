import { describe, expect, it } from 'vitest';

import { modelFiles } from './model-files.ts';
import type { Network } from './network.ts';

const NETWORK: Network = {
  features: ['beak_mm', 'mass_g'],
  classes: ['Adelie', 'Gentoo'],
  mean: Float64Array.of(40, 4000),
  scale: Float64Array.of(5, 800),
  layers: [{ inputs: 2, outputs: 2, weights: Float64Array.of(1, 0, 0, 1), bias: Float64Array.of(0, 0) }],
};

describe('the files of a model', () => {
  const files = modelFiles('tiny', NETWORK, [39.5, 3800]);

  it('are the layout of an ONNX model that MLflow knows', () => {
    expect([...files.keys()]).toEqual([
      'MLmodel',
      'input_example.json',
      'model.onnx',
      'python_env.yaml',
      'requirements.txt',
      'serving_input_example.json',
    ]);
  });

  it('describe both flavors, and what goes in and out', () => {
    const lines = files.get('MLmodel')?.toString('utf8').split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        '    loader_module: mlflow.onnx',
        '    data: model.onnx',
        String.raw`  inputs: "[{\"type\":\"tensor\",\"tensor-spec\":{\"dtype\":\"float32\",\"shape\":[-1,2]}}]"`,
      ]),
    );
  });

  it('carry the example as a row, and as the body of a request', () => {
    const read = (path: string): unknown => JSON.parse(files.get(path)?.toString('utf8') ?? '');
    expect(read('input_example.json')).toEqual([[39.5, 3800]]);
    expect(read('serving_input_example.json')).toEqual({ inputs: [[39.5, 3800]] });
  });

  it('are the same bytes for the same model, whenever it was made', () => {
    expect(modelFiles('tiny', NETWORK, [39.5, 3800])).toEqual(files);
  });
});
