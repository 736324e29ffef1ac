import * as fs from 'node:fs';
import { uptime } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRepository } from '../repository/repository.ts';
import type { Repository } from '../repository/repository.ts';
import { sandbox } from '../testing/sandbox.ts';
import type { Sandbox } from '../testing/sandbox.ts';
import { init } from '../verbs/init.ts';
import { openCache } from './cache.ts';
import { md5Of } from './hash.ts';
import { beginStoring, recover } from './storing.ts';

let box: Sandbox;
let repository: Repository;
beforeEach(async () => {
  box = sandbox();
  await init(box.surroundings);
  repository = await openRepository(box.surroundings);
});
afterEach(() => box.remove());

function store(bytes: string, content: string): string {
  const md5 = md5Of(Buffer.from(bytes));
  const file = openCache(repository).fileOf({ hash: 'md5', md5, isTree: false });
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content, { mode: 0o444 });
  return file;
}

function note(changes: object): void {
  const file = path.join(repository.temporaryFolder, 'storing.json');
  fs.writeFileSync(file, JSON.stringify({ ...(JSON.parse(fs.readFileSync(file, 'utf8')) as object), ...changes }));
}

const NAME = '.throughline-0123456789ab';

test('temporary files of a killed command are removed, and those of others are not', async () => {
  await beginStoring(repository, openCache(repository), NAME);
  const folder = path.dirname(store('whole', 'whole'));
  fs.writeFileSync(path.join(folder, `${NAME}-3`), 'half');
  fs.writeFileSync(path.join(folder, '.throughline-ffffffffffff-3'), 'of a command that runs');
  await recover(repository);
  expect(fs.readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual(['.throughline-ffffffffffff-3']);
});

test('objects whose bytes a power cut took are moved out of the way', async () => {
  await beginStoring(repository, openCache(repository), NAME);
  note({ bootedAtMs: Date.now() - uptime() * 1000 - 3_600_000 });
  const empty = store('lost', '');
  const whole = store('whole', 'whole');
  await recover(repository);
  expect([fs.existsSync(empty), fs.existsSync(whole)]).toEqual([false, true]);
});

test('after a killed command objects are not hashed again: what the system holds is whole', async () => {
  await beginStoring(repository, openCache(repository), NAME);
  const file = store('any', 'other bytes');
  await recover(repository);
  expect(fs.existsSync(file)).toBe(true);
});

test('a note that cannot be read stops nobody', async () => {
  fs.mkdirSync(repository.temporaryFolder, { recursive: true });
  fs.writeFileSync(path.join(repository.temporaryFolder, 'storing.json'), '{"half');
  await expect(recover(repository)).resolves.toBeUndefined();
});
