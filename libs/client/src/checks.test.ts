import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startRun } from './index.ts';
import type { Run } from './index.ts';
import { readConnection, readMode } from './settings.ts';

let dir: string;
let run: Run;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'throughline-checks-'));
  run = await startRun({ dir, mode: 'offline', params: { rate: 1 } });
});
afterAll(async () => {
  await run.finish();
  await rm(dir, { recursive: true, force: true });
});

const INVALID = expect.objectContaining({ code: 'INVALID_INPUT' }) as Error;

describe('what a run takes', () => {
  it.each(['', '/a', 'a//b', '../a', 'a/./b', 'naïve*', 'a\0', 'x'.repeat(251), 'half \ud800'])('refuses the key %j', (key) => {
    expect(() => run.log({ [key]: 1 })).toThrow(INVALID);
    expect(() => run.params({ [key]: 1 })).toThrow(INVALID);
    expect(() => run.tags({ [key]: 1 })).toThrow(INVALID);
  });

  it.each(['loss', 'val/loss', 'größe 1', 'a.b-c:d_e', 'x'.repeat(250), '损失'])('takes the key %j', (key) => {
    expect(() => run.log({ [key]: 1 })).not.toThrow();
  });

  it('refuses values that are no numbers, steps and times that are none', () => {
    expect(() => run.log({ loss: '1' as unknown as number })).toThrow('it is string');
    expect(() => run.log({ loss: undefined as unknown as number })).toThrow(INVALID);
    expect(() => run.log({ loss: 1 }, { step: 0.5 })).toThrow(INVALID);
    expect(() => run.log({ loss: 1 }, { step: 2 ** 53 })).toThrow(INVALID);
    expect(() => run.log({ loss: 1 }, { timestamp: -1 })).toThrow(INVALID);
    expect(() => run.log({ loss: 1 }, { timestamp: new Date(Number.NaN) })).toThrow(INVALID);
  });

  it('refuses values that are too long instead of cutting them', () => {
    expect(() => run.params({ p: 'x'.repeat(6_001) })).toThrow(INVALID);
    expect(() => run.tags({ t: 'x'.repeat(8_001) })).toThrow(INVALID);
    expect(() => run.params({ p: null as unknown as string })).toThrow('it is null');
  });

  it('refuses another value of a param, and takes the same', () => {
    expect(() => run.params({ rate: 1 })).not.toThrow();
    expect(() => run.params({ rate: 2 })).toThrow(expect.objectContaining({ code: 'PARAM_CHANGED' }));
  });

  it.each(['/etc/passwd', '../up', 'a/../b', 'a\\b', '', '.'])('refuses an artifact at %j', async (path) => {
    await expect(run.logArtifact(Buffer.from('x'), path)).rejects.toThrow(INVALID);
  });

  it('refuses files that are not there, folders, and bytes without a path', async () => {
    await expect(run.logArtifact(join(dir, 'nothing'))).rejects.toThrow('ENOENT');
    await expect(run.logArtifact(dir, 'folder')).rejects.toThrow('is no file');
    await expect(run.logArtifact(Buffer.from('x'))).rejects.toThrow(INVALID);
  });

  it('refuses what is no reference, hash or status', () => {
    expect(() => run.useDataset('penguins@2')).toThrow(INVALID);
    expect(() => run.useDataset('data:penguins@2', { files: { 'a.csv': 'abc' } })).toThrow(INVALID);
    expect(() => run.logInput({ name: 'x', digest: 'y'.repeat(37), source: 's' })).toThrow(INVALID);
    expect(() => run.finish('DONE' as 'FAILED')).toThrow(INVALID);
  });
});

describe('the settings', () => {
  it.each(['localhost:4000', 'ftp://x', 'nonsense'])('refuse the address %j', (url) => {
    expect(() => readConnection({ url })).toThrow(INVALID);
  });

  it('refuse a password in the address, and a token with a line end', () => {
    expect(() => readConnection({ url: 'http://me:secret@host' })).toThrow('THROUGHLINE_TOKEN');
    expect(() => readConnection({ token: 'tl_x\n' })).toThrow(INVALID);
  });

  it('take an address below a path, without its last slash', () => {
    expect(readConnection({ url: 'https://host/throughline/' }).url).toBe('https://host/throughline');
  });

  it('refuse a mode that there is not', () => {
    expect(() => readMode({ mode: 'sometimes' as 'auto' })).toThrow(INVALID);
  });
});
