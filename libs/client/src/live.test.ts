// Goal: a living run brings everything to the server in order and once, whatever happens to the line; what cannot be is told. Method: the real server,
// through a line that can be cut, mended, and told to lose an answer.

import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { resumeRun, startRun, sync, ThroughlineError, withRun } from './index.ts';
import { layLine, serverUrl, storedArtifact, storedPoints, storedRun, tell, testFolder } from './testing.ts';
import type { Line } from './testing.ts';

let dir: string;
let remove: () => Promise<void>;
let line: Line;
let troubles: Error[];
beforeEach(async () => {
  ({ dir, remove } = await testFolder());
  line = await layLine();
  troubles = [];
});
afterEach(async () => {
  await line.cut();
  await remove();
});

const options = () => ({ dir, url: line.url, experiment: 'live', onError: (error: Error) => void troubles.push(error) });
const codes = () => troubles.map((error) => (error instanceof ThroughlineError ? error.code : error.message));

describe('a run on a server that answers', () => {
  it('brings params, tags, a name, metrics and its end', async () => {
    const run = await startRun({ ...options(), name: 'first', params: { rate: 0.1, deep: true }, tags: { team: 'ice' } });
    run.log({ loss: 0.5, gain: Number.NaN, room: Infinity }, { step: 3, timestamp: 1_000 });
    run.tags({ team: 'snow', 'mlflow.note.content': 'x' });
    run.setName('renamed');
    expect(await run.finish()).toBe('server');
    const stored = await storedRun(run.id);
    expect(stored?.info).toMatchObject({ run_name: 'renamed', status: 'FINISHED' });
    expect(stored?.data.params).toEqual([
      { key: 'deep', value: 'true' },
      { key: 'rate', value: '0.1' },
    ]);
    expect(stored?.data.tags).toContainEqual({ key: 'team', value: 'snow' });
    expect(stored?.data.metrics).toEqual([
      { key: 'gain', value: 'NaN', step: 3, timestamp: 1_000 },
      { key: 'loss', value: 0.5, step: 3, timestamp: 1_000 },
      { key: 'room', value: Number.MAX_VALUE, step: 3, timestamp: 1_000 },
    ]);
    expect(troubles).toEqual([]);
  });

  it('leaves no file behind', async () => {
    const run = await startRun(options());
    run.log({ loss: 1 });
    await run.logArtifact(Buffer.from('bytes'), 'a/b.bin');
    await run.finish();
    expect(await readdir(join(dir, 'runs'))).toEqual([]);
  });

  it('counts steps where none is given', async () => {
    const run = await startRun(options());
    run.log({ loss: 1 });
    run.log({ loss: 2, gain: 1 });
    run.log({ loss: 3 }, { step: 10 });
    run.log({ loss: 4 }, { step: 5 });
    run.log({ loss: 5 });
    await run.finish();
    expect((await storedPoints(run.id, 'loss')).map(({ step, value }) => [step, value])).toEqual([
      [0, 1],
      [1, 2],
      [5, 4],
      [10, 3],
      [11, 5],
    ]);
  });

  it('sends many points in few requests, and more keys than one request takes', async () => {
    const run = await startRun(options());
    for (let step = 0; step < 5_000; step += 1) run.log({ loss: step / 2 });
    const wide = Object.fromEntries(Array.from({ length: 2_500 }, (_, index) => [`wide/${index}`, index]));
    run.log(wide, { step: 7 });
    run.params(Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`p${index}`, index])));
    await run.flush();
    expect(line.requestsWith('runs/log-batch')).toBeLessThanOrEqual(12);
    const points = await storedPoints(run.id, 'loss');
    expect(points.map(({ value }) => value)).toEqual(Array.from({ length: 5_000 }, (_, step) => step / 2));
    const stored = await storedRun(run.id);
    expect(stored?.data.metrics).toHaveLength(2_501);
    expect(stored?.data.params).toHaveLength(250);
    await run.finish();
  });

  it('keeps files, bytes and streams, as they were when they were logged', async () => {
    const run = await startRun(options());
    const file = join(dir, 'model.bin');
    const large = randomBytes(9 * 2 ** 20);
    await writeFile(file, large);
    await run.logArtifact(file);
    await writeFile(file, 'changed afterwards');
    await run.logArtifact(Readable.from([Buffer.from('one '), Buffer.from('two')]), 'notes/stream.txt');
    await run.logArtifact(new Uint8Array(0), 'empty');
    await run.finish();
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(hash(await storedArtifact(run.id, 'model.bin'))).toBe(hash(large));
    expect((await storedArtifact(run.id, 'notes/stream.txt')).toString()).toBe('one two');
    expect(await storedArtifact(run.id, 'empty')).toHaveLength(0);
  });

  it('says what the run read, registered or not', async () => {
    const run = await startRun(options());
    run.useDataset('data:penguins@2', { context: 'training' });
    run.logInput({ name: 'weather', digest: 'abc', source: 'https://example.org/w.csv', sourceType: 'http', context: 'test' });
    await run.finish();
    const inputs = (await storedRun(run.id))?.inputs.dataset_inputs;
    expect(inputs).toMatchObject([
      { dataset: { name: 'penguins', source: 'data:penguins@2' }, tags: [{ key: 'mlflow.data.context', value: 'training' }] },
      { dataset: { name: 'weather', source: 'https://example.org/w.csv' }, tags: [{ key: 'mlflow.data.context', value: 'test' }] },
    ]);
  });

  it('starts runs that are part of it', async () => {
    const run = await startRun(options());
    const child = await run.startChild({ name: 'fold 1' });
    await child.finish();
    await run.finish();
    const stored = await storedRun(child.id);
    expect(stored?.info.experiment_id).toBe((await storedRun(run.id))?.info.experiment_id);
    expect(stored?.data.tags).toContainEqual({ key: 'mlflow.parentRunId', value: run.id });
  });

  it('starts a part of a run that goes on, in that run’s experiment', async () => {
    const run = await startRun(options());
    await run.finish();
    const again = await resumeRun(run.id, options());
    const child = await again.startChild();
    await child.finish();
    await again.finish();
    const named = await startRun({ ...options(), experiment: undefined, parent: run.id });
    await named.finish();
    const experiment = (await storedRun(run.id))?.info.experiment_id;
    expect((await storedRun(child.id))?.info.experiment_id).toBe(experiment);
    expect((await storedRun(named.id))?.info.experiment_id).toBe(experiment);
  });

  it('goes on with a run where its steps ended', async () => {
    const run = await startRun(options());
    run.log({ loss: 1 }, { step: 41 });
    await run.finish();
    const again = await resumeRun(run.id, options());
    expect((await storedRun(run.id))?.info.status).toBe('RUNNING');
    again.log({ loss: 2 });
    await again.finish('KILLED');
    expect((await storedPoints(run.id, 'loss')).map(({ step }) => step)).toEqual([41, 42]);
    expect((await storedRun(run.id))?.info.status).toBe('KILLED');
  });
});

