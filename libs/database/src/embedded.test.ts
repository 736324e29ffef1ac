import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { startEmbeddedPostgres } from './embedded.ts';
import type { EmbeddedPostgres } from './embedded.ts';
import { nobody } from './postgres-program.ts';
import { identify } from './processes.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-embedded-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (name: string) => startEmbeddedPostgres({ dataDir: join(folder, name), durable: false });

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Starts PostgreSQL from a process of its own, as `npm start` does, and answers that process once it runs. */
async function launcher(name: string): Promise<{ child: ChildProcess; pid: number }> {
  const program = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(new URL('embedded.ts', import.meta.url).href)});
    const { pid } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(join(folder, name))}, durable: false });
    process.send({ pid });
    setInterval(() => undefined, 1000);`;
  const args = ['--input-type=module', '--eval', program];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [message] = (await once(child, 'message')) as [{ pid: number }];
  return { child, pid: message.pid };
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

describe('an embedded PostgreSQL', () => {
  it('finds its data again, and keeps its password to its owner', async () => {
    const first = await start('again');
    await query(first.url, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
    await first.stop();
    const second = await start('again');
    try {
      expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
      expect(second.adopted).toBe(false);
      expect(statSync(join(second.dataDir, 'throughline.password')).mode & 0o777).toBe(0o600);
      await expect(query(second.url.replace(/:\w+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    } finally {
      await second.stop();
    }
    expect(readdirSync(folder).filter((name) => name.startsWith('again'))).toEqual(['again', 'again.log']);
  });

  it('is refused to a second server while the first one lives, by name of the process', async () => {
    const server = await start('taken');
    try {
      await expect(start('taken')).rejects.toMatchObject({
        kind: 'conflict',
        code: 'DATA_FOLDER_IN_USE',
        message: expect.stringContaining(`process ${process.pid}`) as string,
      });
      expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await server.stop();
    }
  });

  it('gives the folder to exactly one of several that start at once', async () => {
    const starts = await Promise.allSettled([start('race'), start('race'), start('race')]);
    const won = starts.filter((one) => one.status === 'fulfilled').map((one) => one.value);
    await Promise.all(won.map((server) => server.stop()));
    expect(won).toHaveLength(1);
  });

  it('is adopted, sessions and all, when its launcher was killed', async () => {
    const { child, pid } = await launcher('orphan');
    await kill(child);
    const server = await start('orphan');
    try {
      expect(server).toMatchObject({ adopted: true, pid });
      expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await server.stop();
    }
    expect(identify(pid)).toBeNull();
  });

  it('waits for a server that is stopping because its launcher was killed', async () => {
    const server = spawn(process.execPath, ['--eval', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
    await once(server, 'spawn');
    const holder = { ...identify(server.pid ?? 0), launcher: { pid: server.pid, born: 'before this machine started' } };
    writeFileSync(join(folder, 'leaving.launcher.json'), JSON.stringify(holder));
    const progress = vi.fn((line: string) => line.startsWith('Waiting for the server of a killed start') && server.kill());
    const started = await startEmbeddedPostgres({ dataDir: join(folder, 'leaving'), durable: false, onProgress: progress });
    await started.stop();
    expect(progress).toHaveReturnedWith(true);
  });

  it('starts over what a kill of launcher and PostgreSQL left behind', async () => {
    const { child, pid } = await launcher('crash');
    process.kill(pid, 'SIGKILL');
    await kill(child);
    const server = await start('crash');
    try {
      expect(server.adopted).toBe(false);
      expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await server.stop();
    }
  });

  it('starts over a PostgreSQL that dies while it is being taken over', async () => {
    const first = await start('dying');
    await first.stop();
    const program = join(folder, 'postgres');
    symlinkSync('/bin/sleep', program);
    const dying = spawn(program, ['60'], { stdio: 'ignore', cwd: first.dataDir });
    await once(dying, 'spawn');
    writeFileSync(
      join(first.dataDir, 'postmaster.pid'),
      `${dying.pid}\n${first.dataDir}\n1\n${await closedPort()}\n\n127.0.0.1\n1 1\nready\n`,
    );
    writeFileSync(join(folder, 'dying.launcher.json'), JSON.stringify({ pid: process.pid, born: 'before this machine started' }));
    const progress = vi.fn((line: string) => line.startsWith('Taking over') && dying.kill());
    const server = await startEmbeddedPostgres({ dataDir: join(folder, 'dying'), durable: false, onProgress: progress });
    try {
      expect(progress).toHaveReturnedWith(true);
      expect(server.adopted).toBe(false);
      expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await server.stop();
    }
  });

  it('starts over a stale postmaster.pid whose number is another program by now', async () => {
    const first = await start('stale');
    await first.stop();
    writeFileSync(join(first.dataDir, 'postmaster.pid'), `${process.pid}\n${first.dataDir}\n1\n5432\n\n127.0.0.1\n1 1\nready\n`);
    const second = await start('stale');
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await second.stop();
  });

  it('comes back under the same URL when PostgreSQL alone is killed', async () => {
    const server = await start('revived');
    try {
      const { pid, url } = server;
      process.kill(pid, 'SIGKILL');
      await vi.waitFor(async () => expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]), { timeout: 25_000, interval: 100 });
      expect(server.pid).not.toBe(pid);
    } finally {
      await server.stop();
    }
  });

  it('sweeps away what a start left that was killed while it made the database', async () => {
    mkdirSync(join(folder, 'half.new-0badcafe/data'), { recursive: true });
    const server = await start('half');
    await server.stop();
    expect(existsSync(join(folder, 'half.new-0badcafe'))).toBe(false);
  });

  it('refuses the data of another major version, says how to upgrade, and changes nothing', async () => {
    const dataDir = join(folder, 'old');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'PG_VERSION'), '17\n');
    await expect(start('old')).rejects.toMatchObject({
      code: 'OTHER_POSTGRES_MAJOR',
      message: expect.stringContaining('PostgreSQL 17') as string,
      hint: expect.stringContaining('pg_dump') as string,
    });
    expect(readdirSync(dataDir)).toEqual(['PG_VERSION']);
  });

  it('refuses a folder that holds something else', async () => {
    const dataDir = join(folder, 'photos');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'cat.jpg'), 'meow');
    await expect(start('photos')).rejects.toMatchObject({ code: 'NOT_A_DATA_FOLDER' });
    expect(readFileSync(join(dataDir, 'cat.jpg'), 'utf8')).toBe('meow');
  });

  // Only root has an account to step down to; everybody else starts PostgreSQL as themselves, as all the tests above do.
  it.runIf(process.getuid?.() === 0)('runs as nobody, elsewhere, where there are no namespaces and the folder is private', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed);
    chmodSync(closed, 0o700);
    const told: string[] = [];
    const options = { dataDir: join(closed, 'data'), durable: false, runAs: nobody(), onProgress: (line: string) => told.push(line) };
    let server: EmbeddedPostgres = await startEmbeddedPostgres(options);
    const { dataDir } = server;
    try {
      expect(dataDir).toMatch(/^\/var\/lib\/throughline\/\w+\/data$/);
      expect(told.join('\n')).toContain(dataDir);
      expect(statSync(`/proc/${server.pid}`).uid).not.toBe(0);
      await query(server.url, 'CREATE TABLE kept (n int)');
      await server.stop();
      server = await startEmbeddedPostgres(options);
      expect(await query(server.url, 'SELECT * FROM kept')).toEqual([]);
    } finally {
      await server.stop();
      rmSync(join(dataDir, '..'), { recursive: true, force: true });
    }
  });
});
