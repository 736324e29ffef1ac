// Goal: whenever a command is killed, every object under a final name is whole, and the same command, repeated, ends as if nothing had happened. Method: a process that adds
// (checks out) many files is killed once the disk shows that it is in the midst of them, at several depths; then all bytes are hashed.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import * as fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRepository } from '../repository/repository.ts';
import { sandbox } from '../testing/sandbox.ts';
import type { Sandbox } from '../testing/sandbox.ts';
import { add } from '../verbs/add.ts';
import { checkout } from '../verbs/checkout.ts';
import { init } from '../verbs/init.ts';
import { status } from '../verbs/status.ts';

const FILES = 1500;
const RUN_VERB = fileURLToPath(new URL('../testing/run-verb.ts', import.meta.url));

let box: Sandbox;
beforeEach(async () => {
  box = sandbox();
  await init(box.surroundings);
  box.write(Object.fromEntries(Array.from({ length: FILES }, (_, index) => [`data/${index % 10}/${index}`, `content ${index}`])));
});
afterEach(() => box.remove());

function filesBelow(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .flatMap((entry) => (entry.isFile() ? [path.join(entry.parentPath, entry.name)] : []));
}

/** Runs a verb and kills it as soon as so many files are there. Whether it was killed: it may have been faster. */
async function killAt(verb: string, folder: string, count: number): Promise<boolean> {
  const child = spawn(process.execPath, [RUN_VERB, verb, box.root, 'data'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  await once(child.stdout, 'data');
  const watch = setInterval(() => {
    if (filesBelow(folder).length >= count) child.kill('SIGKILL');
  }, 10);
  const [, signal] = await ended;
  clearInterval(watch);
  return signal === 'SIGKILL';
}

function expectWholeObjects(): void {
  const cache = path.join(box.root, '.dvc/cache/files/md5');
  for (const file of filesBelow(cache)) {
    const name = path.relative(cache, file).replace('/', '');
    if (name.includes('.throughline-')) continue;
    expect(name.replace('.dir', '')).toBe(createHash('md5').update(fs.readFileSync(file)).digest('hex'));
    expect(fs.statSync(file).mode & 0o777).toBe(0o444);
  }
}

test('an add that is killed leaves whole objects only, and the next one ends as if nothing had happened', async () => {
  const cache = path.join(box.root, '.dvc/cache');
  let kills = 0;
  for (const count of [1, FILES / 2]) {
    if (await killAt('add', cache, count)) kills += 1;
    expectWholeObjects();
  }
  expect(kills).toBeGreaterThan(0);
  const repository = await openRepository(box.surroundings);
  await add(repository, { targets: ['data'] });
  expectWholeObjects();
  expect(filesBelow(cache).filter((file) => file.includes('.throughline-'))).toEqual([]);
  expect(filesBelow(path.join(cache, 'files')).length).toBe(FILES + 1);
  expect(await status(repository)).toEqual({});
});

test('a checkout that is killed is gone on with by the next one', async () => {
  await add(await openRepository(box.surroundings), { targets: ['data'] });
  fs.rmSync(path.join(box.root, 'data'), { recursive: true });
  let kills = 0;
  for (const count of [1, FILES / 2]) if (await killAt('checkout', path.join(box.root, 'data'), count)) kills += 1;
  expect(kills).toBeGreaterThan(0);
  const repository = await openRepository(box.surroundings);
  expect((await checkout(repository)).failed).toEqual([]);
  const files = filesBelow(path.join(box.root, 'data'));
  expect(files.length).toBe(FILES);
  for (const file of files) expect(fs.readFileSync(file, 'utf8')).toBe(`content ${path.basename(file)}`);
  expect(await status(repository)).toEqual({});
});
