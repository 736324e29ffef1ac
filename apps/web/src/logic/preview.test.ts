import { expect, it } from 'vitest';

import { previewOf } from './preview.ts';

it.each([
  ['plots/confusion.PNG', 'image'],
  ['data/train.csv', 'table'],
  ['model/MLmodel', 'text'],
  ['model/model.onnx', 'none'],
  ['report.json', 'json'],
  ['drawing.svg', 'text'],
  ['v1.2/README', 'text'],
])('previews %s as %s', (path, kind) => {
  expect(previewOf(path)).toBe(kind);
});
