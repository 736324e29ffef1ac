// Running an ONNX file, as a model server would: with ONNX Runtime, which knows nothing of the code that made the file.

import * as ort from 'onnxruntime-node';

import { INPUT, LABEL, PROBABILITIES } from './onnx.ts';
import { at, predict } from './network.ts';
import type { Network } from './network.ts';

export interface Prediction {
  label: string;
  /** In the order of the model's classes. */
  probabilities: readonly number[];
}

/** Runs an ONNX file on rows of raw measurements. Throws where the file is no such model. */
export async function runOnnx(file: Uint8Array, rows: readonly (readonly number[])[]): Promise<Prediction[]> {
  // One thread: a batch of this size is not worth more.
  const session = await ort.InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  try {
    const input = new ort.Tensor('float32', Float32Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0]);
    const { [LABEL]: label, [PROBABILITIES]: probabilities } = await session.run({ [INPUT]: input });
    if (label?.type !== 'string' || probabilities?.type !== 'float32') throw new Error(`The model gives no ${LABEL} and ${PROBABILITIES}.`);
    const labels = label.data as string[];
    const width = probabilities.dims[1] ?? 0;
    const values = Array.from(probabilities.data as Float32Array);
    return labels.map((name, row) => ({ label: name, probabilities: values.slice(row * width, (row + 1) * width) }));
  } finally {
    await session.release();
  }
}

/**
 * How far ONNX Runtime's probabilities are from ours at most, over these rows: 32-bit against 64-bit arithmetic on the same weights,
 * so about a millionth, and more only where the file does not say what the network is.
 */
export async function largestDifference(file: Uint8Array, network: Network, rows: readonly (readonly number[])[]): Promise<number> {
  const theirs = await runOnnx(file, rows);
  const differences = rows.flatMap((row, index) => {
    const probabilities = theirs[index]?.probabilities ?? [];
    return Array.from(predict(network, row), (ours, place) => Math.abs(ours - at(probabilities, place)));
  });
  return Math.max(...differences);
}
