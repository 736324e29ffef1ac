import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sandbox } from '../testing/sandbox.ts';
import type { Sandbox } from '../testing/sandbox.ts';
import { config } from '../verbs/config.ts';
import { init } from '../verbs/init.ts';
import { openRepository } from './repository.ts';
import { writeDvcFile } from './write.ts';
import type { Repository } from './repository.ts';
import { collectStages } from './stages.ts';

/** The same lock by another hand. */
const FLOCK = 'flock';
const MD5 = '5e1e3c5164985b05e8df159f95ee08c6';
let box: Sandbox;

beforeEach(async () => {
  box = sandbox();
  await init(box.surroundings);
});
afterEach(() => box.remove());

function open(folder = ''): Promise<Repository> {
  return openRepository({ ...box.surroundings, workingFolder: path.join(box.root, folder) });
}

function dvcFile(output: string): string {
  return `outs:\n- md5: ${MD5}\n  hash: md5\n  path: ${output}\n`;
}

async function filesOf(options: Parameters<typeof collectStages>[1] = {}): Promise<string[]> {
  const { stages } = await collectStages(await open(), options);
  return stages.map((stage) => (stage.name === null ? stage.file : `${stage.file}:${stage.name}`)).sort();
}

describe('a repository', () => {
  test('is found from any folder in it, and typed paths are seen from where the user stands', async () => {
    mkdirSync(path.join(box.root, 'a/b'), { recursive: true });
    const repository = await open('a/b');
    expect(repository.root).toBe(box.root);
    expect(repository.toRepositoryPath('../x')).toBe('a/x');
    expect(repository.toRepositoryPath(box.root)).toBe('');
    expect(() => repository.toRepositoryPath('../../../x')).toThrow(expect.objectContaining({ code: 'PATH_OUTSIDE' }) as Error);
  });

  test('that is none is told of with what to do', async () => {
    await expect(openRepository({ ...box.surroundings, workingFolder: path.dirname(box.root) })).rejects.toMatchObject({
      code: 'NOT_A_REPOSITORY',
      hint: expect.stringContaining('init') as string,
    });
  });

  test('has settings of four levels, the nearer ones first, with paths seen from their files', async () => {
    await config(box.surroundings, { name: 'cache.dir', value: 'global-cache', level: 'global' });
    expect((await open()).cacheFolder).toBe(path.join(box.root, 'global-cache'));
    await config(box.surroundings, { name: 'cache.dir', value: 'own', level: 'local' });
    expect((await open()).cacheFolder).toBe(path.join(box.root, 'own'));
    expect(readFileSync(path.join(box.root, '.dvc/config.local'), 'utf8')).toBe('[cache]\n    dir = ../own\n');
    expect(statSync(path.join(box.root, '.dvc/config.local')).mode & 0o777).toBe(0o600);
  });

  test('writes a file whole, keeps its mode, and leaves nothing else behind', async () => {
    box.write({ 'a.dvc': 'old' });
    await writeDvcFile(await open(), 'a.dvc', 'new');
    expect(readFileSync(path.join(box.root, 'a.dvc'), 'utf8')).toBe('new');
    expect(
      box
        .git('status', '--porcelain', '--untracked-files=all')
        .split('\n')
        .filter((line) => line.startsWith('??')),
    ).toEqual(['?? a.dvc']);
    await expect(writeDvcFile(await open(), '../x', 'y')).rejects.toMatchObject({ code: 'PATH_REFUSED' });
  });
});

