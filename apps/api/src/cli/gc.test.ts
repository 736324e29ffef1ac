// The command as people run it: a process of its own beside a running server, and killed on the way.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { COLLECTION_LOCK } from '@throughline/content';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { startRun, tellStory } from '../testing/story.ts';
import { startWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

const CLI = fileURLToPath(new URL('throughline.ts', import.meta.url));

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const settings = () => ({
  NODE_ENV: 'test' as const,
  PATH: process.env['PATH'] ?? '',
  DATABASE_URL: world.database.url,
  THROUGHLINE_DATA_DIR: world.config.dataDir,
});

async function gc(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [CLI, 'gc', ...args], { env: settings() })) };
  } catch (error) {
    const { code = -1, stdout = '', stderr = String(error) } = error as { code?: number; stdout?: string; stderr?: string };
    return { code, stdout, stderr };
  }
}

describe('throughline gc', () => {
  it('tells what it would remove, removes it, and says what it kept and why', async () => {
    const story = await tellStory(world, { name: 'told' });
    const doomed = await startRun(world);
    for (const { id } of [story.run, doomed]) await world.command('deleteRun', { id });
    const dry = await gc('--dry-run');
    const young = await gc('--older-than', '1h', '--json');
    const real = await gc();
    const { runs } = await world.query<{ runs: { nodes: { id: string }[] } }>('{ runs(view: ALL) { nodes { id } } }');
    expect([dry.stdout, real.stdout].map((text) => text.split('\n').slice(0, 2))).toEqual([
      ['Would remove 1 run, 0 logged models and 0 experiments.', 'Kept 1: a model version came from it.'],
      ['Removed 1 run, 0 logged models and 0 experiments.', 'Kept 1: a model version came from it.'],
    ]);
    expect(JSON.parse(young.stdout)).toMatchObject({ state: 'DONE', runs: { found: 0 } });
    expect(runs.nodes).toEqual([{ id: story.run.id }]);
  });

  it('refuses what it cannot take, and exits with 1; what it cannot read, with 2', async () => {
    const run = await startRun(world);
    expect([await gc('--run-ids', run.runId), await gc('--older-than', 'soon')]).toMatchObject([
      { code: 1, stdout: '', stderr: expect.stringContaining('is not deleted') as string },
      { code: 2, stdout: '', stderr: expect.stringContaining('--older-than takes a length of time') as string },
    ]);
  });

  it('that is killed is gone on with by the next', async () => {
    for (let i = 0; i < 3; i += 1) {
      const run = await startRun(world);
      await world.database.database.sql(
        `INSERT INTO run_param (run_id, key, value) SELECT id, 'k' || n, '' FROM run, generate_series(1, 60000) n WHERE run_id = $1`,
        [run.runId],
      );
      await world.command('deleteRun', { id: run.id });
    }
    const child = spawn(process.execPath, [CLI, 'gc'], { env: settings(), stdio: 'ignore' });
    const ended = once(child, 'exit');
    const isUnderWay = async () =>
      (await world.database.database.sql(`SELECT 1 FROM purge_item WHERE state = 'DOOMED' AND EXISTS (SELECT 1 FROM run_param)`)).length >
      0;
    await vi.waitFor(async () => expect(await isUnderWay()).toBe(true), { timeout: 25_000, interval: 1 });
    child.kill('SIGKILL');
    await ended;
    const left = (await world.countRows('run'))['run'];
    // What a process that is gone holds ends by itself, and is waited for; here it ends soon.
    await world.database.database.sql(`UPDATE purge_job SET lease_until = now() + interval '5 seconds'`);
    const next = await gc('--json');
    expect({ left: (left ?? 0) > 0, code: next.code, rows: await world.countRows('run', 'run_param') }).toEqual({
      left: true,
      code: 0,
      rows: { run: 0, run_param: 0 },
    });
    expect(JSON.parse(next.stdout)).toMatchObject({
      state: 'DONE',
      runs: { removed: 0 },
      resumed: { state: 'DONE', runs: { removed: 3 } },
    });
    expect(next.stderr).toContain('Went on with what was begun');
  }, 90_000);

  it('waits with the stored files for the end of a backup, and then removes them', async () => {
    await world.upload(Buffer.from('named by nothing'));
    await world.database.database.sql(`UPDATE blob SET last_put_at = now() - interval '7 days'`);
    const backup = await world.database.database.connect();
    await backup.query(`SELECT pg_advisory_lock(${COLLECTION_LOCK})`);
    const child = spawn(process.execPath, [CLI, 'gc', '--json'], { env: settings(), stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
    const ended = once(child, 'exit');
    await vi.waitFor(() => expect(said.err).toContain('A backup is being made'), { timeout: 25_000, interval: 10 });
    const meanwhile = await world.countRows('blob');
    await backup.query(`SELECT pg_advisory_unlock(${COLLECTION_LOCK})`);
    backup.release();
    await ended;
    expect({ meanwhile, code: child.exitCode, answer: JSON.parse(said.out) as unknown }).toMatchObject({
      meanwhile: { blob: 1 },
      code: 0,
      answer: { state: 'DONE', error: null, collected: { blobs: 1 } },
    });
  }, 60_000);
});
