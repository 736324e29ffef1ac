// Goal: what is wrong is found, counted and named, and what is well is not blamed. Method: a filled server's files are taken away, added to
// and flipped on the disk, and its rows changed in the database; then the command is run as people run it.

import { execFile } from 'node:child_process';
import { readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { tellStory } from '../testing/story.ts';
import type { Story } from '../testing/story.ts';
import { sha256Of, startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const CLI = fileURLToPath(new URL('throughline.ts', import.meta.url));

let world: World;
let story: Story;
beforeEach(async () => {
  world = await startWorld();
  story = await tellStory(world, { name: 'examined' });
});
afterEach(() => world.close());

interface Answer {
  ok: boolean;
  checks: { name: string; state: string; message: string }[];
  deep: Record<'missing' | 'damaged' | 'orphaned' | 'wrongManifests', { count: number; first: string[] }> | null;
}

async function run(args: string[], env: Record<string, string> = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  const settings = {
    NODE_ENV: 'test' as const,
    PATH: process.env['PATH'] ?? '',
    DATABASE_URL: world.database.url,
    THROUGHLINE_DATA_DIR: world.config.dataDir,
    ...env,
  };
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [CLI, 'doctor', ...args], { env: settings })) };
  } catch (error) {
    const { code = -1, stdout = '', stderr = String(error) } = error as { code?: number; stdout?: string; stderr?: string };
    return { code, stdout, stderr };
  }
}

async function examine(...args: string[]): Promise<Answer & { code: number }> {
  const { code, stdout, stderr } = await run([...args, '--json']);
  if (stdout === '') throw new Error(stderr);
  return { code, ...(JSON.parse(stdout) as Answer) };
}

async function pathOf(bytes: Uint8Array): Promise<string> {
  const [path = ''] = await world.objectsWith(bytes);
  return path;
}

async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  await rm(path);
  await writeFile(path, bytes);
}

const problems = ({ checks }: Answer) => checks.filter(({ state }) => state !== 'OK').map(({ name, state }) => `${name}: ${state}`);

describe('the doctor', () => {
  it('finds nothing where all is well, and changes nothing', async () => {
    const before = [await world.countFiles(), await world.countRows('blob', 'manifest', 'run')];
    const answer = await examine('--deep');
    expect({ code: answer.code, ok: answer.ok, problems: problems(answer) }).toEqual({ code: 0, ok: true, problems: [] });
    expect([await world.countFiles(), await world.countRows('blob', 'manifest', 'run')]).toEqual(before);
  });

  it('names what is missing, damaged and orphaned, each for itself', async () => {
    await rm(await pathOf(story.bytes.raw));
    await flip(await pathOf(story.bytes.clean));
    const beside = join(await pathOf(story.bytes.model), '..');
    await writeFile(join(beside, 'orphan'), 'nobody’s');
    await utimes(join(beside, 'orphan'), new Date(0), new Date(0));
    await writeFile(join(beside, 'young'), 'on its way');
    const answer = await examine('--deep');
    expect({ code: answer.code, problems: problems(answer), deep: answer.deep }).toMatchObject({
      code: 1,
      problems: ['missing: PROBLEM', 'damaged: PROBLEM', 'orphaned: WARNING'],
      deep: {
        missing: { count: 1, first: [sha256Of(story.bytes.raw)] },
        damaged: { count: 1, first: [sha256Of(story.bytes.clean)] },
        orphaned: { count: 1, first: [expect.stringMatching(/^blobs\/[0-9a-f]{2}\/orphan$/)] },
        wrongManifests: { count: 0 },
      },
    });
  });

  it('finds a manifest whose rows were changed', async () => {
    await world.database.database.sql(
      `UPDATE manifest_entry SET executable = NOT executable WHERE manifest_id IN (SELECT manifest_id FROM dataset_version WHERE digest = $1)`,
      [Buffer.from(story.raw.digest, 'hex')],
    );
    expect((await examine('--deep')).deep?.wrongManifests).toEqual({ count: 1, first: [story.raw.digest] });
  });

  it('writes down what it found only where it is told to', async () => {
    await flip(await pathOf(story.bytes.model));
    const stateOf = async () =>
      (
        await world.database.database.sql('SELECT integrity::text AS integrity FROM blob WHERE sha256 = $1', [
          Buffer.from(sha256Of(story.bytes.model), 'hex'),
        ])
      )[0];
    await examine('--deep');
    const untouched = await stateOf();
    await examine('--deep', '--fix');
    expect([untouched, await stateOf()]).toEqual([{ integrity: 'UNCHECKED' }, { integrity: 'DAMAGED' }]);
  });

  it('takes an empty store for another one, and blames no file', async () => {
    await rm(join(world.config.dataDir, 'objects'), { recursive: true });
    const answer = await examine('--deep', '--fix');
    expect({ code: answer.code, problems: problems(answer), deep: answer.deep }).toEqual({
      code: 1,
      problems: ['stored files: PROBLEM'],
      deep: null,
    });
    const rows = await world.database.database.sql(`SELECT 1 FROM blob WHERE integrity = 'DAMAGED'`);
    expect(rows).toEqual([]);
  });

  it('says what is wrong with the settings, or with a database that does not answer', async () => {
    const settings = await run([], { THROUGHLINE_PORT: 'many' });
    const database = await run([], { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/nothing' });
    expect([settings.code, settings.stdout, database.code, database.stdout]).toEqual([
      1,
      expect.stringContaining('THROUGHLINE_PORT must be a whole number'),
      1,
      expect.stringMatching(/PROBLEM {2}database/),
    ]);
  });

  describe('of the key that the secrets of webhooks are kept under', () => {
    const right = { THROUGHLINE_SECRET_KEY: Buffer.alloc(32, 1).toString('base64') };
    const wrong = { THROUGHLINE_SECRET_KEY: Buffer.alloc(32, 2).toString('base64') };
    const HOOK = { name: 'hook', url: 'https://1.1.1.1/hook', events: ['REGISTERED_MODEL_CREATED'], secret: 's' };
    const keyFile = () => join(world.config.dataDir, 'secret.key');
    const judge = async (env: Record<string, string>) => {
      const answer = JSON.parse((await run(['--json'], env)).stdout) as Answer;
      return answer.checks.find(({ name }) => name === 'secret key');
    };

    it('says that it opens what was sealed with it, or what it does not open', async () => {
      await world.command('createWebhook', { input: HOOK });
      expect([await judge(right), await judge(wrong)]).toMatchObject([
        { state: 'OK' },
        { state: 'PROBLEM', message: 'The secrets of these webhooks cannot be read: hook.' },
      ]);
    });

    it('misses it where there is none, and makes none', async () => {
      const before = await judge({});
      await world.command('createWebhook', { input: HOOK });
      expect([before, await judge({})]).toMatchObject([
        { state: 'OK' },
        { state: 'PROBLEM', message: expect.stringContaining('There is no key') as string },
      ]);
      await expect(readFile(keyFile())).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('finds a file that holds no key', async () => {
      await writeFile(keyFile(), 'short\n');
      expect(await judge({})).toMatchObject({ state: 'PROBLEM', message: expect.stringContaining('is not a key') as string });
    });
  });

  it('refuses --fix alone', async () => {
    expect(await run(['--fix'])).toMatchObject({ code: 2, stderr: expect.stringContaining('without --deep') as string });
  });
});