describe('how a run ends', () => {
  it('as FAILED where its block is left by an exception', async () => {
    let id = '';
    const work = async () => {
      await using run = await startRun(options());
      id = run.id;
      throw new Error('boom');
    };
    await expect(work()).rejects.toThrow('boom');
    expect((await storedRun(id))?.info.status).toBe('FAILED');
  });

  it('as it was finished, where its block is left after that', async () => {
    let id = '';
    {
      await using run = await startRun(options());
      id = run.id;
      await run.finish();
    }
    expect((await storedRun(id))?.info.status).toBe('FINISHED');
  });

  it('as the work in it did', async () => {
    let id = '';
    const answer = await withRun(options(), async (run) => {
      id = run.id;
      return 42;
    });
    expect(answer).toBe(42);
    expect((await storedRun(id))?.info.status).toBe('FINISHED');
    await expect(
      withRun(options(), async (run) => {
        id = run.id;
        throw new Error('boom');
      }),
    ).rejects.toThrow('boom');
    expect((await storedRun(id))?.info.status).toBe('FAILED');
  });

  it('once, after which it takes nothing', async () => {
    const run = await startRun(options());
    expect(await Promise.all([run.finish(), run.finish('FAILED')])).toEqual(['server', 'server']);
    expect((await storedRun(run.id))?.info.status).toBe('FINISHED');
    expect(() => run.log({ loss: 1 })).toThrow(expect.objectContaining({ code: 'RUN_FINISHED' }));
  });
});

