import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { startProgram } from './processes.ts';
import type { Program, ProgramOptions } from './processes.ts';

function node(script: string, more: Partial<ProgramOptions> = {}): ProgramOptions & { running: Program[] } {
  const common = { name: 'the program', command: process.execPath, cwd: process.cwd(), env: process.env };
  return { ...common, args: ['-e', script], signal: new AbortController().signal, running: [], ...more };
}

const FOREVER = 'setInterval(() => {}, 1000);';

/** A body that nobody has collected yet (state Z) is not alive, though it can be sent signals. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // That is how Node says that there is none.
    return false;
  }
}

describe('a program beside the benchmark', () => {
  it('is ready when its sign appears, and gone when it was stopped', async () => {
    const options = node(`console.log('ready at 42'); ${FOREVER}`);
    const { program, ready } = await startProgram(options, ({ output }) => /ready at (\d+)/.exec(output)?.[1] ?? null);
    expect(ready).toBe('42');
    expect(isAlive(program.pid)).toBe(true);
    await program.stop();
    expect(isAlive(program.pid)).toBe(false);
  });

  it('ends when its channel closes, where it has one', async () => {
    const script = `process.on('SIGTERM', () => {}); process.on('disconnect', () => process.exit()); process.send({ url: 'here' }); ${FOREVER}`;
    const options = node(script, { channel: true });
    const { program, ready } = await startProgram(options, ({ message }) => message);
    expect(ready).toEqual({ url: 'here' });
    await program.stop();
    expect(isAlive(program.pid)).toBe(false);
  });

  it('takes those with it that it started itself', async () => {
    const script = `const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['-e', ${JSON.stringify(FOREVER)}]); console.log('child ' + child.pid); process.on('SIGTERM', () => process.exit()); ${FOREVER}`;
    const { program, ready } = await startProgram(node(script), ({ output }) => /child (\d+)/.exec(output)?.[1] ?? null);
    await program.stop();
    await expect.poll(() => isAlive(Number(ready))).toBe(false);
  });

  it('says what it said where it ends before it is ready', async () => {
    const options = node(`console.error('no such database'); process.exitCode = 3;`);
    await expect(startProgram(options, () => null)).rejects.toThrow(
      /the program ended \(status 3\) before it was ready:\nno such database/,
    );
  });

  it('is on the list of what runs before it is ready', async () => {
    const over = new AbortController();
    const options = node(FOREVER, { signal: over.signal });
    const starting = startProgram(options, () => null);
    expect(options.running).toHaveLength(1);
    over.abort(new Error('interrupted'));
    await expect(starting).rejects.toThrow('interrupted');
    for (const program of options.running) await program.stop();
    expect(options.running.map(({ pid }) => isAlive(pid))).toEqual([false]);
  });
});