describe('the lock', () => {
  test('is the one that DVC takes: a flock on .dvc/tmp/lock, with the process in it', async () => {
    const repository = await open();
    const code = await repository.withLock('throughline test', async () => {
      expect(readFileSync(path.join(box.root, '.dvc/tmp/lock'), 'utf8')).toBe(` ${process.pid}\n`);
      return tryFlock(path.join(box.root, '.dvc/tmp/lock'));
    });
    expect(code).toBe(1);
    expect(await tryFlock(path.join(box.root, '.dvc/tmp/lock'))).toBe(0);
  });

  test('is held once, however deep the calls go', async () => {
    const repository = await open();
    await expect(repository.withLock('a', () => repository.withLock('b', () => Promise.resolve(7)))).resolves.toBe(7);
  });

  test('makes the second command wait, and tells whom it waits for', async () => {
    const first = await open();
    const second = await open();
    const order: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const working = first.withLock('throughline add', async () => {
      await held;
      order.push('first');
    });
    while (!existsSync(path.join(first.temporaryFolder, 'lock.json'))) await new Promise((resolve) => setImmediate(resolve));
    const waiting = second.withLock('throughline push', () => Promise.resolve(order.push('second')));
    while (box.warnings.length === 0) await new Promise((resolve) => setImmediate(resolve));
    release();
    await Promise.all([working, waiting]);
    expect(order).toEqual(['first', 'second']);
    expect(box.warnings).toEqual([`Waiting for \`throughline add\` (process ${process.pid}), which works in this repository.`]);
  });

  test('is given back when the work fails', async () => {
    const repository = await open();
    await expect(repository.withLock('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(repository.withLock('a', () => Promise.resolve(1))).resolves.toBe(1);
  });
});

function tryFlock(file: string): Promise<number | null> {
  const descriptor = openSync(file, 'r+');
  return new Promise((resolve) => {
    spawn(FLOCK, ['-x', '-n', '3'], { stdio: ['ignore', 'ignore', 'ignore', descriptor] }).on('close', (code) => {
      closeSync(descriptor);
      resolve(code);
    });
  });
}

describe('collecting stages', () => {
  test('finds .dvc files and pipelines, and enters neither outputs nor what Git or DVC leave out nor other repositories', async () => {
    box.write({
      'a.dvc': dvcFile('a'),
      'a/inside.dvc': dvcFile('x'),
      'sub/b.dvc': dvcFile('b'),
      'sub/dvc.yaml': 'stages:\n  s:\n    cmd: x\n    outs: [o]\n',
      '.gitignore': '/a\nvenv/\n*.skip.dvc\n',
      'venv/c.dvc': dvcFile('c'),
      'c.skip.dvc': dvcFile('c'),
      '.dvcignore': '/left\n',
      'left/d.dvc': dvcFile('d'),
      'other/.dvc/config': '',
      'other/e.dvc': dvcFile('e'),
    });
    expect(await filesOf()).toEqual(['a.dvc', 'sub/b.dvc', 'sub/dvc.yaml:s']);
  });

  test('reports what cannot be read beside the rest', async () => {
    box.write({ 'a.dvc': dvcFile('a'), 'b.dvc': 'outs: [\n', 'dvc.yaml': 'stages:\n  s: {}\n' });
    const { stages, unreadable } = await collectStages(await open());
    expect(stages.map(({ file }) => file)).toEqual(['a.dvc']);
    expect(unreadable.map(({ file, error }) => [file, error.code])).toEqual([
      ['b.dvc', 'YAML_INVALID'],
      ['dvc.yaml', 'FILE_INVALID'],
    ]);
  });

  test('takes files, stages, outputs and what lies in them for targets', async () => {
    box.write({
      'a.dvc': dvcFile('a'),
      'f/b.dvc': dvcFile('b'),
      'dvc.yaml': 'stages:\n  s:\n    foreach: [x, y]\n    do:\n      cmd: x\n      outs: ["o-@{item}"]\n'.replace('@', '$'),
    });
    expect(await filesOf({ targets: ['a/deep/file'] })).toEqual(['a.dvc']);
    expect(await filesOf({ targets: ['f'] })).toEqual([]);
    expect(await filesOf({ targets: ['f'], recursive: true })).toEqual(['f/b.dvc']);
    expect(await filesOf({ targets: ['s'] })).toEqual(['dvc.yaml:s@x', 'dvc.yaml:s@y']);
    expect(await filesOf({ targets: ['dvc.yaml:s@y', 'a.dvc'] })).toEqual(['a.dvc', 'dvc.yaml:s@y']);
  });

  test('reads revisions out of Git without touching the workspace, params included', async () => {
    const pipeline = 'stages:\n  s:\n    cmd: x\n    outs: ["o-@{n}"]\n'.replace('@', '$');
    box.write({
      'a.dvc': dvcFile('a'),
      'dvc.yaml': pipeline,
      'params.yaml': 'n: 1\n',
      '.dvcignore': '/left\n',
      'left/x.dvc': dvcFile('x'),
    });
    const first = box.commit();
    box.write({ 'params.yaml': 'n: 2\n', 'b.dvc': dvcFile('b') });
    const second = box.commit();
    box.git('rm', '-q', 'a.dvc');
    const repository = await open();
    const paths = async (revision: string): Promise<string[]> =>
      (await collectStages(repository, { revision })).stages.flatMap((stage) => stage.outputs.map((output) => output.path)).sort();
    expect(await paths(first)).toEqual(['a', 'o-1']);
    expect(await paths(second)).toEqual(['a', 'b', 'o-2']);
    expect(await paths('HEAD~1')).toEqual(['a', 'o-1']);
    await expect(paths('nope')).rejects.toMatchObject({ code: 'REVISION_UNKNOWN' });
    await expect(paths('--all')).rejects.toMatchObject({ code: 'REVISION_UNKNOWN' });
  });

  test('of a repository below the top of Git reads only its own folder', async () => {
    box.write({ 'project/x': '' });
    await init({ ...box.surroundings, workingFolder: path.join(box.root, 'project') }, { subdir: true });
    box.write({ 'top.dvc': dvcFile('t'), 'project/p.dvc': dvcFile('p') });
    const commit = box.commit();
    const repository = await open('project');
    expect((await collectStages(repository, { revision: commit })).stages.map(({ file }) => file)).toEqual(['p.dvc']);
    expect((await collectStages(repository)).stages.map(({ file }) => file)).toEqual(['p.dvc']);
  });
});

test('Git lists the commits of branches and tags, each once with its names', async () => {
  const first = box.commit();
  box.git('tag', '-a', 'v1', '-m', 'x');
  const second = box.commit();
  box.git('branch', 'other');
  const { git } = await open();
  const found = await git?.listRevisions({ branches: true, tags: true });
  expect(found?.map(({ commit, names }) => [commit, [...names].sort()])).toEqual([
    [second, ['main', 'other']],
    [first, ['v1']],
  ]);
  expect((await git?.listRevisions({ commits: true }))?.map(({ commit }) => commit)).toEqual([second, first]);
});

test('Git that cannot work here is told, and not taken for one that knows nothing', async () => {
  box.commit();
  writeFileSync(path.join(box.root, '.git/HEAD'), 'damaged');
  const { git } = await open();
  await expect(git?.currentCommit()).rejects.toMatchObject({ code: 'GIT_FAILED' });
  await expect(git?.revParse('main')).rejects.toMatchObject({ code: 'GIT_FAILED' });
});
