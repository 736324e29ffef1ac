// Stages of pipelines, as status tells of them and commit records them: those without outputs, in folders of their own, from files elsewhere.

import { rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRepository } from '../repository/repository.ts';
import { sandbox } from '../testing/sandbox.ts';
import type { Sandbox } from '../testing/sandbox.ts';
import { checkout } from './checkout.ts';
import { commit } from './commit.ts';
import { init } from './init.ts';
import { status } from './status.ts';

let box: Sandbox;
beforeEach(async () => {
  box = sandbox();
  await init(box.surroundings);
});
afterEach(() => box.remove());

async function statusOf(...targets: string[]) {
  return await status(await openRepository(box.surroundings), { targets });
}

async function record(...targets: string[]) {
  return await commit(await openRepository(box.surroundings), { targets, force: true });
}

function read(name: string): Promise<string> {
  return readFile(path.join(box.root, name), 'utf8');
}

function remove(name: string): void {
  rmSync(path.join(box.root, name), { recursive: true });
}

test('a stage that makes nothing is changed where what it reads is', async () => {
  box.write({ in: '1', 'dvc.yaml': 'stages:\n  look:\n    cmd: cat in\n    deps: [in]\n' });
  expect(await statusOf()).toEqual({ look: [{ 'changed deps': { in: 'modified' } }] });
  await record();
  expect(await statusOf()).toEqual({});
  box.write({ in: '2' });
  for (const targets of [[], ['look'], ['dvc.yaml']])
    expect(await statusOf(...targets)).toEqual({ look: [{ 'changed deps': { in: 'modified' } }] });
  await record('look');
  expect(await statusOf()).toEqual({});
});

test('a stage of parameters alone is changed where they are, and not always', async () => {
  box.write({ 'params.yaml': 'lr: 1\n', 'dvc.yaml': 'stages:\n  tune:\n    cmd: tune\n    params: [lr]\n' });
  expect(await statusOf()).toEqual({ tune: [{ 'changed deps': { 'params.yaml': 'new' } }] });
  await record();
  expect(await statusOf()).toEqual({});
  box.write({ 'params.yaml': 'lr: 2\n' });
  expect(await statusOf()).toEqual({ tune: [{ 'changed deps': { 'params.yaml': { lr: 'modified' } } }] });
});

test('a stage that reads and makes nothing is always changed', async () => {
  box.write({ 'dvc.yaml': 'stages:\n  hello:\n    cmd: echo hello\n' });
  expect(await statusOf()).toEqual({ hello: ['always changed'] });
});

test('what a stage that never ran made already counts as modified', async () => {
  box.write({ in: '1', out: '1', 'dvc.yaml': 'stages:\n  copy:\n    cmd: cp in out\n    deps: [in]\n    outs: [out]\n' });
  expect(await statusOf()).toEqual({ copy: [{ 'changed deps': { in: 'modified' } }, { 'changed outs': { out: 'modified' } }] });
});

test('dvc.lock names paths as dvc.yaml does, wherever the stage works', async () => {
  box.write({
    'sub/work/in': '1',
    'sub/work/out': '1',
    'sub/dvc.yaml': 'stages:\n  copy:\n    wdir: work\n    cmd: cp in out\n    deps: [in]\n    outs: [out]\n',
  });
  await record();
  const lock = await read('sub/dvc.lock');
  expect(lock).toContain('- path: in\n');
  expect(lock).toContain('- path: out\n');
  expect(await statusOf()).toEqual({});
  remove('sub/work/out');
  await checkout(await openRepository(box.surroundings), {});
  expect(await read('sub/work/out')).toBe('1');
});

test('what a stage makes is kept out of Git once it is recorded', async () => {
  box.write({ out: '1', 'dvc.yaml': 'stages:\n  make:\n    cmd: make\n    outs: [out]\n' });
  await record();
  expect(await read('.gitignore')).toBe('/out\n');
});

test('comments of dvc.lock stay', async () => {
  box.write({ out: '1', 'dvc.yaml': 'stages:\n  make:\n    cmd: make\n    outs: [out]\n' });
  await record();
  box.write({ 'dvc.lock': `# by hand\n${await read('dvc.lock')}`, out: '22' });
  await record();
  const lock = await read('dvc.lock');
  expect(lock).toMatch(/^# by hand\nschema: '2.0'\n/);
  expect(lock).toContain('size: 2');
});

test('a file outside of the repository is looked at, by a path that leads out of it and by an absolute one', async () => {
  const outside = path.join(path.dirname(box.root), 'outside');
  writeFileSync(outside, '1');
  for (const written of ['../outside', outside]) {
    box.write({ 'dvc.yaml': `stages:\n  look:\n    cmd: look\n    deps: [${written}]\n` });
    writeFileSync(outside, '1');
    await record();
    expect(await read('dvc.lock')).toContain(`- path: ${written}\n`);
    expect(await statusOf()).toEqual({});
    writeFileSync(outside, '22');
    expect(await statusOf()).toEqual({ look: [{ 'changed deps': { [outside]: 'modified' } }] });
  }
});

test.each([
  ['a file', 'deps: [in]'],
  ['a file of parameters', 'params: [lr]'],
])('nothing is recorded of a stage that lacks %s', async (_, needs) => {
  box.write({ out: '1', 'dvc.yaml': `stages:\n  make:\n    cmd: make\n    ${needs}\n    outs: [out]\n` });
  await expect(record()).rejects.toMatchObject({ code: 'DEPENDENCY_MISSING' });
  await expect(read('dvc.lock')).rejects.toMatchObject({ code: 'ENOENT' });
});

test('nothing is recorded of a stage whose file of parameters lacks one', async () => {
  box.write({ 'params.yaml': 'lr: 1\n', 'dvc.yaml': 'stages:\n  tune:\n    cmd: tune\n    params: [lr, decay]\n' });
  await expect(record()).rejects.toMatchObject({ code: 'PARAMETER_MISSING' });
});

test('a name is the stage before it is the path, and ./name is the path', async () => {
  box.write({
    a: '1',
    make: '2',
    'dvc.yaml': 'stages:\n  make:\n    cmd: x\n    outs: [a]\n  other:\n    cmd: y\n    outs: [make]\n',
  });
  await record();
  const there = async (name: string) => await read(name).catch(() => null);
  for (const [target, expected] of [
    ['make', ['1', null]] as const,
    ['./make', [null, '2']] as const,
    [':other', [null, '2']] as const,
    [':', ['1', '2']] as const,
    ['./dvc.yaml:make', ['1', null]] as const,
  ]) {
    for (const name of ['a', 'make']) rmSync(path.join(box.root, name), { force: true });
    await checkout(await openRepository(box.surroundings), { targets: [target] });
    expect([await there('a'), await there('make')]).toEqual(expected);
  }
});

test('a folder that holds nothing tracked may be named with --recursive', async () => {
  box.write({ 'notes/a.md': 'words' });
  const repository = await openRepository(box.surroundings);
  expect(await checkout(repository, { targets: ['notes'], recursive: true })).toMatchObject({ added: [] });
  await expect(checkout(repository, { targets: ['nowhere'], recursive: true })).rejects.toMatchObject({ code: 'TARGET_UNKNOWN' });
});
