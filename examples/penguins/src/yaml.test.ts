import { describe, expect, it } from 'vitest';

import { writeYaml } from './yaml.ts';

describe('a YAML document', () => {
  it('nests maps and lists by indentation', () => {
    const text = writeYaml({
      flavors: { onnx: { data: 'model.onnx', code: null }, python_function: { loader_module: 'mlflow.onnx' } },
      classes: ['Adelie', 'Gentoo'],
      rows: [
        { a: 1, b: [true, 2.5] },
        { a: 2, b: [false, -1] },
      ],
    });
    expect(text).toBe(
      [
        'flavors:',
        '  onnx:',
        '    data: model.onnx',
        '    code: null',
        '  python_function:',
        '    loader_module: mlflow.onnx',
        'classes:',
        '  - Adelie',
        '  - Gentoo',
        'rows:',
        '  - a: 1',
        '    b:',
        '      - true',
        '      - 2.5',
        '  - a: 2',
        '    b:',
        '      - false',
        '      - -1',
        '',
      ].join('\n'),
    );
  });

  it.each(['3.11', 'no', 'true', 'null', '2026-11-23', '- a', 'a: b', 'a #b', '', ' a', '"', 'line\nbreak', '[1]', '~', '.inf'])(
    'keeps the text %j a text, by quoting it',
    (text) => {
      expect(writeYaml({ key: text })).toBe(`key: ${JSON.stringify(text)}\n`);
    },
  );

  it.each([NaN, Infinity])('refuses %d, which a reader would take for something else', (value) => {
    expect(() => writeYaml({ value })).toThrow('has no place in this YAML');
  });

  it.each([{ list: [] }, { map: {} }])('refuses what is empty: %j', (document) => {
    expect(() => writeYaml(document)).toThrow('An empty map or list has no place in this YAML.');
  });
});
