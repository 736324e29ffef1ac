// Goal: parameters are read from TOML and Python as DVC reads them. Method: files with every construct, whose values dvc 3.67.1 gave; generated values, written
// in each language and read back; and what must be refused. Floats show as texts, since 1 and 1.0 differ.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readParams } from './params-file.ts';
import { pythonFloat } from './yaml-print.ts';
import { Float, isMap } from './yaml-value.ts';
import type { YamlValue } from './yaml-value.ts';

const PYTHON = `
# comment = 1
"""doc = 2"""
from x import y
lr = 0.1; n = 5
s = 'it''s' "more\\n" r'\\n'
name: str = "typed"
ann: int
a = b = 1
t, u = 1, 2
tup = 1, 2
tup1 = (1,)
par = (1)
lst = [1, -2.5, +3, None, True,
       "x",  # comment
      ]
d = {"a": 1, 'b': {"c": [1, 2]}, 'three': 'three',}
st = {1, 2}
emp = {}
f = f"{lr}"
big = 123456789012345678901234567890
hx = 0xFF; oc = 0o17; bi = 0b101; un = 1_000
comp = lr * 2
call = dict(a=1)
lam = lambda x=1: x
walrus = (zz := 3)
aug = 1
aug += 2
if True:
    inside_if = 1
@deco
class Train(Base, metaclass=M):
    lr = 1e-5
    class Inner: deep = "deep"; deeper = 2
    def __init__(self, a=1, b: dict = {"x": 1}):
\tself.layers = 9
\tself.sum = 1 + 2
\tlocal = 3
\tif a:
\t    self.cond = 1
    def other(self):
        self.no = 1
    after = 'after'
def __init__(self):
    self.top = 1
multi = """line1
line2 \\
cont"""
cont = 1 \\

neg = -0x10
x.y = 1
x[0] = 2
ünï = "ü"
es = "\\x41\\u00e9\\U0001F600\\101\\q"
last = not True
`;

const TOML = `
title = "TOML \\u00e9 \\U0001F600 \\" \\\\ \\n" # end
lit = 'C:\\x'
ml = """
one \\
   two
three "quoted" ""four"""
ml2 = '''
raw \\n
it''s'''
endq = """two quotes"""""
int = 1_000
neg = -17
hex = 0xDEAD_beef
big = 9223372036854775807
f = [1.0, 1e5, -0.5e-3, inf, -inf]
"quoted key" = true
a.b.c = 3
a.b.d = 4
d = [1979-05-27T07:32:00Z, 1979-05-27T00:32:00.999999-07:00, 1979-05-27 07:32:00, 1979-05-27, 07:32:00.5]
arr = [[3, "x"], {y = 1, z.w = 2},
  # comment
  5,
]
et = {}
[table.sub."x.y"]
q = 1
[table]
k = "v"
[[prod]]
name = "a"
[[prod.in]]
z = 1
[[prod.in]]
z = 2
[[prod]]
[prod.det]
w = 1
`;

/** With floats as Python prints them. */
function shown(value: YamlValue): unknown {
  if (value instanceof Float) return `float ${pythonFloat(value.value)}`;
  if (typeof value === 'bigint') return `int ${value}`;
  if (Array.isArray(value)) return value.map(shown);
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(item)])) : value;
}

const read = async (content: string, file: string) => shown(await readParams(content, file));

