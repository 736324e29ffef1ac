// Goal: a pipeline's stages and outputs are those that DVC finds. Method: one file with every construct, whose outputs the real DVC 3.67.1 listed; then what must be refused.

import { describe, expect, test } from 'vitest';
import { parseDvcLock } from './dvc-lock.ts';
import { parseDvcYaml } from './dvc-yaml.ts';
import type { LockedStage } from './dvc-lock.ts';

const PARAMS = `lr: 1e-5
big: 1e16
f: 1.0
flag: true
list: [a, b]
models:
  cnn: {size: 3, lr: 0.1}
  rnn: {size: 4, lr: 0.20}
nested: {a: {b: [x, y]}}
`;
const FILES: Readonly<Record<string, string>> = {
  'params.yaml': PARAMS,
  'sub/extra.json': '{"k": 5, "other": "o", "arr": [1, 2.50]}',
  'other.yaml': 'lr: 2\n',
};

/** Expressions are written `@{…}` here, since a plain text with the real ones looks like a mistake. */
function real(text: string): string {
  return text.replaceAll('@{', '${');
}

function pipelineOf(text: string, locked: ReadonlyMap<string, LockedStage> = new Map(), files = FILES) {
  return parseDvcYaml(real(text), 'dvc.yaml', locked, { readText: (path) => Promise.resolve(files[path] ?? null) });
}

async function stagesOf(...args: Parameters<typeof pipelineOf>) {
  return (await pipelineOf(...args)).stages;
}

async function outputsOf(text: string): Promise<string[]> {
  return (await stagesOf(text)).flatMap((stage) => stage.outputs.map((output) => `${stage.name ?? ''} ${output.path}`));
}

