// The folder that a model is logged as: MLflow's layout of an ONNX model, so that an MLflow client loads it too. Nothing in it
// tells when or by which run it was made: the same training gives the same files, and so the same digest.

import type { Network } from './network.ts';
import { encodeOnnx, LABEL, PROBABILITIES } from './onnx.ts';
import { writeYaml } from './yaml.ts';

/** The file with the graph and the weights. */
export const ONNX_FILE = 'model.onnx';

/** A file of a model, by its path in the model's folder. */
export type ModelFiles = ReadonlyMap<string, Buffer>;

/** What a Python client needs to run it. */
const REQUIREMENTS = ['mlflow', 'numpy', 'onnx>=1.12', 'onnxruntime>=1.12'];
const PYTHON = '3.11';

/** Writes a network as the files of a model. */
export function modelFiles(name: string, network: Network, example: readonly number[]): ModelFiles {
  const json = (value: unknown) => Buffer.from(`${JSON.stringify(value, null, 2)}\n`, 'utf8');
  return new Map([
    ['MLmodel', Buffer.from(writeYaml(mlmodel(name, network)), 'utf8')],
    ['input_example.json', json([example])],
    [ONNX_FILE, encodeOnnx(name, network)],
    ['python_env.yaml', Buffer.from(writeYaml({ python: PYTHON, dependencies: ['-r requirements.txt'] }), 'utf8')],
    ['requirements.txt', Buffer.from(`${REQUIREMENTS.join('\n')}\n`, 'utf8')],
    // The same as the body of a request to a model server.
    ['serving_input_example.json', json({ inputs: [example] })],
  ]);
}

function mlmodel(name: string, { features, classes }: Network) {
  const tensor = (dtype: string, shape: number[]) => ({ type: 'tensor', 'tensor-spec': { dtype, shape } });
  const outputs = [
    { name: LABEL, ...tensor('str', [-1]) },
    { name: PROBABILITIES, ...tensor('float32', [-1, classes.length]) },
  ];
  return {
    flavors: {
      onnx: { onnx_version: '1.12.0', data: ONNX_FILE, providers: ['CPUExecutionProvider'], code: null },
      python_function: {
        loader_module: 'mlflow.onnx',
        data: ONNX_FILE,
        env: { virtualenv: 'python_env.yaml' },
        python_version: PYTHON,
      },
    },
    metadata: { name, features: [...features], classes: [...classes] },
    saved_input_example_info: {
      artifact_path: 'input_example.json',
      serving_input_path: 'serving_input_example.json',
      type: 'ndarray',
    },
    // MLflow keeps JSON in these two.
    signature: { inputs: JSON.stringify([tensor('float32', [-1, features.length])]), outputs: JSON.stringify(outputs) },
  };
}
