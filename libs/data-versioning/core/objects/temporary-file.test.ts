// Goal: threads that write into the same folders at the same time do not get into each other's way, however many a machine has. Method: more tasks than one thread could be
// given, over two threads, with one temporary name, as a queue makes them on a machine with many cores.

import * as fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sandbox } from '../testing/sandbox.ts';
import type { Sandbox } from '../testing/sandbox.ts';
import { md5Of } from './hash.ts';
import { MD5_BYTES, PATH_SEPARATOR } from './tasks.ts';
import type { ObjectPlace, PlaceTask, StoreTask } from './tasks.ts';
import { runTask } from './workers.ts';

const TASKS = 4;
const FILES = 200;
const NAME = '.throughline-0123456789ab';

let box: Sandbox;
let place: ObjectPlace;
beforeEach(() => {
  box = sandbox();
  place = { folder: path.join(box.root, 'cache'), isShared: false };
});
afterEach(() => box.remove());

const contentOf = (task: number, index: number) => `content ${task} ${index}`;
const namesOf = (task: number) => Array.from({ length: FILES }, (_, index) => `${task}-${index}`);
const all = Array.from({ length: TASKS }, (_, task) => task);

const common = (folder: string, task: number) => ({
  root: path.join(box.root, folder, '/'),
  paths: namesOf(task).join(PATH_SEPARATOR),
  hash: 'md5' as const,
  temporaryName: NAME,
  place,
});

const storing = (task: number, isStaged: boolean): StoreTask => ({
  ...common('data', task),
  kind: 'store',
  mayHardlink: false,
  isStaged,
  syncsEach: false,
  clockBehindMs: 0,
  surveyed: null,
});

function placing(task: number): PlaceTask {
  const digests = Buffer.from(new ArrayBuffer(FILES * MD5_BYTES));
  for (let index = 0; index < FILES; index++) digests.write(md5Of(Buffer.from(contentOf(task, index))), index * MD5_BYTES, 'hex');
  return { ...common('copies', task), kind: 'place', digests, linkTypes: ['copy'], replaces: false, before: null };
}

test('two threads store into and place from the same folders', async () => {
  for (const task of all) box.write(Object.fromEntries(namesOf(task).map((name, index) => [`data/${name}`, contentOf(task, index)])));
  // Folders that are there already, so that every object has a temporary name in one of few of them.
  for (let prefix = 0; prefix < 256; prefix++)
    fs.mkdirSync(path.join(place.folder, prefix.toString(16).padStart(2, '0')), { recursive: true });
  const stored = await Promise.all(all.map((task) => runTask(storing(task, true), 2, () => undefined)));
  expect(stored.flatMap((answer) => answer.failures)).toEqual([]);
  expect(stored.reduce((sum, answer) => sum + answer.storedCount, 0)).toBe(TASKS * FILES);

  fs.mkdirSync(path.join(box.root, 'copies'));
  const placed = await Promise.all(all.map((task) => runTask(placing(task), 2, () => undefined)));
  expect(placed.flatMap((answer) => answer.failures)).toEqual([]);
  for (const task of all)
    for (const [index, name] of namesOf(task).entries())
      expect(fs.readFileSync(path.join(box.root, 'copies', name), 'utf8')).toBe(contentOf(task, index));
  expect(fs.readdirSync(path.join(box.root, 'copies')).length).toBe(TASKS * FILES);
});
