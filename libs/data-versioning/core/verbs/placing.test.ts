// What an import that was killed leaves, and what the next one makes of it. Method: what lies there after a kill, made by hand.

import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRepository } from '../repository/repository.ts';
import { sandbox } from '../testing/sandbox.ts';
import type { Sandbox } from '../testing/sandbox.ts';
import { add } from './add.ts';
import { importUrl } from './import-url.ts';
import { init } from './init.ts';
import { placeTaken, undoPlacing } from './placing.ts';

const NOTE = '.dvc/tmp/throughline/placing.json';
const ASIDE = '.throughline-0123456789ab';
const MD5 = '0cc175b9c0f1b6a831c399e269772661';

let box: Sandbox;
beforeEach(async () => {
  box = sandbox();
  await init(box.surroundings);
  // So that the cache has its bytes.
  box.write({ known: 'known' });
  await add(await openRepository(box.surroundings), { targets: ['known'] });
});
afterEach(() => box.remove());

const note = (aside: string | null) => ({ [NOTE]: JSON.stringify({ path: 'd', id: MD5, aside }) });
const undo = async () => await undoPlacing(await openRepository(box.surroundings));
const has = (file: string) => existsSync(path.join(box.root, file));

test('half a folder is taken back', async () => {
  box.write({ ...note(null), 'd/sub/x': 'known', 'd/.throughline-0123456789ab-3': 'ha' });
  await undo();
  expect([has('d'), has(NOTE)]).toEqual([false, false]);
});

test('what was in its place comes back', async () => {
  box.write({ ...note(ASIDE), 'd/x': 'known', [`${ASIDE}/own`]: 'of the user' });
  await undo();
  expect([readdirSync(path.join(box.root, 'd')), has(ASIDE), has(NOTE)]).toEqual([['own'], false, false]);
});

test('what nobody has but the workspace stays', async () => {
  box.write({ ...note(ASIDE), 'd/x': 'known', 'd/y': 'written since', [`${ASIDE}/own`]: 'of the user' });
  await undo();
  expect([has('d/x'), has('d/y'), has(`${ASIDE}/own`)]).toEqual([true, true, true]);
});

test('what was not begun yet is left alone', async () => {
  box.write({ ...note(ASIDE), 'd/x': 'known' });
  await undo();
  expect([has('d/x'), has(NOTE)]).toEqual([true, false]);
});

test('what was recorded stays, and what was in its place before goes', async () => {
  box.write({ ...note(ASIDE), d: 'known', [`${ASIDE}/own`]: '', 'd.dvc': `outs:\n- md5: ${MD5}\n  hash: md5\n  path: d\n` });
  await undo();
  expect([has('d'), has(ASIDE), has(NOTE)]).toEqual([true, false, false]);
});

test('a note that a stranger wrote names nothing but what is ours', async () => {
  box.write({ 'src/main': 'main', ...note('src') });
  await undo();
  expect(readFileSync(path.join(box.root, 'src/main'), 'utf8')).toBe('main');
});

test('the same command again puts the data where it was to go, and not into the half of it', async () => {
  const source = path.join(box.surroundings.homeFolder, 'source');
  mkdirSync(source);
  box.write({ [path.relative(box.root, path.join(source, 'x'))]: 'known', ...note(null), 'd/x': 'known' });
  await importUrl(await openRepository(box.surroundings), { url: source, out: 'd' });
  expect([readdirSync(path.join(box.root, 'd')), has('d.dvc'), has(NOTE)]).toEqual([['x'], true, false]);
});

test('where it cannot be recorded, everything is as it was', async () => {
  box.write({ 'd/own': 'of the user' });
  const taken = {
    id: { hash: 'md5', md5: 'c90ae688b2a3b1fd0751fd743eb385cd', isTree: false },
    isFolder: false,
    sizeBytes: 5,
    files: [],
  } as const;
  const work = placeTaken(await openRepository(box.surroundings), 'd', taken, () => Promise.reject(new Error('full')));
  await expect(work).rejects.toThrow();
  expect([
    readdirSync(path.join(box.root, 'd')),
    has(NOTE),
    readdirSync(box.root).filter((name) => name.startsWith('.throughline')),
  ]).toEqual([['own'], false, []]);
});
