// Goal: texts are printed as DVC's library prints them, and read as it reads them, by the fast reader and by the full one alike.
// Method: values with the texts that the real library made of them; generated values there and back.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { goldenCases } from './golden/read.ts';
import { readYaml } from './yaml.ts';
import { readPlainYaml } from './yaml-plain.ts';
import { printYaml, pythonFloat } from './yaml-print.ts';
import { Float } from './yaml-value.ts';
import type { YamlMap, YamlValue } from './yaml-value.ts';

type Golden = null | boolean | string | Golden[] | { $f: string } | { $i: string } | { $m: [string, Golden][] };

function valueOf(golden: Golden): YamlValue {
  if (typeof golden !== 'object' || golden === null) return golden;
  if (Array.isArray(golden)) return golden.map(valueOf);
  if ('$f' in golden) return new Float(Number(golden.$f.replace('inf', 'Infinity')));
  if ('$m' in golden) return Object.fromEntries(golden.$m.map(([key, item]) => [key, valueOf(item)]));
  return Number.isSafeInteger(Number(golden.$i)) ? Number(golden.$i) : BigInt(golden.$i);
}

const cases = goldenCases<{ value: Golden; text: string }>('yaml');
const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.boolean(),
  fc.integer(),
  fc.constant(null),
  fc.double().map((value) => new Float(value)),
);
const key = fc.stringMatching(/^[a-z_]{1,8}$/);
const { value } = fc.letrec<{ value: YamlValue; map: YamlMap }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('value'), { maxLength: 3 }), tie('map')),
  map: fc.dictionary(key, tie('value'), { maxKeys: 3 }),
}));

describe('YAML', () => {
  test('is printed byte for byte as DVC prints it', () => {
    for (const { value: golden, text } of cases) expect(printYaml(valueOf(golden) as YamlMap)).toBe(text);
  });

  test('that DVC printed is read as what it was', async () => {
    for (const { value: golden, text } of cases) expect({ ...((await readYaml(text, 'x')) as YamlMap) }).toEqual(valueOf(golden));
  });

  test('comes back as what it was, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(value, async (held) => {
        expect(await readYaml(printYaml({ key: held }), 'x')).toEqual({ key: held });
      }),
    );
  });

  test('of the plain shape is read by the fast reader as by the full one', async () => {
    const word = fc.constantFrom(
      'a',
      'x: y',
      'null',
      'yes',
      '1',
      '01',
      '1.5',
      '1e5',
      '- a',
      'a #b',
      '',
      "'q'",
      '"d"',
      '~',
      'true',
      '0x1',
      'é',
      'a:',
      'b/c.csv',
      '2024-01-01',
      '&x',
      '*x',
      '{}',
      '[1]',
      '|',
      'a\tb',
      '.5',
      '1_0',
      '0.csv',
      '../d',
      '...',
      '1-2',
      '2024/x.y',
      '0b1',
      '.inf',
      '1.2.3',
    );
    const line = fc
      .record({ indent: fc.constantFrom(0, 0, 2, 4), dash: fc.boolean(), key: fc.constantFrom('a: ', 'b: ', 'c:', 'd:', ''), word })
      .map((parts) => `${' '.repeat(parts.indent)}${parts.dash ? '- ' : ''}${parts.key}${parts.word}`);
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 6 }), async (lines) => {
        const text = lines.join('\n');
        const fast = readPlainYaml(text, new Set());
        // A comment that the fast reader does not answer for sends the text to the library, and changes nothing else.
        if (fast !== undefined) expect(fast).toEqual(await readYaml(`${text}\n# é \t`.replace(/^/, '%YAML 1.2\n---\n'), 'x'));
      }),
      { numRuns: 2000 },
    );
  });

  test('that is broken is refused with its line, and with a hint where a merge left its marks', async () => {
    await expect(readYaml('a: 1\nb: [', 'data.dvc')).rejects.toMatchObject({
      code: 'YAML_INVALID',
      message: expect.stringContaining('data.dvc:') as string,
    });
    await expect(readYaml('<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x\n', 'data.dvc')).rejects.toMatchObject({
      hint: expect.stringContaining('merge conflict') as string,
    });
    await expect(readYaml('a: 1\na: 2\n', 'x')).rejects.toMatchObject({ code: 'YAML_INVALID' });
  });

  test('whose aliases stand for more than any memory holds is refused', async () => {
    const lines = [
      'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
      ...Array.from(
        { length: 12 },
        (_, index) => `a${index + 1}: &a${index + 1} [${Array.from({ length: 10 }, () => `*a${index}`).join(', ')}]`,
      ),
    ];
    await expect(readYaml(lines.join('\n'), 'bomb.yaml')).rejects.toMatchObject({ code: 'YAML_TOO_LARGE' });
    await expect(readYaml('a: &a [*a]\n', 'circle.yaml')).rejects.toMatchObject({ code: 'YAML_TOO_DEEP' });
  });

  test('merges by "<<" as DVC does: what a map says itself goes first', async () => {
    expect(await readYaml('base: &b {x: 1, y: 2}\nown:\n  <<: *b\n  y: 3\n', 'x')).toEqual({ base: { x: 1, y: 2 }, own: { y: 3, x: 1 } });
  });
});

test.each([
  [1, '1.0'],
  [1e-5, '1e-05'],
  [0.0001, '0.0001'],
  [123456.789, '123456.789'],
  [1e15, '1000000000000000.0'],
  [1e16, '1e+16'],
  [1.5e300, '1.5e+300'],
  [-0, '-0.0'],
  [5e-324, '5e-324'],
])('the float %d is printed as Python prints it', (number, text) => {
  expect(pythonFloat(number)).toBe(text);
});

test.each([
  ['maps', Array.from({ length: 20_000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ['lists', Array.from({ length: 20_000 }, (_, depth) => `${' '.repeat(depth * 2)}- a:`).join('\n')],
  ['brackets', `a: ${'['.repeat(100_000)}${']'.repeat(100_000)}`],
])(
  '%s within each other end in words, however deep they are',
  async (_, text) => {
    await expect(readYaml(text, 'x.dvc')).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining('x.dvc') as string });
  },
  20_000,
);
