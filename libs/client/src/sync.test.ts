// Goal: whatever was left in a directory gets to the server once, and what cannot is told and kept. Method: journals are written offline, harmed or held,
// and sent to the real server.

import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { resumeRun, startRun, sync } from './index.ts';
import type { StartOptions, SyncProgress } from './index.ts';
import { layLine, serverUrl, storedArtifact, storedPoints, storedRun, testFolder } from './testing.ts';

const CLI = fileURLToPath(new URL('cli/main.ts', import.meta.url));

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await testFolder());
});
afterEach(() => remove());

const offline = (options: StartOptions = {}) => startRun({ dir, mode: 'offline', experiment: 'sync', ...options });
const send = (options = {}) => sync({ dir, url: serverUrl(), ...options });

/** A run that is logged offline and finished. */
async function logged(options: StartOptions = {}): Promise<string> {
  const run = await offline(options);
  for (let step = 0; step < 100; step += 1) run.log({ loss: step });
  await run.logArtifact(Buffer.from('weights'), 'model/w.bin');
  expect(await run.finish()).toBe('journal');
  return run.id;
}

const lostPid = () => spawnSync(process.execPath, ['--version']).pid;
const lock = (runId: string, note: object) => writeFile(join(dir, 'runs', runId, 'lock'), JSON.stringify(note));

describe('sync', () => {
  it('sends a run that was logged offline, and moves its folder', async () => {
    const id = await logged({ name: 'away', params: { a: 1 } });
    expect(await storedRun(id)).toBeNull();
    const report = await send();
    expect(report).toMatchObject({ complete: true, runs: [{ runId: id, outcome: 'sent', points: 100, artifacts: 1, refusals: [] }] });
    expect((await storedPoints(id, 'loss')).map(({ value }) => value)).toEqual(Array.from({ length: 100 }, (_, step) => step));
    expect((await storedArtifact(id, 'model/w.bin')).toString()).toBe('weights');
    expect((await storedRun(id))?.info).toMatchObject({ run_name: 'away', status: 'FINISHED' });
    expect(await readdir(join(dir, 'runs'))).toEqual([]);
    expect(await readdir(join(dir, 'synced'))).toEqual([id]);
    expect(await send()).toEqual({ complete: true, runs: [] });
  });

  it('keeps the times at which things happened', async () => {
    const before = Date.now();
    const id = await logged();
    const after = Date.now();
    await send();
    const run = await storedRun(id);
    for (const time of [run?.info.start_time, run?.info.end_time, ...(await storedPoints(id, 'loss')).map(({ timestamp }) => timestamp)]) {
      expect(time).toBeGreaterThanOrEqual(before);
      expect(time).toBeLessThanOrEqual(after);
    }
  });

  it('removes what was sent, where that is asked for', async () => {
    await logged();
    expect((await send({ remove: true })).complete).toBe(true);
    expect(await readdir(dir)).toEqual(['runs']);
    expect(await readdir(join(dir, 'runs'))).toEqual([]);
  });

  it('sends a parent before its children, and a run before what went on with it', async () => {
    const parent = await offline();
    const child = await parent.startChild();
    await child.finish();
    await parent.finish();
    const again = await resumeRun(child.id, { dir, mode: 'offline' });
    again.log({ loss: 1 });
    await again.finish('FAILED');
    const { runs } = await send();
    expect(runs.map(({ runId, outcome }) => [runId, outcome])).toEqual([
      [parent.id, 'sent'],
      [child.id, 'sent'],
      [child.id, 'sent'],
    ]);
    expect((await storedRun(child.id))?.info.status).toBe('FAILED');
  });

  it('sends only the runs that are named', async () => {
    const [one, other] = [await logged(), await logged()];
    expect((await send({ runs: [other] })).runs.map(({ runId }) => runId)).toEqual([other]);
    expect(await storedRun(one)).toBeNull();
  });

  it('counts without sending in a dry run', async () => {
    const id = await logged();
    expect(await send({ dryRun: true })).toMatchObject({
      complete: false,
      runs: [{ runId: id, outcome: 'unsent', points: 100, artifacts: 1 }],
    });
    expect(await storedRun(id)).toBeNull();
    expect(await readdir(join(dir, 'runs'))).toEqual([id]);
  });

  it('tells how far it is, up to the end', async () => {
    await logged();
    const told: SyncProgress[] = [];
    await send({ onProgress: (progress: SyncProgress) => void told.push(progress) });
    expect(told.length).toBeGreaterThan(1);
    expect(told.every(({ sentBytes, totalBytes }, index) => sentBytes <= totalBytes && sentBytes > (told[index - 1]?.sentBytes ?? 0))).toBe(
      true,
    );
    expect(told.at(-1)?.sentBytes).toBe(told.at(-1)?.totalBytes);
  });

  it('leaves alone a run whose process is at work, and tells that it does', async () => {
    const run = await offline();
    run.log({ loss: 1 });
    await run.flush();
    expect(await send()).toMatchObject({ complete: true, runs: [{ runId: run.id, outcome: 'in use' }] });
    expect(await storedRun(run.id)).toBeNull();
    await run.finish();
    expect((await send()).runs).toMatchObject([{ outcome: 'sent' }]);
  });

  it('takes a run whose process is gone, though its id may have come to another, and ends it as KILLED', async () => {
    const [gone, reused] = [await offline(), await offline()];
    for (const run of [gone, reused]) {
      run.log({ loss: 1 }, { timestamp: Date.now() + 5_000 });
      await run.finish();
      const path = join(dir, 'runs', run.id, '0000000000000000.journal');
      const lines = (await readFile(path, 'utf8')).split('\n');
      await writeFile(path, lines.filter((line) => !line.includes('"end"')).join('\n'));
    }
    await lock(gone.id, { host: hostname(), pid: lostPid(), begun: '1' });
    await lock(reused.id, { host: hostname(), pid: process.ppid, begun: 'another time' });
    expect((await send()).complete).toBe(true);
    for (const { id } of [gone, reused]) {
      const points = await storedPoints(id, 'loss');
      expect((await storedRun(id))?.info).toMatchObject({ status: 'KILLED', end_time: points[0]?.timestamp });
    }
  });

  it('takes the journals of another machine by force alone', async () => {
    const id = await logged();
    await lock(id, { host: 'elsewhere', pid: 1, begun: '' });
    expect((await send()).runs).toMatchObject([{ outcome: 'in use' }]);
    expect((await send({ force: true })).runs).toMatchObject([{ outcome: 'sent' }]);
  });

  it('sends what is whole of a damaged journal, and keeps it', async () => {
    const run = await offline();
    for (const name of ['one', 'two', 'three']) run.tags({ [name]: 1 });
    await run.finish();
    const path = join(run.folder, '0000000000000000.journal');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"two"', '"tow"'));
    expect(await send({ remove: true })).toMatchObject({ complete: false, runs: [{ outcome: 'sent', damagedLines: 1 }] });
    const keys = (await storedRun(run.id))?.data.tags.map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining(['one', 'three']));
    expect(keys).not.toContain('tow');
    expect(await readdir(join(dir, 'synced'))).toEqual([run.id]);
  });

  it('tells of an artifact whose bytes are not what was logged, and sends the rest', async () => {
    const id = await logged();
    await writeFile(join(dir, 'runs', id, 'artifacts/1'), 'WEIGHTS');
    const { complete, runs } = await send();
    expect(complete).toBe(false);
    expect(runs).toMatchObject([{ outcome: 'sent', refusals: [{ record: 'artifact', code: 'CONTENT_MISMATCH' }] }]);
    expect((await storedRun(id))?.info.status).toBe('FINISHED');
    expect(await readdir(join(dir, 'synced', id))).toContain('refused.jsonl');
  });

  it('keeps everything where the server does not answer', async () => {
    const line = await layLine();
    await line.cut();
    const ids = [await logged(), await logged()];
    const { complete, runs } = await send({ url: line.url });
    expect(complete).toBe(false);
    expect(runs.map(({ runId, outcome }) => [runId, outcome])).toEqual(ids.map((id) => [id, 'unreachable']));
    expect((await send()).complete).toBe(true);
  });

  it('sends what a killed process left before a run goes on', async () => {
    const id = await logged();
    const run = await resumeRun(id, { dir, url: serverUrl() });
    run.log({ loss: -1 });
    await run.finish();
    expect((await storedPoints(id, 'loss')).at(-1)).toMatchObject({ step: 100, value: -1 });
  });

  it('finds everything sent by several syncs at once', async () => {
    const ids = [await logged(), await logged(), await logged()];
    const reports = await Promise.all([send(), send(), send()]);
    const sent = reports.flatMap(({ runs }) => runs.filter(({ outcome }) => outcome === 'sent').map(({ runId }) => runId));
    expect(sent.sort()).toEqual([...ids].sort());
    for (const id of ids) expect(await storedPoints(id, 'loss')).toHaveLength(100);
  });

  it('refuses a journal of a format that it does not know', async () => {
    const id = await logged();
    const path = join(dir, 'runs', id, 'run.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"format":1', '"format":9'));
    await expect(send()).rejects.toMatchObject({ code: 'UNKNOWN_FORMAT' });
    await rm(path);
    expect(await send()).toEqual({ complete: true, runs: [] });
  });
});