describe('a line that breaks', () => {
  it('shows points once whose answer was lost', async () => {
    const run = await startRun(options());
    line.loseAnswerTo('runs/log-batch');
    for (let step = 0; step < 300; step += 1) run.log({ loss: step });
    expect(await run.flush()).toBe('server');
    expect(line.requestsWith('runs/log-batch')).toBe(2);
    expect(await storedPoints(run.id, 'loss')).toHaveLength(300);
    await run.finish();
  });

  it('starts a run once whose answer was lost', async () => {
    line.loseAnswerTo('createRun');
    const run = await startRun({ ...options(), name: 'lost' });
    expect(line.requestsWith('createRun')).toBe(2);
    expect((await storedRun(run.id))?.info.run_name).toBe('lost');
    await run.finish();
  });

  it('keeps what the server lacks in the journal, and sends it once the server is back', async () => {
    const run = await startRun(options());
    run.log({ loss: 0 });
    expect(await run.flush()).toBe('server');
    await line.cut();
    run.log({ loss: 1 });
    run.tags({ state: 'away' });
    expect(await run.flush()).toBe('journal');
    expect(codes()).toEqual(['UNREACHABLE']);
    expect(await storedPoints(run.id, 'loss')).toHaveLength(1);
    await line.mend();
    run.log({ loss: 2 });
    expect(await run.finish()).toBe('server');
    expect((await storedPoints(run.id, 'loss')).map(({ value }) => value)).toEqual([0, 1, 2]);
    expect((await storedRun(run.id))?.data.tags).toContainEqual({ key: 'state', value: 'away' });
    expect(await readdir(join(dir, 'runs'))).toEqual([]);
  });

  it('starts without a server, and leaves a run and its children to a sync', async () => {
    await line.cut();
    const run = await startRun(options());
    run.log({ loss: 1 });
    const child = await run.startChild();
    child.log({ loss: 2 });
    expect(await child.finish()).toBe('journal');
    expect(await run.finish()).toBe('journal');
    expect(codes()).toEqual(['UNREACHABLE', 'UNREACHABLE', 'UNSENT', 'UNSENT']);
    await line.mend();
    const report = await sync({ dir, url: line.url });
    expect(report.complete).toBe(true);
    expect(report.runs.map(({ runId, outcome }) => [runId, outcome])).toEqual([
      [run.id, 'sent'],
      [child.id, 'sent'],
    ]);
    expect((await storedRun(child.id))?.data.tags).toContainEqual({ key: 'mlflow.parentRunId', value: run.id });
    expect((await storedRun(run.id))?.info.status).toBe('FINISHED');
  });
});

describe('what the server refuses', () => {
  it('is kept and told, and holds up nothing else', async () => {
    const run = await startRun({ ...options(), params: { rate: 1 } });
    await run.flush();
    const other = await resumeRun(run.id, options());
    other.params({ rate: 2 });
    other.log({ loss: 1 });
    await expect(other.flush()).rejects.toMatchObject({
      code: 'REFUSED',
      refusals: [{ record: 'params', code: 'INVALID_PARAMETER_VALUE' }],
    });
    expect(await storedPoints(run.id, 'loss')).toHaveLength(1);
    expect(await other.finish()).toBe('server');
    const kept = await readFile(join(dir, 'synced', `${run.id}.2`, 'refused.jsonl'), 'utf8');
    expect(JSON.parse(kept)).toMatchObject({ record: 'params', content: { pairs: [['rate', '2']] } });
    await run.finish();
  });

  it('keeps everything of a deleted run until it is restored', async () => {
    const run = await startRun(options());
    await run.flush();
    await tell('runs/delete', { run_id: run.id });
    run.log({ loss: 1 });
    await expect(run.flush()).rejects.toThrow("must be in the 'active' state");
    run.log({ loss: 2 });
    await expect(run.finish()).rejects.toThrow("must be in the 'active' state");
    await tell('runs/restore', { run_id: run.id });
    expect((await sync({ dir, url: line.url })).complete).toBe(true);
    expect((await storedPoints(run.id, 'loss')).map(({ value }) => value)).toEqual([1, 2]);
  });

  it('stops a start that can never be, and leaves nothing behind', async () => {
    await expect(startRun({ ...options(), token: 'wrong' })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(startRun({ ...options(), parent: 'nobody' })).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    await expect(startRun({ ...options(), experiment: undefined, parent: 'nobody' })).rejects.toThrow('nobody');
    await expect(resumeRun('nobody', options())).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    expect(await readdir(join(dir, 'runs'))).toEqual([]);
  });

  it('names the address where something else answers there', async () => {
    await expect(startRun({ ...options(), url: `${serverUrl()}/nowhere` })).rejects.toThrow('THROUGHLINE_URL');
  });
});

it('tells where somebody removes the journal of a living run', async () => {
  const run = await startRun(options());
  await run.flush();
  await line.cut();
  run.log({ loss: 1 });
  expect(await run.flush()).toBe('journal');
  await rm(join(run.folder, '0000000000000000.journal'));
  await line.mend();
  await expect(run.finish()).rejects.toMatchObject({ code: 'JOURNAL_LOST' });
});

describe('the mode online', () => {
  it('counts only what the server has', async () => {
    const run = await startRun({ ...options(), mode: 'online' });
    run.log({ loss: 1 });
    line.loseAnswerTo('runs/log-batch');
    expect(await run.flush()).toBe('server');
    await run.finish();
    expect(await storedPoints(run.id, 'loss')).toHaveLength(1);
  });
});