describe('Parameters in Python', () => {
  it('are the literals that are assigned, as dvc reads them', async () => {
    expect(await read(PYTHON, 'params.py')).toEqual({
      lr: 'float 0.1',
      n: 5,
      s: 'itsmore\n\\n',
      name: 'typed',
      tup: [1, 2],
      tup1: [1],
      par: 1,
      lst: [1, 'float -2.5', 3, null, true, 'x'],
      d: { a: 1, b: { c: [1, 2] }, three: 'three' },
      st: [1, 2],
      emp: {},
      big: 'int 123456789012345678901234567890',
      hx: 255,
      oc: 15,
      bi: 5,
      un: 1000,
      aug: 1,
      Train: { lr: 'float 1e-05', Inner: { deep: 'deep', deeper: 2 }, layers: 9, after: 'after' },
      top: 1,
      multi: 'line1\nline2 cont',
      cont: 1,
      neg: -16,
      ünï: 'ü',
      es: 'Aé😀A\\q',
    });
  });

  it.each(['x = "open', 'x = [1, 2', "x = '''open\n\n"])('that cannot be are refused with the line: %j', async (content) => {
    await expect(readParams(`a = 1\n${content}`, 'p.py')).rejects.toMatchObject({
      code: 'FILE_INVALID',
      message: expect.stringMatching(/^p\.py:\d/) as string,
    });
  });

  it('are never run, whatever they say', async () => {
    expect(await read('x = __import__("os").system("touch /tmp/x")\ny = exec("1")\n__proto__ = {"a": 1}\n', 'p.py')).toEqual(
      Object.fromEntries([['__proto__', { a: 1 }]]),
    );
  });

  it('nested too deep for any purpose are passed over', async () => {
    expect(await read(`x = ${'['.repeat(5_000)}${']'.repeat(5_000)}\ny = 1`, 'p.py')).toEqual({ y: 1 });
  });
});

describe('Parameters in TOML', () => {
  it('are read as dvc reads them', async () => {
    expect(await read(TOML, 'params.toml')).toEqual({
      title: 'TOML é 😀 " \\ \n',
      lit: 'C:\\x',
      ml: 'one two\nthree "quoted" ""four',
      ml2: "raw \\n\nit''s",
      endq: 'two quotes""',
      int: 1000,
      neg: -17,
      hex: 3735928559,
      big: 'int 9223372036854775807',
      f: ['float 1.0', 'float 100000.0', 'float -0.0005', 'float inf', 'float -inf'],
      'quoted key': true,
      a: { b: { c: 3, d: 4 } },
      d: ['1979-05-27 07:32:00+00:00', '1979-05-27 00:32:00.999999-07:00', '1979-05-27 07:32:00', '1979-05-27', '07:32:00.500000'],
      arr: [[3, 'x'], { y: 1, z: { w: 2 } }, 5],
      et: {},
      table: { sub: { 'x.y': { q: 1 } }, k: 'v' },
      prod: [{ name: 'a', in: [{ z: 1 }, { z: 2 }] }, { det: { w: 1 } }],
    });
  });

  it.each([
    ...['a', 'a =', 'a = 1 b = 2', 'a = 01', 'a = "x', 'a = [1 2]', 'a = [1', 'a = {b = 1,}', 'a = nothing', '[a', '= 1', 'a = "\\q"'],
    ...[
      'a = 1\na = 2',
      '[a]\n[a]',
      'a = 1\n[a]',
      'a = {}\n[a]',
      'a = [1]\n[[a]]',
      '[[a]]\n[a]',
      'a.b = 1\na.b.c = 2',
      `a = ${'['.repeat(5_000)}`,
    ],
  ])('that are none are refused with the line: %j', async (content) => {
    await expect(readParams(content, 'p.toml')).rejects.toMatchObject({
      code: 'FILE_INVALID',
      message: expect.stringMatching(/^p\.toml:\d/) as string,
    });
  });
});

type Plain = boolean | number | string | Plain[] | { [key: string]: Plain };

const plain = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.boolean(),
    fc.integer(),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;
const names = fc.stringMatching(/^[a-z]{1,8}$/).filter((name) => !['def', 'class'].includes(name));

/** A text that both languages read alike. */
function quoted(text: string): string {
  return `"${[...text].map((character) => (/[\w .,:;-]/.test(character) ? character : `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`)).join('')}"`;
}

function literal(value: Plain, words: { true: string; false: string; assign: string }): string {
  if (typeof value === 'boolean') return words[value ? 'true' : 'false'];
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, words)).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${quoted(key)}${words.assign}${literal(item, words)}`)
    .join(', ')}}`;
}

describe('Any parameters', () => {
  it.each([
    ['toml', { true: 'true', false: 'false', assign: ' = ' }],
    ['py', { true: 'True', false: 'False', assign: ': ' }],
  ])('written as .%s are read as they were', async (ending, words) => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, plain, { noNullPrototype: true }), async (params) => {
        const content = Object.entries(params).map(([name, value]) => `${name} = ${literal(value, words)}\n`);
        expect(await read(content.join(''), `params.${ending}`)).toEqual(params);
      }),
    );
  });
});