describe('the command', () => {
  async function command(args: string[], url = serverUrl()) {
    const child = fork(CLI, args, {
      execArgv: [],
      env: { THROUGHLINE_URL: url, THROUGHLINE_DIR: dir },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    let out = '';
    let err = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
    const [code] = (await once(child, 'close')) as [number];
    return { code, out, err };
  }

  it('sends, and says what it sent', async () => {
    const id = await logged();
    expect(await command(['sync'])).toEqual({ code: 0, out: `${id}: sent, 100 points, 1 artifact\n`, err: '' });
    expect(await command(['sync', dir])).toEqual({ code: 0, out: 'There is nothing to send.\n', err: '' });
  });

  it('says what would be sent, as JSON', async () => {
    const id = await logged();
    const { code, out } = await command(['sync', '--dry-run', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ complete: false, runs: [{ runId: id, outcome: 'unsent' }] });
  });

  it('ends with 1 where something was refused, and 3 where nobody answers', async () => {
    const line = await layLine();
    await line.cut();
    const id = await logged();
    expect(await command(['sync'], line.url)).toMatchObject({ code: 3, out: expect.stringContaining('No server answers') as string });
    await writeFile(join(dir, 'runs', id, 'artifacts/1'), 'WEIGHTS');
    expect(await command(['sync'])).toMatchObject({ code: 1, out: expect.stringContaining('refused artifact') as string });
  });

  it('ends with 2 where it was called wrongly', async () => {
    for (const args of [[], ['sink'], ['sync', '--fast'], ['sync', 'a', 'b'], ['sync', '--url', 'ftp://x']]) {
      expect((await command(args)).code).toBe(2);
    }
    expect((await command(['--help'])).code).toBe(0);
  });
});