describe('dvc.yaml', () => {
  test('has its templates filled in as Python would print the values', async () => {
    expect(await outputsOf('stages:\n  one:\n    cmd: x\n    outs: ["out/a-@{lr}-@{big}-@{f}-@{flag}"]\n')).toEqual([
      'one out/a-1e-05-1e+16-1.0-true',
    ]);
  });

  test('generates a stage for each item of a list, by its value or its place', async () => {
    expect(await outputsOf('stages:\n  l:\n    foreach: @{list}\n    do:\n      cmd: x\n      outs: ["l-@{item}"]\n')).toEqual([
      'l@a l-a',
      'l@b l-b',
    ]);
    expect(
      await outputsOf('stages:\n  l:\n    foreach: [{x: 1}, {x: 2.50}]\n    do:\n      cmd: x\n      outs: ["l-@{item.x}"]\n'),
    ).toEqual(['l@0 l-1', 'l@1 l-2.5']);
  });

  test('generates a stage for each key of a map, with vars of its own', async () => {
    const text =
      'stages:\n  m:\n    foreach: @{models}\n    do:\n      vars: [{local: loc}]\n      cmd: x\n      outs: ["m-@{key}-@{item.size}-@{item.lr}-@{local}"]\n';
    expect(await outputsOf(text)).toEqual(['m@cnn m-cnn-3-0.1-loc', 'm@rnn m-rnn-4-0.2-loc']);
  });

  test('generates a stage for each combination of a matrix, named by values or places', async () => {
    const text =
      'stages:\n  m:\n    matrix:\n      a: [1, 2.0]\n      b: @{nested.a.b}\n      c: [{q: 1}, {q: 2}]\n    cmd: x\n    outs: ["@{key}/@{item.a}-@{item.b}-@{item.c.q}"]\n';
    expect(await outputsOf(text)).toEqual(
      ['1-x-c0', '1-x-c1', '1-y-c0', '1-y-c1', '2.0-x-c0', '2.0-x-c1', '2.0-y-c0', '2.0-y-c1'].map((key) => {
        const [a = '', b = '', c = ''] = key.split('-');
        return `m@${key} ${key}/${a}-${b}-${Number(c.slice(1)) + 1}`;
      }),
    );
  });

  test('takes vars from files, from parts of files and from itself', async () => {
    const text =
      'vars: ["sub/extra.json:k,arr", {inline: {deep: v1}}, {inline: {deep2: v2}}]\nstages:\n  e:\n    cmd: echo \\@{HOME}\n    outs: ["e-@{arr[1]}-@{inline.deep}-@{inline.deep2}-@{k}"]\n';
    const [stage] = await stagesOf(text);
    expect(stage?.outputs[0]?.path).toBe('e-2.5-v1-v2-5');
    expect(stage?.command?.current).toBe(real('echo @{HOME}'));
  });

  test('has the flags of outputs, metrics and plots, and paths seen from wdir', async () => {
    const text =
      'stages:\n  w:\n    wdir: sub\n    cmd: x\n    frozen: true\n    outs: ["../we ird/o", {p: {persist: true, push: false, remote: r}}]\n    metrics: [{m.json: {cache: false}}]\n    plots: [{p.csv: {x: a}}]\n';
    const [stage] = await stagesOf(text);
    expect(stage?.isFrozen).toBe(true);
    expect(stage?.outputs).toMatchObject([
      { path: 'we ird/o', isCached: true, isPushed: true, isPersistent: false, remote: null },
      { path: 'sub/p', isPersistent: true, isPushed: false, remote: 'r' },
      { path: 'sub/m.json', isCached: false },
      { path: 'sub/p.csv', isCached: true },
    ]);
  });

  test('takes hashes, commands and parameters from dvc.lock, by path', async () => {
    const lock = await parseDvcLock(
      "schema: '2.0'\nstages:\n  a:\n    cmd: old\n    deps:\n    - path: in\n      hash: md5\n      md5: 5e1e3c5164985b05e8df159f95ee08c6\n      size: 3\n    params:\n      params.yaml:\n        lr: 1e-05\n    outs:\n    - path: out\n      hash: md5\n      md5: 5e1e3c5164985b05e8df159f95ee08c6.dir\n      size: 30\n      nfiles: 9\n    - path: gone\n      md5: 5e1e3c5164985b05e8df159f95ee08c6\n",
      'dvc.lock',
    );
    const [stage] = await stagesOf(
      'stages:\n  a:\n    cmd: new\n    deps: [in]\n    params: [lr, other.yaml: [lr]]\n    outs: [out, never]\n',
      lock,
    );
    expect(stage).toMatchObject({
      command: { current: 'new', locked: 'old' },
      dependencies: [{ path: 'in', repositoryPath: 'in', sizeBytes: 3, id: { hash: 'md5', isTree: false } }],
      params: [
        { path: 'params.yaml', keys: ['lr'] },
        { path: 'other.yaml', keys: ['lr'], locked: null },
      ],
      outputs: [
        { path: 'out', id: { isTree: true }, sizeBytes: 30, fileCount: 9 },
        { path: 'never', id: null },
      ],
    });
  });

  test('may name outputs elsewhere that are not stored: nothing is versioned of them', async () => {
    expect(await outputsOf('stages:\n  a:\n    cmd: x\n    outs: [{"s3://b/x": {cache: false}}, y]\n')).toEqual(['a y']);
    await expect(stagesOf('stages:\n  a:\n    cmd: x\n    outs: [../x]\n')).rejects.toMatchObject({ code: 'PATH_REFUSED' });
  });

  test.each([
    ['stages:\n  a:\n    cmd: x\n    outs: ["@{nope}"]\n', 'dvc.yaml: "stages.a": @{nope} stands for nothing'],
    ['stages:\n  a:\n    cmd: x\n    outs: ["@{a..b}"]\n', 'is no expression'],
    ['stages:\n  a:\n    cmd: x\n    outs: ["@{list}"]\n', 'is a list, which cannot be put in here'],
    ['vars: [{lr: 1}]\nstages: {}\n', '"lr", which has a value already'],
    ['vars: [nope.yaml]\nstages: {}\n', 'nope.yaml is not there'],
    ['vars: [params.yaml, "params.yaml:lr"]\nstages: {}\n', 'was taken in already'],
    ['stages:\n  a:\n    foreach: 5\n    do: {cmd: x}\n', '"stages.a.foreach" must hold keys'],
    ['stages:\n  a:\n    foreach: [1]\n    do:\n      vars: [{item: 2}]\n      cmd: x\n', "stands for the loop's own value"],
    ['stages:\n  a:\n    outs: [x]\n', '"stages.a.cmd" is missing'],
    ['stages:\n  a:\n    cmd: x\n    outz: [x]\n', '"stages.a.outz" is no key'],
    ['stages:\n  a: [\n', 'dvc.yaml:3:1'],
  ])('that says %j is refused with file and place', async (text, message) => {
    await expect(stagesOf(text)).rejects.toMatchObject({ message: expect.stringContaining(real(message)) as string });
  });

  test('with a matrix of millions is refused before it is written out', async () => {
    const list = `[${Array.from({ length: 200 }, (_, index) => index).join(', ')}]`;
    await expect(stagesOf(`stages:\n  a:\n    matrix: {a: ${list}, b: ${list}, c: ${list}}\n    cmd: x\n`)).rejects.toMatchObject({
      message: expect.stringContaining('more than 100000 stages') as string,
    });
  });

  test('shows as metrics and plots what its stages list so, and what stands at its top', async () => {
    const { stages, shown } = await pipelineOf(
      'metrics: ["logs/@{list[0]}.json", ../outside.json]\n' +
        'plots: [a.csv, {b.csv: {x: s}}, {both: {x: {x.csv: s}, y: {y.csv: t}}}, {c.csv: null}]\n' +
        'stages:\n  one:\n    cmd: x\n    outs: [o]\n    metrics: [m.json]\n    plots: [p.csv]\n',
    );
    expect(shown).toEqual({ metrics: ['logs/a.json'], plots: ['a.csv', 'b.csv', 'y.csv', 'x.csv', 'c.csv'] });
    expect(stages[0]?.outputs.map(({ path, shownAs }) => [path, shownAs])).toEqual([
      ['o', undefined],
      ['m.json', 'metrics'],
      ['p.csv', 'plots'],
    ]);
  });
});

test('dvc.lock of a form that is not known is refused with what to do', async () => {
  await expect(parseDvcLock('train:\n  cmd: x\n', 'dvc.lock')).rejects.toMatchObject({
    code: 'FILE_INVALID',
    hint: expect.stringContaining('dvc repro') as string,
  });
  expect((await parseDvcLock('', 'dvc.lock')).size).toBe(0);
});
