// Goal: what people install works on the Node that they have, and keeps its word when its process is killed. Method: the package is packed, installed
// in an empty project, and run under the machine's own Node; programs kill themselves with SIGKILL, and a sync is killed in its middle, again and again.

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { layLine, serverUrl, storedArtifact, storedPoints, storedRun, testFolder } from './testing.ts';
import { VERSION } from './version.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
/** Without the folders that hold this repository's own Node. */
const PATH = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((part) => !part.includes('node_modules'))
  .join(delimiter);

let project: string;
let removeProject: () => Promise<void>;
let tarball: string;
let dir: string;
let count = 0;

function must(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, PATH } });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status ?? String(error)}:\n${stdout}${stderr}`);
  return stdout;
}

beforeAll(async () => {
  ({ dir: project, remove: removeProject } = await testFolder());
  const packed = JSON.parse(must('npm', ['pack', '--json', '--pack-destination', project], PACKAGE)) as { filename: string }[];
  tarball = join(project, packed[0]?.filename ?? '');
  await writeFile(join(project, 'package.json'), '{ "name": "somebody", "private": true, "type": "module" }');
  must('npm', ['install', '--offline', '--no-audit', '--no-fund', '--cache', join(project, 'cache'), tarball], project);
});
afterAll(() => removeProject());

beforeEach(async () => {
  count += 1;
  dir = join(project, `journals-${count}`);
  await mkdir(dir);
});
const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

function start(args: string[], env: Record<string, string>): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn('node', args, {
    cwd: project,
    env: { PATH, THROUGHLINE_URL: serverUrl(), THROUGHLINE_DIR: dir, THROUGHLINE_EXPERIMENT: 'package', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    children.delete(child);
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, out: out.trim(), err };
  });
  return { child, ended };
}

/** Runs a program in the project. */
async function run(source: string, env: Record<string, string> = {}, name = 'program.mjs'): Promise<Ended> {
  const file = join(project, `${count}-${name}`);
  await writeFile(file, source);
  return start([file], env).ended;
}

const cli = () => join(project, 'node_modules/@throughline/client/dist/npm/cli.js');
const sync = (args: string[] = [], env: Record<string, string> = {}) => start([cli(), 'sync', ...args], env).ended;

describe('the package', () => {
  it('holds what is needed and nothing else, and depends on nothing', async () => {
    const root = join(project, 'node_modules/@throughline/client');
    const files = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(files.map(({ name }) => name).sort()).toEqual(
      ['LICENSE', 'README.md', 'cli.js', 'index.cjs', 'index.d.cts', 'index.d.ts', 'index.js', 'package.json'].sort(),
    );
    expect((await stat(tarball)).size).toBeLessThan(100_000);
    const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string; dependencies?: object };
    expect(manifest.dependencies).toBeUndefined();
    expect(manifest.version).toBe(VERSION);
  });

  it('logs a run in two lines', async () => {
    const { code, out, err } = await run(
      `import { startRun } from '@throughline/client';
       const run = await startRun({ experiment: 'penguins' });
       run.log({ loss: 0.3 }, { step: 1 });
       console.log(run.id);`,
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(await storedPoints(out, 'loss')).toMatchObject([{ value: 0.3, step: 1 }]);
    expect((await storedRun(out))?.info.status).toBe('FINISHED');
  });

  it('can be required', async () => {
    const { out, err } = await run(
      `const { startRun, VERSION } = require('@throughline/client');
       startRun().then(async (run) => { await run.finish(); console.log(VERSION, run.id.length); });`,
      {},
      'program.cjs',
    );
    expect({ out, err }).toEqual({ out: `${VERSION} 32`, err: '' });
  });

  it('has types for both kinds of modules', async () => {
    const source = `
      import { startRun, sync, ThroughlineError } from '@throughline/client';
      import type { Run, SyncReport } from '@throughline/client';
      export async function work(): Promise<SyncReport> {
        await using run: Run = await startRun({ experiment: 'e', params: { a: 1, b: true } });
        run.log({ loss: 1 }, { step: 1, timestamp: new Date() });
        const where: 'server' | 'journal' = await run.finish('FAILED');
        // @ts-expect-error a status that there is not
        await run.finish('DONE');
        // @ts-expect-error a value that is no number
        run.log({ loss: 'much' });
        if (where === 'server') throw new ThroughlineError({ code: 'X', message: 'x' });
        return sync();
      }`;
    await writeFile(join(project, 'types.mts'), source);
    await writeFile(join(project, 'types.cts'), source);
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2022'];
    must(process.execPath, [tsc, ...options, 'types.mts', 'types.cts'], project);
  });
});

describe('a process that ends without finishing its run', () => {
  it('by an exception: the run fails, and what waited is sent by a sync', async () => {
    const { code, err, out } = await run(
      `import { startRun } from '@throughline/client';
       const run = await startRun();
       console.log(run.id);
       for (let step = 0; step < 10; step += 1) run.log({ loss: step });
       throw new Error('boom');`,
    );
    expect(code).toBe(1);
    expect(err).toContain('npx throughline-client sync');
    expect((await sync()).code).toBe(0);
    expect(await storedPoints(out, 'loss')).toHaveLength(10);
    expect((await storedRun(out))?.info.status).toBe('FAILED');
  });

  it('by process.exit: the same, as it exits', async () => {
    const { out } = await run(
      `import { startRun } from '@throughline/client';
       const run = await startRun();
       console.log(run.id);
       run.log({ loss: 1 });
       process.exit(0);`,
    );
    expect((await sync()).code).toBe(0);
    expect(await storedPoints(out, 'loss')).toHaveLength(1);
    expect((await storedRun(out))?.info.status).toBe('FINISHED');
  });
});

describe('a process that is killed after flush', () => {
  const program = (log: string) =>
    `import { startRun } from '@throughline/client';
     const run = await startRun({ name: 'killed' });
     ${log}
     console.log(run.id + ' ' + await run.flush());
     process.kill(process.pid, 'SIGKILL');`;
  const points = `for (let step = 0; step < 20_000; step += 1) run.log({ loss: step / 8, gain: step - 1 });`;
  const whole = Array.from({ length: 20_000 }, (_, step) => step);

  it('has everything on the server', async () => {
    const { signal, out } = await run(program(points));
    expect(signal).toBe('SIGKILL');
    const [id = '', where] = out.split(' ');
    expect(where).toBe('server');
    expect((await storedPoints(id, 'loss')).map(({ value }) => value)).toEqual(whole.map((step) => step / 8));
    expect((await storedPoints(id, 'gain')).map(({ value }) => value)).toEqual(whole.map((step) => step - 1));
    expect((await storedRun(id))?.info.status).toBe('RUNNING');
    expect((await sync()).code).toBe(0);
    expect((await storedRun(id))?.info.status).toBe('KILLED');
    expect(await storedPoints(id, 'loss')).toHaveLength(20_000);
  });

  it('has everything in the journal where it is offline, and on the server after a sync', async () => {
    const { signal, out } = await run(
      program(`${points} run.params({ a: 1 }); await run.logArtifact(Buffer.from('weights'), 'model/w.bin');`),
      { THROUGHLINE_MODE: 'offline' },
    );
    expect(signal).toBe('SIGKILL');
    const [id = '', where] = out.split(' ');
    expect(where).toBe('journal');
    expect(await storedRun(id)).toBeNull();
    expect((await sync()).code).toBe(0);
    expect((await storedPoints(id, 'loss')).map(({ value }) => value)).toEqual(whole.map((step) => step / 8));
    expect((await storedPoints(id, 'gain')).map(({ value }) => value)).toEqual(whole.map((step) => step - 1));
    expect((await storedArtifact(id, 'model/w.bin')).toString()).toBe('weights');
    expect((await storedRun(id))?.data.params).toEqual([{ key: 'a', value: '1' }]);
  });
});

describe('a sync that is killed in its middle', () => {
  it('ends in the same, when it is repeated', async () => {
    const artifact = randomBytes(20 * 2 ** 20);
    await writeFile(join(project, 'artifact.bin'), artifact);
    const { out: id } = await run(
      `import { startRun } from '@throughline/client';
       const run = await startRun({ mode: 'offline', name: 'large', tags: { at: 'start' } });
       for (let step = 0; step < 40_000; step += 1) {
         run.log({ loss: step / 4 });
         if (step % 10_000 === 0) run.tags({ at: step });
       }
       await run.logArtifact('artifact.bin');
       run.log({ loss: NaN }, { step: 50_000 });
       await run.finish();
       console.log(run.id);`,
    );
    const line = await layLine();
    try {
      for (const [text, times] of [
        ['createRun', 1],
        ['runs/log-batch', 12],
        ['runs/log-batch', 31],
        ['PATCH /api/v1/uploads', 1],
        ['PATCH /api/v1/uploads', 2],
      ] as const) {
        const { child, ended } = start([cli(), 'sync'], { THROUGHLINE_URL: line.url });
        await line.until(text, times);
        child.kill('SIGKILL');
        expect((await ended).signal).toBe('SIGKILL');
      }
    } finally {
      await line.cut();
    }
    const { code, out, err } = await sync(['--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({ complete: true, runs: [{ runId: id, outcome: 'sent', points: 40_001, artifacts: 1 }] });
    const stored = await storedPoints(id, 'loss');
    expect(stored.map(({ value }) => value)).toEqual([...Array.from({ length: 40_000 }, (_, step) => step / 4), 'NaN']);
    expect((await storedArtifact(id, 'artifact.bin')).equals(artifact)).toBe(true);
    const server = await storedRun(id);
    expect(server?.info).toMatchObject({ status: 'FINISHED', run_name: 'large' });
    expect(server?.data.tags).toContainEqual({ key: 'at', value: '30000' });
    expect(existsSync(join(dir, 'runs', id))).toBe(false);
    expect(readFileSync(join(dir, 'synced', id, 'run.json'), 'utf8')).toContain(id);
    await rm(join(dir, 'synced'), { recursive: true });
  });
});
