// Goal: what is staged gets its place whole, whatever stands there already, and whatever ended the command before. Method: folders are laid out as a command leaves them at
// each of its steps; and many files are added, of which many are alike.

import * as fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRepository } from '../repository/repository.ts';
import type { Repository } from '../repository/repository.ts';
import { sandbox } from '../testing/sandbox.ts';
import type { Sandbox } from '../testing/sandbox.ts';
import { add } from '../verbs/add.ts';
import { init } from '../verbs/init.ts';
import { openCache } from './cache.ts';
import { md5Of } from './hash.ts';
import { publishStaged, stagedFolder } from './staging.ts';
import { beginStoring, recover } from './storing.ts';

const NAME = '.throughline-0123456789ab';

let box: Sandbox;
let repository: Repository;
let place: string;
beforeEach(async () => {
  box = sandbox();
  await init(box.surroundings);
  repository = await openRepository(box.surroundings);
  place = path.join(repository.cacheFolder, 'files/md5');
});
afterEach(() => box.remove());

/** Lays an object out where a command stages it; answers where it belongs. */
function stage(bytes: string, content: string): string {
  const md5 = md5Of(Buffer.from(bytes));
  const folder = path.join(place, `${NAME}.${md5.slice(0, 2)}`);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, md5.slice(2)), content, { mode: 0o444 });
  return path.join(place, md5.slice(0, 2), md5.slice(2));
}

function objects(): string[] {
  return fs.readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) => fs.statSync(path.join(place, name)).isFile());
}

test('a prefix is staged only where the cache has no folder for it', () => {
  fs.mkdirSync(path.join(place, 'ab'), { recursive: true });
  expect([stagedFolder(place, NAME, 'ab'), stagedFolder(place, NAME, 'cd')]).toEqual([null, `${place}/${NAME}.cd`]);
});

test('folders that are staged get their places, and join what stands there', () => {
  const [first, second] = [stage('1', '1'), stage('2', '2')];
  const other = path.join(path.dirname(second), 'f'.repeat(30));
  fs.mkdirSync(path.dirname(other));
  fs.writeFileSync(other, 'of another repository');
  publishStaged(place, NAME);
  expect([first, second].map((file) => fs.readFileSync(file, 'utf8'))).toEqual(['1', '2']);
  expect(fs.readFileSync(other, 'utf8')).toBe('of another repository');
  expect(fs.readdirSync(place).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('what a killed command had staged is kept where it is whole, and nothing else', async () => {
  await beginStoring(repository, openCache(repository), NAME);
  const whole = stage('whole', 'whole');
  const half = stage('a file that was cut', 'a file th');
  fs.writeFileSync(path.join(place, `${NAME}.${path.basename(path.dirname(whole))}`, 'no object'), '');
  fs.mkdirSync(path.join(place, '.throughline-ffffffffffff.ab'));
  await recover(repository);
  expect(objects()).toEqual([path.relative(place, whole)]);
  expect(fs.existsSync(half)).toBe(false);
  expect(fs.readdirSync(place).filter((name) => name.startsWith('.'))).toEqual(['.throughline-ffffffffffff.ab']);
});

test('of many files that are alike one object is kept', async () => {
  const files = Array.from({ length: 600 }, (_, index) => [`data/${index}`, `content ${index % 7}`]);
  box.write(Object.fromEntries(files) as Record<string, string>);
  await add(repository, { targets: ['data'] });
  expect(objects().length).toBe(7 + 1);
  box.write({ 'data/more': 'more', 'data/again': 'content 3' });
  for (let index = 0; index < 100; index++) box.write({ [`data/new-${index}`]: `new ${index % 50}` });
  await add(await openRepository(box.surroundings), { targets: ['data'] });
  expect(objects().length).toBe(7 + 1 + 1 + 50 + 1);
  for (const name of objects()) expect(name.replace('/', '').replace('.dir', '')).toBe(md5Of(fs.readFileSync(path.join(place, name))));
});
